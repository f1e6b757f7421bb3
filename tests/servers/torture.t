#!/usr/bin/env python3
"""Load through a real nginx while the responder, the consumer, and at times all
processes at once are killed: each event with a 2xx is stored exactly once, each
stored event was sent, and a consumer has received all events, in order.
BW_TORTURE: how many kills, 25 otherwise."""

import collections
import glob
import http.server
import json
import os
import random
import re
import signal
import sqlite3
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import client  # noqa: E402
import payload  # noqa: E402
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


class Sender(threading.Thread):
    """Sends messages and orders, and repeats some of them. Repeats a refused
    one at once, as another connection of Bandwidth may."""

    def __init__(self, url, number, stop):
        super().__init__()
        self.url = url
        self.stop = stop
        self.number = number
        self.dice = random.Random(number)
        self.sent = []
        self.acknowledged = []
        self.refused = 0

    def make(self):
        if self.dice.random() < 0.2:
            body = payload.order()
            name = re.search(rb"<OrderId>(.*?)<", body).group(1).decode()
            return name, "/orders", body, payload.XML
        event = payload.message()
        event["message"]["from"] = f"+19195551{self.number:03}"
        return (event["message"]["id"], "/messages", payload.post([event]),
                payload.JSON)

    def deliver(self, path, body, kind):
        try:
            status = client.send(self.url + path, "POST", body, [kind]).status
        except OSError:
            status = 0
        self.refused += not 200 <= status <= 299
        return 200 <= status <= 299

    def run(self):
        while not self.stop.is_set():
            name, path, body, kind = self.make()
            self.sent.append(name)
            for _ in range(self.dice.choice((1, 1, 1, 2, 4))):
                if self.deliver(path, body, kind):
                    self.acknowledged.append(name)
            self.stop.wait(0.03)


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
        """(number, name) of each event."""
        with sqlite3.connect(self.path("events.db")) as db:
            return [(seq, message or thread.partition(":")[2])
                    for seq, message, thread in db.execute(
                        "SELECT seq, message_id, thread FROM event")]

    def settle(self):
        """Wait until the spool is empty and the consumer has all events."""
        process.wait_until(
            lambda: not glob.glob(self.path("events.db.spool*")))
        last = -1
        while len(Peer.got) > last:  # as long as there is progress
            last = len(Peer.got)
            want = {seq for seq, _ in self.stored()}
            if process.wait_until(
                    lambda: want <= {seq for seq, _ in Peer.got[:]}, 10):
                break
        return self.responder.stop(), self.consumer.stop()


def torture(s):
    stop = threading.Event()
    senders = [Sender(s.nginx.url, n, stop) for n in range(SENDERS)]
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
    sent = {name for x in senders for name in x.sent}
    acknowledged = {name for x in senders for name in x.acknowledged}
    count = collections.Counter(name for _, name in s.stored())
    tap.diag(f"{len(sent)} sent, {len(acknowledged)} acknowledged, "
             f"{sum(x.refused for x in senders)} deliveries refused, "
             f"{len(count)} stored, {len(Peer.got)} handed on")
    tap.ok(len(acknowledged) >= KILLS, "there were acknowledgements")
    tap.same(sorted(acknowledged - set(count)), [],
             "each event with a 2xx is stored")
    tap.same([n for n, times in count.items() if times > 1], [],
             "nothing is stored twice")
    tap.same(sorted(set(count) - sent), [], "each stored event was sent")


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
