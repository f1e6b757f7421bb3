"""Shared by the tests of bwcallback.fcgi: a configuration, and the responder
that a test starts with it."""

import os
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
from fastcgi import ask  # noqa: E402
from responder import PATIENT, fcgi  # noqa: E402

# One path with a constant answer, one whose program waits until a test releases
# it, and one for messages. Credentials have their own tests.
FLOW = """\
<callbacks>
  <voice path="/voice">
    <on event="initiate"><Response><SpeakSentence>%s {from}</SpeakSentence></Response></on>
  </voice>
  <voice path="/slow" deadline="25s">
    <on event="initiate"><exec program="slow"/></on>
  </voice>
  <messaging path="/messages"/>
</callbacks>
"""

SLOW = """\
#!/bin/sh
echo started >>'%(folder)s/started'
while [ ! -e '%(folder)s/gate' ]; do sleep 0.05; done
echo '<Response><Hangup/></Response>'
"""

INITIATE = (b'{"eventType":"initiate","accountId":"9900100","callId":"c-1",'
            b'"from":"+19195550142","to":"+19195550100","direction":"inbound"}')


def message(size):
    """The body of a message callback, size bytes long."""
    head = (b'[{"type":"message-received","message":{"id":"m-1",'
            b'"from":"+19195550142","text":"')
    tail = b'"}}]'
    return head + b"x" * (size - len(head) - len(tail)) + tail


class Site:
    """A folder with the configuration, and at most one responder."""

    def __init__(self):
        self.folder = process.folder()
        self.socket = self.path("fcgi.sock")
        self.config = self.path("callbacks.xml")
        self.log = self.path("log")
        self.say("Hello")
        with open(self.path("slow"), "w") as f:
            f.write(SLOW % {"folder": self.folder})
        os.chmod(self.path("slow"), 0o755)
        self.child = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def say(self, word):
        with open(self.config, "w") as f:
            f.write(FLOW % word)

    def argv(self, *more, workers=4):
        return [fcgi(), "--config", self.config, "--workers", str(workers),
                *PATIENT, *more]

    def start(self, *more, listen=None, workers=4, **options):
        """Start the responder, by default on the unix socket of the folder."""
        listen = listen or [f"unix:{self.socket}"]
        for where in listen:
            more += ("--listen", where)
        mark = '"event":"start"' if "json" in more else "event=start"
        before = self.child.said().count(mark) if self.child else 0
        self.child = process.Child(self.argv(*more, workers=workers), self.log,
                                   **options)
        self.wait_log(mark, before + len(listen))
        return self.child

    def said(self):
        return self.child.said()

    def wait_log(self, text, count=1):
        """Wait for a text in the log; True if it appeared."""
        return process.wait_until(
            lambda: self.said().count(text) >= count or
            not self.child.running()) and self.said().count(text) >= count

    def started(self, n):
        """Wait until n slow programs run."""
        def count():
            try:
                with open(self.path("started")) as f:
                    return len(f.readlines()) >= n
            except FileNotFoundError:
                return False
        return process.wait_until(count)

    def open_gate(self):
        """Let the slow programs end."""
        with open(self.path("gate"), "w"):
            pass

    def good(self, address=None):
        """The answer to one ordinary request."""
        return ask(address or self.socket, body=INITIATE)

    def stop(self):
        """Stop the responder; its exit status."""
        self.child.signal(signal.SIGTERM)
        return self.child.wait()
