#!/usr/bin/env python3
"""bwcallback upgrade --check, and the upgrade itself: a store that an earlier
version wrote is moved by the responder, and nothing is lost."""

import json
import os
import re
import sqlite3
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import fastcgi  # noqa: E402
import payload  # noqa: E402
import process  # noqa: E402
import tap  # noqa: E402
from responder import Responder, command  # noqa: E402

# Answers that differ from the answers in the old store.
CONFIG = """<callbacks>
  <store url="sqlite:events.db" keys="kept"/>
  <voice path="/voice">
    <on event="initiate"><Response><Hangup/></Response></on>
    <fallback><Response><Hangup/></Response></fallback>
  </voice>
  <messaging path="/messages"/>
  <numbers path="/orders"/>
  %s
</callbacks>
"""
PORTOUT = '''<portout path="/portout" on-error="deny">
    <on><deny code="7516"/></on>
  </portout>'''


def path(*parts):
    return os.path.join(tap.srcdir(), *parts)


def read(*parts):
    with open(path(*parts), encoding="utf-8") as f:
        return f.read()


def notices():
    """Version, scope and text of each."""
    rows = re.findall(r'^CHANGE\((\d), "(\w*)",((?:\s+"(?:[^"\\]|\\.)*")+)\)$',
                      read("cli", "upgrade", "changes.def"), re.MULTILINE)
    texts = ["".join(json.loads(s) for s in
                     re.findall(r'"(?:[^"\\]|\\.)*"', row[2])) for row in rows]
    return [(int(row[0]), row[1], text) for row, text in zip(rows, texts)]


class Site:
    """A folder with a configuration and a store of the named version."""

    def __init__(self, version=None, more=PORTOUT):
        self.folder = process.folder()
        self.config = os.path.join(self.folder, "callbacks.xml")
        self.store = os.path.join(self.folder, "events.db")
        self.socket = os.path.join(self.folder, "s")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG % more)
        if version:
            self.sql(read("tests", "data", "store", f"version_{version}.sql"))

    def sql(self, text):
        db = sqlite3.connect(self.store)
        db.executescript(text)
        db.close()

    def rows(self, query):
        db = sqlite3.connect(self.store)
        found = db.execute(query).fetchall()
        db.close()
        return found

    def run(self, *argv, **env):
        return subprocess.run([command(), *argv], capture_output=True,
                              text=True, check=False,
                              env=dict(os.environ, **env))

    def check(self):
        return self.run("upgrade", "--check", self.config)

    def send(self, where, body, content_type="application/json"):
        return fastcgi.ask(self.socket, where, body, CONTENT_TYPE=content_type)


def check_notices(done, want, name):
    got = [line.removeprefix("notice: ") for line in done.stdout.splitlines()
           if line.startswith("notice: ")]
    tap.same(got, want, name)


def test_news():
    news = " ".join(read("NEWS.md").split()).replace("`", "")
    tap.ok(len(notices()) > 5, "there are notices")
    tap.same([text for _, _, text in notices() if text not in news], [],
             "NEWS has the text of each notice")


def test_before():
    """Version 1 has all notices; nothing is changed."""
    site = Site(1)
    before = site.rows("SELECT * FROM event")
    done = site.check()
    tap.same((done.returncode, done.stderr), (0, ""), "it can be upgraded")
    tap.ok("this version loads it; bwcallback check finds 0 errors and "
           in done.stdout, "the configuration", done.stdout)
    tap.ok(re.search(r"tables of version 1, this version makes \d+: the "
                     r"responder moves 13 events", done.stdout) and
           "make a backup before" in done.stdout, "the store", done.stdout)
    check_notices(done, [text for _, _, text in notices()], "all notices")
    tap.same(site.rows("PRAGMA user_version"), [(1,)], "the same version")
    tap.same(site.rows("SELECT * FROM event"), before, "the same events")
    site = Site(2, "")
    site.sql("INSERT INTO counter VALUES (1, 0)")
    check_notices(site.check(), [t for v, scope, t in notices()
                                 if v > 2 and scope != "portout"],
                  "version 2, without port-outs")


def test_without_store():
    site = Site()
    done = site.check()
    tap.ok(done.returncode == 0 and "does not exist yet" in done.stdout,
           "a store that does not exist", done.stdout + done.stderr)
    check_notices(done, [t for _, scope, t in notices() if scope != "store"],
                  "notices without a store")
    done = site.run("upgrade", "--check", BWCALLBACK_CONFIG=site.config)
    tap.ok(done.returncode == 0 and site.config in done.stdout,
           "BWCALLBACK_CONFIG", done.stdout + done.stderr)


def test_refused():
    site = Site(more="<voice/>")
    done = site.check()
    tap.ok(done.returncode == 78 and "this version refuses it" in done.stdout
           and f"{site.config}:9:" in done.stdout and done.stderr == "",
           "a configuration with an error", done.stdout + done.stderr)
    site = Site(more='<voice path="/a"><on><Response><Redirect '
                'redirectUrl="/nowhere"/></Response></on><fallback><Response>'
                '<Hangup/></Response></fallback></voice>')
    done = site.check()
    tap.ok(done.returncode == 0 and re.search("finds [1-9]", done.stdout),
           "a mistake in the flow stops no upgrade", done.stdout)
    site = Site(1)
    site.sql("PRAGMA user_version = 99")
    done = site.check()
    tap.ok(done.returncode == 65 and "supports up to" in done.stderr,
           "a newer store", done.stdout + done.stderr)
    done = site.run("upgrade", site.config)
    tap.ok(done.returncode == 64 and "--check is missing" in done.stderr,
           "without --check", done.stderr)


def old_events(site):
    """Sequence number, section, content type, body and status of each."""
    return site.rows("SELECT e.seq, section, e.content_type, e.body, status, "
                     "a.body FROM event e JOIN answer a ON a.seq = e.seq "
                     "ORDER BY e.seq")


def moved(site):
    done = site.check()
    return "as this version has them" in done.stdout


def check_moved(site, old):
    kept = [row for row in old_events(site) if row[0] <= len(old)]
    tap.same(kept, old, "the events and answers are the same")
    tap.same(site.rows("SELECT name, position, family FROM consumer"),
             [("sms", 13, "messaging")], "the consumer")
    done = site.run("consume", "sms", "--list-dead", "--config", site.config)
    tap.ok("sh: exit status 1" in done.stdout, "its dead letter",
           done.stdout + done.stderr)
    done = site.run("events", "list", "--config", site.config, "--call",
                    json.loads(old[0][3])["callId"])
    tap.same(len(done.stdout.splitlines()), 2, "a call is found")


def check_going_on(site, old):
    """Re-deliveries get the recorded answers, new events new numbers."""
    for i in (0, 1, 4):
        _, section, content_type, body, status, answer = old[i]
        a = site.send(section, body, content_type)
        tap.same((a.status, a.body), (status, answer or b""),
                 f"event {i + 1} again: its answer")
    event = json.loads(old[0][3])
    event["callId"] = "c-new"
    a = site.send("/voice", json.dumps(event).encode())
    tap.ok(b"<Hangup/>" in a.body, "a new call: the answer of now", a.body)
    done = site.run("consume", "sms", "--config", site.config, "--once",
                    "--family", "messaging", "--",
                    "sh", "-c", 'echo "got $BW_MESSAGE"')
    tap.same(done.stdout, f"got {site.message}\n", "the consumer goes on")


def test_upgrade():
    site = Site(1)
    old = old_events(site)
    done = site.run("events", "list", "--config", site.config)
    tap.ok(done.returncode == 78 and "restart bwcallback.fcgi" in done.stderr,
           "commands refuse the store", done.stderr)
    child = Responder(site.config, os.path.join(site.folder, "log"),
                      site.socket)
    message = payload.message()
    site.message = message["message"]["id"]
    tap.ok(process.wait_until(lambda: site.send(
        "/messages", payload.post([message])).status == 200),
        "a message is received")
    tap.ok(process.wait_until(lambda: moved(site)), "the events are moved")
    check_notices(site.check(), [], "no notice is left")
    tap.ok(process.wait_until(lambda: site.rows(
        f"SELECT 1 FROM event WHERE message_id = '{site.message}'")),
        "the message is stored")
    check_moved(site, old)
    check_going_on(site, old)
    tap.same(child.stop(), 0, "the responder ends well")


def main():
    test_news()
    test_before()
    test_without_store()
    test_refused()
    test_upgrade()


tap.run(main)
