#!/usr/bin/env python3
"""What may befall a machine: the clock jumps while requests are in flight and
events are leased, no process can be started any more, the folder of the store
cannot be written to. A call gets BXML, a port-out its verdict, and what was
acknowledged is there."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import fastcgi  # noqa: E402
import installed  # noqa: E402
import payload  # noqa: E402
import process  # noqa: E402
import tap  # noqa: E402
import web_server  # noqa: E402
from responder import command  # noqa: E402

CONFIG = """<callbacks>
  <store url="sqlite:store/events.db"/>
  <voice path="/voice">
    <on event="initiate"><Response><Hangup/></Response></on>
  </voice>
  <voice path="/program" deadline="25s">
    <on event="initiate"><exec program="program"/></on>
    <fallback><Response><Pause/></Response></fallback>
  </voice>
  <messaging path="/messages"/>
  <numbers path="/orders"/>
  <portout path="/portout" on-error="deny">
    <on><deny code="7518"/></on>
  </portout>
</callbacks>
"""

# Answers once the test has made the file "gate".
PROGRAM = """#!/bin/sh
echo started >>started
while [ ! -e gate ]; do sleep 0.05; done
echo '<Response><Ring/></Response>'
"""
DAY = 86400
USER = "www-data"


def message(name):
    return "/messages", json.dumps([{
        "type": "message-received", "to": "+19195550100",
        "message": {"id": name, "from": "+19195550142", "text": name}}]).encode()


def order(name):
    return "/orders", (f"<Notification><OrderType>orders</OrderType><OrderId>"
                       f"{name}</OrderId><Status>COMPLETE</Status>"
                       f"</Notification>").encode()


def call(path="/voice"):
    return path, json.dumps({
        "eventType": "initiate", "callId": "c-" + os.urandom(8).hex(),
        "accountId": "9900100", "from": "+19195550142",
        "to": "+19195550100", "direction": "inbound"}).encode()


class Site:
    def __init__(self):
        self.folder = process.folder()
        os.chmod(self.folder, 0o755)
        self.socket = self.path("sock")
        self.config = self.path("callbacks.xml")
        # Another user may have no access to the build folder.
        self.program = shutil.copy(web_server.program(), self.folder)
        os.mkdir(self.path("store"))
        self.write("callbacks.xml", CONFIG)
        self.write("program", PROGRAM)
        os.chmod(self.path("program"), 0o755)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)

    def start(self, **options):
        self.child = process.Child(
            [self.program, "--config", self.config, "--listen",
             f"unix:{self.socket}"], self.path("log"), cwd=self.folder,
            **options)
        process.wait_until(lambda: process.connects(self.socket) or
                           not self.child.running())
        if not self.child.running():
            raise RuntimeError("bwcallback.fcgi does not start: " +
                               self.said())

    def said(self):
        return self.child.said()

    def ask(self, path, body):
        kind = "application/json" if body[:1] in b"[{" else payload.XML[1]
        return fastcgi.ask(self.socket, path, body, CONTENT_TYPE=kind)

    def serves(self, what):
        """A call gets its BXML, a port-out its verdict."""
        a = self.ask(*call())
        tap.ok(a.status == 200 and b"<Hangup/>" in a.body, f"{what}: a call",
               repr(a))
        a = self.ask("/portout", payload.portout())
        tap.ok(a.status == 200 and b"<Code>7518</Code>" in a.body,
               f"{what}: a port-out", repr(a))

    def stored(self):
        """The stored events' texts and keys, as one text a line."""
        done = subprocess.run(
            [command(), "events", "export", "--reveal", "--config",
             self.config], capture_output=True, text=True, check=False)
        tap.ok(done.returncode == 0, "the store is read", done.stderr)
        return done.stdout.splitlines()


class Waiting:
    """A call whose program runs until the gate opens."""

    def __init__(self, site, n):
        self.answer = None
        self.thread = threading.Thread(target=self.run, args=(site,))
        self.thread.start()

        def begun():
            try:
                with open(site.path("started")) as f:
                    return len(f.readlines()) >= n
            except FileNotFoundError:
                return False
        process.wait_until(begun)

    def run(self, site):
        self.answer = site.ask(*call("/program"))

    def end(self):
        self.thread.join()
        return self.answer


def check_clock():
    """The clock jumps: a day ahead, back before the beginning, and again."""
    if "-fsanitize" in installed.variable("BW_CFLAGS"):
        return  # a shell cannot load the library: it has no sanitizers
    site = Site()
    library = os.path.join(tap.builddir(), "tests", "support", ".libs",
                           "ahead.so")
    clock = site.path("clock")
    site.write("clock", "0")
    environment = dict(os.environ, BW_AHEAD_FILE=clock,
                       LD_PRELOAD=process.before_others(library),
                       ASAN_OPTIONS="verify_asan_link_order=0")
    site.start(env=environment)
    tap.same(site.ask(*message("m-0")).status, 200, "before: a message")
    # The consumer's first event is leased while the clock jumps.
    consumer = subprocess.Popen(
        [command(), "consume", "c", "--config", site.config, "--since", "1h",
         "--once", "--timeout", "1h", "--", "sh", "-c",
         "echo leased >>leased; while [ ! -e end ]; do sleep 0.05; done; "
         "cat >>consumed; echo >>consumed"], cwd=site.folder, env=environment)
    tap.ok(process.wait_until(lambda: os.path.exists(site.path("leased"))),
           "an event is leased")
    for n, seconds in enumerate((DAY, -2 * DAY, 40 * 365 * DAY, 0), 1):
        waiting = Waiting(site, n)
        site.write("clock.new", str(seconds))
        os.rename(site.path("clock.new"), clock)
        what = f"{seconds // DAY} days"
        site.write("gate", "")
        a = waiting.end()
        tap.ok(a.status == 200 and b"<Ring/>" in a.body,
               f"{what}: the call in flight gets its program's answer", repr(a))
        os.unlink(site.path("gate"))
        tap.same(site.ask(*message(f"m-{n}")).status, 200, f"{what}: a message")
        tap.same(site.ask(*message("m-0")).status, 200,
                 f"{what}: one that comes again")
        tap.same(site.ask(*order(f"o-{n}")).status, 200, f"{what}: an order")
        site.serves(what)
    site.write("end", "")
    tap.same(consumer.wait(process.PATIENCE), 0, "the consumer ends")
    with open(site.path("consumed")) as f:
        consumed = f.read()
    stored = "\n".join(site.stored())
    for n in range(5):
        tap.ok(f"m-{n}" in stored and f"m-{n}" in consumed,
               f"message {n} is stored and consumed")
    tap.same([n for n in range(1, 5) if f"o-{n}" not in stored], [],
             "each order is stored")
    tap.same(site.child.running(), True, "the responder runs")
    site.child.stop()


def limited(site):
    """Start a responder whose user can then start no further process."""
    for path, _, names in os.walk(site.folder):
        for name in [".", *names]:
            os.chown(os.path.join(path, name), *pwd.getpwnam(USER)[2:4])
    site.start(user=USER, group=USER)
    # One thread may answer before the others are started. This path does not use
    # the store.
    tap.ok(site.child.says("event=start"), "it has started", site.said())
    tap.same(site.ask("/nowhere", b"{}").status, 404, "and answers")

    def limit():
        """The responder, and the helpers that start its programs."""
        with open(f"/proc/{site.child.pid}/task/{site.child.pid}/children") as f:
            pids = [str(site.child.pid), *f.read().split()]
        for pid in pids:
            subprocess.run(["prlimit", "--pid", pid, "--nproc=0"], check=True,
                           user=USER, group=USER)
    return limit


def check_processes():
    """No process can be started: a program's call gets the fallback."""
    site = Site()
    limit = limited(site)
    # The store's thread begins with the first event.
    tap.same(site.ask(*message("p-0")).status, 200, "before: a message")
    limit()
    a = site.ask(*call("/program"))
    tap.ok(a.status == 200 and b"<Pause/>" in a.body,
           "no process: the call gets the fallback", repr(a))
    tap.ok(site.child.says("program", os.strerror(11)),
           "no process: the log says why", site.said()[-800:])
    site.serves("no process")
    tap.same(site.ask(*message("p-1")).status, 200, "no process: a message")
    tap.same(site.ask(*order("p-2")).status, 200, "no process: an order")
    text = "\n".join(site.stored())
    tap.ok("p-1" in text and "p-2" in text, "no process: both are stored")
    site.child.stop()


def check_threads():
    """Not even the store's thread can be started. What Bandwidth repeats is refused; the rest waits in the spool until the thread can be started."""
    site = Site()
    limited(site)()
    site.serves("no thread")
    tap.same(site.ask(*message("t-1")).status, 503, "no thread: a message")
    tap.same(site.ask(*order("t-2")).status, 200, "no thread: an order")
    tap.ok(site.child.says("thread", os.strerror(11)),
           "no thread: the log says why", site.said()[-800:])
    site.child.stop()
    site.start(user=USER, group=USER)
    tap.same(site.ask(*order("t-3")).status, 200, "a new start: an order")

    def is_stored():
        done = subprocess.run(
            [command(), "events", "export", "--reveal", "--config",
             site.config], capture_output=True, text=True, check=False)
        return "t-2" in done.stdout and "t-3" in done.stdout
    tap.ok(process.wait_until(is_stored), "both orders are stored")
    site.child.stop()


def check_read_only():
    """The store's folder cannot be written to: nothing is acknowledged that
    Bandwidth will not repeat, and calls are answered."""
    site = Site()
    os.chmod(site.path("store"), 0o555)
    for name in (".", "callbacks.xml", "program"):
        os.chown(site.path(name), *pwd.getpwnam(USER)[2:4])
    site.start(user=USER, group=USER)
    site.serves("read-only")
    for name, request in (("a message", message("r-1")),
                          ("an order", order("r-2"))):
        a = site.ask(*request)
        tap.same(a.status, 503, f"read-only: {name} is not acknowledged")
    tap.ok(site.child.says("events.db", os.strerror(13)),
           "read-only: the log says why", site.said()[-800:])
    os.chmod(site.path("store"), 0o755)
    os.chown(site.path("store"), *pwd.getpwnam(USER)[2:4])
    tap.ok(process.wait_until(lambda: site.ask(*order("r-3")).status == 200),
           "it may be written again: an order is acknowledged")
    tap.ok("r-3" in "\n".join(site.stored()), "and is stored")
    site.child.stop()


def main():
    check_clock()
    if os.geteuid() != 0:
        return  # only root can start programs as another user
    check_processes()
    check_threads()
    check_read_only()


tap.run(main)
