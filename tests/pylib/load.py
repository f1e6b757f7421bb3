"""Load of callbacks whose fate is known: what was sent, and what was
acknowledged with a 2xx, to be compared with what is stored."""

import collections
import contextlib
import glob
import random
import re
import sqlite3
import threading

import payload
import tap


def find(pattern, body):
    return re.search(pattern, body).group(1).decode()


def message(number):
    event = payload.message()
    event["message"]["from"] = f"+19195551{number:03}"
    return (event["message"]["id"], "/messages", payload.post([event]),
            payload.JSON)


def order(_number):
    body = payload.order()
    return find(rb"<OrderId>(.*?)<", body), "/orders", body, payload.XML


def call(_number):
    """The end of a call, which is only stored."""
    c = payload.Call()
    return c.id, "/voice", payload.post(c.event("disconnect")), payload.JSON


def port_out(_number):
    name = payload.new_id("P")
    return name, "/portout", payload.portout(name), payload.XML


class Sender(threading.Thread):
    """Sends callbacks and repeats some of them, a refused one at once, like
    another connection of Bandwidth may. deliver(path, body, kind) returns the
    status. makers: the callbacks, by weight. began: an event. Once it
    is set, an acknowledgement may be wrong."""

    def __init__(self, deliver, number, stop, makers, began=None):
        super().__init__()
        self.deliver = deliver
        self.number = number
        self.stop = stop
        self.makers = makers
        self.began = began or threading.Event()
        self.dice = random.Random(number)
        self.sent = []
        self.acknowledged = []
        self.doubtful = []  # acknowledged after it had begun
        self.refused = 0

    def send(self, name, path, body, kind):
        try:
            status = self.deliver(path, body, kind)
        except OSError:
            status = 0
        if not 200 <= status <= 299:
            self.refused += 1
        elif self.began.is_set():
            self.doubtful.append(name)
        else:
            self.acknowledged.append(name)

    def run(self):
        while not self.stop.is_set():
            make, = self.dice.choices(list(self.makers),
                                      list(self.makers.values()))
            name, *request = make(self.number)
            self.sent.append(name)
            for _ in range(self.dice.choice((1, 1, 1, 2, 4))):
                self.send(name, *request)
            self.stop.wait(0.03)


def stored(store):
    """(number, name) of each event in a store."""
    with contextlib.closing(sqlite3.connect(store)) as db:
        return [(seq, message or call_id or (thread or key).split(":")[1])
                for seq, message, call_id, thread, key in db.execute(
                    "SELECT seq, message_id, call_id, thread, key FROM event")]


def spooled(store):
    """The files of events that are not in the store yet."""
    return glob.glob(store + ".spool*")


def compare(senders, names):
    """What was acknowledged must be stored, and nothing twice. names: those of
    all stored events. Returns the number acknowledged without doubt."""
    sent = {name for x in senders for name in x.sent}
    acknowledged = {name for x in senders for name in x.acknowledged}
    doubtful = {name for x in senders for name in x.doubtful} - acknowledged
    count = collections.Counter(names)
    tap.diag(f"{len(sent)} sent, {len(acknowledged)} acknowledged, "
             f"{sum(x.refused for x in senders)} deliveries refused, "
             f"{len(count)} stored")
    if doubtful:
        tap.diag(f"{len(doubtful)} acknowledged afterwards, of which "
                 f"{len(doubtful - set(count))} are not stored")
    tap.same(sorted(acknowledged - set(count)), [],
             "each event with a 2xx is stored")
    tap.same([n for n, times in count.items() if times > 1], [],
             "nothing is stored twice")
    tap.same(sorted(set(count) - sent), [], "each stored event was sent")
    return len(acknowledged)
