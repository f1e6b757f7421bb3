#!/usr/bin/env python3
"""<metrics> and <health>: counts are exact after known requests, the format is
what scrapers take, and nothing that a request says becomes a series."""

import base64
import fcntl
import json
import os
import signal
import sqlite3
import struct
import subprocess
import termios

import responder_fixture as h
import fastcgi as f
import tap
from openmetrics import Malformed, Metrics
from process import wait_until, wait_until_steady
from responder import command, make_password

FLOW = """\
<callbacks>
  <store url="sqlite:events.db"/>
  <credentials id="ops" file="ops"/>
  <voice path="/voice">
    <on event="initiate"><Response><Hangup/></Response></on>
    <on event="gather" digits="1"><exec program="good"/></on>
    <on event="gather" digits="2"><exec program="bad"/></on>
    <on event="gather" digits="3"><exec program="loud"/></on>
    <on event="gather" digits="4"><exec program="endless" timeout="50ms"/></on>
  </voice>
  <voice path='/a"b\\c'/>
  <messaging path="/messages"/>
  <portout path="/portout"/>
  <metrics path="/metrics" credentials="ops"/>
  <health path="/health"/>
</callbacks>
"""

PROGRAMS = {
    "good": "echo '<Response><Hangup/></Response>'",
    "bad": "exit 3",
    "loud": "head -c 100000 /dev/zero",
    "endless": "while :; do sleep 1; done",
}

OPENMETRICS = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain"

site = h.Site()


def event(kind, call, more=""):
    return (f'{{"eventType":"{kind}","accountId":"9900100","callId":"{call}",'
            f'"from":"+19195550142","to":"+19195550100",'
            f'"direction":"inbound"{more}}}').encode()


def digits(call, keys):
    return event("gather", call, f',"digits":"{keys}"')


def message(name):
    return (f'[{{"type":"message-received","time":"2026-03-01T10:00:00Z",'
            f'"message":{{"id":"{name}","time":"2026-03-01T10:00:00Z",'
            f'"from":"+19195550142","to":["+19195550100"],"text":"x"}}}}]'
            ).encode()


def set_up():
    with open(site.config, "w") as out:
        out.write(FLOW)
    for name, text in PROGRAMS.items():
        with open(site.path(name), "w") as out:
            out.write(f"#!/bin/sh\n{text}\n")
        os.chmod(site.path(name), 0o755)
    word = make_password(site.path("ops"), "ops")
    return "Basic " + base64.b64encode(f"ops:{word}".encode()).decode()


def ask(path, body=b"", **more):
    return f.ask(site.socket, path, body, **more)


def page(method="GET", **more):
    return ask("/metrics", method=method, HTTP_AUTHORIZATION=OPS, **more)


def metrics():
    """Ask until the page could read the store within its time limit."""
    found = []

    def read():
        found.append(Metrics(page().body.decode()))
        return found[-1]["bwcallback_store_readable"] == 1
    wait_until(read)
    return found[-1]


def health(status, words, name):
    """On a slow machine several requests may fail until the store is open."""
    def told():
        answer = ask("/health", method="GET")
        return (answer.status, answer.body.decode().split()) == (status, words)
    tap.ok(wait_until(told), name)


def ready(status, *wrong):
    """<health>/ready: the status, and what is wrong."""
    answer = ask("/health/ready", method="GET")
    said = json.loads(answer.body)
    return (answer.status, said["ready"], *(
        (x["what"], x.get("store")) for x in said["wrong"])) == (
            status, status == 200, *((what, None) for what in wrong))


def live():
    answer = ask("/health/live", method="GET")
    return answer.status, answer.body


def health_pages():
    tap.ok(wait_until(lambda: ready(200)), "ready from the start")
    tap.same(live(), (200, b"ok\n"), "and alive")
    answer = ask("/health/ready", method="GET")
    tap.same((answer.fields["Content-Type"], answer.body),
             ("application/json", b'{"ready":true,"wrong":[]}\n'),
             "nothing is wrong")
    tap.same([ask("/health/" + name, method="GET").status
              for name in ("", "lively", "live/", "x", "ready/live")],
             [404] * 5, "no other page below it")


def access():
    """Credentials and methods."""
    tap.same(ask("/metrics", method="GET").status, 401, "not without a user")
    tap.same(ask("/metrics", method="GET",
                 HTTP_AUTHORIZATION="Basic b3BzOng=").status, 401,
             "nor with a wrong password")
    for method in "POST", "OPTIONS", "DELETE":
        for path in ("/metrics", "/health", "/health/live",
                     "/health/ready"):
            answer = ask(path, method=method, HTTP_AUTHORIZATION=OPS)
            tap.same((answer.status, answer.fields.get("Allow")),
                     (405, "GET, HEAD"), f"no {method} {path}")
    whole, head = page(), page("HEAD")
    tap.ok(whole.status == 200 and whole.whole and whole.body, "GET")
    tap.ok(head.status == 200 and not head.body and
           int(head.fields["Content-Length"]) > 1000, "HEAD", head)
    tap.same(ask("/health", method="HEAD").body, b"", "HEAD of <health>")


def formats():
    """Both formats, of the same numbers."""
    plain, new = page(), page(HTTP_ACCEPT=OPENMETRICS)
    tap.same(plain.fields["Content-Type"],
             "text/plain; version=0.0.4; charset=utf-8", "the old format")
    tap.same(new.fields["Content-Type"],
             "application/openmetrics-text; version=1.0.0; charset=utf-8",
             "the new one for who asks for it")
    old = Metrics(plain.body.decode())
    tap.same(set(Metrics(new.body.decode(), True).series), set(old.series),
             "have the same series")
    tap.same(old['bwcallback_fallbacks_total', {"section": '/a"b\\c'}], 0,
             "a path with quote and backslash is escaped")
    tap.ok(('bwcallback_fallbacks_total',
            (("section", '/a"b\\c'), ("reason", "program"))) in old.series,
           "and there before anything fell back")
    for broken in (plain.body.decode().replace("_total", "", 1),
                   plain.body.decode() + "# EOF\n",
                   plain.body.decode() * 2):
        try:
            Metrics(broken)
            tap.ok(False, "the reader is strict")
        except Malformed:
            tap.ok(True, "the reader is strict")


# Requests, and how each is counted: section, family, status, outcome.
def requests():
    voice = "/voice", "voice"
    none = "none", "other"
    repeat = dict(path="/voice", body=event("initiate", "c-0"))
    yield repeat, (*voice, "200", "handled")
    yield repeat, (*voice, "200", "repeated")
    yield repeat, (*voice, "200", "repeated")
    for i in range(1, 4):
        yield (dict(path="/voice", body=event("initiate", f"c-{i}")),
               (*voice, "200", "handled"))
    yield (dict(path="/voice", body=event("answer", "c-9")),
           (*voice, "200", "fallback"))
    yield (dict(path='/a"b\\c', body=event("answer", "c-8")),
           ('/a"b\\c', "voice", "200", "fallback"))
    for i in "1234":
        yield (dict(path="/voice", body=digits(f"g-{i}", i)),
               (*voice, "200", "handled" if i == "1" else "fallback"))
    yield (dict(path="/voice", body=b"{"),
           ("/voice", "other", "400", "unparsed"))
    yield (dict(path="/voice", method="HEAD"),
           ("/voice", "other", "204", "none"))
    yield (dict(path="/messages", method="OPTIONS"),
           ("/messages", "other", "204", "none"))
    yield (dict(path="/messages", method="GET"),
           ("/messages", "other", "405", "failed"))
    yield (dict(path="/messages", body=message("m-1")),
           ("/messages", "messaging", "200", "handled"))
    yield (dict(path="/messages", body=message("m-1")),
           ("/messages", "messaging", "200", "repeated"))
    yield (dict(path="/messages", body=b"[]"),
           ("/messages", "other", "200", "none"))
    yield (dict(path="/messages", body=b"\xff"),
           ("/messages", "other", "200", "unparsed"))
    yield (dict(path="/portout", body=b"<x"),
           ("/portout", "other", "200", "fallback"))
    yield dict(path="/nowhere", body=b"{}"), (*none, "404", "failed")


def counts():
    """Every request is counted once, with the right labels."""
    wanted = {}
    before = metrics()
    for how, key in requests():
        answer = ask(**how)
        tap.same(answer.status, int(key[2]), f"{how}"[:70])
        wanted[key] = wanted.get(key, 0) + 1
    now = metrics()
    got = {key: value - before.of("bwcallback_requests_total").get(key, 0)
           for key, value in now.of("bwcallback_requests_total").items()}
    tap.same({k: v for k, v in got.items() if v}, wanted, "requests")
    wanted = {("/voice", "no_rule"): 1, ('/a"b\\c', "no_rule"): 1,
              ("/voice", "program"): 2, ("/voice", "deadline"): 1,
              ("/portout", "request"): 1}
    tap.same({k: v for k, v in now.of("bwcallback_fallbacks_total").items()
              if v}, wanted, "fallbacks and why")
    tap.same(now.of("bwcallback_program_runs_total"),
             {("ok",): 1, ("failed",): 1, ("output",): 1, ("timeout",): 1},
             "programs")
    tap.same(now["bwcallback_portouts_total", {"verdict": "error"}], 1,
             "a port-out that no rule decided")
    tap.ok(now["bwcallback_store_batch_events_sum"] >=
           now["bwcallback_durable_seconds_count"] > 0,
           "events became durable, in transactions")
    tap.same(now["bwcallback_answer_seconds_count"],
             now["bwcallback_requests_total"], "the time of each")
    tap.same((now["bwcallback_parked_requests"],
              now["bwcallback_programs_running"]), (0, 0), "nothing waits")
    tap.ok(now["bwcallback_workers"] >= now["bwcallback_workers_busy"] >= 1,
           "one of the workers answers this")
    tap.ok(now["bwcallback_connections", {"state": "active"}] >= 1 and
           now["bwcallback_connections", {"state": "idle"}] >= 0,
           "on one of the connections")
    tap.same(now["bwcallback_store_commits_total", {"result": "error"}], 0,
             "no transaction failed")
    tap.ok(now["bwcallback_store_commits_total", {"result": "ok"}] > 0,
           "and some did not")


def said():
    """What events say: ends of calls, failed messages, unknown types."""
    before = metrics()
    for call, cause in (("d-1", "hangup"), ("d-2", "busy"), ("d-3", "busy"),
                        ("d-3", "busy"), ("d-4", "+19195550142")):
        ask("/voice", event("disconnect", call, f',"cause":"{cause}"'))
    for name, code in (("f-1", 4720), ("f-2", 4720), ("f-3", 9195550142)):
        ask("/messages", message(name).replace(
            b"message-received", b"message-failed").replace(
            b'"time"', b'"errorCode":%d,"time"' % code, 1))
    ask("/voice", event("somethingNew", "u-1"))
    for call in ("a-1", "a-2", "a-3"):
        ask("/voice", event("initiate", call))
    ask("/voice", event("disconnect", "a-2", ',"cause":"hangup"'))
    ask("/voice", event("recordingAvailable", "a-2"))
    now = metrics()

    def more(metric):
        old = before.of(metric)
        return {key[0]: value - old.get(key, 0)
                for key, value in now.of(metric).items()
                if value > old.get(key, 0)}
    tap.same(more("bwcallback_calls_ended_total"),
             {"hangup": 2, "busy": 2, "other": 1}, "ends of calls, once each")
    tap.same(now["bwcallback_calls_active"] -
             before["bwcallback_calls_active"], 2, "calls in progress")
    tap.same(more("bwcallback_message_failures_total"),
             {"4720": 2, "other": 1}, "messages that failed")
    tap.same(more("bwcallback_unknown_types_total"), {"voice": 1},
             "a type that is new")


def files():
    """What the system says of files."""
    now = metrics()
    tap.same(now["bwcallback_store_bytes"],
             os.stat(site.path("events.db")).st_size, "the store's size")
    tap.same(now["bwcallback_store_segments"], 1, "it is one segment")
    tap.ok(now["bwcallback_store_free_bytes"] > 0, "the room that is left")
    changed = now.of("bwcallback_password_file_changed_timestamp_seconds")
    tap.same({key: round(at, 3) for key, at in changed.items()},
             {("ops",): round(os.stat(site.path("ops")).st_mtime, 3)},
             "when passwords were changed")
    tap.ok(3 < now["process_open_fds"] <= now["process_max_fds"],
           "descriptors")
    with sqlite3.connect(site.path("events.db")) as db:
        first = db.execute("SELECT min(received) FROM event").fetchone()[0]
    db.close()
    tap.same(now["bwcallback_store_oldest_event_timestamp_seconds"],
             first / 1000, "when the oldest event came")


def unauthorized():
    before = metrics()
    for _ in range(3):
        ask("/metrics", method="GET")
    ask("/metrics", method="GET", HTTP_AUTHORIZATION="Basic b3BzOng=")
    now = metrics()
    tap.same({k: now.of("bwcallback_unauthorized_total")[k] -
              before.of("bwcallback_unauthorized_total")[k]
              for k in (("missing",), ("rejected",), ("signature",))},
             {("missing",): 3, ("rejected",): 1, ("signature",): 0},
             "refused credentials")
    tap.same(now["bwcallback_requests_total"],
             before["bwcallback_requests_total"], "pages are no callbacks")


def flood():
    """Whatever paths, methods, types and families are sent."""
    before = metrics()
    for i in range(100):
        ask(f"/x{i}", b"{}")
        ask(f'/voice/{i}"\n', b"{}", method=f"M{i}")
    now = metrics()
    tap.same(now["bwcallback_requests_total", {"section": "none"}] -
             before["bwcallback_requests_total", {"section": "none"}], 200,
             "unknown paths are counted")
    tap.same(set(now.series), set(before.series), "and add no series")
    for i in range(50):
        ask("/messages", f'[{{"type":"t{i}"}}]'.encode())
        ask("/voice", event(f"e{i}", f"e-{i}"))
    tap.ok(len(metrics().series) - len(now.series) <= 4,
           "nor do unknown types")


def consumer(name, *more, program="true"):
    """Let a consumer handle all events that wait for it."""
    return subprocess.run(
        [command(), "consume", name, "--config", site.config, *more, "--once",
         "--", program], stderr=subprocess.DEVNULL, check=program == "true")


def retries():
    """An event that fails waits, then is leased, then is a dead letter."""
    consumer("late", "--family", "messaging")
    ask("/messages", message("m-late"))
    consumer("late", "--family", "messaging", "--tries", "2", "--delay",
             "1h", program="false")

    def of(now):
        return tuple(now[f"bwcallback_consumer_{name}",
                         {"consumer": "late"}] for name in
                     ("lag_events", "leases", "retrying_events",
                      "dead_events"))
    tap.same(of(metrics()), (1, 0, 1, 0), "a failed event waits")
    with sqlite3.connect(site.path("events.db")) as db:
        db.execute("UPDATE work SET token = 1 WHERE consumer = 'late'")
    db.close()
    tap.same(of(metrics()), (1, 1, 0, 0), "or is being worked on")
    with sqlite3.connect(site.path("events.db")) as db:
        db.execute("UPDATE work SET until = 0 WHERE consumer = 'late'")
    db.close()
    consumer("late", "--family", "messaging", "--tries", "2", program="false")
    tap.same(of(metrics()), (0, 0, 0, 1), "or is given up")


def consumers():
    """A consumer's backlog is the one in the store."""
    before = metrics()
    tap.same(before.of("bwcallback_consumer_lag_events"), {}, "no consumer")
    consumer("crm", "--family", "voice")
    now = metrics()
    tap.same((now.of("bwcallback_consumer_lag_events"),
              now.of("bwcallback_consumer_lag_seconds"),
              now.of("bwcallback_consumer_dead_events")),
             ({("crm",): 0},) * 3, "a consumer without work")
    for i in range(5):
        ask("/voice", event("initiate", f"q-{i}"))
    ask("/messages", message("m-q"))
    now = metrics()
    tap.same(now.of("bwcallback_consumer_lag_events"), {("crm",): 5},
             "five calls wait for it, and no message")
    tap.ok(now["bwcallback_consumer_seen_timestamp_seconds"] >
           now["process_start_time_seconds"] - 120, "when it was seen")
    retries()
    for name in ["other", *(f"n{i}" for i in range(70))]:
        consumer(name, "--family", "refused")
    lags = metrics().of("bwcallback_consumer_lag_events")
    tap.same((len(lags), lags[("crm",)]), (64, 5),
             "63 of many consumers have series")
    tap.ok(("other",) in lags, "and the others one together")


def reload(text, word):
    seen = site.said().count(word)
    with open(site.config, "w") as out:
        out.write(text)
    site.child.signal(signal.SIGHUP)
    site.wait_log(word, seen + 1)


def reloads():
    before = metrics()
    reload("<callbacks>", "the old configuration stays in force")
    health(503, ["configuration"], "a refused configuration")
    tap.ok(ready(200, "configuration"), "which is no reason to leave it out")
    now = metrics()
    tap.same((now["bwcallback_config_last_reload_successful"],
              now["bwcallback_config_reloads_total", {"result": "refused"}]),
             (0, 1), "is counted")
    reload(FLOW.replace("<portout path", "<!-- --><portout path"),
           "is in force")
    health(200, ["ok"], "a good one")
    now = metrics()
    tap.same((now["bwcallback_config_last_reload_successful"],
              now["bwcallback_config_reloads_total", {"result": "taken"}]),
             (1, 1), "is counted too")
    tap.ok(now["bwcallback_config_loaded_timestamp_seconds"] >
           before["bwcallback_config_loaded_timestamp_seconds"],
           "with its time")
    tap.same(now.of("bwcallback_requests_total"),
             before.of("bwcallback_requests_total"),
             "and counting goes on from where it was")


def store():
    """Another program has the store locked until both pages are answered."""
    before = metrics()
    tap.same(before["bwcallback_spooled_events_total"], 0, "nothing spooled")
    other = sqlite3.connect(site.path("events.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    health(503, ["store"], "a locked store")
    tap.ok(wait_until(lambda: ready(503, "store")), "it is not ready")
    tap.same(live(), (200, b"ok\n"), "but alive")
    tap.same(ask("/voice", event("initiate", "s-1")).status, 200,
             "a call does not wait for it")
    tap.ok(wait_until(lambda: metrics()["bwcallback_spooled_events_total"]),
           "its event goes to the spool")
    now = metrics()
    tap.same(now["bwcallback_spooled_events_total"], 1, "once")
    tap.ok(now["bwcallback_spool_bytes"] > 100, "and its size")
    health(503, ["store", "spool"], "both are reasons")
    tap.ok(wait_until(lambda: ready(503, "store", "spool")), "as JSON too")
    other.execute("COMMIT")
    other.close()
    health(200, ["ok"], "well once the event is in the store")
    tap.same(metrics()["bwcallback_spool_bytes"], 0, "the spool is empty")


def without_store():
    """A configuration with one page and no store."""
    with open(site.config, "w") as out:
        out.write('<callbacks mount="/bw"><voice path="/v"/>'
                  '<health path="/health"/></callbacks>')
    site.start()
    tap.same(ask("/bw/health", method="GET").body, b"ok\n", "no store")
    tap.same(ask("/bw/metrics", method="GET").status, 404,
             "no page that is not configured")
    tap.same(site.stop(), 0, "ends well")


def many():
    """A page that is larger than any answer to a callback."""
    more = "".join(f'<voice path="/v{i}"/>' for i in range(300))
    with open(site.config, "w") as out:
        out.write(FLOW.replace("<portout", more + "<portout"))
    site.start()
    answer = page()
    tap.ok(answer.whole and len(answer.body) > 100000, "many sections",
           f"{answer.status} {len(answer.body)}")
    tap.same(len([key for key in Metrics(answer.body.decode()).of(
        "bwcallback_fallbacks_total") if key[1] == "no_rule"]), 303,
        "each has its series")
    tap.same(site.stop(), 0, "ends well")


def slow_reader():
    """The page is larger than a socket's buffer, and read only once that is
    full."""
    more = "".join(f'<voice path="/v{i}"/>' for i in range(1000))
    with open(site.config, "w") as out:
        out.write(FLOW.replace("<portout", more + "<portout"))
    site.start()

    def unread(c):
        return struct.unpack("i", fcntl.ioctl(
            c.socket, termios.FIONREAD, b"0000"))[0]
    with f.Connection(site.socket) as c:
        c.send(f.request("/metrics", method="GET",
                         HTTP_AUTHORIZATION=OPS))
        wait_until(lambda: unread(c) > 0)
        wait_until_steady(lambda: unread(c))
        before = unread(c)
        answer = c.answer()
    tap.ok(answer.whole and len(answer.body) > before,
           "a page larger than the socket's buffer",
           f"{answer.status} {len(answer.body)} {before}")
    tap.same(site.stop(), 0, "and ends well")


def one_request():
    """The counters of a CGI process are meaningless, so it shows none."""
    with open(site.config, "w") as out:
        out.write(FLOW)

    def run(path):
        done = subprocess.run(
            site.argv()[:1], stdin=subprocess.DEVNULL, capture_output=True,
            env={"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
                 "REQUEST_URI": path, "HTTP_AUTHORIZATION": OPS,
                 "BWCALLBACK_CONFIG": site.config,
                 "LD_LIBRARY_PATH": os.environ["LD_LIBRARY_PATH"]},
            check=False)
        return f.Answer(done.stdout)
    tap.ok(wait_until(lambda: run("/health").body == b"ok\n"),
           "<health> by CGI")
    for part in "live", "ready":
        tap.same(run("/health/" + part).status, 200, f"its {part}")
    now = Metrics(run("/metrics").body.decode())
    tap.same({name for name in now.described
              if now.described[name].type == "counter"}, set(),
             "<metrics> by CGI have no counters")
    tap.ok(("crm",) in now.of("bwcallback_consumer_lag_events"),
           "but what the store says")


def main():
    site.start()
    health(200, ["ok"], "well from the start")
    access()
    formats()
    health_pages()
    counts()
    said()
    files()
    unauthorized()
    flood()
    consumers()
    reloads()
    store()
    tap.same(site.stop(), 0, "ends well")
    many()
    slow_reader()
    one_request()
    without_store()


OPS = set_up()
tap.run(main)
