#!/usr/bin/env python3
"""Side-by-side benchmark of the IVR step behind nginx.

An authenticated gather callback of about 700 bytes is answered with BXML of
speech and a transfer, by bwcallback.fcgi and by responders that do nothing,
behind one nginx, in alternating rounds. Machines are shared and noisy: only
the ratios within one run are meaningful.
"""
import argparse
import base64
import glob
import os
import shutil
import socket
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pylib"))
import process  # noqa: E402

DIGITS_RULES = """<callbacks>
  <credentials id="main" realm="bench" file="passwd"/>
  <table id="staff" file="staff.csv" key="digit"/>
  <voice path="/bw/menu" credentials="main">
    <on event="gather" digits="9"><Response><Hangup/></Response></on>
    <on event="gather" digits="1|2"><Response><SpeakSentence voice="julie">Connecting you to {staff[digits].name}.</SpeakSentence><Transfer transferCompleteUrl="/voice/transferred"><PhoneNumber>{staff[digits].phone}</PhoneNumber></Transfer></Response></on>
  </voice>
</callbacks>
"""
STAFF = "digit,name,phone\n1,sales,+19195550101\n2,support,+19195550102\n"
CALL = "c-0d1f6a52-77b0c3de-4e19-4a06-9b53-2f8c6ad01e47"
BODY = (
    '{"eventType":"gather","eventTime":"2026-03-02T15:04:05.678Z",'
    '"accountId":"9900100","applicationId":"0f9d2a1c-53be-4c67-8a41-6b7e90d2c315",'
    '"from":"+19195550110","to":"+19195550100","direction":"inbound",'
    f'"callId":"{CALL}",'
    f'"callUrl":"https://voice.bandwidth.com/api/v2/accounts/9900100/calls/{CALL}",'
    '"enqueuedTime":"2026-03-02T15:03:57.020Z",'
    '"startTime":"2026-03-02T15:03:58.120Z","answerTime":"2026-03-02T15:03:59.431Z",'
    '"tag":"main-menu of the office, first round","digits":"1","terminatingDigit":"",'
    '"diversion":{"origTo":"+19195550199","reason":"no-answer","privacy":"off","counter":"1","limit":"5"}}'
)
PASSWORD = "a bench password"

NGINX = """
daemon off;
worker_processes 1;
pid {dir}/nginx.pid;
error_log {dir}/nginx.log warn;
worker_rlimit_nofile 4096;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  client_body_temp_path {dir}/body;
  fastcgi_temp_path {dir}/fastcgi;
  proxy_temp_path {dir}/proxy;
  uwsgi_temp_path {dir}/uwsgi;
  scgi_temp_path {dir}/scgi;
  keepalive_requests 1000000;
  upstream epoll {{ server unix:{dir}/epoll.sock; keepalive 64; }}
  upstream us {{ server unix:{dir}/us.sock; keepalive 64; }}
  upstream express {{ server unix:{dir}/express.sock; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port};
    include {params};
    location /nginx {{
      default_type application/xml;
      return 200 '<Response><SpeakSentence voice="julie">Connecting you to sales.</SpeakSentence><Transfer transferCompleteUrl="/voice/transferred"><PhoneNumber>+19195550101</PhoneNumber></Transfer></Response>';
    }}
    location /plain {{ fastcgi_pass unix:{dir}/plain.sock; }}
    location /epoll {{ fastcgi_pass epoll; fastcgi_keep_conn on; }}
    location /bw {{ fastcgi_pass us; fastcgi_keep_conn on; }}
    location /express {{
      proxy_pass http://express;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
}}
"""

PATHS = {"nginx": "/nginx", "plain": "/plain", "epoll": "/epoll", "bwcallback": "/bw/menu",
         "express": "/express"}
TITLES = {
    "nginx": "(a) nginx return 200",
    "plain": "(b) nothing, plain libfcgi",
    "epoll": "(c) nothing, own epoll, kept",
    "bwcallback": "bwcallback, the whole step",
    "express": "(d) Express with the SDK",
}


def tasks_cpu(pid):
    """CPU nanoseconds of a process, all its threads that are alive."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        with open(path) as f:
            total += int(f.read().split()[0])
    return total


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(p) for p in f.read().split()]


def pss_kb(pid):
    with open(f"/proc/{pid}/smaps_rollup") as f:
        for line in f:
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def responder_of(build):
    """The responder of another build folder, and its environment. Not libtool's
    wrapper: that finds nothing once the folder has moved."""
    return (f"{build}/fcgi/.libs/bwcallback.fcgi",
            dict(os.environ, LD_LIBRARY_PATH=f"{build}/lib/.libs"))


class Bench:
    def __init__(self, args):
        self.args = args
        self.dir = process.folder()
        self.procs = {}
        self.paths = {n: p for n, p in PATHS.items() if n != "express" or args.sdk}
        self.listener = process.listener()  # nginx inherits it
        self.port = self.listener.getsockname()[1]

    def start(self, name, argv, address, **options):
        child = process.Child(argv, os.path.join(self.dir, f"{name}.log"), **options)
        self.procs[name] = child
        process.wait_until(lambda: process.connects(address) or not child.running())
        if not child.running():
            sys.exit(f"bench: {name} does not start: {child.said()}")

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def start_all(self):
        build, d = self.args.build, self.dir
        self.write("callbacks.xml", DIGITS_RULES)
        self.write("staff.csv", STAFF)
        subprocess.run([f"{build}/cli/bwcallback", "passwd", f"{d}/passwd", "bandwidth"],
                       input=PASSWORD + "\n", text=True, check=True, stdout=subprocess.DEVNULL)
        for name in ("plain", "epoll"):
            self.start(name, [f"{build}/tests/bench/{name}", f"{d}/{name}.sock"], f"{d}/{name}.sock")
        self.start("bwcallback", [f"{build}/fcgi/bwcallback.fcgi", "--config", f"{d}/callbacks.xml",
                                  "--listen", f"unix:{d}/us.sock,mode=0666",
                                  "--log", "/dev/null"], f"{d}/us.sock")
        if self.args.sdk:
            self.start("express", ["node", os.path.join(os.path.dirname(os.path.abspath(__file__)), "express.js"),
                                   os.path.abspath(self.args.sdk), f"{d}/express.sock", "bandwidth", PASSWORD],
                       f"{d}/express.sock")
        for s in glob.glob(f"{d}/*.sock"):
            os.chmod(s, 0o666)
        conf = self.write("nginx.conf", NGINX.format(dir=d, port=self.port, params="/etc/nginx/fastcgi_params"))
        fd = self.listener.fileno()
        self.start("nginx", [self.args.nginx, "-c", conf, "-p", d], ("127.0.0.1", self.port),
                   env=dict(os.environ, NGINX=f"{fd};"), pass_fds=(fd,))
        token = base64.b64encode(f"bandwidth:{PASSWORD}".encode()).decode()
        for name, path in self.paths.items():
            self.write(f"{name}.request",
                       f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                       f"Authorization: Basic {token}\r\nContent-Length: {len(BODY)}\r\n\r\n{BODY}")

    def cpu(self, name):
        nginx = sum(tasks_cpu(p) for p in children(self.procs["nginx"].pid))
        if name == "nginx":
            return nginx, 0
        pid = self.procs[name].pid
        return nginx, sum(tasks_cpu(p) for p in [pid, *children(pid)])

    def load(self, name, rate, seconds, connections):
        before = self.cpu(name)
        out = subprocess.run([f"{self.args.build}/tests/bench/load", str(self.port),
                              f"{self.dir}/{name}.request", str(connections), str(seconds), str(rate)],
                             check=True, text=True, capture_output=True).stdout.split()
        if not self.procs[name].running():
            sys.exit(f"bench: {name} has ended: {self.procs[name].said()}")
        after = self.cpu(name)
        n = max(int(out[0]), 1)
        if int(out[1]):
            print(f"  {name}: {out[1]} of {n} requests failed", file=sys.stderr)
        return {"failures": int(out[1]), "rate": float(out[2]), "p50": int(out[3]), "p99": int(out[4]),
                "p999": int(out[5]), "nginx": (after[0] - before[0]) / n / 1000,
                "app": (after[1] - before[1]) / n / 1000}

    def rounds(self, rate, connections, names):
        results = {name: [] for name in names}
        for _ in range(self.args.rounds):
            for name in names:
                results[name].append(self.load(name, rate, self.args.seconds, connections))
        return {name: {k: statistics.median(r[k] for r in rows) for k in rows[0]}
                for name, rows in results.items()}


def print_table(title, results, columns):
    print(f"\n{title}\n")
    print("  " + "contender".ljust(30) + "".join(c.rjust(14) for c, _, _ in columns))
    for name, row in results.items():
        cells = "".join(fmt.format(row[key]).rjust(14) for _, key, fmt in columns)
        print("  " + TITLES[name].ljust(30) + cells)


def print_goal(what, got, goal, good):
    print(f"  {'met   ' if good else 'missed'}  {what}: {got} (goal: {goal})")


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--build", default=os.environ.get("BW_BUILDDIR", "."))
    p.add_argument("--nginx", default=shutil.which("nginx") or "/usr/sbin/nginx")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seconds", type=float, default=3)
    p.add_argument("--connections", type=int, default=32)
    p.add_argument("--sdk", metavar="NODE_MODULES",
                   help="a folder with the npm packages express and bandwidth-sdk: contender d")
    args = p.parse_args()
    args.build = os.path.abspath(args.build)
    if not args.sdk:
        print("(d) skipped: BENCH_FLAGS=\"--sdk node_modules\" says where express and bandwidth-sdk are")

    b = Bench(args)
    b.start_all()
    for name in b.paths:  # warm up, and hash the password once
        b.load(name, 0, 0.5, args.connections)
    peak = b.rounds(0, args.connections, b.paths)
    rate = peak["epoll"]["rate"] / 2
    # Skip contenders below the rate: they would only show their queue.
    able = [n for n in b.paths if peak[n]["rate"] > 1.1 * rate]
    fixed = b.rounds(rate, args.connections, able)
    memory = {n: sum(pss_kb(p) for p in [b.procs[n].pid, *children(b.procs[n].pid)])
              for n in b.paths if n != "nginx"}

    print_table(f"As fast as {args.connections} connections go", peak,
                [("req/s", "rate", "{:.0f}"), ("nginx us", "nginx", "{:.1f}"), ("app us", "app", "{:.1f}"),
                 ("p50 us", "p50", "{:.0f}"), ("p99 us", "p99", "{:.0f}")])
    print_table(f"At {rate:.0f} requests a second (half of c's peak)", fixed,
                [("req/s", "rate", "{:.0f}"), ("nginx us", "nginx", "{:.1f}"), ("app us", "app", "{:.1f}"),
                 ("p50 us", "p50", "{:.0f}"), ("p99 us", "p99", "{:.0f}"), ("p99.9 us", "p999", "{:.0f}")])
    print("\nPSS: " + ", ".join(f"{n} {kb} kB" for n, kb in memory.items()) + "\n")

    us = peak["bwcallback"]
    cpu = us["app"] / peak["plain"]["app"]
    speed = us["rate"] / peak["epoll"]["rate"]
    tail = fixed["bwcallback"]["p99"] / max(fixed["epoll"]["p99"], 1) if "bwcallback" in fixed else float("inf")
    print_goal("CPU of the step against (b), which does nothing", f"{cpu:.2f}", "at most 0.75", cpu <= 0.75)
    print_goal("requests a second against (c)", f"{speed:.2f}", "at least 0.60", speed >= 0.6)
    print_goal("p99 at half load against (c)", f"{tail:.2f}", "at most 1.50", tail <= 1.5)
    print_goal("PSS", f"{memory['bwcallback']} kB", "under 4096 kB", memory["bwcallback"] < 4096)


if __name__ == "__main__":
    main()
