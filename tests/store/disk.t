#!/usr/bin/env python3
"""bwcallback.fcgi with disk errors: no 2xx is sent before its event is synced,
events that Bandwidth repeats get a 503, a call is answered all the same, and
events that are never repeated are finally stored."""

import glob
import json
import os
import select
import sqlite3
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import fastcgi  # noqa: E402
import process  # noqa: E402
import tap  # noqa: E402
from responder import Responder  # noqa: E402

CONFIG = """<callbacks>
  <store url="sqlite:events.db"/>
  <voice path="/voice" deadline="3s">
    <on event="initiate"><Response><Hangup/></Response></on>
    <fallback><Response><Pause/></Response></fallback>
  </voice>
  <messaging path="/messages"/>
  <numbers path="/orders"/>
  <numbers path="/held" deadline="60s"/>
</callbacks>
"""


def message(name):
    return "/messages", json.dumps([{
        "type": "message-received", "to": "+19195550100",
        "message": {"id": name, "from": "+19195550142",
                    "text": f"<id>{name}<"}}]).encode()


def call(name, event="initiate"):
    return "/voice", json.dumps({
        "eventType": event, "callId": name, "accountId": "9900100",
        "from": "+19195550142", "to": "+19195550100",
        "direction": "inbound", "tag": f"<id>{name}<"}).encode()


def order(name, path="/orders"):
    return path, (f"<Notification><OrderType>orders</OrderType><OrderId>"
                  f"{name}</OrderId><Status>COMPLETE</Status>"
                  f"<Message><id>{name}</id></Message>"
                  f"</Notification>").encode()


class Site:
    """A responder whose writes and syncs fail as set_fault() says."""

    def __init__(self, fault="nothing"):
        self.folder = process.folder()
        self.control = self.path("fault")
        self.notes = self.path("notes")
        self.set_fault(fault)
        with open(self.notes, "w"):
            pass
        with open(self.path("callbacks.xml"), "w") as f:
            f.write(CONFIG)
        fault = os.path.join(tap.builddir(), "tests", "store", ".libs",
                             "fault.so")
        if not os.path.exists(fault):
            tap.skip_all("built without shared objects")
        self.responder = Responder(
            self.path("callbacks.xml"), self.path("log"), self.path("s"),
            workers=24, env={
                "LD_PRELOAD": process.before_others(fault),
                "BW_FAULT": self.control,
                "BW_FAULT_LOG": self.notes,
                # Sanitizers must be loaded first.
                "ASAN_OPTIONS": "verify_asan_link_order=0"})

    def path(self, name):
        return os.path.join(self.folder, name)

    def set_fault(self, what="nothing", where="*"):
        with open(self.control + ".new", "w") as f:
            f.write(f"{what} {where}\n")
        os.rename(self.control + ".new", self.control)

    def send(self, callback):
        path, body = callback
        kind = "application/json" if body[:1] in b"[{" else "application/xml"
        return fastcgi.ask(self.path("s"), path, body, CONTENT_TYPE=kind)

    def status(self, callback):
        return self.send(callback).status

    def fault_log(self):
        with open(self.notes) as f:
            return [line.rstrip("\n").split(" ", 1) for line in f]

    def count(self, name):
        """Number of stored events with this id."""
        with sqlite3.connect(self.path("events.db"),
                             timeout=process.PATIENCE) as db:
            return db.execute("SELECT count(*) FROM event WHERE instr(body, ?)",
                              (f"<id>{name}<",)).fetchone()[0]

    def counts(self, name):
        """The same for the message, the call and the order of a fault."""
        return [self.count(f"{kind}-{name}") for kind in "mco"]

    def spooled(self):
        """Bytes in the spool and in the file that is being drained."""
        size = 0
        for x in glob.glob(self.path("events.db.spool*")):
            try:
                size += os.path.getsize(x)
            except FileNotFoundError:
                pass  # deleted in between
        return size


def is_in_order(lines, name):
    """Whether an event's write, a sync and its answer are in this order."""
    want = [[name, "events.db-wal"], ["sync", "events.db-wal"],
            ["answer", "2xx"]]
    at = 0
    for line in lines:
        at += at < 3 and line == want[at]
        if line == want[2]:
            return at == 3
    return False


def check_sequence(s):
    wrong = []
    for n in range(10):
        for kind, make in (("m", message), ("o", order),
                           ("d", lambda x: call(x, "disconnect"))):
            before = len(s.fault_log())
            name = f"{kind}-{n}"
            status = s.status(make(name))
            process.wait_until(lambda: ["answer", "2xx"] in
                               s.fault_log()[before:])
            if not 200 <= status <= 299 or \
                    not is_in_order(s.fault_log()[before:], name):
                wrong.append((name, status, s.fault_log()[before:]))
                break  # each would wait for long
    tap.same(wrong, [], "written, synced, answered, in this order")


def check_hold(s):
    """Syncs block while twenty orders wait, which have the longest deadline."""
    names = [f"s-{n}" for n in range(20)]
    peers = [fastcgi.Connection(s.path("s")) for _ in names]
    s.set_fault("hold", "events.db-wal")
    for c, name in zip(peers, names):
        path, body = order(name, "/held")
        c.send(fastcgi.request(path, body, CONTENT_TYPE="application/xml"))
    a = s.send(call("c-held"))
    tap.ok(a.status == 200 and b"<Hangup/>" in a.body,
           "blocked sync: a later call is answered", repr(a))
    answered = select.select([c.socket for c in peers], [], [], 0)[0]
    tap.same(answered, [], "blocked sync: no order is answered")
    s.set_fault()
    tap.same([c.answer().status for c in peers], [200] * 20,
             "released sync: all orders are answered")
    for c in peers:
        c.close()
    tap.same([s.count(name) for name in names], [1] * 20,
             "released sync: all orders are stored")
    tap.ok(process.wait_until(lambda: s.count("c-held") == 1),
           "released sync: the call is stored")


def check_broken(s, name, heal):
    """Requests while the store cannot be written."""
    tap.same(s.status(message(f"m-{name}")), 503,
             f"{name}: a message gets a 503")
    # A line is logged after its answer was sent.
    tap.ok(process.wait_until(lambda: "status=503" in process_log(s)),
           f"{name}: the 503 is logged")
    a = s.send(call(f"c-{name}"))
    tap.ok(a.status == 200 and b"<Hangup/>" in a.body,
           f"{name}: a call is answered", repr(a))
    tap.same(s.status(order(f"o-{name}")) // 100, 2,
             f"{name}: an order gets a 2xx")
    tap.ok(s.spooled() > 0, f"{name}: the order is in the spool")
    heal()
    tap.ok(process.wait_until(
        lambda: s.status(message(f"m-{name}")) == 200),
        f"{name}: the message is accepted when repeated")
    # A file that is renamed meanwhile is counted in neither place.
    process.wait_until(lambda: s.counts(name) == [1, 1, 1])
    tap.ok(process.wait_until(lambda: s.spooled() == 0),
           f"{name}: the spool is drained")
    tap.same(s.counts(name), [1, 1, 1], f"{name}: each is stored once")


def process_log(s):
    with open(s.path("log"), errors="replace") as f:
        return f.read()


def check_short(s):
    s.set_fault("short")
    tap.same(s.status(message("m-short")), 200, "short writes are continued")
    s.set_fault()
    tap.same(s.count("m-short"), 1, "short writes: the event is stored once")


def check_nowhere(s):
    s.set_fault("eio")
    tap.same(s.status(message("m-none")), 503, "no disk: a message gets a 503")
    tap.ok(s.status(order("o-none")) >= 500, "no disk: an order is refused")
    a = s.send(call("c-none"))
    tap.ok(a.status == 200 and b"<Hangup/>" in a.body,
           "no disk: a call is answered", repr(a))
    s.set_fault()
    tap.ok(process.wait_until(lambda: s.status(order("o-none")) == 200),
           "disk repaired: the order is accepted")
    tap.same(s.count("o-none"), 1, "disk repaired: the order is stored once")


def check_shared():
    """Without a write-ahead log."""
    s = Site("shared")
    tap.same(s.status(message("m-nfs")), 200,
             "no write-ahead log: a message is accepted")
    tap.ok(process.wait_until(
        lambda: "cannot use its write-ahead log" in process_log(s)),
        "no write-ahead log: this is logged", process_log(s))
    tap.same((s.count("m-nfs"), os.path.exists(s.path("events.db-wal"))),
             (1, False), "no write-ahead log: the event is stored without one")
    tap.same(s.responder.stop(), 0,
             "no write-ahead log: the responder exits with 0")


def main():
    s = Site()
    check_sequence(s)
    check_hold(s)
    for what in ("eio", "eio-sync", "full", "torn"):
        s.set_fault(what, "events.db-wal")
        check_broken(s, what, s.set_fault)
    other = sqlite3.connect(s.path("events.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    check_broken(s, "locked", other.close)
    check_short(s)
    check_nowhere(s)
    tap.same(s.responder.stop(), 0, "the responder exits with 0")
    check_shared()


tap.run(main)
