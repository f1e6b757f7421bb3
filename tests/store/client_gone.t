#!/usr/bin/env python3
"""Requests whose web server closed the connection before a worker read them.
All are stored. Those that Bandwidth never repeats are processed at once, the
others when they are repeated."""

import os
import signal
import sqlite3
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import fastcgi  # noqa: E402
import payload  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

CONFIG = """<callbacks>
  <store url="sqlite:events.db"/>
  <voice path="/voice" deadline="25s">
    <on event="initiate"><Response><Pause/></Response></on>
    <on event="gather"><exec program="call"/></on>
    <fallback><Response><Pause/></Response></fallback>
  </voice>
  <messaging path="/messages"/>
  <numbers path="/orders"><on event="order"><exec program="order"/></on></numbers>
  <portout path="/portout"/>
</callbacks>
"""

PROGRAMS = {
    "call": "echo run >>'{folder}/calls'\n"
            "echo '<Response><Hangup/></Response>'\n",
    "order": "echo run >>'{folder}/orders'\n",
}


class Site:
    """A responder, which a test can keep from reading."""

    def __init__(self):
        self.folder = process.folder()
        with open(self.path("callbacks.xml"), "w") as f:
            f.write(CONFIG)
        for name, text in PROGRAMS.items():
            with open(self.path(name), "w") as f:
                f.write("#!/bin/sh\n" + text.format(folder=self.folder))
            os.chmod(self.path(name), 0o755)
        self.responder = responder.Responder(
            self.path("callbacks.xml"), self.path("log"), self.path("s"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def leave(self, path, body, kind):
        """Send a request and close without waiting for the answer."""
        with fastcgi.Connection(self.path("s")) as c:
            c.send(fastcgi.request(path, body, CONTENT_TYPE=kind))

    def rows(self):
        """(family, deliveries, status of the answer) of each event."""
        with sqlite3.connect(self.path("events.db"), timeout=process.PATIENCE) as db:
            return sorted(db.execute(
                "SELECT family, deliveries, status FROM event "
                "LEFT JOIN answer USING (seq) WHERE type != 'initiate'"),
                key=repr)

    def runs(self, name):
        try:
            with open(self.path(name)) as f:
                return len(f.readlines())
        except FileNotFoundError:
            return 0

    def log(self):
        with open(self.path("log"), errors="replace") as f:
            return f.read()


def main():
    s = Site()
    call = payload.Call()
    a = fastcgi.ask(s.path("s"), "/voice",
                    payload.post(call.event("initiate")))
    tap.ok(a.status == 200 and b"<Pause/>" in a.body, "it serves", repr(a))
    tap.ok(s.responder.child.pause(), "it is paused")

    json, xml = payload.JSON[1], payload.XML[1]
    gather = payload.post(call.event("gather", digits="1"))
    message = payload.post([payload.message()])
    large = payload.post([payload.message("hello " * 10000)])
    order, portout = payload.order(), payload.portout()
    for path, body, kind in (
            ("/voice", gather, json), ("/messages", message, json),
            ("/messages", large, json), ("/orders", order, xml),
            ("/portout", portout, xml)):
        s.leave(path, body, kind)
    s.responder.child.signal(signal.SIGCONT)
    want = [("messaging", 1, None), ("messaging", 1, None),
            ("numbers", 1, 200), ("portout", 1, None), ("voice", 1, None)]
    process.wait_until(lambda: s.rows() == want)
    tap.same(s.rows(), want, "each closed request is stored")
    tap.same((s.runs("orders"), s.runs("calls")), (1, 0),
             "the order, never repeated, is processed; the call is not")
    process.wait_until(lambda: s.log().count("event=gone") == 5)
    tap.same(s.log().count("event=gone"), 5, "each is logged as gone")

    a = fastcgi.ask(s.path("s"), "/voice", gather)
    tap.ok(a.status == 200 and b"<Hangup/>" in a.body and
           s.runs("calls") == 1, "the repeated call is answered", repr(a))
    for path, body, kind in (("/messages", message, json),
                             ("/messages", large, json),
                             ("/orders", order, xml),
                             ("/portout", portout, xml)):
        a = fastcgi.ask(s.path("s"), path, body, CONTENT_TYPE=kind)
        tap.same(a.status, 200, f"{path} is accepted when repeated")
    tap.ok(b"<Portable>" in a.body, "the port-out has its verdict", repr(a))
    want = [("messaging", 2, 200), ("messaging", 2, 200),
            ("numbers", 2, 200), ("portout", 2, 200), ("voice", 2, 200)]
    process.wait_until(lambda: s.rows() == want)
    tap.same(s.rows(), want, "each is stored once, with its answer")
    tap.same(s.runs("orders"), 1, "the order was processed once")
    tap.same(s.responder.stop(), 0, "the responder exits with 0")


tap.run(main)
