#!/usr/bin/env python3
"""The spool is moved into a database in batches, and what moves it is killed in
between: nothing is lost, stored twice, or out of order."""

import os
import random
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import load  # noqa: E402
import postgresql  # noqa: E402
import process  # noqa: E402
import tap  # noqa: E402

BATCH = 256  # BWI_SPOOL_BATCH
EVENTS = 2 * BATCH + 88
KILLS = 8


class Client:
    """A store with a spool, driven by lines."""

    def __init__(self, url, folder):
        self.store = os.path.join(folder, "events")
        self.spool = self.store + ".spool"
        self.child = subprocess.Popen(
            [tap.program("tests/store/postgresql_client"), url, self.spool],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def send(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()

    def say(self, line):
        self.send(line)
        return self.child.stdout.readline().strip()

    def connect(self, name):
        """Its thread runs, and drains the spool from now on."""
        said = self.say(f"append {name} {process.PATIENCE * 1000}")
        if " new " not in said:
            raise RuntimeError(said)

    def kill(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.communicate()

    def end(self):
        self.child.communicate()

    def drained(self):
        return process.wait_until(lambda: not load.spooled(self.store))


class Lock:
    """Holds the counter, so that every writer waits in its transaction."""

    def __init__(self, primary):
        self.psql = subprocess.Popen(
            [os.path.join(postgresql.programs(), "psql"), "-X", "-q", "-A",
             "-t", "-h", primary.socket, "-U", "postgres"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.psql.stdin.write(
            "BEGIN;\nSELECT 1 FROM bwcallback.head FOR UPDATE;\n")
        self.psql.stdin.flush()
        self.psql.stdout.readline()

    def release(self):
        self.psql.communicate("COMMIT;\n")


def events(primary, name):
    """(number, deliveries) of those spooled under a name, as they are stored."""
    rows = primary.sql(
        "SELECT substring(encode(key, 'escape') from '[0-9]+$'), deliveries "
        "FROM bwcallback.event WHERE encode(key, 'escape') "
        f"LIKE '{name}-%' ORDER BY seq").splitlines()
    return [tuple(map(int, row.split("|"))) for row in rows]


def waiting(primary, kind):
    return primary.sql("SELECT pid FROM pg_stat_activity WHERE "
                       f"{kind} AND datname = 'postgres'").split()


def waits(primary, kind):
    return process.wait_until(lambda: len(waiting(primary, kind)) == 1)


FOR_LOCK = "wait_event_type = 'Lock'"
FOR_STANDBY = "wait_event = 'SyncRep'"


def check_before(primary, folder):
    """Killed before COMMIT."""
    client = Client(primary.url(), folder)
    client.connect("before")
    lock = Lock(primary)
    client.say(f"spool k {EVENTS}")
    tap.ok(waits(primary, FOR_LOCK), "before COMMIT: the first batch waits")
    client.kill()
    lock.release()
    tap.ok(process.wait_until(lambda: not waiting(
        primary, "state LIKE 'idle in transaction%'")), "it is rolled back")
    tap.same(events(primary, "k"), [], "before COMMIT: nothing is stored")


def check_after(primary, standby, folder):
    """Killed when the server has committed, and the spool does not know."""
    client = Client(primary.url(), folder)
    draining = client.spool + ".draining"
    os.rename(draining, draining + ".later")
    client.connect("after")
    standby.stop()
    os.rename(draining + ".later", draining)
    tap.ok(waits(primary, FOR_STANDBY), "after COMMIT: the first batch waits")
    client.kill()
    standby.start()
    tap.ok(process.wait_until(
        lambda: len(events(primary, "k")) == BATCH),
        "after COMMIT: one batch is stored")

    client = Client(primary.url(), folder)
    client.connect("again")
    tap.ok(client.drained(), "after COMMIT: another process drains the spool")
    client.end()
    tap.same(events(primary, "k"),
             [(i, 2 if i < BATCH else 1) for i in range(EVENTS)],
             "all are stored once, in order; one batch came twice")


def check_connection(primary, folder):
    """The connection ends while a batch waits."""
    client = Client(primary.url(), folder)
    client.connect("connection")
    lock = Lock(primary)
    client.say(f"spool c {EVENTS}")
    waits(primary, FOR_LOCK)
    first = waiting(primary, FOR_LOCK)
    primary.sql(f"SELECT pg_terminate_backend({first[0]})")
    tap.ok(process.wait_until(lambda: len(waiting(primary, FOR_LOCK)) == 1 and
                              waiting(primary, FOR_LOCK) != first),
           "connection: the batch waits on another one")
    lock.release()
    tap.ok(client.drained(), "connection: the spool is drained")
    client.end()
    tap.same(events(primary, "c"), [(i, 1) for i in range(EVENTS)],
             "connection: all are stored once, in order")


def check_random(primary, folder):
    """Killed at any time, while the database is killed now and then."""
    for i in range(KILLS):
        client = Client(primary.url(), folder)
        client.say(f"spool r{i} {EVENTS}")
        client.send(f"append random-{i} {process.PATIENCE * 1000}")
        time.sleep(random.uniform(0, 1.2))
        if i % 4 == 3:
            primary.kill()
            primary.start()
            time.sleep(random.uniform(0, 1.2))
        client.kill()
    client = Client(primary.url(), folder)
    client.connect("random-end")
    tap.ok(client.drained(), "killed at random: the spool is drained")
    client.end()
    for i in range(KILLS):
        found = events(primary, f"r{i}")
        tap.same([n for n, _ in found], list(range(EVENTS)),
                 f"killed at random: all of {i} are stored once, in order")


def main():
    seed = int(os.environ.get("BW_SEED", str(time.time_ns() % 1000000)))
    tap.diag(f"BW_SEED={seed}")
    random.seed(seed)
    primary, standby = postgresql.pair(postgresql.folder())
    client = Client(primary.url(), process.folder())
    client.say("create")
    client.end()
    folder = process.folder()
    check_before(primary, folder)
    check_after(primary, standby, folder)
    check_connection(primary, folder)
    check_random(primary, folder)
    standby.stop()
    primary.stop()


tap.run(main)
