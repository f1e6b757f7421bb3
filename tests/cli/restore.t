#!/usr/bin/env python3
"""A backup is restored by the commands of bwcallback-events(1), and the
responder and its consumers go on with it."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import fastcgi  # noqa: E402
import process  # noqa: E402
import tap  # noqa: E402
from responder import Responder, command  # noqa: E402

CONFIG = """<callbacks>
  <store url="sqlite:events.db"/>
  <messaging path="/messages"/>
</callbacks>
"""


class Site:
    """The folder of the manual, with a responder and a consumer."""

    def __init__(self):
        self.folder = process.folder()
        os.mkdir(self.path("backup"))
        with open(self.path("callbacks.xml"), "w") as f:
            f.write(CONFIG)
        self.responder = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        self.responder = Responder(self.path("callbacks.xml"),
                                   self.path("log"), self.path("s"))

    def kill(self):
        """Without a chance to write the log back into the store."""
        self.responder.child.signal(signal.SIGKILL)
        self.responder.child.wait()
        os.unlink(self.path("s"))

    def send(self, name):
        body = json.dumps([{
            "type": "message-received", "to": "+19195550100",
            "message": {"id": name, "from": "+19195550142",
                        "text": "hello"}}]).encode()
        return fastcgi.ask(self.path("s"), "/messages", body,
                           CONTENT_TYPE="application/json").status

    def run(self, *argv):
        return subprocess.run(
            [command(), *argv[:2], "--config", self.path("callbacks.xml"),
             *argv[2:]], capture_output=True, text=True, check=False)

    def consumed(self):
        """What the consumer hands over now."""
        done = self.run("consume", "app", "--once", "--since", "1h",
                        "--workers", "1", "--", "sh", "-c",
                        'echo "$BW_MESSAGE"')
        if done.returncode != 0:
            tap.diag(done.stderr)
        return done.stdout.split()

    def stored(self):
        lines = self.run("events", "export").stdout.splitlines()
        return [(x["message"], x["deliveries"])
                for x in map(json.loads, lines)
                if x["type"] != "old" and x["message"] != "m-0"]

    def begin(self):
        """A large store, whose first segment has ten thousand old events."""
        self.start()
        tap.same(self.send("m-0"), 200, "a first message")
        tap.same(self.responder.stop(), 0, "")
        db = sqlite3.connect(self.path("events.db"))
        db.executescript("""
            UPDATE entry SET received = 1700000000000;
            INSERT INTO form (section, method, family, type, h)
            VALUES ('/old', 'POST', 'old', 'old', 1);
            WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL
                                    SELECT i + 1 FROM n WHERE i < 10000)
            INSERT INTO entry (seq, received, form, claim, deliveries, batch,
                               idx, body)
            SELECT i, 1700000000000, (SELECT max(id) FROM form), 0, 1, 1, 0,
                   CAST('x' AS BLOB)
            FROM n""")
        db.close()
        done = self.run("events", "prune", "--older", "3650d")
        tap.same((done.returncode, done.stderr), (0, ""),
                 "pruning closes the segment")
        tap.ok(os.path.exists(self.path("events.db.000002")),
               "the next events go to another file")


def manual(section):
    """The commands of a section."""
    path = os.path.join(tap.srcdir(), "man", "bwcallback-events.1")
    with open(path) as f:
        text = f.read().split(f".Sh {section}\n")[1].split("\n.Sh ")[0]
    blocks = re.findall(r"\.Bd -literal[^\n]*\n(.*?)\.Ed", text, re.S)
    return "".join(blocks).replace("\\e\n", "\\\n").splitlines()


def restore(site, copy):
    script = "\n".join(x for x in manual("RESTORING A BACKUP")
                       if not x.startswith("systemctl"))
    for old, new in (("/var/lib/bwcallback", site.folder),
                     ("-o bwcallback -g bwcallback ", ""),
                     ("backup/events-20260301T023000Z.db", copy)):
        tap.ok(old in script, f"the manual says: {old}")
        script = script.replace(old, new)
    return subprocess.run(["sh", "-eu"], input=script, capture_output=True,
                          text=True, check=False)


def main():
    site = Site()
    site.begin()
    site.start()
    tap.same([site.send(x) for x in ("m-1", "m-2")], [200, 200], "two messages")
    tap.same(site.consumed(), ["m-1", "m-2"], "which are consumed")
    done = site.run("events", "backup", site.path("backup/copy.db"))
    tap.same(done.returncode, 0, "a backup while the responder runs")
    tap.ok(os.path.exists(site.path("backup/copy.db.000002")),
           "of all segments")
    tap.same(site.send("m-3"), 200, "a message after it")
    tap.same(site.consumed(), ["m-3"], "is consumed as well")
    site.kill()
    for name in ("events.db", "events.db.000002"):
        with open(site.path(name), "r+b") as f:
            f.write(b"damaged " * 4096)
    tap.ok(os.path.getsize(site.path("events.db.000002-wal")) > 0,
           "a log of the damaged store is left")
    tap.ok(site.run("events", "list").returncode != 0, "it cannot be read")

    done = restore(site, "backup/copy.db")
    tap.same((done.returncode, done.stderr), (0, ""),
             "the commands of the manual")
    tap.same([os.path.exists(site.path(x)) for x in
              ("events.db-wal", "events.db.000002-wal")], [False, False],
             "the old log is not beside the backup")
    tap.same(os.stat(site.path("events.db")).st_mode & 0o777, 0o640,
             "readable by those who may")
    tap.same(site.stored(), [("m-1", 1), ("m-2", 1)], "the events of the backup")
    site.start()
    tap.same(site.send("m-2"), 200, "served: a message that comes again")
    tap.same(site.send("m-4"), 200, "served: a new one")
    tap.same(site.stored(), [("m-1", 1), ("m-2", 2), ("m-4", 1)],
             "the first was recognised")
    tap.same(site.consumed(), ["m-4"], "the consumer goes on where it was")
    tap.same(site.responder.stop(), 0, "and it ends well")


tap.run(main)
