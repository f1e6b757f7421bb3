#!/usr/bin/env python3
"""Load through a real nginx while the responder, the consumer, and at times all
processes at once are killed: each event with a 2xx is stored exactly once, each
stored event was sent, and a consumer has received all events, in order.
BW_TORTURE: how many kills, 25 otherwise."""

import collections
import http.server
import json
import os
import random
import signal
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import client  # noqa: E402
import load  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402
from nginx import Nginx, program  # noqa: E402

KILLS = int(os.environ.get("BW_TORTURE", "25"))
SENDERS = 16

CONFIG = """<callbacks>
  <store url="sqlite:events.db"/>
  <messaging path="/messages"/>
  <numbers path="/orders"/>
</callbacks>
"""


class Peer(http.server.BaseHTTPRequestHandler):
    """The program that the consumer runs for events."""

    got = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        event = json.loads(body)
        time.sleep(random.random() * 0.01)
        Peer.got.append((event["id"], event["thread"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # the peer was killed


class Deployment:
    """nginx, the responder and a consumer, which the test kills and restarts."""

    def __init__(self):
        self.folder = process.folder()
        self.config = self.path("callbacks.xml")
        with open(self.config, "w") as f:
            f.write(CONFIG)
        self.nginx = Nginx(self.folder, self.path("s"))
        self.peer = Server(("127.0.0.1", 0), Peer)
        threading.Thread(target=self.peer.serve_forever, daemon=True).start()
        self.respond()
        self.responder.stop()  # it has created the store
        self.respond()
        self.consume()

    def path(self, name):
        return os.path.join(self.folder, name)

    def respond(self):
        self.responder = responder.Responder(
            self.config, self.path("log"), self.path("s"), workers=8)

    def consume(self):
        url = f"http://127.0.0.1:{self.peer.server_port}/"
        self.consumer = process.Child(
            [responder.command(), "consume", "torture", "--config",
             self.config, "--lease", "2s", "--since", "1d", "--url", url],
            self.path("consumer.log"))

    def kill(self, what):
        victims = {"responder": [self.responder.child],
                   "consumer": [self.consumer],
                   "all": [self.responder.child, self.consumer,
                           self.nginx.child]}[what]
        for child in victims:
            os.killpg(child.pid, signal.SIGKILL)
        for child in victims:
            child.stop()  # forgets it
        if what == "all":
            os.unlink(self.path("nginx.pid"))
            self.nginx.start()
        if what != "consumer":
            self.respond()
        if what != "responder":
            self.consume()

    def stored(self):
        return load.stored(self.path("events.db"))

    def settle(self):
        """Wait until the spool is empty and the consumer has all events."""
        process.wait_until(
            lambda: not load.spooled(self.path("events.db")))
        last = -1
        while len(Peer.got) > last:  # as long as there is progress
            last = len(Peer.got)
            want = {seq for seq, _ in self.stored()}
            if process.wait_until(
                    lambda: want <= {seq for seq, _ in Peer.got[:]}, 10):
                break
        return self.responder.stop(), self.consumer.stop()


def torture(s):
    def deliver(path, body, kind):
        return client.send(s.nginx.url + path, "POST", body, [kind]).status

    stop = threading.Event()
    senders = [load.Sender(deliver, n, stop,
                           {load.message: 4, load.order: 1})
               for n in range(SENDERS)]
    for sender in senders:
        sender.start()
    kills = collections.Counter()
    for _ in range(KILLS):
        time.sleep(random.uniform(0.02, 0.5))
        what = random.choice(("responder", "responder", "consumer", "all"))
        s.kill(what)
        kills[what] += 1
    time.sleep(0.3)
    stop.set()
    for sender in senders:
        sender.join()
    tap.diag(dict(kills))
    return senders


def check_store(s, senders):
    acknowledged = load.compare(senders, [name for _, name in s.stored()])
    tap.diag(f"{len(Peer.got)} handed on")
    tap.ok(acknowledged >= KILLS, "there were acknowledgements")


def check_consumer(s):
    had = collections.Counter(seq for seq, _ in Peer.got)
    tap.same(sorted({seq for seq, _ in s.stored()} - set(had)), [],
             "the consumer has received all events")
    last = collections.defaultdict(int)
    wrong = []
    seen = set()
    for seq, thread in Peer.got:
        if seq in seen:
            continue
        seen.add(seq)
        if seq < last[thread]:
            wrong.append((thread, seq))
        last[thread] = seq
    tap.same(wrong, [], "the events of each thread are in order")


def main():
    if program() is None:
        tap.skip_all("nginx is not installed")
    seed = int(os.environ.get("BW_SEED", str(time.time_ns() % 1000000)))
    tap.diag(f"BW_SEED={seed}")
    random.seed(seed)
    s = Deployment()
    senders = torture(s)
    tap.same(s.settle(), (0, 0), "responder and consumer exit with 0")
    check_store(s, senders)
    check_consumer(s)


tap.run(main)
