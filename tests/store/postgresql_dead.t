#!/usr/bin/env python3
"""A responder is killed while a program runs for a callback, and the web server
repeats the request at another one: that one answers as soon as a new process on
the first host has said so, and not before it is certain."""

import os
import signal
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import fastcgi  # noqa: E402
import postgresql  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

# The first host claims a call for longer than the second one would wait.
CONFIG = """<callbacks>
  <store url="postgresql://bw@/postgres?host={socket}" spool="{spool}"/>
  <voice path="/voice" deadline="{deadline}">
    <on event="gather"><exec program="waits"/></on>
    <fallback><Response><Hangup/></Response></fallback>
  </voice>
</callbacks>
"""
DEADLINES = {"one": "24s", "two": "20s"}

# It waits for a file, unless it has run before.
WAITS = """#!/bin/sh
echo run >>'{folder}/runs'
if [ "$(wc -l <'{folder}/runs')" = 1 ]; then
    while [ ! -e '{folder}/go' ]; do sleep 0.05; done
fi
echo "<Response><Pause/></Response>"
"""

CALL = (b'{"eventType":"gather","callId":"%s","accountId":"9900100",'
        b'"eventTime":"2026-03-02T15:04:05.678Z","digits":"1",'
        b'"from":"+19195550142","to":"+19195550100","direction":"inbound"}')


class Asked(threading.Thread):
    """A request that another thread waits for."""

    def __init__(self, site, name, call):
        super().__init__()
        self.socket = site.path(name)
        self.call = call
        self.answer = None
        self.start()

    def run(self):
        try:
            with fastcgi.Connection(self.socket) as c:
                self.answer = c.ask("/voice", CALL % self.call)
        except (OSError, EOFError):
            pass  # the responder was killed

    def body(self):
        self.join()
        return self.answer.body if self.answer else b""


class Site:
    def __init__(self, primary):
        self.folder = process.folder()
        self.primary = primary
        with open(self.path("waits"), "w", encoding="utf-8") as f:
            f.write(WAITS.format(folder=self.folder))
        os.chmod(self.path("waits"), 0o755)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, name, socket=None):
        config = self.path(name + ".xml")
        with open(config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(
                socket=self.primary.socket, deadline=DEADLINES[name],
                spool=self.path(name + ".spool")))
        return responder.Responder(
            config, self.path(name + ".log"), self.path(socket or name),
            workers=4)

    def runs(self):
        try:
            with open(self.path("runs"), encoding="utf-8") as f:
                return len(f.readlines())
        except FileNotFoundError:
            return 0

    def forget(self):
        for name in ("runs", "go"):
            if os.path.exists(self.path(name)):
                os.remove(self.path(name))

    def files(self):
        """Those of processes that live, or died."""
        return sorted(n for n in os.listdir(self.folder) if ".writer." in n)

    def deliveries(self, call):
        return self.primary.sql(
            "SELECT deliveries FROM bwcallback.event_text "
            f"WHERE call_id = '{call}'")


def check_killed(s, one):
    first = Asked(s, "one", b"c-killed")
    tap.ok(process.wait_until(lambda: s.runs() == 1), "the program runs")
    one.child.signal(signal.SIGKILL)
    one.child.stop()
    first.join()
    tap.same(first.body(), b"", "its responder is killed")
    second = Asked(s, "two", b"c-killed")
    tap.ok(process.wait_until(lambda: s.deliveries("c-killed") == "2"),
           "the request comes to the other one")
    tap.same(s.runs(), 1, "which waits for the first one")
    before = s.files()
    one = s.start("one")
    tap.ok(b"<Pause/>" in second.body() and s.runs() == 2,
           "until that one is back: it runs the program, and answers",
           second.body())
    tap.ok(process.wait_until(lambda: len(s.files()) == 2 and
                              s.files() != before),
           "the file of the dead process is gone", s.files())
    return one


def check_alive(s):
    """The connections of one that lives are cut, and another process starts with
    the same spool: the program runs once."""
    s.forget()
    first = Asked(s, "one", b"c-alive")
    tap.ok(process.wait_until(lambda: s.runs() == 1), "alive: a program runs")
    s.primary.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                  "WHERE usename = 'bw'")
    third = s.start("one", "three")
    second = Asked(s, "two", b"c-alive")
    tap.ok(process.wait_until(lambda: s.deliveries("c-alive") == "2"),
           "alive: the request comes to the other one too")
    tap.ok(process.wait_until(lambda: len(s.files()) == 3),
           "alive: a third process has started", s.files())
    with open(s.path("go"), "w", encoding="utf-8"):
        pass
    tap.ok(b"<Pause/>" in first.body() and first.body() == second.body(),
           "alive: both get the answer", (first.body(), second.body()))
    tap.same(s.runs(), 1, "alive: the program ran once")
    tap.same(third.stop(), 0, "alive: the third one ends well")


def main():
    primary, standby = postgresql.pair(postgresql.folder())
    subprocess.run([responder.command(), "store", "create", primary.url()],
                   check=True)
    primary.sql("CREATE ROLE bw LOGIN IN ROLE bwcallback")
    s = Site(primary)
    one, two = s.start("one"), s.start("two")
    one = check_killed(s, one)
    check_alive(s)
    tap.same([one.stop(), two.stop()], [0, 0], "both end well")
    tap.same(s.files(), [], "and leave no file")
    standby.stop()
    primary.stop()


tap.run(main)
