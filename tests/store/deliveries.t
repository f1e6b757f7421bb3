#!/usr/bin/env python3
"""Callbacks delivered several times, to two responders and many CGI processes
with one store: one row, one run of a program, one answer."""

import collections
import json
import os
import sqlite3
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import fastcgi  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

CONFIG = """<callbacks>
  <store url="sqlite:events.db"/>
  <voice path="/voice" deadline="25s">
    <on event="gather"><exec program="counts"/></on>
    <fallback><Response><Pause/></Response></fallback>
  </voice>
  <messaging path="/messages" deadline="10s"/>
</callbacks>
"""

# Gives a different answer each time, and waits until a test releases it.
COUNTS = """#!/bin/sh
echo run >>'{folder}/runs'
while [ ! -e '{folder}/gate' ]; do sleep 0.05; done
echo "<Response><SpeakSentence>$(date +%s%N)</SpeakSentence></Response>"
"""

CONNECTIONS = 50
TIMES = 20  # each of them
CGI = 20


def message(name):
    return "/messages", json.dumps([{
        "type": "message-received", "to": "+19195550100",
        "message": {"id": name, "from": "+19195550142",
                    "text": "hi"}}]).encode()


def gather(name):
    return "/voice", json.dumps({
        "eventType": "gather", "callId": name, "accountId": "5500417",
        "eventTime": "2026-03-02T15:04:05.678Z", "digits": "1",
        "from": "+19195550142", "to": "+19195550100"}).encode()


class Site:
    """Two responders with a common folder."""

    def __init__(self):
        self.folder = process.folder()
        self.config = self.path("callbacks.xml")
        with open(self.config, "w") as f:
            f.write(CONFIG)
        with open(self.path("counts"), "w") as f:
            f.write(COUNTS.format(folder=self.folder))
        os.chmod(self.path("counts"), 0o755)
        self.logs = [self.path(f"log{i}") for i in range(2)]
        self.sockets = [self.path(f"s{i}") for i in range(2)]
        self.responders = [
            responder.Responder(self.config, log, path, workers=30)
            for log, path in zip(self.logs, self.sockets)]

    def path(self, name):
        return os.path.join(self.folder, name)

    def cgi(self, callback):
        """One request by a CGI process; (Answer, its log)."""
        path, body = callback
        env = fastcgi.variables(path, body, GATEWAY_INTERFACE="CGI/1.1",
                                **process.surroundings())
        done = subprocess.run(
            [responder.fcgi(), "--config", self.config], input=body, env=env,
            capture_output=True, check=False, timeout=60)
        return fastcgi.Answer(done.stdout, fastcgi.COMPLETE), \
            done.stderr.decode()

    def rows(self):
        """The numbers of deliveries of the events of each call and message."""
        rows = collections.defaultdict(list)
        with sqlite3.connect(self.path("events.db"), timeout=process.PATIENCE) as db:
            for name, n in db.execute("SELECT coalesce(call_id, message_id), "
                                      "deliveries FROM event"):
                rows[name].append(n)
        return rows

    def runs(self):
        try:
            with open(self.path("runs")) as f:
                return len(f.readlines())
        except FileNotFoundError:
            return 0

    def open_gate(self):
        with open(self.path("gate"), "w"):
            pass

    def log(self):
        text = ""
        for name in self.logs:
            with open(name, errors="replace") as f:
                text += f.read()
        return text


def at_once(count, do):
    """The results of do(0), do(1), ..., which start at the same time."""
    results = [None] * count
    ready = threading.Barrier(count)

    def run(i):
        ready.wait()
        results[i] = do(i)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return results


def check_message(s):
    """A thousand deliveries of one event."""
    def deliver(i):
        with fastcgi.Connection(s.sockets[i % 2]) as c:
            return [c.ask(*message("m-again")) for _ in range(TIMES)]

    answers = [a for x in at_once(CONNECTIONS, deliver) for a in x]
    tap.same([a for a in answers if not (a.whole and a.status == 200)], [],
             "a thousand deliveries: all get a 200")
    tap.same(len(answers), CONNECTIONS * TIMES, "a thousand answers")
    tap.same({a.raw for a in answers}, {answers[0].raw},
             "all answers are the same")
    tap.same(s.rows()["m-again"], [CONNECTIONS * TIMES],
             "one row counts all deliveries")


def check_gather(s):
    """An event of a call is repeated while the program runs, afterwards, and
    to another process."""
    def deliver(i):
        if i % 3 == 2:
            return s.cgi(gather("c-again"))[0]
        return fastcgi.ask(s.sockets[i % 3], *gather("c-again"))

    def open_then():
        # Release it in time: the program has a deadline, too.
        process.wait_until(lambda: s.rows()["c-again"] == [9], 10)
        s.open_gate()

    opener = threading.Thread(target=open_then)
    opener.start()
    answers = at_once(9, deliver)
    opener.join()
    tap.ok(all(a.status == 200 and b"<SpeakSentence>1" in a.body
               for a in answers), "a gather, nine times at once: answered",
           repr(answers))
    answers += [deliver(i) for i in range(3)]
    tap.same({a.raw for a in answers}, {answers[0].raw},
             "later repetitions get the same bytes")
    tap.same(s.runs(), 1, "the program ran once")
    tap.same(s.rows()["c-again"], [12], "the gather is one row")
    a = fastcgi.ask(s.sockets[0], *gather("c-other"))
    tap.ok(a.status == 200 and a.raw != answers[0].raw and s.runs() == 2,
           "another call gets its own answer", repr(a))


def check_shared(s):
    """Twenty CGI processes while both responders are busy."""
    stop = threading.Event()
    sent = []

    def send_callbacks(i):
        with fastcgi.Connection(s.sockets[i % 2]) as c:
            wrong = []
            while not stop.is_set():
                name = f"m-{i}-{len(sent)}"
                a = c.ask(*message(name))
                sent.append(name)
                if a.status != 200 or not a.whole:
                    wrong.append((name, a))
            return wrong

    def both(i):
        if i < 8:
            return send_callbacks(i)
        got = [s.cgi(message(name)) for name in
               (f"m-cgi-{i}", "m-everyone", f"m-cgi-{i}")]
        with done:
            left.discard(i)
            if not left:
                stop.set()
        return got

    done = threading.Lock()
    left = set(range(8, 8 + CGI))
    results = at_once(8 + CGI, both)
    tap.same([x for wrong in results[:8] for x in wrong], [],
             "responders beside CGI processes: all get a 200")
    cgi = [x for got in results[8:] for x in got]
    tap.same([x for x in cgi if x[0].status != 200], [],
             "twenty CGI processes at once: all get a 200")
    tap.diag(f"{len(sent)} callbacks meanwhile")
    rows = s.rows()
    tap.same([n for n in sent if rows[n] != [1]], [],
             "each callback to a responder is stored once")
    tap.same([rows[f"m-cgi-{i}"] for i in range(8, 8 + CGI)], [[2]] * CGI,
             "each callback to a CGI process is one row")
    tap.same(rows["m-everyone"], [CGI], "the event that all got is one row")
    words = s.log() + "".join(log for _, log in cgi)
    tap.same([line for line in words.splitlines() if "locked" in line or
              "error=" in line], [], "no error and no lock is logged")
    tap.ok(not os.path.exists(s.path("events.db.spool")),
           "the spool is not used")


def main():
    s = Site()
    check_message(s)
    check_gather(s)
    check_shared(s)
    tap.same([r.stop() for r in s.responders], [0, 0],
             "both responders exit with 0")


tap.run(main)
