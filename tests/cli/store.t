#!/usr/bin/env python3
"""bwcallback store: the actions on the store itself."""

import json
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "pylib"))
import process  # noqa: E402
import tap  # noqa: E402
from stored_site import StoredSite, run  # noqa: E402

CONFIG = """<callbacks>
  <store url="sqlite:events.db"/>
  <messaging path="/messages"/>
</callbacks>
"""


class Site(StoredSite):
    def __init__(self):
        super().__init__(process.folder(), CONFIG)
        self.url = f"sqlite:{self.path('events.db')}"

    def path(self, name):
        return os.path.join(self.folder, name)

    def message(self, number, path="/messages"):
        self.store(path, json.dumps(
            [{"type": "message-received", "to": "+19195550100",
              "message": {"id": f"m-{number}", "from": "+19195550101",
                          "text": "hi"}}]), "application/json")

    def consume(self, name, *what):
        done = self.run("consume", name, *what)
        if done.returncode != 0:
            tap.ok(False, f"consumer {name}", repr(done))

    def stats(self):
        done = self.run("store stats", "--json")
        tap.same((done.returncode, done.stderr), (0, ""), "store stats --json")
        return json.loads(done.stdout)


def check_json(site):
    site.message(1)
    site.consume("late", "--once", "--", "true")
    site.message(2)
    site.message(3)
    site.consume("done", "--since", "1d", "--once", "--", "true")
    got = site.stats()
    tap.same((got["store"], got["events"], got["first"], got["last"]),
             (site.url, 3, 1, 3), "the store, its events and their numbers")
    tap.ok(0 < got["oldest"] <= got["newest"], "times of arrival", got)
    tap.ok(got["bytes"] >= os.path.getsize(site.path("events.db")),
           "bytes in use", got)
    tap.same([(c["consumer"], c["place"], c["lag"])
              for c in got["consumers"]],
             [("done", 3, 0), ("late", 1, 2)], "consumers and their lag")
    listed = site.run("consume list", "--json").stdout
    tap.same([json.dumps(c) for c in got["consumers"]],
             [json.dumps(json.loads(x)) for x in listed.splitlines()],
             "the same as \"consume list\"")


def check_spool(site):
    tap.same(site.stats()["spooled"], 0, "nothing is spooled")
    site.write("events.db.spool", "x" * 77)
    tap.same(site.stats()["spooled"], 77, "the bytes in the spool")
    text = site.run("store stats").stdout
    tap.ok("spool          77 bytes\n" in text, "in words", text)
    tap.ok(os.path.exists(site.path("events.db.spool")), "it is kept")
    os.unlink(site.path("events.db.spool"))


def check_text(site):
    done = site.run("store stats")
    lines = done.stdout.splitlines()
    tap.same((done.returncode, done.stderr), (0, ""), "store stats")
    tap.same(lines[:3], [f"store          {site.url}", "events         3",
                         "numbers        1 to 3"], "what it holds")
    tap.same([x.split()[:3] for x in lines[-3:]],
             [["CONSUMER", "PLACE", "LAG"], ["done", "3", "0"],
              ["late", "1", "2"]], "the table of consumers")
    tap.same(run("store", "stats", "--store", site.url).stdout.splitlines()[1],
             lines[1], "--store")


def check_empty():
    site = Site()
    done = site.run("store stats")
    tap.same(done.returncode, 66, "no store yet")
    tap.ok(not os.path.exists(site.path("events.db")), "none is made")
    site.message(1)
    done = site.run("events prune", "--larger", "1k")
    tap.same((done.returncode, done.stderr), (0, ""), "an empty store")
    got = site.stats()
    tap.same([got[k] for k in ("events", "first", "last", "oldest", "newest")],
             [0, None, None, None, None], "has no numbers and no times")
    tap.same(got["consumers"], [], "and no consumers")
    text = site.run("store stats").stdout
    tap.ok("numbers" not in text and "CONSUMER" not in text, "in words", text)


SEVERAL = """<callbacks>
  <store id="east" url="sqlite:east.db"/>
  <store url="sqlite:events.db"/>
  <store id="west" url="sqlite:west.db"/>
  <messaging path="/messages"/>
  <messaging path="/east" store="east"/>
  <messaging path="/west" store="west"/>
</callbacks>
"""


def check_refused(site):
    """A command for one store names the stores that exist."""
    for command in ("events show 1", "events prune --older 1d",
                    "consume list", "consume x -- true"):
        name, *rest = command.split(" --")
        done = site.run(name, *(" --".join(["", *rest]).split()))
        tap.ok(done.returncode == 64 and f"east, {site.url} or west" in
               done.stderr and done.stdout == "", f"{command}: which?",
               repr(done))
    done = site.run("events list", "--store", "eats")
    tap.ok(done.returncode == 66 and "east" in done.stderr, "an unknown id",
           repr(done))
    done = run("events", "list", "--store", "east")
    tap.ok(done.returncode == 64 and "--config" in done.stderr,
           "an id without a configuration", repr(done))
    done = site.run("consume x", "--store", site.url, "--", "true")
    tap.same(done.returncode, 64, "a URL and a configuration")


def events(site, *argv):
    """The store and the message of each event that a command prints."""
    done = site.run(*argv)
    return [(x.get("store"), x["message"]) for x in
            map(json.loads, done.stdout.splitlines())]


def check_merged(site, sent):
    """Reading commands take the events of all stores, in their order."""
    tap.same(events(site, "events export"), sent, "all in their order")
    tap.same(events(site, "events list", "--json"), sent, "a list of all")
    tap.same(events(site, "events list", "--json", "--limit", "4"), sent[-4:],
             "the newest, over all stores")
    tap.same(events(site, "events export", "--message", "m-0"),
             [x for x in sent if x[1] == "m-0"], "a filter")
    tap.same(events(site, "events export", "--store", "west"),
             [(None, m) for s, m in sent if s == "west"], "one of them")
    lines = site.run("events list").stdout.splitlines()
    tap.same([x.split()[0] for x in lines],
             ["STORE", *(s or "-" for s, _ in sent)], "a column")
    count = site.run("events count").stdout
    tap.ok(" 6 " in count and "messaging.message-received" in count and
           "6 in all" in count, "their number", count)
    done = site.run("events list", "--store", "east")
    tap.ok("STORE" not in done.stdout, "no column for one store", done.stdout)


def check_follow(site, sent):
    """Events of all stores are printed as they come."""
    child = process.Child(
        [tap.program("cli", "bwcallback"), "events", "follow", "--json",
         "--config", site.config], site.path("followed"))

    def lines():
        with open(site.path("followed")) as f:
            return [x for x in f.read().split("\n")[:-1] if x]
    # It begins with what comes after it has looked where the stores end.
    number = len(sent)
    while not lines() and number < 2000:
        site.message(number, "/west")
        number += 1
    for path in "/east", "/messages", "/west":
        site.message(number, path)
        number += 1
    tap.ok(process.wait_until(lambda: len(lines()) > 0 and json.loads(
        lines()[-1])["message"] == f"m-{number - 1}"), "the last one comes")
    got = [(x.get("store"), x["message"]) for x in map(json.loads, lines())]
    tap.same(got[-3:], [("east", f"m-{number - 3}"), (None, f"m-{number - 2}"),
                        ("west", f"m-{number - 1}")], "in their order")
    tap.same(len(got), len(set(got)), "each once")
    child.stop()


def check_several():
    site = Site()
    site.write("callbacks.xml", SEVERAL)
    tap.same(site.run("events list").returncode, 66, "no store has a file")
    sent = []
    for n, path in enumerate(["/west", "/east", "/messages", "/west", "/east",
                              "/west"]):
        site.message(n, path)
        sent.append((path[1:] if path != "/messages" else None, f"m-{n}"))
    check_refused(site)
    check_merged(site, sent)

    def stats(*options):
        done = site.run("store stats", "--json", *options)
        found = map(json.loads, done.stdout.splitlines())
        return done, [(x.get("id"), x["events"]) for x in found]
    tap.same(stats()[1], [("east", 2), (None, 1), ("west", 3)],
             "the statistics of all")
    tap.same(stats("--store", "west")[1], [("west", 3)], "of one")
    text = site.run("store stats").stdout.split("\n\n")
    tap.same([x.splitlines()[0].split() for x in text],
             [["id", "east"], ["store", site.url], ["id", "west"]], "in words")
    done = site.run("events export", "--store", "east")
    tap.same(len(done.stdout.splitlines()), 2, "the events of one")
    done = site.run("consume c", "--store", "east", "--since", "1d", "--once",
                    "--", "true")
    tap.same((done.returncode, stats("--store", "east")[0].stdout.count(
        '"consumer":"c"')), (0, 1), "a consumer of one")
    check_follow(site, sent)
    site.write("east.db", "no store, longer than the header of one. " * 100)
    done, found = stats()
    tap.ok([x for x, _ in found] == [None, "west"] and
           done.returncode == 74 and "store east: " in done.stderr,
           "one is away: the others, and which", repr(done))
    done = site.run("events export")
    tap.ok(done.returncode == 74 and "store east: " in done.stderr and
           '"message":"m-0"' in done.stdout and
           '"message":"m-2"' in done.stdout, "and their events", repr(done))


def add_many(path):
    """Ten thousand events more, so that pruning closes the file."""
    db = sqlite3.connect(path)
    db.execute("""INSERT INTO entry (seq, received, form, claim, deliveries,
        batch, idx, body) WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL
        SELECT i + 1 FROM n WHERE i < 10000) SELECT (SELECT max(seq, (SELECT
        coalesce(max(seq), 0) FROM entry)) FROM meta) + i, 1700000000000 + i,
        (SELECT min(id) FROM form), 0, 1, 1, 0, '{"id": "' || i || '", ' ||
        '"text": "what all of them say"}' FROM n""".replace(
            "'{\"id\"", "CAST('{\"id\"").replace("say\"}'", "say\"}' AS BLOB)"))
    db.commit()
    db.close()


def check_compact():
    site = Site()
    done = site.run("store compact")
    tap.same(done.returncode, 66, "no store yet")
    for n, end in (1, ""), (2, ".000002"):
        site.message(n)
        add_many(site.path("events.db") + end)
        done = site.run("events prune", "--larger", "8M")
        tap.same((done.stdout, done.stderr), ("0 events removed\n", ""),
                 "a file is closed")
    site.message(3)
    before = site.run("events export").stdout
    packed = site.path("events.db.000002.packed")
    tap.same(len(before.splitlines()), 20003, "events")
    done = site.run("store compact", "--older", "40000d")
    tap.same(done.returncode, 64, "an age of more than a century")
    done = site.run("store compact", "--older", "36500d")
    tap.same((done.returncode, done.stdout), (0, "0 files compacted\n"),
             "none is so old")
    done = site.run("store compact")
    words = done.stdout.split()
    tap.same((done.returncode, done.stderr, words[:3], words[4:6]),
             (0, "", ["1", "files", "compacted:"], ["bytes", "instead"]),
             "one is")
    tap.ok(int(words[3]) * 2 < int(words[7]), "it is smaller", done.stdout)
    tap.ok(os.path.exists(packed), "under another name")
    tap.ok(not os.path.exists(site.path("events.db.000002")), "only")
    tap.ok(site.run("events export").stdout == before, "the same events")
    tap.same(site.run("store compact").stdout, "0 files compacted\n", "once")
    done = site.run("store verify")
    tap.same(done.stdout, "3 files, 20003 events, 0 consumers: nothing is "
             "wrong\n", "sound")
    check_sql(site, packed)
    check_copy(site, before)


def check_sql(site, packed):
    """Other programs are told, and can read an exported file."""
    try:
        sqlite3.connect(packed).execute("SELECT body FROM event").fetchall()
        tap.ok(False, "SQL needs a function")
    except sqlite3.OperationalError as e:
        tap.same(str(e), "no such function: bwcallback_unpack",
                 "SQL needs a function")
    to = site.path("all.db")
    tap.same(site.run("events export", "--sqlite", to).returncode, 0, "export")
    tap.same(sqlite3.connect(to).execute(
        "SELECT count(body) FROM event").fetchone(), (20003,), "all of them")


def check_copy(site, before):
    """A backup is a store."""
    done = site.run("events backup", site.path("copy.db"))
    tap.same((done.returncode, done.stderr), (0, ""), "backup")
    tap.ok(os.path.exists(site.path("copy.db.000002.packed")), "its file")
    done = run("events", "export", "--store", f"sqlite:{site.path('copy.db')}")
    tap.ok(done.stdout == before, "with the same events")


def main():
    site = Site()
    check_json(site)
    check_spool(site)
    check_text(site)
    check_empty()
    check_several()
    check_compact()


tap.run(main)
