#!/usr/bin/env python3
"""The cost of a growing store in PostgreSQL with a synchronous standby.

A store of a hundred thousand events and a large one, in databases of one server,
in alternating rounds. Both have four segments, as of four days: a look-up asks
one after the other. In the end the oldest one is dropped. Only the ratios within
one run are meaningful.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import postgresql  # noqa: E402
import process  # noqa: E402

SMALL = 100000
SEGMENTS = 4
LIST = 64  # in growth.h
MEMORY = """
shared_buffers = 1GB
max_wal_size = 8GB
checkpoint_timeout = 30min
"""
LOOKS = ["of a call", "of a message", "of a person", "of an office",
         "the newest", "type of a call"]


def border(events, i):
    """How many events the first segments have: whole lists of the program."""
    return events * i // SEGMENTS // LIST * LIST


class Store:
    """A database with tables, and the program that fills and measures it."""

    def __init__(self, build, primary, name):
        self.primary = primary
        self.name = name
        self.events = 0
        primary.sql(f"CREATE DATABASE {name}")
        subprocess.run([f"{build}/cli/bwcallback", "store", "create",
                        primary.url(name)], check=True)
        self.child = subprocess.Popen(
            [f"{build}/tests/bench/growth_database", primary.url(name)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()
        return float(self.child.stdout.readline())

    def grow(self, to):
        """Each segment has as many events. Returns the seconds."""
        took = 0
        for i in range(1, SEGMENTS + 1):
            took += self.say(f"grow {border(to, i)}")
            if i < SEGMENTS:  # the next day begins
                self.primary.sql("SET search_path = bwcallback; "
                                 "SELECT add_segment()", self.name)
        return took

    def wal(self):
        """Bytes that the server has written for the standby until now."""
        return int(self.primary.sql(
            "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::int8"))

    def room(self):
        """Bytes on the disk of one node."""
        return int(self.primary.sql(
            f"SELECT pg_database_size('{self.name}')"))

    def end(self):
        self.child.communicate()


def row(what, small, large, goal=None):
    a, b = statistics.median(small), statistics.median(large)
    print(f"  {what:34} {a:10.1f} {b:10.1f} {b / a:8.2f}"
          + (f"  {goal}" if goal else ""), flush=True)


def compare(small, large, rounds):
    rates, looks = ([], []), [([], []) for _ in LOOKS]
    for _ in range(rounds):
        for i, store in enumerate((small, large)):
            rates[i].append(store.say("rate"))
            for k, found in enumerate(looks):
                found[i].append(store.say(f"look {k}"))
    print(f"\n  {'':34} {'small':>10} {'this':>10} {'ratio':>8}")
    row("appended in a second", *rates, "at least 0.95")
    for what, found in zip(LOOKS, looks):
        row(f"us, {what}", *found, "at most 1.2")


def drop(large, oldest):
    """Retention: the oldest segment, and as many rows by SQL in another one."""
    room = large.room()
    took = large.say(f"prune {oldest}")
    print(f"  dropping a segment of {oldest} events: {took:.0f} ms, "
          f"{(room - large.room()) / 1e6:.0f} MB free at once")
    began = time.monotonic()
    large.primary.sql(
        "SET search_path = bwcallback; DELETE FROM event WHERE (segment, seq) "
        "IN (SELECT segment, seq FROM event ORDER BY segment, seq LIMIT "
        f"{oldest})", large.name)
    rows = (time.monotonic() - began) * 1000
    print(f"  deleting as many rows with SQL: {rows:.0f} ms, "
          f"{rows / took:.0f} times")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--build", default=".")
    p.add_argument("--events", type=int, default=1000000)
    p.add_argument("--rounds", type=int, default=5)
    args = p.parse_args()
    primary, standby = postgresql.pair(process.folder())
    for server in (primary, standby):  # a size for a server, not for a test
        server.configure(MEMORY)
        server.stop()
        server.start()
    process.wait_until(lambda: postgresql.synchronous(primary))
    small = Store(args.build, primary, "small")
    large = Store(args.build, primary, "large")
    small.grow(SMALL)
    wal = large.wal()
    took = large.grow(args.events)
    print(f"{args.events} events, grown in {took:.0f} s, for each "
          f"{large.say('bytes'):.0f} bytes, "
          f"{large.room() / args.events:.0f} bytes on the disk of a node, "
          f"{(large.wal() - wal) / args.events:.0f} bytes of WAL")
    for store in (small, large):
        primary.sql("VACUUM ANALYZE", store.name)
    compare(small, large, args.rounds)
    drop(large, border(args.events, 1))
    for child in (small, large, standby, primary):
        child.end() if isinstance(child, Store) else child.stop()


if __name__ == "__main__":
    main()
