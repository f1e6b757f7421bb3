#!/usr/bin/env python3
"""Metrics of an hour's traffic through nginx are exactly what the store has;
a real Prometheus reads them with the shipped files, every panel of the shipped
dashboard has an answer, and faults fire the shipped alerts."""

import collections
import json
import os
import re
import signal
import sqlite3
import subprocess

import matrix  # first: it adds tests/pylib to sys.path
import nginx
import payload
import process
import prometheus
import responder
import responder_site
import tap
from openmetrics import Metrics
from process import wait_until

CONFIG = """<callbacks>
  <credentials id="main" realm="Test callbacks" file="passwd"/>
  <store url="sqlite:events.db"/>
  <voice path="/voice" credentials="main">
    <on event="initiate"><Response>
      <Gather gatherUrl="/voice/menu" maxDigits="1"><SpeakSentence>Press</SpeakSentence></Gather>
    </Response></on>
  </voice>
  <voice path="/voice/menu">
    <on event="gather" digits="1"><Response><Hangup/></Response></on>
    <on event="gather" digits="2"><exec program="bad"/></on>
    <fallback><Response><Hangup/></Response></fallback>
  </voice>
  <messaging path="/messages" credentials="main"/>
  <numbers path="/orders" credentials="main"/>
  <portout path="/portout" credentials="main"><on><deny code="7513"/></on></portout>
  <metrics path="/metrics" credentials="main"/>
</callbacks>
"""
LOCATION = """
location = /metrics {
    PARAMS
    fastcgi_pass bwcallback;
}
"""
PORTOUT = b"""<PortOutValidationRequest><PON>%s</PON><TelephoneNumbers>
<TelephoneNumber>9195550100</TelephoneNumber></TelephoneNumbers>
</PortOutValidationRequest>"""
ORDER = b"""<Notification><SubscriptionId>s-1</SubscriptionId>
<OrderType>portins</OrderType><OrderId>%s</OrderId><Status>%s</Status>
<LastModifiedDate>2026-03-0%dT10:00:00Z</LastModifiedDate></Notification>"""
DAY = 86400000
CALLS = {"1": 30, "2": 4, "": 6}


def shipped(name):
    with open(os.path.join(tap.srcdir(), "contrib", name),
              encoding="utf-8") as text:
        return text.read()


def front(s):
    """nginx with the shipped files, without a limit for one address."""
    locations = os.path.join(s.folder, "locations.conf")
    with open(nginx.shipped("bwcallback.conf")) as f:
        text = f.read()
    with open(locations, "w") as f:
        f.write(text + LOCATION.replace("PARAMS",
                                        "\n".join(nginx.params())))
    return nginx.Nginx(
        s.folder, s.socket, locations=locations,
        change=lambda http: re.sub(r"rate=\d+r/s", "rate=1000000r/s",
                                   http.replace(nginx.SOCKET, s.socket)))


def deploy():
    s = responder_site.Deployment(matrix.FLOW, front=front)
    with open(s.config, "w") as f:
        f.write(CONFIG)
    path = os.path.join(s.flow, "bad")
    with open(path, "w") as f:
        f.write("#!/bin/sh\nexit 3\n")
    os.chmod(path, 0o755)
    s.respond()
    return s


def rules():
    """promtool accepts the rules, and each fires for its fault alone."""
    folder = process.folder()
    alerts = os.path.join(tap.srcdir(), "contrib", "alerts.yml")
    code, said = prometheus.promtool("check", "rules", alerts)
    tap.ok(code == 0, "promtool check rules", said)
    names = set(re.findall(r"- alert: (\w+)", shipped("alerts.yml")))
    tested = ""
    for name in "alerts", "silence":
        with open(os.path.join(tap.srcdir(), "tests", "data", "alerts",
                               name + "_test.yml"), encoding="utf-8") as text:
            test = text.read()
        tested += test
        path = os.path.join(folder, name + ".yml")
        with open(path, "w", encoding="utf-8") as out:
            out.write(test.replace("ALERTS", alerts))
        code, said = prometheus.promtool("test", "rules", path)
        tap.ok(code == 0, f"promtool test rules, {name}", said)
    fired = set(re.findall(r"- alertname: (\w+)", tested))
    quiet = set(re.findall(r"alertname: (\w+), eval_time: \w+, exp_alerts: "
                           r"\[\]", tested))
    tap.same((names - fired, names - quiet - {"BwcallbackDescriptors"}),
             (set(), set()), "each alert fires in a test, and is quiet in one")


def scraped(s):
    """A Prometheus with the shipped files, but for names, times and paths."""
    folder = process.folder()
    with open(os.path.join(folder, "alerts.yml"), "w",
              encoding="utf-8") as out:
        out.write(re.sub(r"(?m)^ +for: .*\n", "", shipped("alerts.yml")))
    config = shipped("prometheus.yml")
    for old, new in (
            ("- alerts.yml", "- " + os.path.join(folder, "alerts.yml")),
            ("scheme: https", "scheme: http"),
            ("scrape_interval: 15s", "scrape_interval: 1s"),
            ("username: prometheus", "username: " + responder_site.USER),
            ("password_file: bwcallback-password",
             "password_file: " + s.password_file),
            ('"callbacks.example.com"', f'"{s.url.split("//")[1]}"')):
        if config.count(old) != 1:
            raise RuntimeError(f"prometheus.yml: {old}")
        config = config.replace(old, new)
    found = prometheus.Prometheus(
        "global: {evaluation_interval: 1s}\n" + config)
    tap.ok(wait_until(lambda: found.query('up{job="bwcallback"} == 1')),
           "a real Prometheus scrapes it through nginx")
    return found


def message(kind, name, **more):
    return {
        "type": kind, "time": payload.now(), "to": payload.OFFICE,
        "description": "x", "message": {
            "id": name, "time": payload.now(), "from": payload.CALLER,
            "to": [payload.OFFICE], "text": "x"}, **more}


def as_json(value):
    return json.dumps(value).encode()


def traffic(s):
    """Calls, their fallbacks, messages in lists and again, failed ones, port-
    outs, bodies that nobody can read, paths that nobody has."""
    for digits, n in CALLS.items():
        subprocess.run(
            [responder.command(), "simulate", "call", "--user",
             responder_site.USER, "--password-file", s.password_file,
             "--digits", digits, "--calls", str(n), "--concurrency", "4",
             s.url + "/voice"], capture_output=True, check=False)
    for i in range(20):
        body = as_json([message("message-received", f"m-{i}-{k}")
                        for k in range(1 + i % 3)])
        for _ in range(1 + (i % 4 == 0)):
            s.send("/messages", body, [payload.JSON])
    for i in range(7):
        s.send("/messages", as_json([message(
            "message-failed", f"f-{i}", errorCode=4720 if i % 2 else 5220)]),
            [payload.JSON])
    for i in range(3):
        for _ in range(1 + i % 2):
            s.send("/portout", PORTOUT % b"P%d" % i, [payload.XML])
    s.send("/messages", b"\xff", [payload.JSON])
    for i in range(5):
        s.send(f"/voice/x{i}", b"{}", [payload.JSON])


def orders(s):
    """Orders that are done, in progress, and that wait for us for two days.
    Before anything scrapes: a scrape reads each notification once."""
    for name, *statuses in ((b"o-1", b"SUBMITTED", b"FOC", b"COMPLETE"),
                            (b"o-2", b"SUBMITTED", b"EXCEPTION"),
                            (b"o-3", b"SUBMITTED"), (b"o-4", b"DRAFT")):
        for day, status in enumerate(statuses, 1):
            s.send("/orders", ORDER % (name, status, day), [payload.XML])
    tap.ok(wait_until(lambda: len(rows(s)) == 7), "orders are stored")
    with sqlite3.connect(os.path.join(s.flow, "events.db")) as db:
        db.execute("UPDATE entry SET received = received - ?", (2 * DAY,))
    db.close()


def metrics(s):
    return Metrics(s.send("/metrics", method="GET").body.decode())


def rows(s):
    """What the store has, by its own command."""
    done = subprocess.run(
        [responder.command(), "events", "export", "--reveal", "--config",
         s.config], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def is_recorded(s):
    """Answers are written with the next transaction."""
    return all("answer" in e for e in rows(s) if e["family"] != "unparsed")


def count(found):
    return dict(collections.Counter(found))


def listed(s, state):
    """How many orders the command lists in a state."""
    done = subprocess.run(
        [responder.command(), "orders", "--config", s.config, "--json",
         "--state", state], capture_output=True, text=True, check=True)
    return len(done.stdout.splitlines())


def requests(events):
    """Requests with an event, by section: a list is one, all of it again is
    another."""
    found = collections.Counter()
    for e in events:
        if e["index"] == 0:
            found[e["section"]] += e["deliveries"]
    return dict(found)


def equal(s):
    """Every metric that the store can tell is what the store tells."""
    tap.ok(wait_until(lambda: is_recorded(s)), "all answers are recorded")
    events, now = rows(s), metrics(s)
    known = [e for e in events if e["family"] != "unparsed"]
    got = collections.Counter()
    for (section, family, _, outcome), n in now.of(
            "bwcallback_requests_total").items():
        if outcome in ("handled", "fallback", "repeated", "failed") and \
                section != "none":
            got[section] += n
    tap.same(dict(got), requests(known), "requests by section")
    tap.same(now["bwcallback_requests_total", {"outcome": "unparsed"}],
             len(events) - len(known), "bodies that nobody can read")
    tap.same(now["bwcallback_requests_total", {"outcome": "repeated"}],
             sum(e["deliveries"] - 1 for e in known if e["index"] == 0),
             "repeated deliveries")
    fell = count(e["section"] for e in known if e["answer"]["fallback"])
    tap.same({section: now["bwcallback_fallbacks_total",
                           {"section": section}] for section in fell}, fell,
             "fallbacks by section")
    tap.same(now["bwcallback_fallbacks_total"], sum(fell.values()),
             "and no others")
    tap.same(fell, {"/voice/menu": CALLS["2"] + CALLS[""]},
             "a failing program, and silence that no rule takes")
    ends = count(json.loads(e["body"])["cause"] for e in known
                 if e["type"] == "disconnect")
    tap.same({k[0]: n for k, n in
              now.of("bwcallback_calls_ended_total").items() if n}, ends,
             "ends of calls by cause")
    tap.ok(sum(ends.values()) == sum(CALLS.values()), "of all calls", ends)
    ended = {e["call"] for e in known if e["type"] == "disconnect"}
    tap.same(now["bwcallback_calls_active"],
             len({e["call"] for e in known if "call" in e} - ended),
             "calls in progress")
    tap.same({k[0]: n for k, n in now.of("bwcallback_orders_open").items()},
             {"us": listed(s, "act"), "bandwidth": listed(s, "open")},
             "orders that are not done")
    tap.same({k[0]: n for k, n in
              now.of("bwcallback_message_failures_total").items()},
             count(e["error"]["code"] for e in known if "error" in e),
             "messages that failed, by code")
    verdicts = count(("denied", str(e["verdict"]["codes"][0])) for e in known
                     if "verdict" in e)
    tap.same({k: n for k, n in now.of("bwcallback_portouts_total").items()
              if n}, verdicts, "port-outs by verdict and code")
    tap.same(now["bwcallback_store_batch_events_sum"],
             sum(e["deliveries"] for e in events), "events in transactions")
    with sqlite3.connect(os.path.join(s.flow, "events.db")) as db:
        n = db.execute("SELECT count(*) FROM event").fetchone()[0]
    db.close()
    tap.same(len(events), n, "as SQL counts them")
    tap.same((now["bwcallback_spooled_events_total"],
              now["bwcallback_spool_bytes"]), (0, 0), "none was spooled")
    return now


def consumers(s):
    """A consumer that fails, and one that is behind."""
    def consume(name, *argv):
        subprocess.run([responder.command(), "consume", name, "--config",
                        s.config, "--once", *argv], check=False,
                       capture_output=True)
    consume("late", "--", "true")
    consume("lost", "--since", "1h", "--family", "portout", "--tries", "1",
            "--", "false")
    s.send("/messages", as_json([message("message-received", "late-1")]),
           [payload.JSON])
    with sqlite3.connect(os.path.join(s.flow, "events.db")) as db:
        db.execute("UPDATE entry SET received = received - 3600000 WHERE seq ="
                   " (SELECT max(seq) FROM entry)")
        dead = db.execute("SELECT count(*) FROM work WHERE consumer = 'lost' "
                          "AND dead = 1").fetchone()[0]
    db.close()
    now = metrics(s)
    tap.same((now["bwcallback_consumer_dead_events", {"consumer": "lost"}],
              now["bwcallback_consumer_lag_events", {"consumer": "late"}]),
             (dead, 1), "dead letters and lag")


def scrape_equals(s, p, now):
    """Prometheus has read what the page says."""
    def same():
        return {k[-1][1]: v for k, v in p.query(
            "sum by (section) (bwcallback_fallbacks_total)").items()} == {
                section: now["bwcallback_fallbacks_total",
                             {"section": section}]
                for section in ("/voice", "/voice/menu", "/portout")}
    tap.ok(wait_until(same), "Prometheus has the same numbers")
    code, said = prometheus.promtool(
        "check", "metrics", input=s.send("/metrics", method="GET").
        body.decode())
    tap.same((code, said), (0, ""), "promtool check metrics")


def dashboard(p):
    """Prometheus understands each query of the dashboard, and knows its
    metrics."""
    known = set()

    def has_read(names):
        """Prometheus reads what comes of a store a moment later."""
        known.update(p.get("api/v1/label/__name__/values"))
        return names <= known

    for panel in json.loads(shipped("grafana.json"))["panels"]:
        for target in panel.get("targets", []):
            query = target["expr"]
            for variable, value in (("$__rate_interval", "1m"),
                                    ("$instance", ".*"), ("$section", ".*")):
                query = query.replace(variable, value)
            names = set(re.findall(r"\b(?:bwcallback|process)_\w+", query))
            try:
                p.query(query)
                wait_until(lambda: has_read(names))
                tap.same(names - known, set(), f"panel {panel['title']}")
            except OSError as e:
                tap.ok(False, f"panel {panel['title']}", f"{query}: {e}")


def fires(p, name, cause):
    tap.ok(wait_until(lambda: "Bwcallback" + name in p.firing()),
           f"{name}: {cause}", p.firing())


def faults(s, p):
    """Each fault fires its alert. Counters need two scrapes that differ."""
    fires(p, "Fallback", "a program that fails")
    fires(p, "DeadLetters", "a consumer that gave up")
    fires(p, "ConsumerBehind", "an event of an hour ago")
    fires(p, "OrderWaits", "an order that waits for two days")
    tap.ok("BwcallbackPortoutUndecided" not in p.firing(), "no port-out yet")
    s.send("/portout", b"<x", [payload.XML])
    fires(p, "PortoutUndecided", "a request that is malformed")
    for _ in range(12):
        s.send("/voice", b"{}", [s.authorization("wrong")], auth=False)
    fires(p, "Rejected", "wrong passwords")
    with open(s.config, "w") as f:
        f.write("<callbacks>")
    s.responder.child.signal(signal.SIGHUP)
    fires(p, "ReloadRefused", "a broken file")
    db = sqlite3.connect(os.path.join(s.flow, "events.db"),
                         isolation_level=None)
    db.execute("BEGIN IMMEDIATE")

    def refused():
        s.send("/messages", as_json([message(
            "message-received", payload.new_id("r"))]), [payload.JSON])
        return "BwcallbackRefuses" in p.firing()
    tap.ok(wait_until(refused), "Refuses: messages, while the store is locked")
    call = payload.Call()
    s.send("/voice", as_json(call.event("initiate")), [payload.JSON])
    fires(p, "StoreDown", "a call, while the store is locked")
    db.execute("COMMIT")
    db.close()
    s.responder.stop()
    fires(p, "Down", "a responder that does not run")


def main():
    responder_site.require()
    prometheus.require()
    rules()
    s = deploy()
    orders(s)
    p = scraped(s)
    traffic(s)
    now = equal(s)
    consumers(s)
    scrape_equals(s, p, now)
    dashboard(p)
    faults(s, p)
    tap.same(p.stop(), 0, "Prometheus ends")
    s.front.stop()


tap.run(main)
