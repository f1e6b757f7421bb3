#!/usr/bin/env python3
"""Events of version 2 of the tables are moved to those of this version by
processes that are killed again and again: each goes on where the one before it
was, and every event, answer and consumer is as before. "make check-moving"
does it with a million."""

import contextlib
import hashlib
import os
import signal
import sqlite3
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import tap  # noqa: E402
from responder import command  # noqa: E402

EVENTS = int(os.environ.get("BW_MOVING", "5000"))
KILLS = 5

# Half of calls, half of messages, four of each; identifiers are random.
FILL = """
INSERT INTO event WITH RECURSIVE
    ids(k, id) AS (SELECT 0, lower(hex(randomblob(16))) UNION ALL
        SELECT k + 1, lower(hex(randomblob(16))) FROM ids WHERE k < {0} / 4),
    n(j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM n WHERE j < 3)
SELECT k * 4 + j + 1, 1700000000000 + k * 4 + j, 1, 0, 1,
    1700000000000 + k * 4 + j, 1700000008000 + k * 4 + j,
    CASE k % 2 WHEN 0 THEN '/voice' ELSE '/messages' END, 'POST',
    'application/json',
    CASE k % 2 WHEN 0 THEN 'voice' ELSE 'messaging' END, 'type-' || j,
    '/x|type-' || j || ':5500417:' || id, k * 4 + j, 'bandwidth',
    '0011223344556677',
    CAST('{{"id":"' || id || '","rest":"' || hex(zeroblob(150)) || '"}}' AS BLOB),
    CASE k % 2 WHEN 0 THEN id END, CASE k % 2 WHEN 1 THEN id END,
    '+1919' || substr(abs(random()), 1, 7), '+1919555' || (1000 + k % 50),
    'call:' || id, NULL
FROM ids CROSS JOIN n WHERE k * 4 + j < {0};
INSERT INTO answer SELECT seq, 200, 0, received + 5, 900, NULL, NULL FROM event
WHERE seq % 2 = 0;
INSERT INTO counter VALUES (1, {0});
INSERT INTO consumer (name, position, since, until, created)
VALUES ('work', {0} / 2, 0, 0, 5);
INSERT INTO work (consumer, seq, thread) VALUES ('work', 7, 'call:x');
"""
CONTENT = {
    "event": "SELECT seq, received, batch, idx, deliveries, last, claim, "
             "section, method, content_type, family, type, key, user, "
             "request, body, call_id, message_id, from_number, to_number, "
             "thread, query FROM event ORDER BY seq",
    "answer": "SELECT seq, status, fallback, answered, duration, content_type, "
              "body FROM answer ORDER BY seq",
    "consumer": "SELECT name, position, since, until, created FROM consumer",
    "work": "SELECT consumer, seq, thread, token, tries FROM work"}


def make(path):
    name = os.path.join(tap.srcdir(), "tests", "data", "store",
                        "version_2.sql")
    with open(name) as f:
        parts = f.read().split(";\n")
    indices = [x for x in parts if x.startswith("CREATE INDEX")]
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript(";\n".join(x for x in parts if x not in indices))
        db.executescript("BEGIN;" + FILL.format(EVENTS) + "COMMIT;")
        db.executescript(";\n".join(indices))


def content(path):
    """The number of rows of each table, and a hash of them."""
    found = {}
    with contextlib.closing(sqlite3.connect(path)) as db:
        for name, sql in CONTENT.items():
            sha, n = hashlib.sha256(), 0
            for row in db.execute(sql):
                sha.update(repr(row).encode())
                n += 1
            found[name] = n, sha.hexdigest()
    return found


def moved(path):
    """The events that are in the new tables."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as db:
            return db.execute(
                "SELECT coalesce(sum(n), 0) FROM block").fetchone()[0]
    except sqlite3.Error:
        return 0


def mover(path):
    return subprocess.Popen([command(), "store", "create", f"sqlite:{path}"],
                            stderr=subprocess.PIPE, text=True)


def kill_at(path, want):
    """Kill a process once so many events are moved; false: it moved all. One
    that ends when its time is over is followed by another."""
    while True:
        child = mover(path)
        process.wait_until(lambda child=child: child.poll() is not None or
                           moved(path) >= want)
        child.send_signal(signal.SIGKILL)
        said = child.communicate()[1]
        if moved(path) >= want or "being moved" not in said:
            return child.returncode == -signal.SIGKILL


def main():
    path = os.path.join(process.folder(), "events.db")
    make(path)
    before = content(path)
    tap.same(before["event"][0], EVENTS, "events of version 2")
    killed, at = 0, []
    for i in range(KILLS):
        killed += kill_at(path, EVENTS * i // KILLS + 1)
        at.append(moved(path))
    tap.diag(f"{killed} killed, with {at} events moved")
    tap.ok(at == sorted(at), "each goes on where another was killed", str(at))
    ended = [""]
    while ended[-1] is not None:
        child = mover(path)
        said = child.communicate()[1]
        ended.append(said if child.returncode else None)
        if child.returncode and "being moved" not in said:
            break
    tap.same(ended[-1], None, "then they are all moved")
    tap.diag(f"by {len(ended) - 1} processes that were not killed")
    after = content(path)
    for name in CONTENT:
        tap.same(after[name], before[name], f"each {name} is as before")
    done = subprocess.run(
        [command(), "store", "verify", "--store", f"sqlite:{path}"],
        capture_output=True, text=True, check=False)
    tap.same((done.returncode, done.stdout),
             (0, f"1 files, {EVENTS} events, 1 consumers: nothing is wrong\n"),
             "the store is sound")


tap.run(main)
