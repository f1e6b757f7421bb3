#!/usr/bin/env python3
"""The query of a URL that a callback is posted to: rules and placeholders,
programs, the store and its consumers have it, and what it contains stays
text."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "pylib"))
import payload  # noqa: E402
import process  # noqa: E402
import stored_site  # noqa: E402
import tap  # noqa: E402

CONFIG = """<callbacks><store url="sqlite:events.db"/>
<voice path="/ask">
  <on event="gather" query.step="pin"><Response>
    <SpeakSentence>PIN of {query.who|default:nobody}.</SpeakSentence>
    <Redirect redirectUrl="/ask?who={query.who}"/></Response></on>
  <on event="gather" step="pin"><Response>
    <SpeakSentence>A member.</SpeakSentence></Response></on>
  <on event="gather"><Response>
    <SpeakSentence>No step.</SpeakSentence></Response></on>
</voice>
<voice path="/run">
  <on event="gather"><exec program="show.sh"/></on>
</voice>
<messaging path="/messages"/>
</callbacks>"""

SHOW = """#!/bin/sh
cd "$(dirname "$0")" || exit 1
cat >seen.json
printf '%s' "$BW_QUERY" >seen.query
echo '<Response><Hangup/></Response>'
"""


def gather():
    return payload.Call().event("gather", digits="1", terminatingDigit="")


def ask(k, path, event=None):
    return k.send(path, payload.post(event or gather()).decode(),
                  "application/json")


def check_rules(k):
    for path, want in (
            ("/ask?step=pin&who=Ann", "PIN of Ann."),
            ("/ask?who=Ann&step=pin&step=other", "PIN of Ann."),
            ("/ask?step=%70in", "PIN of nobody."),
            ("/ask?step=pin&who=", "PIN of nobody."),
            ("/ask?step=pin&who=100%", "PIN of 100%."),
            ("/ask?step=pin&who=a+b%20c", "PIN of a b c."),
            ("/ask?step=pins", "No step."),
            ("/ask?step", "No step."),
            ("/ask?", "No step."),
            ("/ask", "No step.")):
        status, _, text = ask(k, path)
        tap.ok(status == 200 and f"<SpeakSentence>{want}<" in text,
               f"POST {path}", text)
    text = ask(k, "/ask?step=other", dict(gather(), step="pin"))[2]
    tap.ok("A member." in text, "a member of the body is another field", text)
    text = ask(k, "/ask", dict(gather(), query={"step": "pin"}))[2]
    tap.ok("No step." in text, "and so is a member named query", text)
    text = k.send("/ask?step=pin&who=Ann&" + payload.query(gather()), "", "",
                  REQUEST_METHOD="GET")[2]
    tap.ok("PIN of Ann." in text, "by GET", text)


def check_hostile(k):
    text = ask(k, "/ask?step=pin&who=%3C%2FSpeakSentence%3E%3CHangup%2F%3E"
               "%26%22%00%0a%ff")[2]
    tap.ok("&lt;/SpeakSentence&gt;&lt;Hangup/&gt;&amp;" in text and
           "<Hangup" not in text, "markup in a value stays text", text)
    tap.ok('redirectUrl="/ask?who=%3C%2FSpeakSentence%3E' in text,
           "also in a URL", text)
    status, _, text = ask(k, "/ask?" + "&".join(["a"] * 600))
    tap.ok(status == 200 and "No step." in text,
           "too many parameters: the call goes on without them", text)


def check_program(k):
    query = "step=pin&x=%3C%26&x=2"
    status, _, text = ask(k, "/run?" + query)
    tap.ok(status == 200 and "Hangup" in text, "a program answers", text)
    with open(os.path.join(k.folder, "seen.json")) as f:
        seen = json.load(f)
    tap.same((seen["digits"], seen["query"]),
             ("1", {"step": "pin", "x": ["<&", "2"]}),
             "it has the parameters")
    with open(os.path.join(k.folder, "seen.query")) as f:
        tap.same(f.read(), query, "and the query as it came")
    ask(k, "/run")
    with open(os.path.join(k.folder, "seen.json")) as f:
        tap.ok("query" not in json.load(f), "without a query")
    with open(os.path.join(k.folder, "seen.query")) as f:
        tap.same(f.read(), "", "it is empty")


def rows(k, *options):
    done = k.run("events list", "--json", *options)
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_store(k):
    kind = "application/json"
    k.store("/messages?customer=%2B19195550177",
            payload.post([payload.message("Hello")]).decode(), kind)
    row = rows(k, "--family", "messaging")[-1]
    tap.ok("query" not in row, "a list masks it", row)
    event = str(row["id"])
    shown = k.run("events show", event)
    tap.ok("\nquery " in shown.stdout and "0177" not in shown.stdout,
           "and so does a single event", shown.stdout)
    shown = k.run("events show", event, "--reveal").stdout
    tap.ok("customer=%2B19195550177" in shown, "--reveal shows it", shown)
    shown = json.loads(
        k.run("events show", event, "--reveal", "--json").stdout)
    tap.same(shown["query"], "customer=%2B19195550177", "as JSON")


def check_consumer(k):
    taken = os.path.join(k.folder, "taken.json")
    with subprocess.Popen(
            [tap.program("cli", "bwcallback"), "consume", "one", "--config",
             k.config, "--since", "1d", "--type", "message-received", "--",
             "sh", "-c", f"cat >'{taken}.new' && mv '{taken}.new' '{taken}'"],
            stderr=subprocess.DEVNULL) as consumer:
        process.wait_until(lambda: os.path.exists(taken))
        consumer.terminate()
    with open(taken) as f:
        event = json.load(f)
    tap.same((event["query"], event["fields"]["query"]),
             ("customer=%2B19195550177", {"customer": "+19195550177"}),
             "a consumer has it")


def check_replay(k):
    ask(k, "/ask?step=pin&who=Eve")
    event = str(rows(k, "--family", "voice")[-1]["id"])
    again = k.run("events replay", event).stdout
    tap.ok("the same as before" in again, "a replay has it again", again)


def make_older(path):
    """Replace the store by one of version 2; the number of its events."""
    with open(os.path.join(tap.srcdir(), "tests", "data", "store",
                           "version_2.sql"), encoding="ascii") as f:
        tables = f.read()
    os.rename(path, path + ".new")
    db = sqlite3.connect(path)
    db.executescript(tables)
    db.execute("ATTACH ? AS new", (path + ".new",))
    columns = [row[1] for row in db.execute("PRAGMA new.table_info(event)")]
    names = ", ".join(columns)
    db.execute(f"INSERT INTO event ({names}) SELECT {names} FROM new.event")
    db.execute("INSERT INTO counter SELECT 1, max(seq) FROM event")
    db.commit()
    n = db.execute("SELECT count(*) FROM event").fetchone()[0]
    db.close()
    return n


def check_old_store(k):
    """A store of the first version gets the column."""
    path = os.path.join(k.folder, "events.db")
    before = make_older(path)
    db = sqlite3.connect(path)
    db.execute("ALTER TABLE event DROP COLUMN query")
    db.execute("ALTER TABLE consumer DROP COLUMN seen")
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()
    done = stored_site.run("events", "list", "--config", k.config)
    tap.ok(done.returncode != 0 and "restart bwcallback.fcgi" in done.stderr,
           "a command does not change an older store", repr(done))
    ask(k, "/ask?step=pin&who=Ann")
    db = sqlite3.connect(path)
    found = db.execute("SELECT query FROM event ORDER BY seq").fetchall()
    tap.same((len(found), found[0][0], found[-1][0]),
             (before + 1, None, "step=pin&who=Ann"), "are kept")
    db.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        k = stored_site.StoredSite(folder, CONFIG)
        k.write("show.sh", SHOW)
        os.chmod(os.path.join(folder, "show.sh"), 0o755)
        check_rules(k)
        check_hostile(k)
        requests = [line for line in k.log.splitlines()
                    if " event=config " not in line]
        tap.ok(requests and "pin" not in "".join(requests),
               "the log has no query", k.log)
        check_program(k)
        check_store(k)
        check_consumer(k)
        check_replay(k)
        check_old_store(k)


tap.run(main)
