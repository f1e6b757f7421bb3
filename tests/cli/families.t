#!/usr/bin/env python3
"""bwcallback simulate message, order and so on: output and exit codes."""

import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

ROOM = process.folder()
CONFIG = """<callbacks>
  <credentials id="a" realm="R" file="passwd"/>
  <store url="sqlite:events.db"/>
  <messaging path="/m" credentials="a"/>
  <numbers path="/o" credentials="a"/>
  <portout path="/p" credentials="a" on-error="allow">
    <on event="validation" PON="P-*"><deny code="7516" description="no"/></on>
  </portout>
  <tollfree path="/t" hmac-key-file="key"/>
  <mfa path="/c"/>
  <brtc path="/b"/>
  <emergency path="/e"/>
</callbacks>
"""
TO = "+19195550102"

# words, exit code, part of the output
GOOD = [
    ("message --text hello", 0,
     r"message-received \(to \S+, text hello, .* POST /m +401 200 "),
    (f"message --out --to {TO} --to +19195550103 --media http://x.example/y "
     "--receipts --error 4720 --reason gone --failing +19195550103 --tag t",
     0, rf"sending \(to \{TO}(.|\n)*delivered \(to \{TO}"
     r"(.|\n)*failed \(to \+19195550103, tag t, .*errorCode 4720, "
     r"description gone"),
    ("message --suggestion yes", 0, "suggestion-response"),
    ("message --latitude 1 --longitude 2", 0, "requested-location-response"),
    ("report --parts 2 --event REJECTED --error 997", 0,
     r"errorCode 997, event REJECTED, partNum 2"),
    ("code --to +442079460000 --error 994", 0, "platform GlobalSMS"),
    ("order --type portins --number 9195550102 --customer c-1", 0,
     r"2:00:00 .*FOC(.|\n)*3:00:00 .*COMPLETE.*9195550102"),
    ("order --type portins --status EXCEPTION --message why --note x", 0,
     r"EXCEPTION.*Message why(.|\n)*Note x"),
    ("order --lost --number 9195550102", 0, "MESSAGING_LOST"),
    ("portout --pon P-1 --pin 0471 --account A --zip 1 --name N "
     "--number 9195550102", 0, "7516: the numbers stay, the order is cancell"),
    ("portout --pon Q", 0, "the numbers may be ported"),
    ("tollfree --key-file key --state denied --state verified", 0,
     r"denial .*denialStatusCode 511(.|\n)*1:00:00 .*VERIFIED"),
    ("tollfree", 1, "expects others, or a signature"),
    ("emergency --from +19195550101", 1, "Emergency Call Center"),
    (f"endpoint --tags t --to {TO} --to-type PHONE_NUMBER", 0,
     r"outboundConnectionRequest \(to \+19195550102"),
    ("endpoint --api", 0, "endpointEvent"),
    ("message --text x --assume duplicates=3", 0, "1 callback in 6 requests"),
    ("message /nowhere", 1, r"404(.|\n)*lost: not retried any more"),
    ("message /nowhere", 1, r"retry +again in 30 s \(status 404\)\n[^\n]*"
     r"retry +and so on, for the same reason\n[^\n]*message-received"),
]

# words, exit code, part of the error message
BAD = [
    ("message --bogus", 64, "--help"),
    ("message a b", 64, "--help"),
    ("message --error none", 64, "--error none: not a number from 1 to 99999"),
    ("order --type portins --status FAILED", 64,
     "--status FAILED: portins has no such status"),
    ("tollfree --state done", 64, "--state done: must be verified, unverified"),
    ("tollfree --key-file nowhere", 66, "nowhere"),
    ("message --digits 1", 64, "--help"),
    ("messages", 64, "--help"),
]


def simulate(words, *more):
    done = subprocess.run(
        [responder.command(), "simulate", *words.split(), *more], cwd=ROOM,
        capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def write(name, text):
    with open(os.path.join(ROOM, name), "w", encoding="utf-8") as f:
        f.write(text)


def check_good():
    for words, code, told in GOOD:
        got, out, err = simulate(words, "--flow", "callbacks.xml")
        tap.same(got, code, f"{words}: exit code")
        tap.ok(re.search(told, out) is not None, f"{words}: told",
               f"no {told!r} in\n{out}{err}")
    tap.ok(not os.path.exists(os.path.join(ROOM, "events.db")),
           "nothing comes into the store")


def check_bad():
    for words, code, complaint in BAD:
        got, out, err = simulate(words, "--flow", "callbacks.xml")
        tap.same(got, code, f"{words}: exit code")
        tap.ok(complaint in err, f"{words}: complaint", err)
        tap.same(out, "", f"{words}: nothing is told")
    got, _, err = simulate("message --text")
    tap.same(got, 64, "an option without its value")
    got, _, err = simulate("message")
    tap.same(got, 64, "neither a URL nor a flow")
    got, _, err = simulate("message", "ftp://x.example/")
    tap.same(got, 64, "not an http or https URL")
    tap.ok("not a URL" in err, "is said so", err)
    write("small.xml", "<callbacks><mfa path='/c'/></callbacks>")
    got, _, err = simulate("order", "--flow", "small.xml")
    tap.same(got, 64, "no section for it")
    tap.ok("small.xml: no <numbers> in it" in err, "is said so", err)


def check_json():
    args = ("--flow", "callbacks.xml", "--seed", "7", "--json")
    code, out, _ = simulate("order --type portins --at 2026-03-04", *args)
    tap.same(code, 0, "JSON")
    notes = [json.loads(line) for line in out.splitlines()]
    tap.ok(len(notes) > 4, "an object on each line", out)
    _, again, _ = simulate("order --type portins --at 2026-03-04", *args)
    strip = re.compile(r'"microseconds":\d+')
    tap.same(strip.sub("", again), strip.sub("", out),
             "the same again from one seed")


def main():
    responder.make_password(os.path.join(ROOM, "passwd"), "bandwidth")
    write("key", "a key of the test's own\n")
    write("callbacks.xml", CONFIG)
    check_good()
    check_bad()
    check_json()


tap.run(main)
