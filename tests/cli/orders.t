#!/usr/bin/env python3
"""bwcallback orders: CGI processes receive notifications like Bandwidth's, and
the command lists the orders."""

import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "pylib"))
import stored_site  # noqa: E402
import tap  # noqa: E402

CONFIG = """<callbacks><store url="sqlite:events.db"/>
<numbers path="/orders"/></callbacks>"""

HEADING = "ORDER TYPE STATUS STATE SINCE (UTC) NUMBERS CUSTOMER ORDER"


class Orders(stored_site.StoredSite):
    def notify(self, **fields):
        numbers = "".join(f"<TelephoneNumber>{n}</TelephoneNumber>"
                          for n in fields.pop("numbers", []))
        if numbers:
            numbers = (f"<CompletedTelephoneNumbers>{numbers}"
                       "</CompletedTelephoneNumbers>")
        body = "".join(f"<{k}>{v}</{k}>" for k, v in fields.items())
        self.store("/orders", f"<Notification>{body}{numbers}</Notification>",
                   "application/xml; charset=utf-8")

    def orders(self, *options):
        return self.run("orders", *options)

    def rows(self, *options):
        """The table without its heading and times: words."""
        done = self.orders(*options)
        lines = [re.sub(r" \d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", " ", line)
                 for line in done.stdout.splitlines()]
        return [" ".join(line.split()) for line in lines[1:]]

    def json(self, *options):
        return [json.loads(line) for line in
                self.orders("--json", *options).stdout.splitlines()]


def fill(o):
    o.notify(SubscriptionId="s-1", OrderType="portins", OrderId="o-1",
             CustomerOrderId="spring", Status="SUBMITTED",
             LastModifiedDate="2026-02-10T09:00:00Z")
    o.notify(SubscriptionId="s-1", OrderType="disconnects", OrderId="o-2",
             Status="PARTIAL", numbers=["9195550171", "9195550172"])
    o.notify(SubscriptionId="s-1", OrderType="portins", OrderId="o-1",
             CustomerOrderId="spring", Status="FOC",
             ActualFocDate="2026-02-20T15:30:00Z",
             LastModifiedDate="2026-02-12T09:00:00.5Z")
    # The same notification for another subscriber, and a late notification.
    o.notify(SubscriptionId="s-2", OrderType="portins", OrderId="o-1",
             CustomerOrderId="spring", Status="FOC",
             ActualFocDate="2026-02-20T15:30:00Z",
             LastModifiedDate="2026-02-12T09:00:00.5Z")
    o.notify(SubscriptionId="s-1", OrderType="portins", OrderId="o-1",
             CustomerOrderId="spring", Status="EXCEPTION",
             Message="call 9195550177 &amp; ask",
             LastModifiedDate="2026-02-11T09:00:00Z")
    o.notify(SubscriptionId="s-1", OrderType="portins", OrderId="o-1",
             Note="call me back")
    o.notify(SubscriptionId="s-1", OrderType="teleports", OrderId="o-3",
             Status="DEMATERIALISED", numbers=["+19195550171"])
    o.notify(SubscriptionId="s-1", OrderType="removeImportedVoiceTnOrders",
             OrderId="o-3", Status="FAILED")
    o.notify(SubscriptionId="s-1", OrderType="orders", Status="COMPLETE")
    o.notify(SubscriptionId="s-1", OrderType="orders", Status="COMPLETE",
             LastModifiedDate="2026-02-12T09:00:00Z")


def check_table(o):
    lines = o.orders().stdout.splitlines()
    tap.same(" ".join(lines[0].split()), HEADING, "a heading")
    tap.same(o.rows(), [
        "o-2 disconnects PARTIAL part 2 -",
        "o-1 portins FOC open 0 spring",
        "o-3 teleports DEMATERIALISED unknown 1 -",
        "o-3 removeImportedVoiceTnOrders FAILED failed 0 -",
        "- orders COMPLETE done 0 -",
        "- orders COMPLETE done 0 -",
    ], "an order each, the last change last; those without a name apart")
    at = {line.index(re.search(r"\d{4}-\d\d-\d\d ", line)[0])
          for line in lines[1:]}
    tap.same(at, {lines[0].index("SINCE")}, "columns fit what is in them")
    for options, want in [
            (["--type", "portins"], ["o-1"]),
            (["--status", "PARTIAL"], ["o-2"]),
            (["--state", "unknown"], ["o-3"]),
            (["--state", "act"], []),
            (["--number", "+1 (919) 555-0171"], ["o-2", "o-3"]),
            (["--number", "9195550172"], ["o-2"]),
            (["--number", "5550172"], []),
            (["--limit", "1"], ["-"]),
            (["--since", "1h", "--limit", "3"], ["o-3", "-", "-"]),
            (["--until", "1h"], [])]:
        tap.same([row.split()[0] for row in o.rows(*options)], want,
                 " ".join(options))


def check_order(o):
    done = o.orders("o-1")
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "NOW", done.stdout)
    tap.same([" ".join(line.split()) for line in text.splitlines()], [
        "order o-1", "type portins", "status FOC", "state open",
        "since NOW UTC", "changed 2026-02-12T09:00:00.5Z",
        "firm date 2026-02-20T15:30:00Z", "customer order spring",
        "subscription s-2", "history",
        "NOW 1 SUBMITTED",
        "NOW 5 EXCEPTION call ******0177 & ask",
        "NOW 3 FOC",
        "NOW 6 (note) call me back",
    ], "all about an order, as it happened")
    tap.ok("9195550177" in o.orders("o-1", "--reveal").stdout, "whole numbers")
    tap.same(o.orders("spring").stdout, done.stdout, "by the customer's name")
    tap.ok("numbers        ******0171\n               ******0172\n" in
           o.orders("o-2").stdout, "its numbers, masked")
    none = o.orders("o-4")
    tap.same((none.returncode, none.stderr),
             (66, "bwcallback: order o-4: no notification of it is stored\n"),
             "an order nobody heard of")


def check_json(o):
    got = o.json()
    tap.same([x.get("order") for x in got], ["o-2", "o-1", "o-3", "o-3", None, None],
             "the same as JSON")
    one = got[1]
    tap.same((one["state"], one["customer"], len(one["history"]),
              one["history"][1]["message"], one["history"][3]["foc"]),
             ("open", "spring", 5, "call ******0177 & ask",
              "2026-02-20T15:30:00Z"), "with all of its history")
    tap.same(got[0]["numbers"], ["******0171", "******0172"], "masked")
    tap.same(o.json("o-2", "--reveal")[0]["numbers"],
             ["9195550171", "9195550172"], "or not")


def states():
    with open(os.path.join(tap.srcdir(), "lib", "event",
                           "order_states.def")) as f:
        return dict(re.findall(r'^X\("(\w+)", "(\w+)"\)$', f.read(),
                               re.MULTILINE))


def check_states(o):
    """Each status of the table, compared with the manual."""
    want = states()
    tap.ok(len(want) > 15, "there are states")
    for status in want:
        o.notify(SubscriptionId="s-9", OrderType="portins",
               OrderId=f"all-{status}", Status=status)
    got = {x["status"]: x["state"] for x in o.json()
           if x.get("order", "").startswith("all-")}
    tap.same(got, want, "each is told by its status")
    with open(os.path.join(tap.srcdir(), "man", "bwcallback-orders.1")) as f:
        rows = re.findall(r"^\.It (\w+) Ta ([A-Z_, ]+)$", f.read(),
                          re.MULTILINE)
    tap.same({status: state for state, all_ in rows
              for status in all_.split(", ")}, want,
             "bwcallback-orders.1 has the states")
    check_facts(want)


def check_facts(want):
    folder = os.environ.get("BW_SPEC_DIR")
    if folder is None:
        tap.ok(True, "published statuses # SKIP BW_SPEC_DIR is not set")
        return
    with open(os.path.join(folder, "callbacks.md"), encoding="utf-8") as f:
        rows = re.findall(r"^\| `\w+` \| ([A-Z_]+(?:, [A-Z_]+)*) \|$",
                          f.read(), re.MULTILINE)
    known = {status for row in rows for status in row.split(", ")}
    tap.ok(len(rows) > 10 and not known - set(want),
           "no published status is missing", str(known - set(want)))


def check_drafts(o):
    """Bulk port-ins that are not submitted yet."""
    states = {"VALIDATE_TFNS": "open", "VALID_DRAFT_TFNS": "act",
              "INVALID_TFNS": "act", "INVALID_DRAFT_TNS": "act"}
    for status in states:
        o.notify(SubscriptionId="s-1", OrderType="bulkPortins",
                 OrderId=status, Status=status)
    tap.same({o["status"]: o["state"] for o in o.json("--type", "bulkPortins")},
             states, "drafts")


def check_use(o):
    for options in (["--state", "sad"], ["--limit", "0"], ["o-1", "o-2"],
                    ["--colour", "red"], ["--number"]):
        tap.same(o.orders(*options).returncode, 64, " ".join(options))
    done = subprocess.run([tap.program("cli", "bwcallback"), "orders"],
                          capture_output=True, check=False)
    tap.same(done.returncode, 64, "no store")
    done = subprocess.run([tap.program("cli", "bwcallback"), "orders", "--store",
                           "sqlite:none.db"], capture_output=True, check=False)
    tap.same(done.returncode, 66, "a store that is not there")


def main():
    with tempfile.TemporaryDirectory() as folder:
        o = Orders(folder, CONFIG)
        fill(o)
        check_table(o)
        check_order(o)
        check_json(o)
        check_states(o)
        check_drafts(o)
        check_use(o)


tap.run(main)
