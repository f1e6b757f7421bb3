"""Shared by the tests of <inspector>: a site with a store, a program that
fails, and users with different permissions."""

import base64
import os
import sys
from html.parser import HTMLParser

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "fcgi"),
                os.path.join(HERE, "..", "pylib")]
import fastcgi as f  # noqa: E402
import responder_fixture as h  # noqa: E402
from process import wait_until  # noqa: E402
from responder import make_password  # noqa: E402

FLOW = """\
<callbacks>
  <store url="sqlite:events.db"/>
  <credentials id="ops" file="ops" realm="Operators"/>
  <voice path="/voice">
    <on event="initiate"><Response><Gather gatherUrl="/voice"><SpeakSentence>Hello {from}</SpeakSentence></Gather></Response></on>
    <on event="gather" digits="4"><exec program="bad"/></on>
    <on event="gather"><Response><Hangup/></Response></on>
  </voice>
  <messaging path="/messages"/>
  <numbers path="/orders"/>
  <portout path="/portout"/>
%s</callbacks>
"""
INSPECTOR = ('  <inspector path="/_inspector" credentials="ops" '
             'reveal="lead" act="lead"%s/>\n')

FROM, TO = "+19195550142", "+19195550100"


class Inspected(h.Site):
    """The site; users "ops" and "lead"."""

    def __init__(self, more="", inspector=True):
        super().__init__()
        self.inspector = INSPECTOR % more if inspector else ""
        self.configure()
        with open(self.path("bad"), "w") as out:
            out.write("#!/bin/sh\necho it broke >&2\nexit 3\n")
        os.chmod(self.path("bad"), 0o755)
        self.users = {name: make_password(self.path("ops"), name)
                      for name in ("ops", "lead")}

    def configure(self, more=""):
        with open(self.config, "w") as out:
            out.write(FLOW % (self.inspector + more))

    def basic(self, user, password=None):
        pair = f"{user}:{password or self.users[user]}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def page(self, path="/", user="ops", method="GET", body=b"", **more):
        """An answer to a request from this machine."""
        more.setdefault("REMOTE_ADDR", "127.0.0.1")
        more.setdefault("HTTP_HOST", "localhost")
        if user:
            more.setdefault("HTTP_AUTHORIZATION", self.basic(user))
        return f.ask(self.socket, "/_inspector" + path, body, method=method,
                     **more)

    def call(self, call, kind="initiate", number=FROM, **more):
        """A callback of a call."""
        members = {"eventType": kind, "accountId": "9900100", "callId": call,
                   "from": number, "to": TO, "direction": "inbound"}
        members.update(more)
        return f.ask(self.socket, "/voice", as_json(members))

    def message(self, name, kind="message-received", **more):
        members = {"id": name, "time": "2026-03-01T10:00:00Z", "from": FROM,
                   "to": [TO], "text": "hello"}
        members.update(more)
        return f.ask(self.socket, "/messages", as_json([
            {"type": kind, "time": "2026-03-01T10:00:00Z", "to": TO,
             "description": "x", "message": members}]))

    def messages(self, names):
        """Events in one request: names and types."""
        return f.ask(self.socket, "/messages", as_json([
            {"type": kind, "time": "2026-03-01T10:00:00Z", "to": TO,
             "description": "x", "message": {
                 "id": name, "time": "2026-03-01T10:00:00Z", "from": FROM,
                 "to": [TO], "text": "hello"}} for name, kind in names]))

    def last(self):
        """The number of the newest event."""
        import json
        return json.loads(self.page("/events.json").body)["events"][0]["id"]

    def stored(self, n):
        """Wait until this many events can be read."""
        def read():
            return f'"id":{n},'.encode() in self.page("/events.json").body
        return wait_until(read)


def as_json(value):
    import json
    return json.dumps(value).encode()


class Page(HTMLParser):
    """The parts of a page: elements with their attributes, and its text."""

    def __init__(self, answer):
        super().__init__()
        self.tags = []
        self.words = []
        self.open = []
        self.faults = []
        self.feed(answer.body.decode())
        self.close()
        if self.open:
            self.faults.append(f"open at the end: {self.open}")

    VOID = {"meta", "link", "input", "br", "hr", "img"}

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}>")

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return "".join(self.words)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]

    def links(self):
        return [a["href"] for a in self.all("a") if "href" in a]
