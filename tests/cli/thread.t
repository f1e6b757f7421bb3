#!/usr/bin/env python3
"""bwcallback events thread, and the reasons of failed messages: one process for
each payload, in Bandwidth's form, and the listed state of each message."""

import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "pylib"))
import stored_site  # noqa: E402
import tap  # noqa: E402

CONFIG = """<callbacks><store url="sqlite:events.db"/>
<messaging path="/messages"/><mfa path="/mfa"/></callbacks>"""

OUT = "+19195550101"
TO = ["+19195550102", "+19195550103", "+19195550104"]


def message(kind, number, ident="m-1", code=None, **more):
    m = {"id": ident, "owner": OUT, "applicationId": "a-1",
         "time": "2026-03-02T10:00:00Z", "segmentCount": 1,
         "direction": "out", "to": TO, "from": OUT, "text": "",
         "tag": "spring", "media": ["https://media.example.com/one.png",
                                    "https://media.example.com/two.smil"]}
    m.update(more)
    event = {"type": f"message-{kind}", "time": "2026-03-02T10:00:01Z",
             "description": "x", "to": number, "message": m}
    if code is not None:
        event["errorCode"] = code
    return event


def fill(k):
    def post(*events):
        k.store("/messages", json.dumps(events), "application/json")

    post(message("sending", TO[0]), message("sending", TO[1]),
         message("sending", TO[2]))
    post(message("delivered", TO[0]))
    # Receipts arrive in any order.
    post(message("sent", TO[0]))
    post(message("failed", TO[1], code=4720))
    post(message("failed", "+19195550109", ident="m-2", code=4999))
    post(message("failed", "+19195550109", ident="m-7", code=4476))
    post(message("failed", "+19195550109", ident="m-8", code=5229))
    post(message("received", OUT, ident="m-3", direction="in", text="Hello",
                 to=[OUT, TO[1]], **{"from": TO[0]}))
    k.store("/mfa", json.dumps(
        {"type": "message-failed", "platform": "GlobalSMS",
         "message": {"id": "m-4"}, "errorCode": 995}), "application/json")
    k.store("/mfa", json.dumps(
        {"type": "message-failed", "platform": "NorthAmericaSMS",
         "message": {"id": "m-5"}, "errorCode": 4432}), "application/json")
    k.store("/messages", json.dumps(
        {"msgId": "m-6", "event": "REJECTED", "errorCode": 991, "partNum": 1,
         "numParts": 1, "accountName": "a"}), "application/json")


def words(text):
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", "NOW", text)
    return [" ".join(line.split()) for line in text.splitlines()]


GROUP = """message m-1
direction out
from +*******0101
to +*******0102
+*******0103
+*******0104
owner +*******0101
segments 1
tag 6 bytes hidden
media https://media.example.com/one.png
https://media.example.com/two.smil

NOW 1 message-sending +*******0102
NOW 2 message-sending +*******0103
NOW 3 message-sending +*******0104
NOW 4 message-delivered +*******0102
NOW 5 message-sent +*******0102
NOW 6 message-failed +*******0103 4720 invalid-destination-address \
(by the carrier, billed)

+*******0102 message-delivered
+*******0103 message-failed 4720
+*******0104 message-sending"""


def check_thread(k):
    done = k.run("events thread", "m-1")
    tap.same((done.returncode, words(done.stdout)), (0, GROUP.splitlines()),
             "a group message: one, with what became of it for each")
    done = k.run("events thread", "m-1", "--reveal")
    tap.ok(TO[1] in done.stdout, "whole numbers")
    done = k.run("events thread", "m-1", "--json")
    tap.same([json.loads(line)["type"] for line in done.stdout.splitlines()],
             ["message-sending"] * 3 + ["message-delivered", "message-sent",
                                        "message-failed"], "as JSON")
    done = k.run("events thread", "m-3")
    tap.ok("5 bytes hidden" in done.stdout and "Hello" not in done.stdout,
           "a text is not shown")
    tap.same(words(done.stdout)[3:5], ["to +*******0101", "+*******0103"],
             "all whom an inbound message went to")
    done = k.run("events thread", "m-3", "--reveal")
    tap.ok("Hello" in done.stdout, "unless it is asked for")
    done = k.run("events thread", "m-9")
    tap.same((done.returncode, done.stderr),
             (66, "bwcallback: message m-9: no event of it is stored\n"),
             "a message nobody heard of")
    tap.same(k.run("events thread").returncode, 64, "no message")


REASONS = {
    "m-2": "4999 (unknown code)",
    "m-4": "995 undeliverable",
    "m-5": "4432 rejected-forbidden-country (by Bandwidth, not billed)",
    "m-6": "991 rejected by message text filter",
    "m-7": "4476 blocked-unregistered (by Bandwidth, not billed)",
    "m-8": "5229 campaign-provisioning-failed (by Bandwidth, not billed)",
}


def check_reasons(k):
    listed = k.run("events list").stdout.splitlines()
    rows = [json.loads(line) for line in
            k.run("events list", "--json").stdout.splitlines()]
    for row in rows:
        ident = row["message"]
        if ident not in REASONS:
            continue
        line = next(x for x in listed if x.startswith(f"{row['id']:8} "))
        tap.ok(line.endswith(f"{ident} {REASONS[ident]}"), f"{ident}: list",
               line)
        shown = k.run("events show", str(row["id"])).stdout
        tap.ok(f"error         {REASONS[ident]}\n" in shown,
               f"{ident}: show", shown)
    errors = {row["message"]: row["error"] for row in rows if "error" in row}
    tap.same(errors["m-1"], {
        "code": "4720", "name": "invalid-destination-address",
        "by": "carrier", "billed": True}, "as JSON")
    tap.same(errors["m-2"], {"code": "4999"}, "one that nobody has met")
    tap.same(sorted(errors), ["m-1", *REASONS], "and no others")


def check_table():
    """The table compared with the documentation's, if that is available."""
    with open(os.path.join(tap.srcdir(), "lib", "row", "message_codes.def")) as f:
        text = f.read()
    ours = {code: (by, billed) for code, by, billed in re.findall(
        r'^MESSAGE\((\d{4}), "[^"]+", (\w+), (\w+)\)$', text, re.MULTILINE)}
    reports = set(re.findall(r'^DLR\((\d+), "[^"]+"\)$', text, re.MULTILINE))
    tap.ok(len(ours) > 70 and len(reports) > 40, "there are codes")
    folder = os.environ.get("BW_SPEC_DIR")
    if folder is None:
        tap.ok(True, "published codes # SKIP BW_SPEC_DIR is not set")
        return
    with open(os.path.join(folder, "callbacks.md"), encoding="utf-8") as f:
        facts = f.read()
    want = {code: (by.upper(), "true" if billed == "yes" else "false")
            for code, by, billed in re.findall(
                r"^\| (\d{4}) \| [^|]+ \| \w+ \| (\w+) \| (yes|no) \|$",
                facts, re.MULTILINE)}
    tap.same(ours, want, "the published codes")
    listed = re.search(r"^DLR `errorCode` values: (.*)\.$", facts,
                       re.MULTILINE)[1]
    tap.same(reports, set(re.findall(r"(?:^|; )(\d+) ", listed)),
             "and those of delivery reports")


def main():
    with tempfile.TemporaryDirectory() as folder:
        k = stored_site.StoredSite(folder, CONFIG)
        fill(k)
        check_thread(k)
        check_reasons(k)
        check_table()


tap.run(main)
