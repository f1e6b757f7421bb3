#!/usr/bin/env python3
"""bwcallback store move, killed again and again, while a process stores,
delivers again, answers and consumes: from SQLite to PostgreSQL and back.
Nothing is lost, nothing is there twice, and consumers go on where they were."""

import os
import random
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import postgresql  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import stored_site  # noqa: E402
import tap  # noqa: E402

CLIENT = tap.program("tests/store/move_client")

EVENTS = 260
KILLS = 8

CONFIG = """<callbacks>
  <store url="{url}"/>
  <voice path="/voice">
    <on event="initiate"><Response><Hangup/></Response></on>
  </voice>
  <messaging path="/messages"/>
  <numbers path="/orders"/>
</callbacks>
"""

MESSAGE = """[{"type":"message-received","time":"2026-03-02T15:04:05.678Z",
"description":"d","to":"+19195550100","message":{"id":"%s","owner":"o",
"applicationId":"a","time":"2026-03-02T15:04:05.678Z","segmentCount":1,
"direction":"in","to":["+19195550100"],"from":"+19195550142","text":"t"}}]"""

ORDER = """<Notification><Status>COMPLETE</Status>
<SubscriptionId>8684b1c8-7d41-4877-bfc2-6bd8ea4dc89f</SubscriptionId>
<Message>m</Message><OrderId>%s</OrderId>
<OrderType>orders</OrderType><CompletedTelephoneNumbers>
<TelephoneNumber>9195550192</TelephoneNumber></CompletedTelephoneNumbers>
</Notification>"""

CALL = """{"eventType":"initiate","callId":"c-9","accountId":"9900100",
"eventTime":"2026-03-02T15:04:05.678Z","from":"+19195550142",
"to":"+19195550100","direction":"inbound","applicationId":"a",
"callUrl":"https://voice.bandwidth.com/c-9","startTime":
"2026-03-02T15:04:05.678Z"}"""


def client(*argv):
    done = subprocess.run([CLIENT, *argv], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{argv}: {done.stderr}")
    return done.stdout.splitlines()


def store(*argv):
    return stored_site.run("store", *argv)


class Dump:
    """What a store has."""

    def __init__(self, url):
        lines = client("dump", url)
        rows = [line.split() for line in lines[:-1]]
        self.consumers = lines[-1]
        self.rows = {int(row[0]): row[1:] for row in rows}
        self.keys = [row[1] for row in rows if row[1] != "-"]

    def answered(self):
        """Each event's key, and the status of its answer."""
        return {seq: row[:2] for seq, row in self.rows.items()}


class Load:
    """The process that uses the store meanwhile."""

    def __init__(self, folder, url, spool, name):
        self.log = os.path.join(folder, "load.log")
        if os.path.exists(self.log):
            os.unlink(self.log)
        self.read, self.write = os.pipe()
        self.child = process.Child([CLIENT, "load", url, spool, name],
                                   self.log, stdin=self.read)
        self.child.says(f"stored {name}-20\n")

    def acknowledged(self):
        """The keys, by how they were acknowledged."""
        found = {"stored": [], "spooled": []}
        for line in self.child.said().splitlines():
            how, key = line.split()
            found[how].append(key)
        return found

    def stop(self):
        os.close(self.write)
        status = self.child.wait()
        os.close(self.read)
        tap.same(status, 0, "the process that stores meanwhile ends well")
        return self.acknowledged()


def kill_moves(chance, log, *argv):
    """Start the same move again and again, and kill each, later and later."""
    killed = 0
    for i in range(KILLS):
        child = process.Child([responder.command(), "store", "move", *argv],
                              log)
        child.wait(chance.uniform(0, 0.04 * (i + 1)))
        child.signal(signal.SIGKILL)
        killed += child.wait() == -signal.SIGKILL
    return killed


def move(chance, folder, source, target, name):
    """From one to the other, with kills; then everything else is done."""
    log = os.path.join(folder, "move.log")
    spool = os.path.join(folder, name + ".spool")
    url = source if source.startswith("sqlite:") else \
        f"{source}&spool={spool}"
    if source.startswith("sqlite:"):
        spool = source[len("sqlite:"):] + ".spool"
    load = Load(folder, url, spool, name.split()[-1])
    killed = kill_moves(chance, log, url, target)
    first = store("move", url, target)
    tap.same((first.returncode, first.stderr), (0, ""),
             f"{name}: it is copied and compared, after {killed} kills")
    tap.ok("Nothing is closed yet" in first.stdout, f"{name}: and says what "
           "to do next", first.stdout)
    tap.same(load.acknowledged()["spooled"], [],
             f"{name}: nothing was refused meanwhile")
    killed = kill_moves(chance, log, "--close", url, target)
    done = store("move", "--close", url, target)
    tap.same((done.returncode, done.stderr), (0, ""),
             f"{name}: it is completed, after {killed} kills")
    tap.ok("change the url of <store>" in done.stdout,
           f"{name}: and says what to do next", done.stdout)
    process.wait_until(lambda: load.acknowledged()["spooled"])
    had = load.stop()
    after = store("move", url, target)
    tap.same((after.returncode, after.stderr), (0, ""),
             f"{name}: and once more, for the spool and late answers")
    tap.ok(not os.path.exists(spool), f"{name}: the spool is empty")
    check(name, had, Dump(source), Dump(target))


def check(name, had, old, new):
    keys = set(new.keys)
    tap.ok(len(had["stored"]) > 20 and len(had["spooled"]) > 0,
           f"{name}: {len(had['stored'])} were stored and "
           f"{len(had['spooled'])} spooled meanwhile")
    lost = [k for k in had["stored"] + had["spooled"] if k not in keys]
    tap.same(lost, [], f"{name}: nothing that was acknowledged is lost")
    twice = [k for k in had["stored"] + had["spooled"]
             if new.keys.count(k) > 1]
    tap.same(twice, [], f"{name}: and nothing is there twice")
    want = old.answered()
    got = {seq: row for seq, row in new.answered().items() if seq in want}
    tap.same({s: (got.get(s), w) for s, w in want.items() if got.get(s) != w},
             {}, f"{name}: the same {len(want)} numbers, with their answers")
    tap.same(new.consumers, old.consumers,
             f"{name}: the consumers are where they were")


def consume(name, url):
    """All that is left goes to its consumer, in order."""
    before = Dump(url)
    got = [line.split() for line in client("work", url, "all")]
    numbers = [int(seq) for seq, _ in got]
    tap.ok(numbers and max(numbers) == max(before.rows),
           f"{name}: the consumer gets everything up to the last event")
    tap.same(len(numbers), len(set(numbers)), f"{name}: each once")
    threads = {}
    for seq, thread in got:
        if thread != "-":
            threads.setdefault(thread, []).append(int(seq))
    tap.ok(all(t == sorted(t) for t in threads.values()),
           f"{name}: and in order for each thread")


def refusals(folder, url):
    """What cannot be meant is refused, and says why."""
    one = "sqlite:" + os.path.join(folder, "one.db")
    other = "sqlite:" + os.path.join(folder, "other.db")
    client("fill", one, "20")
    client("fill", other, "20")
    said = store("move", one, other)
    tap.ok(said.returncode == 75 and "has events of its own" in said.stderr,
           "a store with events of its own is not filled", said.stderr)
    said = store("move", one, one)
    tap.same(said.returncode, 64, "nor the same one")
    said = store("move", "mem:", one)
    tap.same(said.returncode, 65, "nor is memory moved")
    said = store("move", one, "sqlite:" + os.path.join(folder, "no", "x.db"))
    tap.same(said.returncode, 66, "nor to a folder that is not there")
    said = store("move", one, "east")
    tap.ok(said.returncode == 64 and "--config" in said.stderr,
           "an id needs a configuration", said.stderr)
    said = store("move", one, url)
    tap.ok(said.returncode == 75 and "is not in the other" in said.stderr,
           "nor a store that is being filled from another one", said.stderr)


def closed(folder, url):
    """What a responder does while its store is closed, and after opening it
    again."""
    path = os.path.join(folder, "closed.db")
    site = stored_site.StoredSite(folder, CONFIG.format(url="sqlite:" + path))
    site.store("/messages", MESSAGE % "m-1", "application/json")
    target = "sqlite:" + os.path.join(folder, "target.db")
    done = store("move", "--close", "sqlite:" + path, target)
    tap.same(done.returncode, 0, "a store is moved at once")
    again = site.send("/messages", MESSAGE % "m-1", "application/json")
    tap.same(again[0], 200, "a repeated message is recognized")
    refused = site.send("/messages", MESSAGE % "m-2", "application/json")
    tap.same(refused[0], 503, "a new message is refused: it is repeated")
    tap.ok("store move" in site.log, "and the log says why", site.log)
    status, _, text = site.send("/voice", CALL, "application/json")
    tap.ok(status == 200 and "Hangup" in text, "a call is answered", text)
    order = site.send("/orders", ORDER % "o-1", "application/xml")
    tap.ok(order[0] // 100 == 2, "an order is acknowledged", order)
    tap.ok(os.path.exists(path + ".spool"), "and spooled")
    said = store("move", "--cancel", "sqlite:" + path, target)
    tap.same(said.returncode, 75, "a move that is complete is not cancelled")
    done = store("move", "sqlite:" + path, target)
    tap.ok(done.returncode == 0 and not os.path.exists(path + ".spool"),
           "the same command takes the spool", done.stderr)
    site = stored_site.StoredSite(folder, CONFIG.format(url=target))
    said = site.run("events list", "--json").stdout
    tap.ok(all(x in said for x in ("m-1", "o-1", "c-9")) and
           "m-2" not in said, "it is in the other store", said)
    back = store("move", "--close", target, "sqlite:" + path)
    tap.ok(back.returncode == 0 and "copied         2 events" in back.stdout,
           "moving back copies only what came since", back)


def cancelled(folder):
    source = "sqlite:" + os.path.join(folder, "cancelled.db")
    target = "sqlite:" + os.path.join(folder, "never.db")
    site = stored_site.StoredSite(folder, CONFIG.format(url=source))
    site.store("/messages", MESSAGE % "m-1", "application/json")
    tap.same(store("move", source, target).returncode, 0, "a move has begun")
    early = stored_site.StoredSite(folder, CONFIG.format(url=target))
    said = early.send("/messages", MESSAGE % "m-2", "application/json")
    tap.same(said[0], 503, "a store that is being filled takes no message")
    said = store("move", "--cancel", source, target)
    tap.same(said.returncode, 0, "it is cancelled")
    site = stored_site.StoredSite(folder, CONFIG.format(url=source))
    said = site.send("/messages", MESSAGE % "m-3", "application/json")
    tap.same(said[0], 200, "and the store takes messages")


def updated(server):
    """Tables of the version before are updated by their owner."""
    server.sql("CREATE DATABASE old")
    url = server.url("old") + "&single=yes"
    tap.same(store("create", url).returncode, 0, "tables of a version before")
    server.sql("ALTER TABLE bwcallback.head DROP COLUMN state;"
               "DROP FUNCTION bwcallback.fill_segment();"
               "ALTER TABLE bwcallback.event DROP COLUMN writer;"
               "DROP TABLE bwcallback.gone;"
               "UPDATE bwcallback.head SET version = 1", "old")
    said = store("stats", "--store", url)
    tap.ok(said.returncode == 78 and "store create" in said.stderr,
           "are refused, and said to be old", said.stderr)
    said = store("create", url)
    tap.same((said.returncode, said.stderr), (0, ""), "they are updated")
    tap.same(store("stats", "--store", url).returncode, 0, "and used")
    source = "sqlite:" + os.path.join(server.socket, "..", "little.db")
    client("fill", source, "30")
    tap.same(store("move", source, url).returncode, 0, "and filled")


def main():
    seed = int(os.environ.get("BW_SEED", random.randrange(1000000)))
    tap.diag(f"BW_SEED={seed}")
    chance = random.Random(seed)
    folder = postgresql.folder()
    server = postgresql.Server(folder, "a")
    server.create()
    server.start()
    url = server.url() + "&single=yes"
    created = store("create", url)
    tap.same((created.returncode, created.stderr), (0, ""), "tables are made")
    source = "sqlite:" + os.path.join(folder, "from.db")
    client("fill", source, str(EVENTS))
    tap.ok(os.path.exists(os.path.join(folder, "from.db.000002")),
           "the store has several segments")
    move(chance, folder, source, url, "to PostgreSQL")
    days = int(server.sql("SELECT count(*) FROM bwcallback.segment"))
    tap.ok(days > EVENTS // 24, f"{days} days have segments of their own")
    target = "sqlite:" + os.path.join(folder, "back.db")
    move(chance, folder, url, target, "to SQLite")
    consume("to SQLite", target)
    divided = "sqlite:" + os.path.join(folder, "divided.db")
    client("import", target, divided)
    tap.same(Dump(divided).rows, Dump(target).rows,
             "a store that is filled gets segments")
    done = store("verify", "--store", divided)
    tap.same(done.returncode, 0, "which are sound: " + done.stdout.strip())
    done = store("verify", "--store", target)
    tap.same(done.returncode, 0, "as is what was moved: " +
             done.stdout.strip())
    refusals(folder, url)
    closed(folder, url)
    cancelled(folder)
    updated(server)
    server.stop()


tap.run(main)
