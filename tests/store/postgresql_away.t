#!/usr/bin/env python3
"""Two responders with one database: while it is away, calls are answered, what
is never repeated is spooled and drained in order, and messages are refused;
afterwards, repeated deliveries are recognized on both hosts."""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import fastcgi  # noqa: E402
import postgresql  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

CONFIG = """<callbacks>
  <store url="postgresql://bw@/postgres?host={socket}"
         spool="{spool}"/>
  <voice path="/voice" deadline="8s">
    <on event="initiate"><Response><Hangup/></Response></on>
    <on event="gather"><exec program="counts"/></on>
    <fallback><Response><Pause/></Response></fallback>
  </voice>
  <messaging path="/messages" deadline="8s"/>
  <numbers path="/orders" deadline="8s"/>
  <portout path="/portout"><subscribers file="s.csv"/></portout>
</callbacks>
"""

SUBSCRIBERS = "number,account,pin,zip\n9195550192,AC-9,0042,27601\n"

COUNTS = """#!/bin/sh
echo run >>'{folder}/runs'
echo "<Response><Pause/></Response>"
"""

ORDERS = 20

ORDER = """<Notification><Status>COMPLETE</Status>
<SubscriptionId>8684b1c8-7d41-4877-bfc2-6bd8ea4dc89f</SubscriptionId>
<Message>{0}</Message><OrderId>order-{0}</OrderId>
<OrderType>orders</OrderType><CompletedTelephoneNumbers>
<TelephoneNumber>9195550192</TelephoneNumber></CompletedTelephoneNumbers>
</Notification>"""

PORTOUT = """<PortOutValidationRequest><PON>p</PON><Pin>0042</Pin>
<AccountNumber>AC-9</AccountNumber><ZipCode>27601</ZipCode>
<SubscriberName>Jo</SubscriberName><TelephoneNumbers>
<TelephoneNumber>9195550192</TelephoneNumber></TelephoneNumbers>
</PortOutValidationRequest>"""


def voice(kind, call):
    return "/voice", json.dumps({
        "eventType": kind, "callId": call, "accountId": "9900100",
        "eventTime": "2026-03-02T15:04:05.678Z", "digits": "1",
        "from": "+19195550142", "to": "+19195550100",
        "direction": "inbound"}).encode()


def message(name):
    return "/messages", json.dumps([{
        "type": "message-received", "to": "+19195550100",
        "message": {"id": name, "from": "+19195550142",
                    "text": "hi"}}]).encode()


class Site:
    def __init__(self, primary):
        self.folder = process.folder()
        self.primary = primary
        for name, text in (("s.csv", SUBSCRIBERS),
                           ("counts", COUNTS.format(folder=self.folder))):
            with open(self.path(name), "w", encoding="utf-8") as f:
                f.write(text)
        os.chmod(self.path("counts"), 0o755)
        self.responders = []

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, name):
        config = self.path(name + ".xml")
        with open(config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(socket=self.primary.socket,
                                  spool=self.path(name + ".spool")))
        self.responders.append(responder.Responder(
            config, self.path(name + ".log"), self.path(name), workers=4))

    def ask(self, name, callback):
        with fastcgi.Connection(self.path(name)) as c:
            return c.ask(*callback)

    def spooled(self, name):
        return any(os.path.exists(self.path(f"{name}.spool{end}"))
                   for end in ("", ".draining"))

    def column(self, column, where):
        return self.primary.sql(
            f"SELECT {column} FROM bwcallback.event_text WHERE {where} "
            "ORDER BY seq").split("\n")


def check_away(s, name, when):
    """The database is away. Each answer is awaited before the next request."""
    call = s.ask(name, voice("initiate", f"c-{when}"))
    tap.ok(call.status == 200 and b"<Hangup/>" in call.body,
           f"{when}: a call is answered from the flow", repr(call.body))
    said = [s.ask(name, ("/orders", ORDER.format(f"{when}-{i:03}").encode()))
            .status for i in range(ORDERS)]
    tap.same(set(said), {200}, f"{when}: orders are taken")
    tap.same(s.ask(name, message(f"m-{when}")).status, 503,
             f"{when}: a message is to be repeated")
    verdict = s.ask(name, ("/portout", PORTOUT.encode()))
    tap.ok(verdict.status == 200 and b"<Portable>true" in verdict.body,
           f"{when}: a port-out gets its verdict", repr(verdict.body))
    tap.ok(s.spooled(name), f"{when}: there is a spool")


def check_back(s, name, when):
    tap.ok(process.wait_until(lambda: not s.spooled(name)),
           f"{when}: the spool is drained")
    stored = s.column("substring(body FROM 'order-([^<]*)')",
                      f"body LIKE '%order-{when}-%'")
    tap.same(stored, [f"{when}-{i:03}" for i in range(ORDERS)],
             f"{when}: all orders are stored, once and in order")
    tap.same(s.column("count(*)", f"call_id = 'c-{when}' GROUP BY seq"),
             ["1"], f"{when}: the call is stored")
    tap.ok(process.wait_until(
        lambda: s.ask(name, message(f"m-{when}")).status == 200),
        f"{when}: the message is taken when it is repeated")


def check_shared(s):
    """A delivery that is repeated to another host."""
    for name in ("one", "two", "one"):
        tap.same(s.ask(name, message("m-shared")).status, 200,
                 f"shared: a message to {name}")
    tap.same(s.column("deliveries", "message_id = 'm-shared'"), ["3"],
             "shared: one event with three deliveries")
    answers = {s.ask(name, voice("gather", "c-shared")).body
               for name in ("one", "two", "two")}
    with open(s.path("runs"), encoding="utf-8") as f:
        runs = len(f.readlines())
    tap.same((len(answers), runs), (1, 1),
             "shared: one answer, the program ran once")


def check_backup(primary):
    """pg_dump and pg_restore, as bwcallback-postgresql(7) has them."""
    dump = os.path.join(primary.socket, "dump")
    at = ["-h", primary.socket, "-U", "postgres"]
    primary.run("pg_dump", *at, "-Fc", "-n", "bwcallback", "-f", dump,
                "postgres")
    primary.sql("CREATE DATABASE restored")
    primary.run("pg_restore", *at, "-d", "restored", dump)
    count = "SELECT count(*), max(seq) FROM bwcallback.event"
    tap.same(primary.sql(count, "restored"), primary.sql(count),
             "backup: all events are in the copy")
    done = subprocess.run(
        [responder.command(), "store", "check", "--store",
         primary.url("restored")], capture_output=True, text=True, check=False)
    tap.same((done.returncode, done.stdout + done.stderr), (0, ""),
             "backup: the copy is a store")


def check_findings(primary):
    """store check: its exit status, and what it says of each setting."""
    def check(more=""):
        done = subprocess.run(
            [responder.command(), "store", "check", "--store",
             primary.url() + more], capture_output=True, text=True,
            check=False)
        return done.returncode, done.stdout

    tap.same(check(), (0, ""), "store check: a pair is safe")
    primary.reload("synchronous_standby_names = 'nobody'\n")
    process.wait_until(
        lambda: primary.sql("SHOW synchronous_standby_names") == "nobody")
    said = check()
    tap.ok(said[0] == 78 and "no synchronous standby is connected" in said[1],
           "store check: the standby is another", said)
    primary.reload("synchronous_standby_names = ''\nfsync = off\n")
    process.wait_until(lambda: primary.sql("SHOW fsync") == "off")
    said = check()
    tap.ok(said[0] == 78 and "fsync is off" in said[1] and
           "names is empty" in said[1], "store check: one disk", said)
    said = check("&single=yes")
    tap.ok("fsync is off" in said[1] and "names is empty" not in said[1],
           "store check: one node is meant", said)
    primary.reload("fsync = on\n"
                   f"synchronous_standby_names = '{postgresql.STANDBY}'\n")
    process.wait_until(lambda: postgresql.synchronous(primary) and
                       check()[0] == 0)


def main():
    primary, standby = postgresql.pair(postgresql.folder())
    made = subprocess.run(
        [responder.command(), "store", "create", primary.url()],
        capture_output=True, text=True, check=False)
    tap.same((made.returncode, made.stderr), (0, ""), "store create")
    again = subprocess.run(
        [responder.command(), "store", "create", primary.url()],
        capture_output=True, text=True, check=False)
    tap.same((again.returncode, again.stderr), (0, ""), "store create: again")
    primary.sql("CREATE ROLE bw LOGIN IN ROLE bwcallback")
    check_findings(primary)
    s = Site(primary)

    primary.kill()
    s.start("one")
    check_away(s, "one", "start")
    primary.start()
    check_back(s, "one", "start")

    s.start("two")
    check_shared(s)

    primary.kill()
    check_away(s, "two", "killed")
    primary.start()
    check_back(s, "two", "killed")
    tap.same([r.stop() for r in s.responders], [0, 0], "both end well")
    check_backup(primary)
    standby.stop()
    primary.stop()


tap.run(main)
