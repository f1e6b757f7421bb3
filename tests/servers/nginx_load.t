#!/usr/bin/env python3
"""Many requests at once through a real nginx: kept connections, stalled peers,
a responder that does not run, and one that is replaced under load."""

import os
import signal
import socket
import struct
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import client  # noqa: E402
import payload  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import responder_site  # noqa: E402
import tap  # noqa: E402

FLOW = os.path.join(HERE, "flow")
WORKERS = 2
call = payload.Call()
GATHER = payload.post(call.event("gather", digits="1"))
MESSAGE = payload.post([payload.message()])


def gather(s, path="/voice/menu"):
    return s.send(path, GATHER, [payload.JSON])


def is_ours(answer):
    return answer.status == 200 and b"<Transfer" in answer.body


def at_once(count, what):
    """The results of count calls of what(), each in its own thread."""
    results = []

    def one():
        try:
            results.append(what())
        except OSError as e:
            results.append(e)

    threads = [threading.Thread(target=one) for _ in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return results


def wrong(results, good=is_ours):
    return [r for r in results
            if not isinstance(r, client.Answer) or not good(r)]


def sockets(pid):
    """Number of open sockets of a process."""
    count = 0
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            count += os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:")
        except OSError:
            pass
    return count


def without_responder(s):
    a = gather(s)
    tap.same(a.status, 200, "no responder: a call gets an answer")
    tap.same(a["Content-Type"], "application/xml; charset=utf-8",
             "no responder: its type is that of BXML")
    tap.ok(a.body.startswith(b"<?xml") and b"<Response><SpeakSentence>" in
           a.body and a.body.endswith(b"<Hangup/></Response>"),
           "no responder: its body is BXML", repr(a))
    a = s.send("/voice/menu?" + payload.query(call.event("gather")),
               method="GET")
    tap.same(a.status, 200, "no responder: also with GET")
    for path in ("/messages", "/orders", "/portout"):
        a = s.send(path, MESSAGE, [payload.JSON])
        tap.same(a.status, 502, f"no responder: {path} gets a 502")
    s.respond()
    tap.ok(is_ours(gather(s)), "answered as soon as the responder runs")


def is_slow(answer):
    return answer.status == 200 and b"At last." in answer.body


def open_gate(s):
    """Release the slow answers."""
    with open(os.path.join(s.flow, "gate"), "w"):
        pass


def kept_connections(s):
    # Slow requests, so that nginx opens a connection for each.
    def connections():
        """Includes the connections not yet accepted."""
        with open("/proc/net/unix") as f:
            return f.read().count(s.socket + "\n") - 1  # that which listens

    def open_then():
        # Limited, because nginx has a timeout too.
        process.wait_until(lambda: connections() >= 3 * WORKERS, 5)
        open_gate(s)

    opener = threading.Thread(target=open_then)
    opener.start()
    results = at_once(3 * WORKERS, lambda: gather(s, "/voice/slow"))
    opener.join()
    tap.same(wrong(results, is_slow), [],
             "more slow calls than workers are answered")
    kept = sockets(s.responder.pid) - 1  # that which listens
    tap.ok(kept > WORKERS, "more connections are kept than workers",
           f"{kept} connections")
    for _ in range(2):
        results = at_once(60, lambda: gather(s))
        tap.same(wrong(results), [], "60 calls at once on kept connections")


def stalled(s):
    """200 peers that send part of a request; then an ordinary caller."""
    held = []
    for i in range(100):
        c = client.connect("127.0.0.1", s.nginx.port)
        fields = [s.authorization(), payload.JSON,
                  ("Content-Length", len(GATHER))]
        first = client.head("POST", "/voice/menu", "localhost", fields)
        c.sendall((first + GATHER)[:10 + i * 5])
        held.append(c)
    begin = struct.pack(">BBHHBB", 1, 1, 1, 8, 0, 0) + \
        struct.pack(">HB5x", 1, 1)
    params = begin + struct.pack(">BBHHBB", 1, 4, 1, 2000, 0, 0) + b"\x0e\x04"
    pieces = [b"", b"\x01", begin[:8], begin, params]
    for i in range(100):
        c = socket.socket(socket.AF_UNIX)
        c.connect(s.socket)
        c.sendall(pieces[i % len(pieces)])
        held.append(c)
    results = at_once(30, lambda: gather(s))
    tap.same(wrong(results), [], "30 calls while 200 connections stall")
    results = at_once(10, lambda: s.send("/messages", MESSAGE,
                                         [payload.JSON]))
    tap.same(wrong(results, lambda a: a.status == 200), [],
             "10 messages while 200 connections stall")
    for c in held:
        c.close()


def lies(s):
    """A wrong Content-Length, and a client that closes early."""
    fields = [s.authorization(), payload.JSON, ("Content-Length", 5000)]
    for _ in range(20):
        with client.connect("127.0.0.1", s.nginx.port) as c:
            c.sendall(client.head("POST", "/voice/menu", "localhost", fields)
                      + GATHER)
    tap.same(wrong(at_once(20, lambda: gather(s))), [],
             "clients that close early delay no call")


class Callers:
    """Threads that send calls until they are stopped, with pauses that keep
    them below the shipped rate limit."""

    def __init__(self, s, count):
        self.stop = threading.Event()
        self.results = []
        self.threads = [threading.Thread(target=self.run, args=(s,))
                        for _ in range(count)]
        for t in self.threads:
            t.start()

    def run(self, s):
        while not self.stop.wait(0.02):  # 8 of them: under 400/s
            try:
                self.results.append(gather(s))
            except OSError as e:
                self.results.append(e)

    def wait_for(self, more):
        goal = len(self.results) + more
        return process.wait_until(lambda: len(self.results) >= goal)

    def end(self):
        self.stop.set()
        for t in self.threads:
            t.join()
        return self.results


def inherit(s, shared):
    r = responder.Responder(s.config, s.log, inherited=shared,
                            workers=WORKERS)
    # Once its epoll set is open, it has read its flow.
    process.wait_until(lambda: sockets(r.pid) > 0 and any(
        "eventpoll" in link for link in links(r.pid)))
    return r


def links(pid):
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            yield os.readlink(f"/proc/{pid}/fd/{fd}")
        except OSError:
            pass


def replaced():
    """Like a service manager: replace the program, keep the socket."""
    s = responder_site.Deployment(FLOW, WORKERS)
    shared = socket.socket(socket.AF_UNIX)
    shared.bind(s.socket)
    os.chmod(s.socket, 0o666)
    shared.listen(1024)
    old = inherit(s, shared)
    tap.ok(is_ours(gather(s)), "answers on an inherited socket")
    callers = Callers(s, 8)
    statuses = []
    for _ in range(4):
        tap.ok(callers.wait_for(50), "calls come in")
        new = inherit(s, shared)
        old.child.signal(signal.SIGTERM)
        statuses.append(old.child.wait())
        old = new
    callers.wait_for(50)
    results = callers.end()
    tap.same(statuses, [0] * 4, "each predecessor drains and ends with 0")
    if not tap.same(wrong(results), [], "not one call was lost"):
        tap.diag(s.nginx.complaints())
    tap.diag(f"{len(results)} calls while it was replaced 4 times")

    # During a slow answer.
    slow = []
    threads = [threading.Thread(target=lambda: slow.append(
        gather(s, "/voice/slow"))) for _ in range(WORKERS)]
    for t in threads:
        t.start()
    tap.ok(process.wait_until(lambda: len(process.programs_of(old.pid)) ==
                              WORKERS),
           "slow answers are being made")
    old.child.signal(signal.SIGTERM)
    tap.ok(process.wait_until(
        lambda: old.child.said().count("event=drain") == 5),
        "the responder is draining")
    open_gate(s)
    for t in threads:
        t.join()
    tap.same([a.status for a in slow], [200] * WORKERS,
             "calls in progress are finished")
    tap.same(wrong(slow, is_slow), [],
             "with their answers, not the fallback")
    tap.same(old.child.wait(), 0, "then it exits with 0")
    shared.close()
    a = s.send("/messages", MESSAGE, [payload.JSON])
    tap.same(a.status, 502, "no responder: a message gets a 502")


def main():
    responder_site.require()
    s = responder_site.Deployment(FLOW, WORKERS)
    without_responder(s)
    kept_connections(s)
    stalled(s)
    lies(s)
    tap.same(s.responder.stop(), 0, "ends with 0 on SIGTERM")
    replaced()


if __name__ == "__main__":
    tap.run(main)
