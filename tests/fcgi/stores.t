#!/usr/bin/env python3
"""Several stores: each section's events are in its own, and a section whose
store is locked, hangs or cannot be written harms no other."""

import base64
import json
import os
import sqlite3
import subprocess

import responder_fixture as h
import fastcgi as f
import process
import tap
from openmetrics import Metrics
from process import wait_until
from responder import command, make_password

FLOW = """\
<callbacks>
  <store url="sqlite:main.db"/>
  <store id="east" url="sqlite:events.db"/>
  <store id="west" url="sqlite:west/west.db"/>
  <credentials id="ops" file="ops"/>
  <voice path="/voice">
    <on event="initiate"><Response><Hangup/></Response></on>
  </voice>
  <messaging path="/messages"/>
  <voice path="/east/voice" store="east">
    <on event="initiate"><Response><Pause/></Response></on>
  </voice>
  <messaging path="/east/messages" store="east"/>
  <numbers path="/east/orders" store="east"/>
  <messaging path="/west/messages" store="west"/>
  <metrics path="/metrics" credentials="ops"/>
  <health path="/health"/>
  <inspector path="/look" credentials="ops" store="east"/>
</callbacks>
"""

ORDER = (b"<Notification><Status>COMPLETE</Status><OrderType>portins"
         b"</OrderType><OrderId>o-1</OrderId></Notification>")

site = h.Site()


def message(name):
    return json.dumps([{
        "type": "message-received", "to": "+19195550100",
        "message": {"id": name, "from": "+19195550142", "text": "hi"}}]
                      ).encode()


def call(name):
    return json.dumps({
        "eventType": "initiate", "callId": name, "accountId": "9900100",
        "from": "+19195550142", "to": "+19195550100",
        "direction": "inbound"}).encode()


def ask(path, body=b"", **more):
    return f.ask(site.socket, path, body, **more)


def stored(path):
    """The ids of calls and messages in a store, in order."""
    done = subprocess.run(
        [command(), "events", "export", "--json", "--store",
         f"sqlite:{site.path(path)}"], capture_output=True, text=True,
        check=False)
    if done.returncode != 0:
        return done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [e.get("message") or e.get("call") for e in events]


def health():
    answer = ask("/health", method="GET")
    return answer.status, answer.body.decode().splitlines()


def metrics():
    return Metrics(ask("/metrics", method="GET",
                       HTTP_AUTHORIZATION=OPS).body.decode())


def control(text):
    """What fault.c does to the disk from now on."""
    with open(site.path("fault.new"), "w") as out:
        out.write(text)
    os.rename(site.path("fault.new"), site.path("fault"))


def start(workers):
    fault = os.path.join(tap.builddir(), "tests", "store", ".libs", "fault.so")
    if not os.path.exists(fault):
        tap.skip_all("built without shared objects")
    control("nothing *\n")
    site.start(workers=workers, env={
        **os.environ, "LD_PRELOAD": process.before_others(fault),
        "BW_FAULT": site.path("fault"), "BW_FAULT_LOG": site.path("notes"),
        "ASAN_OPTIONS": "verify_asan_link_order=0"})


def each_in_its_own():
    tap.same(ask("/messages", message("m-1")).status, 200, "no store named")
    tap.same(ask("/east/messages", message("m-2")).status, 200, "east")
    tap.same(ask("/west/messages", message("m-3")).status, 200, "west")
    tap.same(ask("/east/messages", message("m-1")).status, 200,
             "the same message at another section")
    tap.same(ask("/east/voice", call("c-1")).status, 200, "a call")
    tap.same(stored("main.db"), ["m-1"], "each in its store")
    tap.same(stored("events.db"), ["m-2", "m-1", "c-1"], "and in its order")
    tap.same(stored("west/west.db"), ["m-3"], "and no other")
    tap.ok(wait_until(lambda: health() == (200, ["ok"])), "all are well")
    look = ask("/look/events.json", method="GET", HTTP_AUTHORIZATION=OPS,
               HTTPS="on", REMOTE_ADDR="127.0.0.1")
    tap.ok(look.status == 200 and len(json.loads(look.body)["events"]) == 3,
           "the inspector shows its store", look.body)


def others_are_served(names, where):
    for n in names:
        tap.same((ask("/messages", message(n)).status,
                  ask("/west/messages", message(n)).status,
                  ask("/voice", call(n)).status), (200, 200, 200),
                 f"{where}: others are served, {n}")


def locked():
    """Another program has one store locked."""
    other = sqlite3.connect(site.path("events.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    tap.ok(wait_until(lambda: health() == (503, ["store east"])),
           "health names the one that is locked")
    others_are_served(["l-1", "l-2"], "locked")
    answer = ask("/east/voice", call("c-2"))
    tap.ok(answer.status == 200 and b"<Pause" in answer.body,
           "its calls are answered", repr(answer))
    tap.same(ask("/east/orders", ORDER, CONTENT_TYPE="application/xml").status,
             200, "its orders go to the spool")
    tap.same(ask("/east/messages", message("m-4")).status, 503,
             "its messages come again")
    tap.ok(wait_until(lambda: health() == (503, ["store east", "spool east"])),
           "health names the spool")
    spooled = metrics().of("bwcallback_spool_bytes")
    tap.ok(set(spooled) == {(), ("east",), ("west",)} and
           [k for k in spooled if spooled[k] > 0] == [("east",)],
           "and so do metrics", spooled)
    other.execute("COMMIT")
    other.close()
    tap.ok(wait_until(lambda: health() == (200, ["ok"])), "well again")
    tap.ok("c-2" in stored("events.db"), "the call is in the store then")
    tap.ok(not os.path.exists(site.path("main.db.spool")) and
           not os.path.exists(site.path("west/west.db.spool")),
           "others have spooled nothing")


def hanging(workers):
    """The disk of one store blocks, and with it the thread that commits."""
    control("hold events.db-wal\n")
    waiting = [f.Connection(site.socket) for _ in range(8)]
    for n, c in enumerate(waiting):
        c.send(f.request("/east/messages", message(f"h-{workers}-{n}")))
    tap.ok(wait_until(lambda: health() == (503, ["store east"])),
           f"{workers} workers: the store hangs")
    others_are_served([f"h-{workers}-{n}" for n in range(4)],
                      f"hanging, {workers} workers")
    tap.ok(wait_until(lambda: metrics().of("bwcallback_store_readable") ==
                      {(): 1, ("east",): 1, ("west",): 1}),
           "the store can be read")
    control("nothing *\n")
    for c in waiting:
        # How long the disk hung decides the status.
        tap.ok(c.answer().status in (200, 503), "the others get an answer")
        c.close()
    tap.ok(wait_until(lambda: health() == (200, ["ok"])), "well again")


def unwritable():
    """The folder of one store is gone, as when its disk is not mounted."""
    tap.same(site.stop(), 0, "ends well")
    os.rename(site.path("west"), site.path("away"))
    site.start(workers=1)
    tap.same(ask("/west/messages", message("u-1")).status, 503,
             "a store that cannot be made")
    tap.ok(wait_until(lambda: health() == (503, ["store west"])), "is named")
    for n in range(3):
        tap.same((ask("/messages", message(f"u-{n}")).status,
                  ask("/east/messages", message(f"u-{n}")).status), (200, 200),
                 "others are served")
    os.rename(site.path("away"), site.path("west"))
    tap.ok(wait_until(lambda: health() == (200, ["ok"])), "well again")
    tap.same(ask("/west/messages", message("u-1")).status, 200,
             "and the message is taken")
    tap.same(stored("west/west.db").count("u-1"), 1, "once")


def doctor():
    """What the doctor finds in a store that is no store."""
    def found():
        done = subprocess.run(
            [command(), "doctor", "--local", "--json", "--config",
             site.config], capture_output=True, text=True, check=False)
        rows = map(json.loads, done.stdout.splitlines())
        return [json.dumps(x) for x in rows if x["finding"] == "store-fails"]
    tap.same(found(), [], "the doctor finds no store that fails")
    os.rename(site.path("west/west.db"), site.path("good"))
    with open(site.path("west/west.db"), "w") as out:
        out.write("no store, and longer than the header of one. " * 100)
    rows = found()
    tap.ok(len(rows) == 1 and "store west: " in rows[0] and
           "west/west.db" in rows[0], "the doctor names it", rows)
    os.rename(site.path("good"), site.path("west/west.db"))


def one_request():
    """A CGI process has the store of its request's section."""
    body = message("cgi")
    for path, file in (("/east/messages", "events.db"),
                       ("/messages", "main.db")):
        for _ in range(2):  # without and with the compiled form
            done = subprocess.run(
                site.argv()[:1], input=body, capture_output=True, check=False,
                env={"GATEWAY_INTERFACE": "CGI/1.1",
                     "REQUEST_METHOD": "POST", "REQUEST_URI": path,
                     "CONTENT_TYPE": "application/json",
                     "CONTENT_LENGTH": str(len(body)),
                     "BWCALLBACK_CONFIG": site.config,
                     **process.surroundings()})
            tap.ok(done.stdout.startswith(b"Status: 200"), f"CGI: {path}",
                   repr(done))
        tap.same(stored(file).count("cgi"), 1, f"CGI: {file} has it once")
    tap.same(stored("west/west.db").count("cgi"), 0, "CGI: no other")


def no_postgresql():
    """Without such a store, its libraries take no memory."""
    with open(f"/proc/{site.child.pid}/maps", encoding="utf-8") as maps:
        said = maps.read()
    tap.ok("libsqlite3" in said, "a responder with SQLite has its library")
    tap.ok("libpq" not in said, "and not that of PostgreSQL")


def main():
    global OPS
    with open(site.config, "w") as out:
        out.write(FLOW)
    os.mkdir(site.path("west"))
    word = make_password(site.path("ops"), "ops")
    OPS = "Basic " + base64.b64encode(f"ops:{word}".encode()).decode()
    start(4)
    no_postgresql()
    each_in_its_own()
    locked()
    hanging(4)
    tap.same(site.stop(), 0, "ends well")
    start(1)
    hanging(1)
    unwritable()
    tap.same(site.stop(), 0, "ends well")
    doctor()
    one_request()


tap.run(main)
