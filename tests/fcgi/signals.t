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


def says(site, word, name):
    a = site.good()
    tap.ok(word.encode() in a.body, name, repr(a))


def reloads():
    site = h.Site()
    site.start()
    with f.Connection(site.socket) as kept:
        says(site, "Hello", "before any reload")
        site.say("Welcome")
        site.child.signal(signal.SIGHUP)
        tap.ok(site.wait_log("is in force"), "a good file: logged")
        says(site, "Welcome", "a good file: used")
        tap.ok(b"Welcome" in kept.ask(body=h.INITIATE).body,
               "a good file: also on an open connection")
        with open(site.config, "w") as out:
            out.write("<callbacks><voice path='/voice'><on></callbacks>")
        site.child.signal(signal.SIGHUP)
        tap.ok(site.wait_log("stays in force"), "a bad file: logged")
        tap.ok(f"{site.config}:1:" in site.said(), "a bad file: where")
        says(site, "Welcome", "a bad file: the old one stays")
        os.unlink(site.config)
        site.child.signal(signal.SIGHUP)
        tap.ok(site.wait_log("stays in force", 2), "no file: logged")
        says(site, "Welcome", "no file: the old one stays")
    tap.same(site.stop(), 0, "ends well")


def lines(log):
    """Requests in a log file."""
    with open(log) as file:
        return file.read().count(" path=")


def rotates():
    site = h.Site()
    log = site.path("own.log")
    argv = site.argv("--log", log, "--listen", f"unix:{site.socket}")
    site.child = h.process.Child(argv, site.log)
    tap.ok(h.process.wait_until(lambda: h.process.connects(site.socket)),
           "logs to a file")
    site.good()
    os.rename(log, log + ".1")
    site.good()
    tap.ok(h.process.wait_until(lambda: lines(log + ".1") == 2),
           "renamed: still written to")
    site.child.signal(signal.SIGHUP)
    tap.ok(h.process.wait_until(lambda: os.path.exists(log)), "reopened")
    site.good()
    tap.ok(h.process.wait_until(lambda: lines(log) == 1), "and written to")
    tap.same(lines(log + ".1"), 2, "and the old one is not")
    tap.same(oct(os.stat(log).st_mode & 0o777), oct(0o640), "mode of the log")
    tap.same(site.stop(), 0, "ends well")


def drains(number, name):
    site = h.Site()
    site.start()
    slow = [f.Connection(site.socket) for _ in range(3)]
    idle = [f.Connection(site.socket) for _ in range(5)]
    half = f.Connection(site.socket)
    for c in slow:
        c.send(SLOW)
    for c in idle:
        tap.same(c.ask(body=h.INITIATE).status, 200, f"{name}: kept")
    tap.ok(site.started(3), f"{name}: three requests run")
    half.send(SLOW[:50])
    site.child.signal(number)
    tap.ok(site.wait_log("event=drain"), f"{name}: draining")
    tap.ok(h.process.wait_until(lambda: not os.path.exists(site.socket)),
           f"{name}: the socket is gone")
    tap.ok(not h.process.connects(site.socket), f"{name}: no new connections")
    try:
        idle[0].send(f.request(body=h.INITIATE))
        a = idle[0].answer()
        good = a.status == 200 and a.whole
    except (BrokenPipeError, ConnectionResetError):
        a, good = "closed before", True
    tap.ok(good and idle[0].closed(),
           f"{name}: what a kept connection still takes is answered", repr(a))
    half.send(SLOW[50:])
    tap.ok(site.started(4), f"{name}: an incomplete request runs, too")
    site.open_gate()
    for c in slow + [half]:
        a = c.answer()
        tap.ok(a.status == 200 and b"Hangup" in a.body and a.whole,
               f"{name}: what ran is answered", repr(a))
    tap.ok(all(c.closed() for c in idle + slow), f"{name}: all closed")
    tap.same(site.child.wait(), 0, f"{name}: exit")


# A parent may leave signals ignored and blocked.
IGNORE = """import os, signal, sys
for s in signal.SIGCHLD, signal.SIGPIPE, signal.SIGHUP, signal.SIGTERM:
    signal.signal(s, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
os.execvp(sys.argv[1], sys.argv[1:])
"""


def inherits():
    site = h.Site()
    site.child = h.process.Child(
        [sys.executable, "-c", IGNORE,
         *site.argv("--listen", f"unix:{site.socket}")], site.log)
    site.wait_log("event=start")
    site.open_gate()
    with f.Connection(site.socket) as c:
        a = c.ask(path="/slow", body=h.INITIATE)
    tap.ok(a.status == 200 and b"Hangup" in a.body,
           "inherited signals: a program's exit status is known",
           repr(a) + site.said())
    site.child.signal(signal.SIGHUP)
    tap.ok(site.wait_log("is in force"), "inherited signals: a reload")
    tap.same(site.stop(), 0, "inherited signals: ends well")


def impatient():
    """Two signals, or the drain timeout: a distinct exit status."""
    site = h.Site()
    site.start()
    with f.Connection(site.socket) as c:
        c.send(SLOW)
        tap.ok(site.started(1), "two signals: a request runs")
        site.child.signal(signal.SIGTERM)
        tap.ok(site.wait_log("event=drain"), "two signals: draining")
        site.child.signal(signal.SIGTERM)
        tap.same(site.child.wait(), 75, "two signals: exit")
        site.open_gate()
    site = h.Site()
    site.start("--drain-timeout", "1")
    with f.Connection(site.socket) as c:
        c.send(SLOW)
        tap.ok(site.started(1), "drain timeout: a request runs")
        site.child.signal(signal.SIGTERM)
        a = c.answer()
        tap.ok(a.whole and b"<Response>" in a.body,
               "drain timeout: the call gets the fallback", repr(a))
        tap.same(site.child.wait(), 75, "drain timeout: exit")
        site.open_gate()


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
    site = h.Site()
    site.start()
    answers, lost = [], []
    threads = [threading.Thread(target=client,
                                args=(site.socket, answers, lost))
               for _ in range(8)]
    for t in threads:
        t.start()
    h.process.wait_until(lambda: len(answers) > 500)
    site.child.signal(signal.SIGTERM)
    status = site.child.wait()
    for t in threads:
        t.join()
    tap.same(status, 0, "under load: exit")
    tap.ok(len(answers) > 500, "under load: there was load")
    tap.same(lost, [], "under load: every request sent was answered")


def ignored():
    site = h.Site()
    site.start()
    for number in (signal.SIGPIPE, signal.SIGUSR2, signal.SIGALRM):
        site.child.signal(number)
    says(site, "Hello", "other signals change nothing")
    tap.same(site.stop(), 0, "ends well")


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
