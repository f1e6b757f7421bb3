#!/usr/bin/env python3
"""Checks that the simulator is not the bottleneck: plays calls of the example
flow through nginx and the responder at full speed, and shows the processor
time of each for a callback. Only the ratios within one run are meaningful."""

import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import ivr_site  # noqa: E402
import responder  # noqa: E402
import responder_site  # noqa: E402
from bench import children, tasks_cpu  # noqa: E402

ROUNDS = 5
CALLS = 2000
CONCURRENCY = 50
SCRIPTS = {
    "put through": ("--digits", "1"),
    "voicemail": ("--digits", "7,9"),
    "silence": ("--digits", "silence,silence"),
}


def servers(s):
    return (tasks_cpu(s.responder.pid),
            sum(tasks_cpu(p) for p in children(s.front.child.pid)))


def play(s, argv):
    before = servers(s)
    done = subprocess.run(
        [responder.command(), "simulate", "call", "--user", responder_site.USER,
         "--password-file", s.password_file, "--calls", str(CALLS),
         "--concurrency", str(CONCURRENCY), "--json", *argv,
         s.url + "/voice"], capture_output=True, text=True, check=False)
    after = servers(s)
    if done.returncode != 0:
        sys.exit(f"bench: {done.stderr or done.stdout}")
    got = json.loads(done.stdout)
    n = got["callbacks"]
    return {"calls": CALLS / got["seconds"], "callbacks": n / got["seconds"],
            "simulator": got["cpu_us_per_callback"],
            "responder": (after[0] - before[0]) / n / 1000,
            "nginx": (after[1] - before[1]) / n / 1000}


def main():
    s = ivr_site.deploy(workers=16)
    results = {name: [] for name in SCRIPTS}
    play(s, SCRIPTS["silence"])  # warm up
    for _ in range(ROUNDS):
        for name, argv in SCRIPTS.items():
            results[name].append(play(s, argv))
    print(f"{CONCURRENCY} calls at once; CPU in microseconds a callback, of "
          "one or two requests each\n")
    print("  " + "".join(c.rjust(14) for c in (
        "", "calls/s", "callbacks/s", "simulator", "responder", "nginx",
        "share")))
    worst = 0
    for name, rows in results.items():
        m = {k: statistics.median(r[k] for r in rows) for k in rows[0]}
        others = m["responder"] + m["nginx"]
        share = m["simulator"] / (m["simulator"] + others)
        worst = max(worst, m["simulator"] / others)
        print("  " + name.rjust(14) + f"{m['calls']:14.0f}"
              f"{m['callbacks']:14.0f}{m['simulator']:14.1f}"
              f"{m['responder']:14.1f}{m['nginx']:14.1f}{share:14.0%}")
    good = worst < 1
    print(f"\n  {'met   ' if good else 'missed'}  the simulator's CPU against "
          f"the responder's and nginx's: {worst:.2f} (goal: below 1)")


if __name__ == "__main__":
    main()
