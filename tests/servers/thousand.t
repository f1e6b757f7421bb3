#!/usr/bin/env python3
"""A thousand concurrent calls of the example flow through a real nginx: each
ends as its script expects."""

import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import ivr_site  # noqa: E402
import responder  # noqa: E402
import responder_site  # noqa: E402
import tap  # noqa: E402

CALLS = 200  # calls of each script

# Scripts of callers, and the number of callbacks of such a call.
SCRIPTS = {
    # initiate, gather, transferComplete, disconnect
    "put through": ("1", (), 4),
    # initiate, gather, transferComplete, redirect, recordComplete,
    # disconnect, recordingAvailable, transcriptionAvailable
    "busy, leaves a message":
        ("2", ("--callee", "+19195550102=busy"), 8),
    # initiate, gather, redirect, gather, disconnect
    "presses nothing": ("silence,silence", (), 5),
    # initiate, gather, redirect, gather, redirect, recordComplete,
    # disconnect, recordingAvailable, transcriptionAvailable
    "presses a key without a choice": ("7,9", (), 9),
    # initiate, disconnect
    "hangs up at once": ("hangup@0.5", (), 2),
}


def start(s, digits, more):
    return subprocess.Popen(
        [responder.command(), "simulate", "call", "--user", responder_site.USER,
         "--password-file", s.password_file, "--calls", str(CALLS),
         "--concurrency", str(CALLS), "--digits", digits, *more, "--json",
         s.url + "/voice"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def check(name, child, callbacks):
    out, err = child.communicate(timeout=300)
    tap.same((child.returncode, err), (0, ""), f"{name}: no fault")
    got = json.loads(out or "{}")
    want = {"calls": CALLS, "callbacks": CALLS * callbacks, "failed": 0,
            "fallbacks": 0, "errors": 0, "broken": 0, "undone": 0,
            "endless": 0}
    tap.same({key: got.get(key) for key in want}, want,
             f"{name}: {CALLS} calls have the expected callbacks")
    return got.get("requests", 0)


def main():
    responder_site.require()
    s = ivr_site.deploy()
    children = {name: start(s, digits, more)
                for name, (digits, more, _) in SCRIPTS.items()}
    requests = sum(check(name, child, SCRIPTS[name][2])
                   for name, child in children.items())
    tap.same(s.front.complaints(), "", "nginx logs no error")
    tap.same(s.responder.stop(), 0, "the responder exits with 0")
    with open(s.log, encoding="utf-8") as f:
        statuses = re.findall(r" status=(\d+) ", f.read())
    tap.same(len(statuses), requests,
             "the responder logged each request of the simulator")
    tap.same(set(statuses), {"200", "204", "401"}, "no request failed")


tap.run(main)
