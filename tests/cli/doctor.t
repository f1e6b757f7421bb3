#!/usr/bin/env python3
"""bwcallback doctor --local without a web server: the configuration in the
environment, the paths in cures, consumers."""

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
    site.sql(f"UPDATE event SET received = received - {DAY}")
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


def main():
    site = Site()
    check_consumers(site)
    check_paths(site)


tap.run(main)
