#!/usr/bin/env python3
"""bwcallback doctor --local without a web server: the configuration in the
environment, the paths in cures, consumers."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import stored_site  # noqa: E402
import tap  # noqa: E402
from responder import command  # noqa: E402

CONFIG = """<callbacks>
  <credentials id="main" file="pass word"/>
  <store url="sqlite:events.db"/>
  <messaging path="/messages"/>
</callbacks>
"""
DAY = 86400000


class Site(stored_site.StoredSite):
    def __init__(self):
        super().__init__(process.folder(), CONFIG)
        subprocess.run([command(), "passwd", "--generate",
                        self.path("pass word"), "bandwidth"],
                       check=True, capture_output=True)
        self.store("/messages", json.dumps([{
            "type": "message-received", "to": "+19195550100",
            "message": {"id": "m-1", "from": "+19195550142",
                        "text": "hi"}}]), "application/json")

    def path(self, name):
        return os.path.join(self.folder, name)

    def consume(self, name, *argv):
        subprocess.run([command(), "consume", name, "--config", self.config,
                        "--once", "--since", "1h", *argv], check=False,
                       capture_output=True)

    def sql(self, text):
        with sqlite3.connect(self.path("events.db")) as db:
            db.execute(text)

    def doctor(self, *argv, **env):
        """Findings by name."""
        done = subprocess.run(
            [command(), "doctor", "--local", "--json", *argv], text=True,
            capture_output=True, env=dict(os.environ, **env), check=False)
        found = map(json.loads, done.stdout.splitlines())
        return {x["finding"]: x for x in found}


def lines(finding):
    return [x["line"] for x in finding["cures"]]


def check_consumers(site):
    tap.same([x for x in site.doctor("--config", site.config)
              if x.startswith(("consumer", "dead"))], [],
             "no consumer: nothing to say")
    site.consume("good", "--", "true")
    site.consume("bad", "--tries", "1", "--", "false")
    site.consume("slow", "--", "false")
    site.consume("old", "--", "false")
    tap.same([x for x in site.doctor("--config", site.config)
              if x.startswith("consumer")], [], "all were just seen")
    site.sql(f"UPDATE entry SET received = received - {DAY}")
    site.sql(f"UPDATE consumer SET seen = seen - 3 * {DAY} WHERE name = 'old'")
    site.sql("UPDATE consumer SET created = 1, seen = 0 WHERE name = 'good'")
    found = site.doctor("--config", site.config)
    tap.same({name: found[name]["places"] for name in found
              if name.startswith(("consumer", "dead"))},
             {"consumer-forgotten": ["old"], "consumer-late": ["slow"],
              "dead-letters": ["bad"]}, "which consumer has what")
    tap.ok("old was last seen 3d ago and keeps 1 events" in
           found["consumer-forgotten"]["seen"], "since when",
           found["consumer-forgotten"]["seen"])
    for name, line in (
            ("consumer-forgotten", "bwcallback consume old --config "
             f"{site.config} --forget"),
            ("consumer-late", f"bwcallback consume list --config {site.config}; "
             "journalctl -u bwcallback-consume@slow"),
            ("dead-letters", "bwcallback consume bad --config "
             f"{site.config} --list-dead")):
        tap.ok(line in lines(found[name]), f"{name}: its cure",
               repr(lines(found[name])))


def check_paths(site):
    os.chmod(site.path("pass word"), 0o644)
    os.chmod(site.config, 0o666)
    found = site.doctor(BWCALLBACK_CONFIG=site.config)
    tap.same(lines(found["file-readable"]),
             [f"chmod 0640 '{site.path('pass word')}'"],
             "BWCALLBACK_CONFIG is heeded, and a path is quoted")
    tap.same(lines(found["file-writable"]), [f"chmod go-w {site.config}"],
             "cures name the file")
    with open(site.config, "w") as f:
        f.write("<callbacks><voice/></callbacks>")
    found = site.doctor("--config", site.config)
    tap.same(lines(found["configuration"]), [f"bwcallback check {site.config}"],
             "a configuration that does not check")
    done = subprocess.run(
        [command(), "doctor", "--local"], text=True, capture_output=True,
        env=dict(os.environ, BWCALLBACK_CONFIG=site.path("none.xml")),
        check=False)
    tap.same(done.returncode, 66, "BWCALLBACK_CONFIG names no file")


def check_old_tables(site):
    """Tables of an older version, and none yet."""
    with contextlib.closing(sqlite3.connect(site.path("events.db"))) as db:
        version = db.execute("PRAGMA user_version").fetchone()[0]
    site.sql("PRAGMA user_version = 1")
    found = site.doctor("--config", site.config).get("store-old", {})
    tap.same((found.get("severity"), found.get("places")),
             ("warning", [site.path("events.db")]), "old tables are found")
    tap.ok(f"version 1, expected {version}" in found.get("seen", ""), "which they are",
           str(found))
    tap.ok("systemctl restart bwcallback" in lines(found), "their cure",
           str(lines(found)))
    site.sql(f"PRAGMA user_version = {version}")
    tap.ok("store-old" not in site.doctor("--config", site.config),
           "current tables are no finding")
    empty = os.path.join(process.folder(), "events.db")
    with open(site.config) as f:
        text = f.read()
    config = os.path.join(os.path.dirname(empty), "callbacks.xml")
    with open(config, "w") as f:
        f.write(text.replace('file="pass word"',
                             f'file="{site.path("pass word")}"'))
    with open(empty, "w"):
        pass
    found = site.doctor("--config", config)
    tap.ok("store-old" not in found and "store-fails" not in found,
           "nor is a file without tables yet", str(found))


def make_segments(site):
    """Two more segments, of which only the last has an event; the others are
    closed."""
    with contextlib.closing(sqlite3.connect(site.path("events.db"))) as db:
        last = db.execute("SELECT max(seq) FROM entry").fetchone()[0]
        for number, closed in ((2, 1), (3, 0)):
            name = site.path(f"events.db.{number:06}")
            with contextlib.closing(sqlite3.connect(name)) as copy:
                db.backup(copy)
                copy.executescript(f"""
                    DELETE FROM answer; DELETE FROM term; DELETE FROM block;
                    DELETE FROM entry WHERE {closed} OR seq < {last};
                    UPDATE entry SET seq = seq + 1;
                    UPDATE meta SET segment = {number}, first = {last} + 1,
                        seq = {last}, indexed = {last}, closed = {closed}""")
    site.sql(f"UPDATE meta SET closed = 1, seq = {last}")


def check_segments(site):
    """A segment that is damaged, or missing."""
    def seen():
        found = site.doctor("--config", site.config)
        return [(x, found[x]["severity"], found[x]["places"]) for x in found
                if x.startswith("store")]

    make_segments(site)
    tap.same(seen(), [], "sound segments are no finding")
    second = site.path("events.db.000002")
    with open(second, "r+b") as f:
        f.write(b"damaged " * 1024)
    tap.same(seen(), [("store-damaged", "error", [second])],
             "a damaged one is named")
    found = site.doctor("--config", site.config)["store-damaged"]
    tap.ok(f"bwcallback store verify --set-aside --config {site.config}" in
           lines(found), "its cure", str(found))
    subprocess.run([command(), "store", "verify", "--set-aside", "--config",
                    site.config], capture_output=True, check=False)
    tap.same(seen(), [], "then it is set aside")
    site.sql("UPDATE meta SET dropped = 0")
    tap.same(seen(), [("store-doubtful", "warning", [site.path("events.db")])],
             "one that is missing without having been dropped")


# Characters beyond ASCII, terminal controls, and bytes that are not UTF-8.
NAMES = (b"B\xc3\xbcro", b"it's", b"a\x1b[31m\n8", b"caf\xe9",
         b"\xe2\x80\xaeabc")


def check_names():
    """A cure that is copied into a shell works, whatever the file's name."""
    for name in NAMES:
        folder = os.path.join(os.fsencode(process.folder()), name)
        os.mkdir(folder)
        config = os.path.join(folder, b"callbacks.xml")
        with open(config, "w") as f:
            f.write('<callbacks><messaging path="/m"/></callbacks>')
        os.chmod(config, 0o666)
        argv = [command(), "doctor", "--local", "--config", config]
        done = subprocess.run([*argv, "--json"], capture_output=True,
                              check=False)
        found = {x["finding"]: x for x in
                 map(json.loads, done.stdout.decode().splitlines())}
        line = lines(found["file-writable"])[0]
        text = subprocess.run(argv, capture_output=True,
                              check=False).stdout
        tap.ok(line.encode() in text and line.isprintable() and
               all(c.isprintable() or c == "\n" for c in text.decode()),
               f"{name}: the cure, printed", f"{line} {text}")
        subprocess.run(["bash", "-c", line], check=True)
        tap.same(oct(os.stat(config).st_mode & 0o777), "0o644",
                 f"{name}: the cure, run by a shell")


def main():
    site = Site()
    check_consumers(site)
    check_old_tables(site)
    check_segments(site)
    check_paths(site)
    check_names()


tap.run(main)
