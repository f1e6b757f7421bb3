#!/usr/bin/env python3
"""A write-ahead log that was cut short, as by a full or failing disk, while the
database itself is whole: the events before the cut are read, and the next one
is stored."""

import json
import os
import shutil
import sqlite3
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import stored_site  # noqa: E402
import tap  # noqa: E402

FLOW = """<callbacks><store url="sqlite:events.db"/>
<messaging path="/messages"/></callbacks>
"""
COUNT = 8


def message(i):
    return json.dumps([{"type": "message-received",
                        "time": "2026-01-01T00:00:00Z",
                        "message": {"id": f"m-{i}", "text": "Hello"}}])


def ids(folder):
    """The messages in the store, or what went wrong."""
    done = stored_site.run("events", "export", "--reveal", "--store",
                           "sqlite:" + os.path.join(folder, "events.db"))
    return [i for i in range(COUNT + 1) if f"m-{i}\\\"" in done.stdout or
            f"m-{i}\"" in done.stdout] if done.returncode == 0 else done.stderr


def main():
    k = stored_site.StoredSite(process.folder(), FLOW)
    k.store("/messages", message(0), "application/json")
    database = os.path.join(k.folder, "events.db")
    # Another reader: otherwise each process empties the log as it ends.
    reader = sqlite3.connect(database)
    reader.execute("SELECT * FROM sqlite_master").fetchall()
    for i in range(1, COUNT):
        k.store("/messages", message(i), "application/json")
    size = os.path.getsize(database + "-wal")
    before = []
    wrong = []
    for cut in [*range(0, size, 2003), size]:
        other = stored_site.StoredSite(process.folder(), FLOW)
        for end in ("", "-wal"):
            shutil.copy(database + end, other.folder)
        os.truncate(os.path.join(other.folder, "events.db-wal"), cut)
        got = ids(other.folder)
        if got != list(range(len(got))) or len(got) < len(before):
            wrong.append((cut, got))
        before = got
        if cut % 10 == 0:
            other.store("/messages", message(COUNT), "application/json")
            if ids(other.folder) != [*got, COUNT]:
                wrong.append((cut, "the next event"))
        shutil.rmtree(other.folder)
    tap.same(wrong, [], f"a log of {size} bytes, cut")
    tap.same(before, list(range(COUNT)), "all of it: all events")
    reader.close()


tap.run(main)
