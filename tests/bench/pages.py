#!/usr/bin/env python3
"""What the pages of <inspector> cost: the time and the processor time of each with
a large store beside a small one, and what a hundred readers of live pages cost
those who send messages. Only the ratios within one run are meaningful. EVENTS=0
leaves the pages out; READERS="1 100" measures these numbers of readers.
"""
import json
import os
import select
import statistics
import subprocess
import sys
import threading
import time

import bench
import durable
import fastcgi  # from tests/pylib, like the following
import process
import responder

SMALL = 10000
MOST_MS = 50
MOST_COST = 0.05

CONFIG = """<callbacks>
  <store url="sqlite:{folder}/events.db"/>
  <credentials id="ops" file="{folder}/ops" realm="Operators"/>
  <inspector path="/_inspector" credentials="ops"/>
  <metrics path="/metrics" credentials="ops"/>
  {more}
</callbacks>
"""
FLOW = """<voice path="/voice">
  <on event="initiate|answer"><Response><Gather gatherUrl="/voice"><SpeakSentence>Hello. For sales press 1, for support press 2.</SpeakSentence></Gather></Response></on>
  <on event="gather" digits="1|2"><Response><SpeakSentence>One moment.</SpeakSentence><Hangup/></Response></on>
  <on event="gather"><Response><SpeakSentence>Goodbye.</SpeakSentence></Response></on>
</voice>
<messaging path="/messages"/><numbers path="/orders"/><portout path="/portout"/>
"""


class Site:
    """A responder and its store."""

    def __init__(self, folder, more):
        os.makedirs(folder, exist_ok=True)
        self.password = responder.make_password(f"{folder}/ops", "ops")
        self.config = f"{folder}/callbacks.xml"
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(folder=folder, more=more))
        self.socket = f"{folder}/sock"
        self.folder = folder

    def start(self):
        self.process = responder.Responder(
            self.config, f"{self.folder}/log", self.socket, workers=3)

    def variables(self):
        pair = bench.base64.b64encode(f"ops:{self.password}".encode()).decode()
        return {"HTTP_AUTHORIZATION": "Basic " + pair, "method": "GET",
                "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost"}

    def cpu(self):
        """Nanoseconds of all its threads."""
        total = 0
        tasks = f"/proc/{self.process.pid}/task"
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/schedstat", encoding="ascii") as f:
                total += int(f.read().split()[0])
        return total

    def page(self, path, mount="/_inspector"):
        """The answer, and the milliseconds and those of a processor it took."""
        before, began = self.cpu(), time.perf_counter()
        answer = fastcgi.ask(self.socket, mount + path, **self.variables())
        took = (time.perf_counter() - began) * 1000
        return answer, took, (self.cpu() - before) / 1e6


def filled(build, folder, events, more):
    site = Site(folder, more)
    began = time.monotonic()
    subprocess.run([f"{build}/tests/bench/recent", folder, str(events)],
                   check=True)
    site.start()
    print(f"{events} events, filled in {time.monotonic() - began:.0f} s",
          flush=True)
    return site


def pages_of(site):
    """Names, addresses and paths of what is measured."""
    rows = json.loads(site.page("/events.json")[0].body)["events"]
    call = next(e["call"] for e in rows if e.get("call"))
    message = next(e["message"] for e in rows if e.get("message"))
    number = next(e["from"] for e in rows if e.get("call"))
    pages = {
        "Now": "/", "Calls": "/calls",
        "Calls, fallback": "/calls?state=fallback",
        "Calls, in progress": "/calls?state=active",
        "Calls by number": f"/calls?number=%2B{number[1:]}",
        "Calls by its end": f"/calls?number={number[-4:]}",
        "a call": f"/call/{call}", "Messages": "/messages",
        "a thread": f"/message/{message}", "Orders": "/orders",
        "Port-outs": "/portouts", "Events": "/events",
        "Events, fallback": "/events?state=fallback",
        "Events, a status": "/events?status=503",
        "Events, a section": "/events?section=/nothing",
        "Events of a day": "/events?since=24h&family=messaging",
        "an event": f"/event/{rows[0]['id']}", "Flow, an hour": "/flow",
        "Flow, a week": "/flow?since=7d", "Consumers": "/consumers",
        "Play": "/play", "the search": f"/find?q={number[-4:]}"}
    return {**{name: (path, "/_inspector") for name, path in pages.items()},
            "the scrape": ("", "/metrics")}


def measure(site, address, rounds):
    took, cpu = [], []
    for _ in range(rounds):
        answer, ms, used = site.page(*address)
        if answer.status not in (200, 303):
            sys.exit(f"{address}: {answer.status}")
        took.append(ms)
        cpu.append(used)
    return (statistics.median(took[1:]), max(took[1:]),
            statistics.median(cpu[1:]), len(answer.body))


def compare(small, large, rounds):
    ours, theirs = pages_of(large), pages_of(small)
    print("\n  page                kB    ms, store large  worst   small  ratio   "
          "processor ms  small\n")
    slow = []
    for name, address in ours.items():
        ms, most, cpu, size = measure(large, address, rounds)
        less, _, less_cpu, _ = measure(small, theirs[name], rounds)
        if ms > MOST_MS:
            slow.append(name)
        print(f"  {name:19}{size / 1000:4.0f}{ms:17.1f}{most:7.1f}{less:8.1f}"
              f"{ms / less:7.1f}{cpu:15.1f}{less_cpu:7.1f}", flush=True)
    print()
    bench.print_goal("pages that take longer", ", ".join(slow) or "none",
                     f"at most {MOST_MS} ms", not slow)


class Readers(threading.Thread):
    """Readers of live pages, who take what comes."""

    def __init__(self, site, n, query):
        super().__init__(daemon=True)
        self.ended = False
        self.bytes = 0
        self.open = []
        for _ in range(n):
            c = fastcgi.Connection(site.socket)
            c.send(fastcgi.request("/_inspector/stream" + query, **site.variables()))
            self.open.append(c)
        self.start()
        time.sleep(1)  # what is stored already is sent
        self.bytes = 0

    def run(self):
        poll = select.epoll()
        for c in self.open:
            poll.register(c.socket, select.EPOLLIN)
        by_fd = {c.socket.fileno(): c.socket for c in self.open}
        while not self.ended:
            for fd, _ in poll.poll(0.2):
                self.bytes += len(by_fd[fd].recv(1 << 18))

    def stop(self):
        self.ended = True
        self.join()
        for c in self.open:
            c.socket.close()


class Live(durable.Durable):
    """Messages through nginx, with and without readers."""

    def __init__(self, args):
        super().__init__(args, {"group": durable.CONTENDERS["group"]})
        self.programs.pop("other_memory", None)
        self.paths = {name: f"/{name}" for name in self.programs}
        self.sites = {}

    def start_responder(self, name, socket, program, url, env):
        site = Site(os.path.join(self.dir, socket),
                    f'<messaging path="/{name}"/>')
        site.socket = f"{self.dir}/{socket}.sock"
        self.sites[name] = site
        self.start(socket, [program, "--config", site.config, "--listen",
                            f"unix:{site.socket},mode=0666",
                            *self.args.workers, "--log", "/dev/null"],
                   site.socket, env=env)

    def measure(self, name, n, query):
        readers = Readers(self.sites[name], n, query)
        row = self.load(name, 0, self.args.seconds, self.args.connections)
        readers.stop()
        row["kB"] = readers.bytes / 1000 / self.args.seconds
        return row

    def round(self, counts, query, i):
        """Each number of readers beside none, in alternating order."""
        found = {}
        for name in self.paths:
            for n in counts:
                pair = {k: self.measure(name, k, query)
                        for k in ((0, n) if i % 2 else (n, 0))}
                found[name, n] = {
                    "rate": pair[n]["rate"] / pair[0]["rate"],
                    "app": pair[n]["app"] / pair[0]["app"],
                    "p99": pair[n]["p99"] / pair[0]["p99"],
                    "without": pair[0]["rate"], "kB": pair[n]["kB"]}
        return found

    def compare(self, counts, query=""):
        for name in self.paths:
            self.load(name, 0, 0.5, self.args.connections)
        rounds = [self.round(counts, query, i)
                  for i in range(self.args.rounds)]
        print(f"\n  Readers of stream{query}, against none: medians, and the "
              "middle half\n\n  readers                      without, req/s"
              "       throughput    processor time   p99  kB/s\n")
        for name, n in rounds[0]:
            m = {k: statistics.quantiles([r[name, n][k] for r in rounds], n=4)
                 for k in rounds[0][name, n]}
            print(f"  {bench.TITLES[name]:23}{n:4}{m['without'][1]:16.0f}"
                  f"{m['rate'][1]:8.2f} ({m['rate'][0]:.2f}-{m['rate'][2]:.2f})"
                  f"{m['app'][1]:8.2f} ({m['app'][0]:.2f}-{m['app'][2]:.2f})"
                  f"{m['p99'][1]:6.2f}{m['kB'][1]:6.0f}")
        n = counts[-1]
        lost = 1 - statistics.median(r["group", n]["rate"] for r in rounds)
        print()
        bench.print_goal(f"throughput lost to {n} readers", f"{lost:.3f}",
                         f"at most {MOST_COST:.2f}", lost <= MOST_COST)


def measure_pages(args, events):
    folder = process.folder()
    small = filled(args.build, f"{folder}/small", SMALL, FLOW)
    large = filled(args.build, f"{folder}/large", events, FLOW)
    compare(small, large, 15)
    small.process.stop()
    large.process.stop()


def main():
    events = int(os.environ.get("EVENTS", "1000000"))
    counts = [int(n) for n in os.environ.get("READERS", "100").split()]
    args = durable.arguments(__doc__, 5)
    os.environ["BW_BUILDDIR"] = args.build
    if events > 0:
        measure_pages(args, events)
    if counts:
        live = Live(args)
        live.start_all()
        live.compare(counts)
        live.compare(counts, "?family=messaging")


if __name__ == "__main__":
    main()
