#!/usr/bin/env python3
"""One event as JSON is the same for all who get it: a program of <exec>, a
consumer, "events", and the inspector. schema/event.schema.json defines it, and
bwcallback-events(7) explains each member."""

import base64
import json
import os
import re
import subprocess

import responder_fixture as h  # first: it sets the path
import fastcgi as f
import json_schema
import tap
from process import wait_until
from responder import command, make_password

FLOW = """\
<callbacks>
  <store url="sqlite:events.db"/>
  <credentials id="ops" file="ops"/>
  <credentials id="bandwidth" file="bandwidth"/>
  <voice path="/voice" credentials="bandwidth">
    <on event="initiate"><exec program="all" input="event"/></on>
    <on event="gather"><exec program="payload" input="payload"/></on>
    <on event="dtmf"><exec program="plain"/></on>
    <on event="redirect"><exec program="bad" input="event"/></on>
  </voice>
  <messaging path="/messages">
    <on event="message-received"><exec program="all" input="event"/></on>
  </messaging>
  <portout path="/portout"><on><deny code="7513"/></on></portout>
  <inspector path="/_inspector" credentials="ops"/>
</callbacks>
"""
PROGRAM = """\
#!/bin/sh
cd '%s' || exit 1
cat >>'%s.jsonl'
%s
"""
ODD = "\x1b\u202e\u0085\\\"<&\u00e9"

site = h.Site()
with open(os.path.join(tap.srcdir(), "schema", "event.schema.json"),
          encoding="utf-8") as schema:
    SCHEMA = json.load(schema)


def set_up():
    with open(site.config, "w") as out:
        out.write(FLOW)
    answer = "echo '<Response><Hangup/></Response>'"
    for name, end in (("all", answer), ("payload", answer), ("plain", answer),
                      ("bad", "echo it broke >&2; exit 3")):
        with open(site.path(name), "w") as out:
            out.write(PROGRAM % (site.folder, name, end))
        os.chmod(site.path(name), 0o755)
    return {name: "Basic " + base64.b64encode(
        f"{name}:{make_password(site.path(file), name)}".encode()).decode()
        for name, file in (("me", "ops"), ("bw", "bandwidth"))}


def lines(name):
    try:
        with open(site.path(name + ".jsonl"), encoding="utf-8") as found:
            return [json.loads(line) for line in found]
    except FileNotFoundError:
        return []


def voice(kind, call, **more):
    members = {"eventType": kind, "accountId": "9900100", "callId": call,
               "from": "+19195550142", "to": "+19195550100",
               "direction": "inbound", **more}
    return f.ask(site.socket, "/voice?shop=7&shop=8",
                 json.dumps(members).encode(), QUERY_STRING="shop=7&shop=8",
                 HTTP_AUTHORIZATION=KEYS["bw"])


def message(kind, name, **more):
    return {"type": kind, "time": "2026-03-01T10:00:00Z", "to": "+19195550100",
            "description": "x", "message": {
                "id": name, "time": "2026-03-01T10:00:00Z",
                "from": "+19195550142", "to": ["+19195550100"],
                "text": ODD}, **more}


PORTOUT = b"""<PortOutValidationRequest><PON>X1</PON>
<TelephoneNumbers><TelephoneNumber>9195550100</TelephoneNumber>
</TelephoneNumbers></PortOutValidationRequest>"""


def traffic():
    tap.same(voice("initiate", "c-1", displayName=ODD).status, 200, "a call")
    tap.same(voice("gather", "c-1", digits="12").status, 200, "its keys")
    voice("dtmf", "c-1", digit="1")
    tap.same(voice("redirect", "c-1").status, 200, "a program that fails")
    f.ask(site.socket, "/messages", json.dumps([
        message("message-received", "m-1"),
        message("message-failed", "m-2", errorCode=4720)]).encode())
    f.ask(site.socket, "/messages", b"\xff{")
    tap.ok(b"7513" in f.ask(site.socket, "/portout", PORTOUT,
                            CONTENT_TYPE="text/xml").body, "a port-out")


def run(*words):
    done = subprocess.run([command(), *words, "--config", site.config],
                          capture_output=True, check=False)
    tap.ok(done.returncode == 0, " ".join(words[:2]), done.stderr.decode())
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def page(path):
    return json.loads(f.ask(
        site.socket, "/_inspector" + path, method="GET",
        HTTP_AUTHORIZATION=KEYS["me"], REMOTE_ADDR="127.0.0.1",
        HTTP_HOST="localhost").body)


def consumed():
    """What a consumer of all events gets; and its dead letters."""
    with open(site.path("take"), "w") as out:
        out.write(PROGRAM % (site.folder, "taken", "echo 5550142 >&2; exit 1"))
    os.chmod(site.path("take"), 0o755)
    subprocess.run([command(), "consume", "crm", "--config", site.config,
                    "--since", "1h", "--once", "--tries", "1", "--",
                    site.path("take")], check=False, capture_output=True)
    return {e["id"]: e for e in lines("taken")}


def valid(name, events):
    wrong = [(e.get("id"), json_schema.faults(SCHEMA, e)) for e in events
             if json_schema.faults(SCHEMA, e)]
    tap.ok(events and not wrong, f"{name}: the schema is met", wrong or events)


def without(event, *names):
    return {k: v for k, v in event.items() if k not in names}


def same_for_all():
    masked = {e["id"]: e for e in run("events", "export")}
    revealed = {e["id"]: e for e in run("events", "export", "--reveal")}
    taken, shown = consumed(), page("/events.json")["events"]
    dead = run("consume", "crm", "--list-dead", "--json")
    for name, events in (
            ("events export", masked.values()), ("a consumer", taken.values()),
            ("export --reveal", revealed.values()), ("the inspector", shown),
            ("dead letters", dead), ("a program", lines("all")),
            ("a program that fails", lines("bad")),
            ("events show", run("events", "show", "1", "--json"))):
        valid(name, list(events))
    tap.same(len(masked), 8, "all events are there")
    tap.same({e["id"]: e for e in shown}, masked,
             "the inspector gives what the command gives")
    tap.same({i: without(e, "fields") for i, e in taken.items()}, revealed,
             "a consumer gets what --reveal shows, and the fields")
    return taken


def programs(taken):
    """A program gets what a consumer gets later, as far as it is known."""
    call, text = lines("all")
    later = "deliveries", "last", "answer"
    tap.same(call, without(taken[1], "id", *later), "a program of a call")
    tap.same(text, without(taken[5], *later), "a program of a message")
    tap.same((call["user"], call["query"], call["fields"]["query"],
              call["fields"]["displayName"]),
             ("bw", "shop=7&shop=8", {"shop": ["7", "8"]}, ODD),
             "who, with which parameters, and what")
    tap.same(lines("payload"), [taken[2]["fields"]], "the payload alone")
    tap.same(lines("plain"), [taken[3]["fields"]], "which is the default")
    tap.same(taken[4]["answer"]["trace"]["program"]["stderr"], "it broke",
             "how it failed")
    tap.same(taken[6]["error"]["name"], "invalid-destination-address",
             "why a message was not delivered")
    tap.same(taken[8]["verdict"], {"portable": False, "codes": [7513]},
             "what was said to a port-out")


def members(schema):
    for name, inner in schema.get("properties", {}).items():
        yield name
        if isinstance(inner, dict):
            yield from members(inner)


def manual():
    with open(os.path.join(tap.srcdir(), "man", "bwcallback-events.7"),
              encoding="utf-8") as text:
        words = set(re.findall(r"[\w-]+", text.read()))
    tap.same(set(members(SCHEMA)) - words, set(),
             "bwcallback-events(7) has all members")


def without_store():
    """The event of a section without a store is described all the same."""
    os.remove(site.path("all.jsonl"))
    with open(site.config, "w") as out:
        out.write('<callbacks><voice path="/voice"><on event="initiate">'
                  '<exec program="all" input="event"/></on></voice>'
                  '</callbacks>')
    site.start()
    tap.same(voice("initiate", "c-9").status, 200, "without a store")
    valid("a program", lines("all"))
    tap.same(lines("all")[0]["call"], "c-9", "its call")
    site.stop()


def strict():
    for value, why in ((dict(version=2), "a version"), ([], "a list"),
                       (dict(version=1, batch=True), "a truth as number")):
        tap.ok(json_schema.faults(SCHEMA, value), f"the reader refuses {why}")


def main():
    site.start()
    traffic()
    tap.ok(wait_until(lambda: len(page("/events.json")["events"]) == 8),
           "all are stored")
    programs(same_for_all())
    tap.same(site.stop(), 0, "ends well")
    manual()
    without_store()
    strict()


KEYS = set_up()
tap.run(main)
