#!/usr/bin/env python3
"""The emergency calling API: the caller is looked up, the answer is JSON, and
no lock or program delays it beyond its deadline."""

import json
import os
import sqlite3
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "pylib"))
import stored_site  # noqa: E402
import process  # noqa: E402
import tap  # noqa: E402

CONFIG = """<callbacks><store url="sqlite:events.db"/>
<emergency path="/e911"><locations file="l.csv"/></emergency>
<emergency path="/reject"><locations file="l.csv" unknown="reject"/>
</emergency>
<emergency path="/slow"><on event="calling-api"><exec program="slow"/></on>
</emergency>
<numbers path="/orders" deadline="60s"/>
<emergency path="/first"><on event="calling-api" from="*0101">
<reply status="404"/></on><locations file="l.csv"/></emergency>
</callbacks>"""

LOCATIONS = """number,aeui,location_id
9195550101,site-1,Room 5
9195550102,site-2,Room 6
"""


def ask(k, path, number):
    return k.send(f"{path}?to=%2B19195550100&from={number}", "", "",
                  REQUEST_METHOD="GET")


def check_answers(k):
    for number in ("%2B19195550101", "+19195550101", "19195550101"):
        status, headers, text = ask(k, "/e911", number)
        tap.same((status, headers.get("Content-Type"), json.loads(text)),
                 (200, "application/json",
                  {"aeui": "site-1", "location_id": "Room 5"}), number)
    for path, number, want in [
            ("/e911", "%2B19195550109", 503),
            ("/reject", "%2B19195550109", 404),
            ("/reject", "anonymous", 404),
            ("/reject", "%2B19195550102", 200),
            ("/first", "%2B19195550101", 404),
            ("/first", "%2B19195550102", 200)]:
        status, _, text = ask(k, path, number)
        tap.same((status, text == ""), (want, want != 200),
                 f"{path} {number}")
    k.write("l.csv", "number\n")
    tap.ok(ask(k, "/reject", "%2B19195550109")[0] >= 500,
           "a broken file rejects no caller")
    k.write("l.csv", LOCATIONS)


def check_time(k):
    """Neither a locked store nor an endless program delays it. The limits are
    tested in tests/unit/config/t_loader.c, without measuring time."""
    db = sqlite3.connect(os.path.join(k.folder, "events.db"))
    db.execute("BEGIN IMMEDIATE")
    order = threading.Thread(target=k.store, args=(
        "/orders", "<Notification/>", "application/xml"))
    order.start()
    status, _, text = ask(k, "/e911", "19195550101")
    tap.ok(status == 200 and "site-1" in text,
           "answered while the store is locked", text)
    tap.ok(order.is_alive(), "and while an order waits for the store")
    db.rollback()
    db.close()
    order.join()
    status, _, _ = ask(k, "/slow", "19195550101")
    tap.same(status, 503, "a program that does not end")
    tap.ok("not done by its deadline" in k.log, "its deadline passed", k.log)


def stored(k):
    done = k.run("events list", "--family", "emergency", "--json",
                 "--reveal", "--limit", "1000")
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_stored(k):
    rows = stored(k)
    tap.ok(len(rows) >= 10 and all(r["type"] == "calling-api" for r in rows),
           "every call is stored, each a new one", rows)

    def with_answer():
        """A call does not wait long for its store, so it may come later."""
        ask(k, "/e911", "19195550101")
        return "site-1" in stored(k)[-1].get("answer", {}).get("body", "")

    tap.ok(process.wait_until(with_answer), "with its answer")


def check_configuration(k):
    for text, want in [
            ('<locations file="none.csv"/>', "none.csv"),
            ('<locations file="l.csv" unknown="404"/>', "unknown"),
            ('<locations/>', "file")]:
        k.write("bad.xml", "<callbacks><emergency path='/e'>"
                f"{text}</emergency></callbacks>")
        done = stored_site.run("check", os.path.join(k.folder, "bad.xml"))
        tap.ok(done.returncode != 0 and want in done.stdout + done.stderr,
               f"check: {text}", done.stdout + done.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        k = stored_site.StoredSite(folder, CONFIG)
        k.write("l.csv", LOCATIONS)
        k.write("slow", "#!/bin/sh\nexec sleep 600\n")
        os.chmod(os.path.join(folder, "slow"), 0o755)
        check_answers(k)
        check_time(k)
        check_stored(k)
        check_configuration(k)


tap.run(main)
