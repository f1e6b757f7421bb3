#!/usr/bin/env python3
"""What makes a simple client of PostgreSQL acknowledge what is lost, or skip
what is stored. For each, what the simple client sees, and what the store does."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import postgresql  # noqa: E402
import postgresql_proxy  # noqa: E402
import process  # noqa: E402
import tap  # noqa: E402

LONG = process.PATIENCE * 1000
WRITERS = 8
EACH = 40


class Client:
    """A store, driven by lines."""

    def __init__(self, url):
        self.child = subprocess.Popen(
            [tap.program("tests/store/postgresql_client"), url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def send(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()

    def line(self):
        return self.child.stdout.readline().strip()

    def append(self, key, ms=LONG):
        self.send(f"append {key} {ms}")
        return self.line()

    def end(self):
        self.child.stdin.close()
        return self.child.wait()


def events(server, key="%"):
    return server.sql("SELECT count(*) FROM bwcallback.event WHERE "
                      f"encode(key, 'escape') LIKE '{key}'")


def waiting(server):
    """The backends that wait for the standby."""
    return server.sql("SELECT pid FROM pg_stat_activity "
                      "WHERE wait_event = 'SyncRep'").split()


def check_cut_before(primary, folder):
    """An INSERT's result is not the commit."""
    proxy = postgresql_proxy.Proxy(folder, primary)
    client = Client(proxy.url())
    tap.ok(client.append("before-0").startswith("before-0 new"), "a client")
    proxy.inserted.clear()
    proxy.cut = "before"
    client.send(f"append before-1 {LONG}")
    tap.ok(proxy.happened.wait(process.PATIENCE) and proxy.inserted.is_set(),
           "cut before COMMIT: the client has the result of its INSERT")
    tap.ok(process.wait_until(lambda: primary.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE state LIKE "
        "'idle in transaction%'") == "0"), "cut before COMMIT: rolled back")
    tap.same(events(primary, "before-1"), "0",
             "cut before COMMIT: the event is not there")
    proxy.open = True
    said = client.line()
    tap.ok(said.startswith("before-1 new"),
           "cut before COMMIT: written again, then acknowledged", said)
    tap.same(events(primary, "before-1"), "1", "cut before COMMIT: stored once")
    client.end()


def check_cut_after(primary, folder):
    """Without the result of COMMIT it is not known."""
    proxy = postgresql_proxy.Proxy(folder, primary)
    client = Client(proxy.url())
    client.append("after-0")
    proxy.cut = "after"
    client.send(f"append after-1 {LONG}")
    tap.ok(proxy.happened.wait(process.PATIENCE), "cut after COMMIT")
    tap.ok(process.wait_until(lambda: events(primary, "after-1") == "1"),
           "cut after COMMIT: the event is there")
    proxy.open = True
    said = client.line()
    tap.ok(said.startswith("after-1 new") and said.endswith(" 1"),
           "cut after COMMIT: found to be committed, no second delivery", said)
    tap.same(events(primary, "after-1"), "1", "cut after COMMIT: stored once")
    client.end()


def check_cancel(primary, standby):
    """A cancelled wait for the standby looks like success."""
    primary.sql("CREATE TABLE simple (id bigint GENERATED ALWAYS AS IDENTITY,"
                " t text); CREATE TABLE simple_key (t text PRIMARY KEY)")
    client = Client(primary.url())
    client.append("cancel-0")
    standby.stop()
    simple = subprocess.Popen(
        [os.path.join(postgresql.programs(), "psql"), "-X", "-q", "-h",
         primary.socket, "-U", "postgres", "-c",
         "INSERT INTO simple (t) VALUES ('a')"], stderr=subprocess.PIPE,
        text=True)
    tap.ok(process.wait_until(lambda: len(waiting(primary)) == 1),
           "cancel: a commit waits for the standby")
    primary.sql(f"SELECT pg_cancel_backend({waiting(primary)[0]})")
    warning = simple.communicate()[1]
    tap.ok(simple.returncode == 0 and "WARNING" in warning,
           "cancel: psql succeeds, with a warning", warning)

    client.send(f"append cancel-1 {LONG}")
    tap.ok(process.wait_until(lambda: len(waiting(primary)) == 1),
           "cancel: the store waits")
    first = waiting(primary)
    primary.sql(f"SELECT pg_cancel_backend({first[0]})")
    tap.ok(process.wait_until(lambda: len(waiting(primary)) == 1 and
                              waiting(primary) != first),
           "cancel: the store waits again, on another connection")
    standby.start()
    said = client.line()
    tap.ok(said.startswith("cancel-1 new") and said.endswith(" 1"),
           "cancel: acknowledged when the standby has it", said)
    tap.ok(process.wait_until(lambda: events(standby, "cancel-1") == "1"),
           "cancel: the standby has it")
    client.end()


def check_unreplicated(primary, standby):
    """What is found may be on one disk only."""
    client = Client(primary.url())
    client.append("alone-0")
    standby.stop()
    client.send("append alone-1 5000")
    simple = subprocess.Popen(
        [os.path.join(postgresql.programs(), "psql"), "-X", "-q", "-h",
         primary.socket, "-U", "postgres", "-c",
         "INSERT INTO simple_key VALUES ('b')"], stderr=subprocess.DEVNULL)
    tap.ok(process.wait_until(lambda: len(waiting(primary)) == 2),
           "standby dead: commits wait")
    primary.kill()
    simple.wait()
    client.end()
    said = client.line()
    tap.ok(said.startswith("alone-1 error"),
           "standby dead: not acknowledged", said)
    primary.start()
    tap.same(events(primary, "alone-1"), "1",
             "primary restarted: the event is there, on one disk")
    primary.sql("INSERT INTO simple_key VALUES ('b') ON CONFLICT DO NOTHING")
    tap.ok(True, "primary restarted: DO NOTHING succeeds without a standby")
    client = Client(primary.url())
    client.send(f"append alone-1 {LONG}")
    tap.ok(process.wait_until(lambda: len(waiting(primary)) == 1),
           "primary restarted: a repeated delivery waits for the standby")
    standby.start()
    said = client.line()
    tap.ok(said.startswith("alone-1 running") and said.endswith(" 2"),
           "standby back: the repeated delivery is recognized", said)
    tap.ok(process.wait_until(lambda: events(standby, "alone-1") == "1"),
           "standby back: it has the event")
    client.end()


def check_simple_cursor(primary):
    """A number that is given before the commit is skipped by a reader."""
    late = subprocess.Popen(
        [os.path.join(postgresql.programs(), "psql"), "-X", "-q", "-A", "-t",
         "-h", primary.socket, "-U", "postgres"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True)
    late.stdin.write("BEGIN;\nINSERT INTO simple (t) VALUES ('late') "
                     "RETURNING id;\n")
    late.stdin.flush()
    number = int(late.stdout.readline())
    primary.sql("INSERT INTO simple (t) VALUES ('early')")
    cursor = int(primary.sql("SELECT max(id) FROM simple"))
    late.stdin.write("COMMIT;\n")
    late.stdin.close()
    late.wait()
    tap.ok(number < cursor, "cursor: an identity column skips a row")


def check_cursor(primary):
    before = int(events(primary))
    reader = Client(primary.url())
    writers = [Client(primary.url()) for _ in range(WRITERS)]
    reader.send("read")
    read = int(reader.line().split()[1])
    for i in range(EACH):
        for k, w in enumerate(writers):
            w.send(f"append writer-{k}-{i} {LONG}")
        reader.send("read")
        read += int(reader.line().split()[1])
    news = sum(" new " in w.line() for w in writers for _ in range(EACH))
    reader.send("read")
    read += int(reader.line().split()[1])
    tap.same((news, read), (WRITERS * EACH, before + WRITERS * EACH),
             "cursor: a reader under eight writers skips nothing")
    for c in [reader, *writers]:
        c.end()


def check_new_segment(primary):
    """A writer waits for the counter while another begins a segment."""
    client = Client(primary.url())
    number = int(client.append("segment-0").split()[2])
    other = subprocess.Popen(
        [os.path.join(postgresql.programs(), "psql"), "-X", "-q", "-h",
         primary.socket, "-U", "postgres", "-d", "postgres"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    other.stdin.write("SET search_path = bwcallback;\n"
                      "BEGIN;\nSELECT add_segment();\n")
    other.stdin.flush()
    tap.ok(process.wait_until(lambda: primary.sql(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE state = 'idle in transaction'") == "1"), "segment: it begins")
    client.send(f"append segment-1 {LONG}")
    tap.ok(process.wait_until(lambda: primary.sql(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE wait_event_type = 'Lock'") == "1"), "segment: a writer waits")
    other.stdin.write("COMMIT;\n")
    other.stdin.close()
    other.wait()
    said = client.line()
    tap.same(said, f"segment-1 new {number + 1} 1", "segment: it is stored")
    tap.same(primary.sql(
        "SELECT e.segment = h.segment FROM bwcallback.event e, "
        "bwcallback.head h WHERE encode(e.key, 'escape') = 'segment-1'"), "t",
        "segment: in the new one")
    client.end()


def check_unsafe(primary):
    """A server that commits on one disk only is refused, also when it becomes
    so later."""
    client = Client(primary.url())
    client.append("unsafe-0")
    primary.reload("synchronous_standby_names = ''\n")
    process.wait_until(
        lambda: primary.sql("SHOW synchronous_standby_names") == "")
    said = client.append("unsafe-1")
    tap.ok("error" in said and "could be lost" in said,
           "unsafe: nothing is acknowledged any more", said)
    tap.same(events(primary, "unsafe-1"), "0", "unsafe: nothing is stored")
    client.end()
    client = Client(primary.url())
    said = client.append("unsafe-2")
    tap.ok("error" in said and "could be lost" in said,
           "unsafe: nor by a new client", said)
    client.end()
    client = Client(primary.url() + "&single=yes")
    said = client.append("unsafe-3")
    tap.ok(" new " in said, "unsafe: one node, if that is meant", said)
    client.end()


def main():
    folder = postgresql.folder()
    primary, standby = postgresql.pair(folder)
    client = Client(primary.url())
    client.send("create")
    tap.same(client.line(), "create", "tables")
    client.end()
    check_cut_before(primary, folder)
    check_cut_after(primary, process.folder(folder))
    check_cancel(primary, standby)
    check_unreplicated(primary, standby)
    check_simple_cursor(primary)
    check_cursor(primary)
    check_new_segment(primary)
    check_unsafe(primary)
    standby.stop()
    primary.stop()


tap.run(main)
