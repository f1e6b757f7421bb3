#!/usr/bin/env python3
"""Power cuts: the store is on a file system of its own, which is cut off from
its disk at a random moment under load. After mounting again, each event that
was acknowledged before the cut is stored once. What is acknowledged after it has
begun is only counted: the kernel may then call a failed fsync a success.
BW_POWERCUT: how many cuts. Needs root, so "make powercut" runs it and not
"make check"."""

import contextlib
import os
import random
import signal
import sqlite3
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import fastcgi  # noqa: E402
import load  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402
from cut_disk import Disk  # noqa: E402

CUTS = int(os.environ.get("BW_POWERCUT", "10"))
SENDERS = 16
MAKERS = {load.message: 4, load.order: 2, load.call: 2, load.port_out: 2}

CONFIG = """<callbacks>
  <store url="sqlite:disk/events.db"/>
  <voice path="/voice">
    <on event="initiate"><Response><Hangup/></Response></on>
  </voice>
  <messaging path="/messages"/>
  <numbers path="/orders"/>
  <portout path="/portout" on-error="deny">
    <on><deny code="7516" description="Not without a call"/></on>
  </portout>
</callbacks>
"""


class Site:
    def __init__(self, disk, folder):
        self.disk = disk
        self.folder = folder
        self.config = self.path("callbacks.xml")
        self.store = os.path.join(disk.path, "events.db")
        self.senders = []
        with open(self.config, "w") as f:
            f.write(CONFIG)

    def path(self, name):
        return os.path.join(self.folder, name)

    def respond(self):
        self.responder = responder.Responder(
            self.config, self.path("log"), self.path("s"), workers=8)

    def deliver(self, path, body, kind):
        return fastcgi.ask(self.path("s"), path, body,
                           CONTENT_TYPE=kind[1]).status

    def cut(self, number):
        """Load until the disk is cut off, and a little longer."""
        stop, began = threading.Event(), threading.Event()
        senders = [load.Sender(self.deliver, number * SENDERS + n, stop,
                               MAKERS, began) for n in range(SENDERS)]
        for sender in senders:
            sender.start()
        time.sleep(random.uniform(0.05, 1))
        began.set()
        self.disk.cut()
        time.sleep(random.uniform(0, 0.2))
        os.kill(self.responder.pid, signal.SIGKILL)
        stop.set()
        self.responder.child.stop()
        for sender in senders:
            sender.join()
        self.senders += senders

    def recover(self):
        """Mount again, and start a responder that moves the spool into the store."""
        self.disk.unmount()
        why = self.disk.mount()
        if why is not None:
            raise RuntimeError(why)
        self.respond()
        first = load.call(0)  # opens the store
        self.senders[0].sent.append(first[0])
        self.senders[0].send(*first)
        process.wait_until(lambda: not load.spooled(self.store))

    def whole(self):
        """What SQLite finds wrong with its file."""
        with contextlib.closing(sqlite3.connect(self.store)) as db:
            return [row for row, in db.execute("PRAGMA integrity_check")]


def main():
    if os.geteuid() != 0:
        tap.skip_all("only root can mount a file system to cut off")
    folder = process.folder()
    disk = Disk(folder)
    why = disk.make()
    if why is not None:
        tap.skip_all(f"no file system to cut off: {why}")
    seed = int(os.environ.get("BW_SEED", str(time.time_ns() % 1000000)))
    tap.diag(f"BW_SEED={seed}")
    random.seed(seed)
    site = Site(disk, folder)
    site.respond()
    for number in range(CUTS):
        site.cut(number)
        site.recover()
        tap.same(site.whole(), ["ok"], f"cut {number + 1}: the file is whole")
    tap.same(site.responder.stop(), 0, "the last responder ends")
    acknowledged = load.compare(
        site.senders, [name for _, name in load.stored(site.store)])
    tap.ok(acknowledged >= 10 * CUTS, "there were acknowledgements")
    disk.unmount()


tap.run(main)
