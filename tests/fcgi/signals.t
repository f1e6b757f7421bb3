#!/usr/bin/env python3
"""Signals: draining loses no request, a failed reload changes nothing."""

import os
import signal
import sys
import threading

import responder_fixture as h
import fastcgi as f
import tap

SLOW = f.request("/slow", h.INITIATE)


def says(home, word, name):
    a = home.good()
    tap.ok(word.encode() in a.body, name, repr(a))


def reloads():
    home = h.House()
    home.start()
    with f.Connection(home.socket) as kept:
        says(home, "Hello", "before any reload")
        home.say("Welcome")
        home.child.signal(signal.SIGHUP)
        tap.ok(home.wait_log("is in force"), "a good file: logged")
        says(home, "Welcome", "a good file: used")
        tap.ok(b"Welcome" in kept.ask(body=h.INITIATE).body,
               "a good file: also on an open connection")
        with open(home.config, "w") as out:
            out.write("<callbacks><voice path='/voice'><on></callbacks>")
        home.child.signal(signal.SIGHUP)
        tap.ok(home.wait_log("stays in force"), "a bad file: logged")
        tap.ok(f"{home.config}:1:" in home.said(), "a bad file: where")
        says(home, "Welcome", "a bad file: the old one stays")
        os.unlink(home.config)
        home.child.signal(signal.SIGHUP)
        tap.ok(home.wait_log("stays in force", 2), "no file: logged")
        says(home, "Welcome", "no file: the old one stays")
    tap.same(home.stop(), 0, "ends well")


def lines(log):
    """Requests in a log file."""
    with open(log) as file:
        return file.read().count(" path=")


def rotates():
    home = h.House()
    log = home.path("own.log")
    argv = home.argv("--log", log, "--listen", f"unix:{home.socket}")
    home.child = h.process.Child(argv, home.log)
    tap.ok(h.process.wait_until(lambda: h.process.connects(home.socket)),
           "logs to a file")
    home.good()
    os.rename(log, log + ".1")
    home.good()
    tap.ok(h.process.wait_until(lambda: lines(log + ".1") == 2),
           "renamed: still written to")
    home.child.signal(signal.SIGHUP)
    tap.ok(h.process.wait_until(lambda: os.path.exists(log)), "reopened")
    home.good()
    tap.ok(h.process.wait_until(lambda: lines(log) == 1), "and written to")
    tap.same(lines(log + ".1"), 2, "and the old one is not")
    tap.same(oct(os.stat(log).st_mode & 0o777), oct(0o640), "mode of the log")
    tap.same(home.stop(), 0, "ends well")


def drains(number, name):
    home = h.House()
    home.start()
    slow = [f.Connection(home.socket) for _ in range(3)]
    idle = [f.Connection(home.socket) for _ in range(5)]
    half = f.Connection(home.socket)
    for c in slow:
        c.send(SLOW)
    for c in idle:
        tap.same(c.ask(body=h.INITIATE).status, 200, f"{name}: kept")
    tap.ok(home.started(3), f"{name}: three requests run")
    half.send(SLOW[:50])
    home.child.signal(number)
    tap.ok(home.wait_log("event=drain"), f"{name}: draining")
    tap.ok(h.process.wait_until(lambda: not os.path.exists(home.socket)),
           f"{name}: the socket is gone")
    tap.ok(not h.process.connects(home.socket), f"{name}: no new connections")
    try:
        idle[0].send(f.request(body=h.INITIATE))
        a = idle[0].answer()
        good = a.status == 200 and a.whole
    except (BrokenPipeError, ConnectionResetError):
        a, good = "closed before", True
    tap.ok(good and idle[0].closed(),
           f"{name}: what a kept connection still takes is answered", repr(a))
    half.send(SLOW[50:])
    tap.ok(home.started(4), f"{name}: an incomplete request runs, too")
    home.open_gate()
    for c in slow + [half]:
        a = c.answer()
        tap.ok(a.status == 200 and b"Hangup" in a.body and a.whole,
               f"{name}: what ran is answered", repr(a))
    tap.ok(all(c.closed() for c in idle + slow), f"{name}: all closed")
    tap.same(home.child.wait(), 0, f"{name}: exit")


# A parent may leave signals ignored and blocked.
IGNORE = """import os, signal, sys
for s in signal.SIGCHLD, signal.SIGPIPE, signal.SIGHUP, signal.SIGTERM:
    signal.signal(s, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
os.execvp(sys.argv[1], sys.argv[1:])
"""


def inherits():
    home = h.House()
    home.child = h.process.Child(
        [sys.executable, "-c", IGNORE,
         *home.argv("--listen", f"unix:{home.socket}")], home.log)
    home.wait_log("event=start")
    home.open_gate()
    with f.Connection(home.socket) as c:
        a = c.ask(path="/slow", body=h.INITIATE)
    tap.ok(a.status == 200 and b"Hangup" in a.body,
           "inherited signals: a program's exit status is known",
           repr(a) + home.said())
    home.child.signal(signal.SIGHUP)
    tap.ok(home.wait_log("is in force"), "inherited signals: a reload")
    tap.same(home.stop(), 0, "inherited signals: ends well")


def impatient():
    """Two signals, or the drain timeout: a distinct exit status."""
    home = h.House()
    home.start()
    with f.Connection(home.socket) as c:
        c.send(SLOW)
        tap.ok(home.started(1), "two signals: a request runs")
        home.child.signal(signal.SIGTERM)
        tap.ok(home.wait_log("event=drain"), "two signals: draining")
        home.child.signal(signal.SIGTERM)
        tap.same(home.child.wait(), 75, "two signals: exit")
        home.open_gate()
    home = h.House()
    home.start("--drain-timeout", "1")
    with f.Connection(home.socket) as c:
        c.send(SLOW)
        tap.ok(home.started(1), "drain timeout: a request runs")
        home.child.signal(signal.SIGTERM)
        tap.same(home.child.wait(), 75, "drain timeout: exit")
        home.open_gate()


def client(address, want, lost):
    """Send requests until the socket is closed; record those without an answer."""
    while True:
        try:
            c = f.Connection(address)
        except OSError:
            return
        with c:
            for _ in range(20):
                try:
                    c.send(f.request(body=h.INITIATE))
                except (BrokenPipeError, ConnectionResetError):
                    break  # closed while idle: nothing was sent
                a = c.answer()
                want.append(1)
                if a.status != 200 or not a.whole:
                    lost.append(repr(a))
                    break


def under_load():
    home = h.House()
    home.start()
    answers, lost = [], []
    threads = [threading.Thread(target=client,
                                args=(home.socket, answers, lost))
               for _ in range(8)]
    for t in threads:
        t.start()
    h.process.wait_until(lambda: len(answers) > 500)
    home.child.signal(signal.SIGTERM)
    status = home.child.wait()
    for t in threads:
        t.join()
    tap.same(status, 0, "under load: exit")
    tap.ok(len(answers) > 500, "under load: there was load")
    tap.same(lost, [], "under load: every request sent was answered")


def ignored():
    home = h.House()
    home.start()
    for number in (signal.SIGPIPE, signal.SIGUSR2, signal.SIGALRM):
        home.child.signal(number)
    says(home, "Hello", "other signals change nothing")
    tap.same(home.stop(), 0, "ends well")


def main():
    reloads()
    rotates()
    drains(signal.SIGTERM, "SIGTERM")
    drains(signal.SIGINT, "SIGINT")
    drains(signal.SIGUSR1, "SIGUSR1")
    impatient()
    under_load()
    ignored()
    inherits()


tap.run(main)
