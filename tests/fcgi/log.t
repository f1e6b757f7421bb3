#!/usr/bin/env python3
"""The log: contents of a line, and what must never be in it."""

import json
import os
import re
import socket
import subprocess

import responder_fixture as h
import fastcgi as f
import process
import tap

# Number of requests whose lines exceed the size of any pipe or socket.
MANY = 2000

site = h.Site()
LINE = re.compile(r'time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z '
                  r'level=(info|warning|error)( [a-z]+=("(\\.|[^"\\])*"|\S+))+')

# name, request, text in its line, text not in it
CASES = [
    ("a call", {"body": h.INITIATE},
     ['level=info', 'method="POST"', 'path="/voice"', 'family=voice',
      'type="initiate"', 'call="c-1"', 'events=1', 'status=200', 'ms='],
     ['+1919', 'reason', 'sent=no', 'message=']),
    ("a message", {"path": "/messages", "body": h.message(200)},
     ['type="message-received" message="m-1" events=1'], ['call=', '0142']),
    ("an id of digits", {"body": b'{"eventType":"initiate","callId":'
                                 b'"c-15891234567890-95ac8d6e"}'},
     ['call="c-15891234567890-95ac8d6e"'], ["*"]),
    ("a hostile id", {"body": b'{"eventType":"initiate","callId":'
                              b'"a\\" call=\\"b\\n\\u001b[1m\\u202e"}'},
     [r'call="a\" call=\"b\x0a\x1b[1m\xe2\x80\xae"'], ["\x1b"]),
    ("no call", {"body": b'{"eventType":"initiate"}'}, ['type="initiate"'],
     ['call=']),
    ("a query", {"path": "/voice?secret=x&from=+19195550142",
                 "body": h.INITIATE}, ['path="/voice"'], ["secret", "0142"]),
    ("a number in the path", {"path": "/n/+19195550142/1234567/123456"},
     ['path="/n/+*******0142/***4567/123456"', 'status=404', 'error=ROUTE',
      'level=warning', 'reason="'], ["9195550142"]),
    ("quotes and controls", {"path": '/a"b\\c\nd\x7f\xff status=200'},
     [r'path="/a\"b\\c\x0ad\x7f\xff status=200"'], ["\x7f"]),
    ("a long path", {"path": "/" + "x" * 3000}, ['xxx..."'], ["x" * 600]),
    ("a forged method", {"method": 'X" status=200 y="'},
     [r'method="X\" status=200 y=\""', ' status=4'], []),
    ("a forged type", {"body": b'{"eventType":"a\\" b=\\"1234567890"}'},
     [r'type="a\" b=\"******7890"', 'reason="'], ["567890"]),
    ("a number as people write it", {"path": "/n/(919)%20555-0142/2026-03"},
     ['path="/n/(***)%*****-0142/2026-03"'], ["919", "555"]),
    ("an address", {"path": "/192.168.100.200:5432/20.79.46.11:80"},
     ['path="/192.168.100.200:5432/20.79.46.11:80"'], ["*"]),
    ("no address", {"path": "/20.79.46.11/+192.168.100.200"},
     ['path="/**.**.46.11/+***.***.**0.200"'], ["20.79"]),
    ("an authorization", {"body": h.INITIATE,
                          "HTTP_AUTHORIZATION": "Basic c2VjcmV0OnBhc3M="},
     ["status=200"], ["c2VjcmV0", "secret", "pass"]),
    ("malformed", {"body": b'{"text":"a secret text'},
     ["status=400", "error=SYNTAX", "level=warning"], ["a secret text"]),
]


def line_of(ask, mark=" id="):
    """The log line of one request."""
    before = site.said().count(mark)
    ask()
    site.wait_log(mark, before + 1)
    return [x for x in site.said().splitlines() if mark in x][before]


def check(name, how, there, absent):
    line = line_of(lambda: f.ask(site.socket, **how))
    tap.ok(LINE.fullmatch(line), f"{name}: form", line)
    for text in there:
        tap.ok(text in line, f"{name}: has {text}", line)
    # A request's number and the time may have any digits.
    said = re.sub(r"^time=\S+|\bid=\w+", "", line)
    for text in absent:
        tap.ok(text not in said, f"{name}: has no {text!r:.20}", line)


def credentials():
    """A first request without credentials causes no warning."""
    with open(site.path("passwd"), "w") as out:
        out.write("bandwidth:$6$ab$" + "x" * 86 + "\n")
    with open(site.config, "w") as out:
        out.write('<callbacks><credentials id="c" realm="Test" file="passwd"/>'
                  '<messaging path="/m" credentials="c"/></callbacks>')
    site.start()
    line = line_of(lambda: f.ask(site.socket, "/m", b"[]"))
    tap.ok("level=info" in line and "status=401" in line and
           "error=MISSING" in line, "missing: info", line)
    line = line_of(lambda: f.ask(site.socket, "/m", b"[]",
                                 HTTP_AUTHORIZATION="Basic YTpoaWRkZW4="))
    tap.ok("level=warning" in line and "status=401" in line and
           "error=REJECTED" in line, "rejected: warning", line)
    tap.ok("hidden" not in site.said() and "YTpo" not in site.said(),
           "and nothing of the password")
    tap.same(site.stop(), 0, "ends well")


def long_values():
    """A long path or type does not displace other values of the line."""
    site.start()
    body = b'{"eventType":"' + b'\\"' * 2000 + b'","callId":"c"}'
    line = line_of(lambda: f.ask(site.socket, "/voice/" + '"' * 3000, body))
    tap.ok("status=404" in line and "error=ROUTE" in line, "a long path",
           line)
    line = line_of(lambda: f.ask(site.socket, "/voice", body))
    tap.ok("status=200" in line and "reason=" in line, "a long type", line)
    tap.same(site.stop(), 0, "ends well")


def program():
    """The output of a failing program is logged, with numbers masked."""
    with open(site.path("talks"), "w") as out:
        out.write("#!/bin/sh\necho no such customer: +19195550142 >&2\nexit 3\n")
    os.chmod(site.path("talks"), 0o755)
    with open(site.config, "w") as out:
        out.write('<callbacks><voice path="/v">'
                  '<on><exec program="talks"/></on></voice></callbacks>')
    site.start()
    line = line_of(lambda: f.ask(site.socket, "/v", h.INITIATE))
    tap.ok("fallback=yes" in line and "error=PROGRAM" in line and
           'no such customer: +*******0142"' in line, "a program's output", line)
    tap.same(site.stop(), 0, "ends well")


def as_json():
    """The same, each line a JSON object."""
    site.say("Hello")
    site.start("--log-format", "json")
    objects = []

    def line(**how):
        said = line_of(lambda: f.ask(site.socket, **how), '"id":')
        tap.ok(said.isascii(), "JSON: only ASCII", said)
        objects.append(json.loads(said))
        return objects[-1]

    got = line(body=h.INITIATE)
    tap.same({k: got[k] for k in got if k not in ("time", "id", "ms")},
             {"level": "info", "method": "POST", "path": "/voice",
              "family": "voice", "type": "initiate", "call": "c-1",
              "events": 1, "status": 200}, "JSON: a call")
    tap.ok(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
                        got["time"]) and got["ms"] >= 0 and
           re.fullmatch("[0-9a-f]{16}", got["id"]), "JSON: its time", got)
    text = 'a"b\\c\n\x1b[1m\u202e\u00e9\U0001f600'
    got = line(body=json.dumps({"eventType": "x+19195550142" + text,
                                "callId": text}).encode())
    tap.same((got["type"], got["call"], got["fallback"], got["error"]),
             ("x+*******0142" + text, text, True, "CONFIG"),
             "JSON: hostile text, a fallback")
    got = line(path="/\xff\xc3(")
    tap.same(got["path"], "/\ufffd\ufffd(", "JSON: no UTF-8")
    got = line(path="/voice/" + '"' * 3000,
               body=b'{"eventType":"' + b'\\u0001' * 2000 + b'","callId":"' +
               b'\\u0001' * 200 + b'"}')
    tap.same(got["status"], 404, "JSON: a long path")
    got = line(body=b'{"eventType":"' + b'\\u0001' * 2000 + b'","callId":"' +
               b'\\u0001' * 200 + b'"}')
    tap.ok(got["type"].endswith("\x01...") and got["call"].endswith("\x01...")
           and got["status"] == 200, "JSON: long values", got)
    tap.same(site.stop(), 0, "JSON: ends well")
    lines = site.said().splitlines()
    lines = lines[[i for i, x in enumerate(lines) if x.startswith("{")][0]:]
    tap.same({type(json.loads(x)) for x in lines}, {dict},
             "JSON: all lines, to the end")


def unique():
    for _ in range(20):
        site.good()
    site.wait_log(" id=", len(CASES) + 20)
    ids = re.findall(r" id=(\S+)", site.said())
    tap.same(len(set(ids)), len(ids), "ids are unique")
    tap.ok(all(re.fullmatch("[0-9a-f]{16}", i) for i in ids), "16 digits")


def unread(name, ours, theirs, read):
    """The reader of the log stops until all answers have arrived."""
    where = site.path(f"{name}.sock")
    child = subprocess.Popen(
        site.argv("--listen", f"unix:{where}"), stdin=subprocess.DEVNULL,
        stderr=theirs)
    try:
        tap.ok(process.wait_until(lambda: process.connects(where)),
               f"{name}: it starts")
        # The kernel determines its size; send far more.
        path = "/voice/" + "x" * 400
        tap.same({f.ask(where, path, h.INITIATE).status
                  for _ in range(MANY)}, {404},
                 f"{name}: a log that is not read stops no request")
        said = ""
        os.set_blocking(ours.fileno(), False)

        def lost():
            nonlocal said
            f.ask(where, path, h.INITIATE)
            said += (read() or b"").decode()
            return "event=log" in said

        tap.ok(process.wait_until(lost), f"{name}: lines are dropped",
               said[-400:])
        lines = said[:said.rindex("\n")].split("\n")
        tap.same([x for x in lines if not LINE.fullmatch(x)], [],
                 f"{name}: the others are complete")
        missing = sum(int(x) for x in re.findall(r'msg="(\d+) lines', said))
        tap.ok(missing > 0 and said.count(" id=") + missing >= MANY,
               f"{name}: and their number is logged", missing)
    finally:
        child.terminate()
        theirs.close()
        ours.close()
        try:
            status = child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            status = child.wait()
    tap.same(status, 0, f"{name}: it ends well")


def unread_logs():
    r, w = os.pipe()
    ours, theirs = open(r, "rb", 0), open(w, "wb", 0)
    unread("pipe", ours, theirs, lambda: ours.read(1 << 20))
    ours, theirs = socket.socketpair()

    def read():
        try:
            return ours.recv(1 << 20)
        except BlockingIOError:
            return b""

    unread("socket", ours, theirs, read)


def main():
    site.start()
    for case in CASES:
        check(*case)
    unique()
    tap.same(site.stop(), 0, "ends well")
    long_values()
    credentials()
    program()
    unread_logs()
    as_json()


tap.run(main)
