#!/usr/bin/env python3
"""A consumer that starts skips no event that comes meanwhile. Consumers on two
hosts share the work of one name and are killed at random: each event at least
once, none skipped, and in order for each call. The hosts are network namespaces
with names of their own, if root runs this."""

import collections
import os
import random
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import fastcgi  # noqa: E402
import payload  # noqa: E402
import postgresql  # noqa: E402
import postgresql_proxy  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

KILLS = int(os.environ.get("BW_TORTURE", "20"))
CALLS = 4  # at a time
EVENTS = 4  # of each
AHEAD = 20  # most events that are not consumed yet

CONFIG = """<callbacks>
  <store url="{url}" spool="spool"/>
  <voice path="/voice"/>
</callbacks>
"""

# Appends a line; the kernel writes each as a whole.
PROGRAM = """#!/bin/sh
echo "$(hostname) $BW_ID $BW_CALL" >>'{folder}/got'
"""


class Site:
    def __init__(self, url):
        self.folder = process.folder()
        self.write("callbacks.xml", CONFIG.format(url=url))
        self.write("program", PROGRAM.format(folder=self.folder), 0o755)
        self.write("got", "")
        self.config = self.path("callbacks.xml")
        self.responder = responder.Responder(
            self.config, self.path("log"), self.path("s"))
        self.consumers = [None, None]
        self.sent = []  # of events that were acknowledged: their calls

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o644):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(self.path(name), mode)

    def consume(self, i):
        host = []
        if os.geteuid() == 0:
            host = ["unshare", "--net", "--uts", "sh", "-c",
                    f'hostname host{i + 1} && exec "$@"', "sh"]
        self.consumers[i] = process.Child(
            [*host, responder.command(), "consume", "work", "--config",
             self.config, "--lease", "2s", "--since", "1d", "--",
             self.path("program")], self.path(f"consumer{i}.log"))

    def kill(self, i):
        """The consumer and its program."""
        os.killpg(self.consumers[i].pid, signal.SIGKILL)
        self.consumers[i].stop()  # forgets it
        self.consume(i)

    def call(self):
        """The events of a call, one after the other."""
        c = payload.Call()
        for _ in range(EVENTS):
            answer = fastcgi.ask(
                self.path("s"), "/voice", payload.post(c.event(
                    "dtmf", digit="1")), CONTENT_TYPE="application/json")
            if answer.status == 204:
                self.sent.append(c.id)

    def got(self):
        """(host, number, call) of each time that the program ran."""
        with open(self.path("got"), encoding="utf-8") as f:
            lines = [line.split() for line in f]
        return [(host, int(number), call) for host, number, call in lines]


def start_early(s, primary, name, at):
    """A consumer for events that are younger than all stored ones; a call comes
    when it has the result of a statement. True if it has not begun by then."""
    proxy = postgresql_proxy.Proxy(process.folder(), primary)
    s.write("early.xml", CONFIG.format(url=proxy.url()))
    since = int(primary.sql(
        "SELECT coalesce(max(received) + 1, 0) FROM bwcallback.event"))
    process.wait_until(lambda: time.time() * 1000 > since + 1)
    begun, left = [], [at]

    def completed():
        left[0] -= 1
        if left[0] == 0:
            begun.append(primary.sql(
                "SELECT count(*) FROM bwcallback.consumer WHERE "
                f"encode(name, 'escape') = '{name}'") == "1")
            s.call()

    proxy.completed = completed
    done = subprocess.run(
        [responder.command(), "consume", name, "--config",
         s.path("early.xml"), "--once", "--since", str(since or "1d"), "--",
         s.path("program")], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tap.diag(done.stderr)
    return begun == [False]


def check_start(s, primary):
    at, skipped = 1, []
    while start_early(s, primary, f"early{at}", at):
        if len(s.got()) != EVENTS:
            skipped.append(at)
        s.write("got", "")
        at += 1
    s.write("got", "")
    tap.ok(at > 3, "events came while a consumer started", str(at))
    tap.same(skipped, [], "it got all of them, after whichever statement")


def load(s, stop):
    while not stop.wait(0.02):
        if len(s.sent) < len(s.got()) + AHEAD:
            s.call()


def torture(s):
    stop = threading.Event()
    senders = [threading.Thread(target=load, args=(s, stop), daemon=True)
               for _ in range(CALLS)]
    for sender in senders:
        sender.start()
    for _ in range(KILLS):
        before = len(s.got())
        time.sleep(random.uniform(0.1, 0.6))
        process.wait_until(lambda n=before: len(s.got()) > n)
        s.kill(random.randrange(2))
    stop.set()
    for sender in senders:
        sender.join()


def check(s, primary):
    stored = [int(n) for n in primary.sql(
        "SELECT seq FROM bwcallback.event").split()]
    tap.same(len(stored), len(s.sent), "each event is stored once")
    tap.ok(process.wait_until(
        lambda: set(stored) == {number for _, number, _ in s.got()}),
        "each event was consumed, none was skipped")
    seen, last, wrong = set(), collections.defaultdict(int), []
    for _, number, call in s.got():
        if number not in seen and number < last[call]:
            wrong.append((call, number))
        seen.add(number)
        last[call] = max(last[call], number)
    tap.same(wrong, [], "the events of each call came in their order")
    hosts = collections.Counter(host for host, _, _ in s.got())
    tap.diag(f"{len(stored)} events, {len(s.got())} runs, by {dict(hosts)}")
    if os.geteuid() == 0:
        tap.same(sorted(hosts), ["host1", "host2"], "both hosts worked")


def main():
    seed = int(os.environ.get("BW_SEED", str(time.time_ns() % 1000000)))
    tap.diag(f"BW_SEED={seed}")
    random.seed(seed)
    primary, standby = postgresql.pair(postgresql.folder())
    made = subprocess.run(
        [responder.command(), "store", "create", primary.url()],
        capture_output=True, text=True, check=False)
    tap.same((made.returncode, made.stderr), (0, ""), "store create")
    s = Site(primary.url())
    check_start(s, primary)
    for i in range(2):
        s.consume(i)
    torture(s)
    check(s, primary)
    tap.same([c.stop() for c in s.consumers], [0, 0], "both consumers end well")
    tap.same(s.responder.stop(), 0, "the responder ends well")
    standby.stop()
    primary.stop()


tap.run(main)
