#!/usr/bin/env python3
"""Side-by-side benchmark of requests that wait.

What others pay for it while requests wait for a program or for the disk: the
slowest port-out and call, system calls, memory, and what can be served while
each commit takes 5 ms. --other names the build folder of another version, which is measured in the same rounds; only the ratios
within one run are meaningful.
"""
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time

import bench
import durable
import client  # from tests/pylib, like the following
import fastcgi
import payload
import process

STORED = """<callbacks>
  <store url="sqlite:events.db"/>
  <voice path="/{name}/voice">
    <on event="initiate"><Response><Hangup/></Response></on>
  </voice>
  <messaging path="/{name}/messages"/>
  <messaging path="/{name}/hung"><on><exec program="hung"/></on></messaging>
  <portout path="/{name}/portout" on-error="deny">
    <on><deny code="7516" description="Not without a call"/></on>
  </portout>
</callbacks>
"""
STEP = """<callbacks>
  <voice path="/{name}/voice">
    <on event="gather" digits="1|2"><Response><SpeakSentence voice="julie">Connecting you to sales.</SpeakSentence><Transfer><PhoneNumber>+19195550101</PhoneNumber></Transfer></Response></on>
  </voice>
</callbacks>
"""
HUNG = """#!/bin/sh
cat >/dev/null
while [ ! -e '{gate}' ]; do sleep 0.2; done
"""
# The web server's own time limits must not end the requests measured.
LOCATION = ("location /{name}/ {{ fastcgi_pass {name}; fastcgi_keep_conn on; "
            "fastcgi_read_timeout 300s; }}\n")
# Connections while each commit takes 5 ms.
SLOW = (64, 512)
COUNTED = {"futex": "syscalls:sys_enter_futex", "all": "raw_syscalls:sys_enter"}


def run_perf(pid, what):
    """System calls of a process while what() runs, by COUNTED; None without
    perf or its rights."""
    perf = shutil.which("perf")
    if perf is None:
        return None
    child = subprocess.Popen(
        [perf, "stat", "-x,", "-e", ",".join(COUNTED.values()), "-p", str(pid)],
        stderr=subprocess.PIPE, text=True)
    time.sleep(0.5)  # it attaches to all threads
    if child.poll() is not None:
        return None
    what()
    child.send_signal(2)
    said = child.communicate()[1]
    counts = {}
    for name, event in COUNTED.items():
        found = re.search(rf"^(\d+),.*{event}", said, re.M)
        counts[name] = int(found.group(1)) if found else 0
    return counts if any(counts.values()) else None


class Waiting(bench.Bench):
    def __init__(self, args):
        args.sdk = None
        super().__init__(args)
        self.builds = {"this": args.build}
        if args.other:
            self.builds["other"] = os.path.abspath(args.other)
        bench.TITLES.update({"this": "this build", "other": "the other build"})

    def prepare(self, name, config, path, body):
        """The configuration of a responder, and the request for its load."""
        folder = os.path.join(self.dir, name)
        os.mkdir(folder)
        self.write(f"{name}/callbacks.xml", config.format(name=name))
        os.chmod(self.write(f"{name}/hung",
                            HUNG.format(gate=f"{folder}/gate")), 0o755)
        self.write(f"{name}.request",
                   f"POST /{name}/{path} HTTP/1.1\r\nHost: localhost\r\n"
                   "Content-Type: application/json\r\n"
                   f"Content-Length: {len(body)}\r\n\r\n{body}")

    def start_responder(self, name, preload=None):
        d = self.dir
        program, env = bench.responder_of(self.builds[name.partition("-")[0]])
        if preload:
            env["LD_PRELOAD"] = process.before_others(preload)
        self.start(name, [program, "--config", f"{d}/{name}/callbacks.xml",
                          "--listen", f"unix:{d}/{name}.sock,mode=0666",
                          *self.args.workers, "--log", f"{d}/{name}.out"],
                   f"{d}/{name}.sock", env=env)
        self.answered(name, 4, 0.3)  # warm up, and create the store

    def start_nginx(self):
        d, names = self.dir, []
        for build in self.builds:
            for kind, config, path, body in (
                    ("store", STORED, "messages", durable.MESSAGE),
                    ("step", STEP, "voice", bench.BODY)):
                names.append(f"{build}-{kind}")
                self.prepare(names[-1], config, path, body)
        upstreams = "".join(f"upstream {n} {{ server unix:{d}/{n}.sock; "
                            "keepalive 512; }\n" for n in names)
        conf = self.write("nginx.conf", durable.NGINX.format(
            dir=d, port=self.port, upstreams=upstreams,
            locations="".join(LOCATION.format(name=n) for n in names)))
        fd = self.listener.fileno()
        self.start("nginx", [self.args.nginx, "-c", conf, "-p", d],
                   ("127.0.0.1", self.port),
                   env=dict(os.environ, NGINX=f"{fd};"), pass_fds=(fd,))

    def drive(self, name, connections, seconds):
        """What the load prints."""
        return subprocess.run(
            [f"{self.args.build}/tests/bench/load", str(self.port),
             f"{self.dir}/{name}.request", str(connections), str(seconds), "0"],
            check=True, text=True, capture_output=True).stdout.split()

    def answered(self, name, connections, seconds):
        """Number of answers in a load."""
        return max(int(self.drive(name, connections, seconds)[0]), 1)

    def count_calls(self, row, key, name, connections):
        """System calls of one request; None: they cannot be counted."""
        done = []
        counts = run_perf(self.procs[name].pid, lambda: done.append(
            self.answered(name, connections, self.args.seconds)))
        for what in COUNTED:
            row[f"{what} {key}"] = counts and counts[what] / done[0]

    def time_of(self, name, path, body, kind):
        start = time.monotonic()
        answer = client.send(f"http://127.0.0.1:{self.port}/{name}/{path}",
                             "POST", body, [kind])
        if answer.status != 200:
            print(f"  {name}: {path}: {answer.status}", file=sys.stderr)
        return time.monotonic() - start

    def slowest(self, name):
        """The longest time to a verdict and to the BXML of a call, in s."""
        times = {"portout": [], "voice": []}

        def one(path, body, kind):
            times[path].append(self.time_of(name, path, body, kind))

        threads = []
        for _ in range(4):
            threads += [
                threading.Thread(target=one, args=(
                    "portout", payload.portout(payload.new_id("P")),
                    payload.XML)),
                threading.Thread(target=one, args=(
                    "voice", payload.post(payload.Call().event("initiate")),
                    payload.JSON))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        return {path: max(all_) for path, all_ in times.items()}

    def hang(self, name, count):
        """Connections with a message each for a program that hangs."""
        held = []
        for _ in range(count):
            s = fastcgi.connect(f"{self.dir}/{name}.sock")
            s.sendall(fastcgi.request(
                f"/{name}/hung", payload.post([payload.message()]), False))
            held.append(s)
        time.sleep(0.5)  # until they wait
        return held

    def release(self, name, held):
        gate = os.path.join(self.dir, name, "gate")
        with open(gate, "w"):
            pass
        for s in held:
            s.settimeout(120)
            while s.recv(65536):
                pass
            s.close()
        os.unlink(gate)

    def memory_under_load(self, name, connections):
        """PSS in the middle of a load, in MB."""
        thread = threading.Thread(target=self.answered, args=(
            name, connections, self.args.seconds))
        thread.start()
        time.sleep(self.args.seconds / 2)
        pss = bench.pss_kb(self.procs[name].pid)
        thread.join()
        return pss / 1024

    def slow_commits(self, name, row):
        """Answers a second, and the 99th percentile in ms."""
        self.start_responder(name, os.path.join(
            self.args.build, "tests", "bench", ".libs", "slow_commit.so"))
        for n in SLOW:
            out = self.drive(name, n, self.args.seconds)
            row[f"rate {n}"] = float(out[2])
            row[f"p99 {n}"] = float(out[4]) / 1000
        self.procs[name].stop()

    def measure(self, build):
        """One round of one build: a value, or None, by row. No other responder
        runs: PSS would share out the memory of libraries."""
        step, store = f"{build}-step", f"{build}-store"
        self.start_responder(step)
        row = {"pss 16": self.memory_under_load(step, 16)}
        self.count_calls(row, "step", step, 64)
        self.procs[step].stop()
        self.start_responder(store)
        self.count_calls(row, "alone", store, 1)
        row["pss 64"] = self.memory_under_load(store, 64)
        self.count_calls(row, "under 64", store, 64)
        held = self.hang(store, 64)
        slow = self.slowest(store)
        row["portout"], row["voice"] = slow["portout"], slow["voice"]
        self.release(store, held)
        held = self.hang(store, 512)
        row["pss 512"] = bench.pss_kb(self.procs[store].pid) / 1024
        self.release(store, held)
        self.procs[store].stop()
        self.slow_commits(store, row)
        return row


# The key of a row, its title, and the goal: a maximum.
ROWS = (
    ("portout", "64 messages wait for a hung program: slowest port-out, s", 1),
    ("voice", "the same: slowest call, s", 8),
    ("futex alone", "futex calls of a durable message, alone", 2),
    ("futex under 64", "the same under 64 connections", 0.3),
    ("all alone", "system calls of a durable message, alone", None),
    ("all under 64", "the same under 64 connections", None),
    ("all step", "system calls of an IVR step, kept connections", 3.5),
    ("pss 16", "PSS with 16 requests in flight, MB", 4),
    ("pss 64", "PSS with 64 durable connections, MB", 12),
    ("pss 512", "PSS with 512 messages that wait for a program, MB", 16),
    ("rate 64", "messages a second, commits of 5 ms, 64 connections", None),
    ("p99 64", "the same: 99th percentile, ms", None),
    ("rate 512", "the same, 512 connections: messages a second", None),
    ("p99 512", "the same: 99th percentile, ms", None),
)


def median(values):
    known = [v for v in values if v is not None]
    return statistics.median(known) if known else None


def show(value):
    return "-" if value is None else f"{value:.2f}"


def main():
    args = durable.arguments(__doc__, 3)

    b = Waiting(args)
    b.start_nginx()
    rounds = {build: [] for build in b.builds}
    for _ in range(args.rounds):
        for build, rows in rounds.items():
            rows.append(b.measure(build))
    results = {build: {key: median([r[key] for r in rows])
                       for key, _, _ in ROWS} for build, rows in rounds.items()}

    print("\nRequests that wait\n")
    print("  " + "".ljust(56) + "".join(n.rjust(10) for n in results) +
          "goal".rjust(10))
    for key, what, goal in ROWS:
        cells = "".join(show(r[key]).rjust(10) for r in results.values())
        print("  " + what.ljust(56) + cells + show(goal).rjust(10))
    if results["this"]["all step"] is None:
        print("  -: perf cannot count system calls here")
    print()
    for key, what, goal in ROWS:
        got = results["this"][key]
        if goal is not None and got is not None:
            bench.print_goal(what, f"{got:.2f}", f"at most {goal}", got <= goal)
    if "other" in results:
        compare(results["this"], results["other"])


def compare(this, other):
    """The goals while commits are slow are ratios."""
    for n in SLOW:
        rate = this[f"rate {n}"] / other[f"rate {n}"]
        p99 = this[f"p99 {n}"] / other[f"p99 {n}"]
        bench.print_goal(f"commits of 5 ms, {n} connections: against the other",
                         f"{rate:.2f}", "at least 3.00", rate >= 3)
        bench.print_goal("the same: 99th percentile", f"{p99:.2f}",
                         "at most 0.15", p99 <= 0.15)


if __name__ == "__main__":
    main()
