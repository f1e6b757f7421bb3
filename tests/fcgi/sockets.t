#!/usr/bin/env python3
"""Listening sockets, inherited or created, and running out of descriptors."""

import datetime
import fcntl
import grp
import os
import re
import resource
import signal
import socket
import stat
import subprocess

import responder_fixture as h
import fastcgi as f
import process
import tap
from responder import fcgi


def answered(site, address, name):
    a = site.good(address)
    tap.ok(a.status == 200 and a.whole, name, repr(a))


def fails(argv, status, word, name, **options):
    options.setdefault("stdin", subprocess.DEVNULL)
    env = options.pop("env", process.surroundings())
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60,
                          env=env, **options)
    tap.same(done.returncode, status, f"{name}: exit")
    tap.ok(word in done.stderr, f"{name}: says why", done.stderr)


def own_unix():
    site = h.Site()
    group = grp.getgrgid(os.getgid()).gr_name
    site.start(listen=[f"unix:{site.socket},mode=0640,group={group}"])
    tap.same(oct(stat.S_IMODE(os.stat(site.socket).st_mode)), oct(0o640),
             "unix: mode")
    answered(site, site.socket, "unix: answered")
    fails(site.argv("--listen", f"unix:{site.socket}"), 75,
          "another process listens", "unix: a socket in use is not replaced")
    answered(site, site.socket, "unix: and still answers")
    site.child.process.kill()
    site.child.wait()
    tap.ok(os.path.exists(site.socket), "unix: killed, the path remains")
    site.start()
    tap.same(oct(stat.S_IMODE(os.stat(site.socket).st_mode)), oct(0o660),
             "unix: mode by default")
    answered(site, site.socket, "unix: an old path is reused")
    other = site.path("other")
    os.rename(site.socket, other)
    with open(site.socket, "w") as out:
        out.write("mine")
    tap.same(site.stop(), 0, "unix: ends well")
    tap.ok(os.path.isfile(site.socket), "unix: a replaced path is not removed")
    fails(site.argv("--listen", f"unix:{site.socket}"), 74, "not a socket",
          "unix: a file is not replaced")


def own_tcp():
    site = h.Site()
    taken = process.listener()
    fails(site.argv("--listen", "127.0.0.1:%d" % taken.getsockname()[1]), 75,
          "in use", "tcp: a port in use")
    taken.close()
    where = ["127.0.0.1:0"]
    v6 = socket.has_ipv6 and os.path.exists("/proc/net/if_inet6")
    where += ["[::1]:0"] if v6 else []
    site.start(listen=where + [f"unix:{site.socket}"])
    answered(site, site.socket, "several sockets: unix")
    for line in site.said().splitlines():
        for host in ("127.0.0.1", "::1"):
            mark = f"[{host}]:" if ":" in host else f" {host}:"
            if "event=start" in line and mark in line:
                port = int(line.split(mark)[1].split(",")[0])
                answered(site, (host, port), f"tcp: {host}")
                with f.Connection((host, port)) as c:
                    a = [c.ask("/messages", h.message(n))
                         for n in (50, 100000, 300000, 50)]
                    tap.same([x.status for x in a if x.whole],
                             [200, 200, 413, 200], f"tcp: {host}: bodies")
    tap.same(site.stop(), 0, "tcp: ends well")


BAD = ["", "unix:", "unix:" + "x" * 200, "nowhere", "127.0.0.1",
       "127.0.0.1:port", "127.0.0.1:99999", "::1:9000", ":9000",
       "unix:/tmp/x,mode=999", "unix:/tmp/x,mode=", "unix:/tmp/x,mode=07777",
       "unix:/tmp/x,group=no-such-group", "unix:/tmp/x,color=red"]


def bad_listen():
    site = h.Site()
    for spec in BAD:
        fails(site.argv("--listen", spec), 64, "listen: ",
              f"--listen {spec[:30]!r}")
    fails(site.argv("--listen", "unix:/no/such/folder/s"), 74, "listen: ",
          "--listen in no folder")


def inherited_as_0():
    site = h.Site()
    with process.listener() as s:
        child = process.Child(site.argv(), site.log, stdin=s)
        address = s.getsockname()
        answered(site, address, "descriptor 0: answered")
        # The queue of an inherited socket remains for the next process.
        child.signal(signal.SIGTERM)
        tap.same(child.wait(), 0, "descriptor 0: ends well")
        with f.Connection(address) as c:
            c.send(f.request(body=h.INITIATE))
            successor = process.Child(site.argv(), site.log, stdin=s)
            a = c.answer()
            tap.ok(a.status == 200 and a.whole,
                   "descriptor 0: the next process answers the queue", repr(a))
        tap.same(successor.stop(), 0, "descriptor 0: it ends well, too")


LISTEN_FDS = """\
import os, sys
fds = [int(x) for x in sys.argv[1].split(",")]
for to, fd in enumerate(fds, 100):
    os.dup2(fd, to)
for to in range(len(fds)):
    os.dup2(100 + to, 3 + to)
    os.set_inheritable(3 + to, True)
os.environ["LISTEN_PID"] = str(os.getpid())
os.environ["LISTEN_FDS"] = str(len(fds))
os.execv(sys.argv[2], sys.argv[2:])
"""


def passed():
    """Like systemd: LISTEN_FDS, from descriptor 3 on."""
    site = h.Site()
    with process.listener() as a, process.listener() as b:
        fds = f"{a.fileno()},{b.fileno()}"
        argv = ["python3", "-c", LISTEN_FDS, fds] + site.argv()
        child = process.Child(argv, site.log,
                              pass_fds=(a.fileno(), b.fileno()))
        answered(site, a.getsockname(), "LISTEN_FDS: the first")
        answered(site, b.getsockname(), "LISTEN_FDS: the second")
        tap.same(child.stop(), 0, "LISTEN_FDS: ends well")
    env = {"LISTEN_PID": "1", "LISTEN_FDS": "1", **process.surroundings()}
    fails(site.argv(), 64, "nothing to serve", "LISTEN_FDS of another",
          env=env)


def none():
    site = h.Site()
    fails(site.argv(), 64, "nothing to serve", "/dev/null")
    left, right = socket.socketpair()
    fails(site.argv(), 64, "nothing to serve", "a socket pair", stdin=left)
    right.close()
    with socket.socket() as s:
        fails(site.argv(), 64, "nothing to serve", "an unconnected socket",
              stdin=s)
    main_side, terminal = os.openpty()
    fails(site.argv(), 64, "nothing to serve", "a terminal", stdin=terminal)
    os.close(main_side)
    fails(["sh", "-c", 'exec "$0" "$@" <&-'] + site.argv(), 64,
          "nothing to serve", "descriptor 0 closed")


def rests(pid):
    """Whether all threads sleep at each of several checks. A spinning thread
    never sleeps, even on a busy machine."""
    def states():
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/stat") as f:
                yield f.read().rpartition(")")[2].split()[0]

    return all(set(states()) == {"S"} for _ in range(20))


def log_times(site):
    """The times of the log lines about accept(), in seconds."""
    return [datetime.datetime.fromisoformat(time).timestamp() for time in
            re.findall(r"time=(\S+)Z .*event=accept", site.said())]


WHOLE = f.request(body=h.INITIATE)


def idle_first():
    """When descriptors run out, a new connection replaces the one that has
    waited longest for a request."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    site = h.Site()
    site.start()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    kept = f.Connection(site.socket)
    tap.same(kept.ask(body=h.INITIATE).status, 200, "64 descriptors: kept")
    begun = f.Connection(site.socket)
    begun.send(WHOLE[:20])
    peers = [f.Connection(site.socket) for _ in range(150)]
    answered(site, site.socket, "150 idle connections: a new one is served")
    tap.ok(kept.closed(), "the one that was idle first is closed")
    tap.ok(peers[0].closed(), "then the next one")
    begun.send(WHOLE[20:])
    tap.same(begun.answer().status, 200, "one with half a request is not")
    a = peers[-1].ask(body=h.INITIATE)
    tap.same(a.status, 200, "nor the last one")
    for c in [kept, begun, *peers]:
        c.close()
    tap.same(site.stop(), 0, "ends well")


def out_of_descriptors():
    """Without descriptors it waits, does not spin, and recovers."""
    site = h.Site()
    site.start()
    pid = site.child.pid
    used = len(os.listdir(f"/proc/{pid}/fd"))
    limit = used + 8
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, 4096))
    peers = [f.Connection(site.socket) for _ in range(40)]
    for c in peers:  # a request has begun, so none is idle
        c.send(WHOLE[:1])
    tap.ok(site.wait_log("event=accept"), "no descriptors: logged")
    tap.ok(process.wait_until(lambda: rests(pid)),
           "no descriptors: it does not spin")
    peers[0].send(WHOLE[1:])
    tap.same(peers[0].answer().status, 200, "no descriptors: an open connection "
             "is served")
    for c in peers[1:-1]:
        c.close()
    peers[-1].send(WHOLE[1:])
    a = peers[-1].answer()
    tap.ok(a.status == 200 and a.whole, "descriptors again: a queued "
           "connection is served", repr(a))
    tap.ok(all(b - a > 9 for a, b in zip(log_times(site),
                                         log_times(site)[1:])),
           "no descriptors: logged at most once in ten seconds",
           site.said())
    for c in peers:
        c.close()
    answered(site, site.socket, "descriptors again: new connections, too")
    tap.same(site.stop(), 0, "ends well")


def many_descriptors():
    """Descriptors beyond FD_SETSIZE, where libfcgi's own close aborts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 3000:
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (3000, hard))
    site = h.Site()
    site.start()
    peers = [f.Connection(site.socket) for _ in range(1100)]
    last = peers[-1]
    tap.ok(process.wait_until(
        lambda: len(os.listdir(f"/proc/{site.child.pid}/fd")) > 1100),
        "1100 connections are open")
    for n in (50, 20000):
        a = last.ask("/messages", h.message(n))
        tap.ok(a.status == 200 and a.whole, f"the 1100th: {n} bytes", repr(a))
    last.send(f.request("/messages", h.message(50)))
    for c in peers:
        c.close()
    answered(site, site.socket, "after all are closed")
    tap.same(site.stop(), 0, "ends well")
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def usage():
    for argv, status in ((["--help"], 0), (["--version"], 0),
                         (["--nonsense"], 64), (["word"], 64),
                         (["--workers", "0"], 64), (["--workers", "257"], 64),
                         (["--workers", "four"], 64),
                         (["--workers", "18446744073709551617"], 64),
                         (["--receive-timeout", "0"], 64),
                         (["--drain-timeout", "-1"], 64)):
        done = subprocess.run([fcgi()] + argv, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60)
        said = done.stdout if status == 0 else done.stderr
        tap.ok(done.returncode == status and "bwcallback" in said,
               " ".join(argv), f"{done}")
    site = h.Site()
    fails(site.argv("--listen", f"unix:{site.socket}", "--log", "/no/such/x"),
          74, "/no/such/x", "--log that cannot be written")
    fails([fcgi(), "--config", "/no/such/file", "--listen",
           f"unix:{site.socket}"], 66, "/no/such/file", "no configuration")
    tap.ok(not os.path.exists(site.socket), "and the socket is removed")


def check():
    site = h.Site()
    done = subprocess.run([fcgi(), "--check", site.config],
                          capture_output=True, text=True)
    tap.same(done.returncode, 0, "--check: good")
    with open(site.config, "w") as out:
        out.write("<callbacks>\n  <voice/>\n</callbacks>\n")
    done = subprocess.run([fcgi(), "--check", site.config],
                          capture_output=True, text=True)
    tap.same(done.returncode, 78, "--check: bad")
    tap.ok(f"{site.config}:2:" in done.stdout and ": error: " in done.stdout,
           "--check: where and what", done.stdout)
    done = subprocess.run([fcgi(), "--check", site.path("none")],
                          capture_output=True, text=True)
    tap.same(done.returncode, 66, "--check: no file")
    tap.ok(site.path("none") in done.stdout + done.stderr,
           "--check: no file: which")


def locked_folder():
    """A process with read access to the folder can hold its lock forever."""
    site = h.Site()
    fd = os.open(site.folder, os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    site.child = process.Child(
        site.argv("--listen", f"unix:{site.socket}"), site.log)
    tap.ok(process.wait_until(lambda: process.connects(site.socket), 60),
           "the folder is locked by another process: listens")
    os.close(fd)
    tap.same(site.stop(), 0, "the folder is locked by another process: ends well")


def without_standard_descriptors():
    """With standard error closed, log lines are not written to another file."""
    site = h.Site()
    site.child = process.Child(
        ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh",
         *site.argv("--listen", f"unix:{site.socket}")], site.log)
    tap.ok(process.wait_until(lambda: process.connects(site.socket)),
           "descriptors 0 to 2 closed: listens")
    answered(site, site.socket, "descriptors 0 to 2 closed: answers")
    for n in range(3):
        tap.same(os.readlink(f"/proc/{site.child.pid}/fd/{n}"), "/dev/null",
                 f"descriptor {n} closed: is /dev/null")
    tap.same(site.stop(), 0, "descriptors 0 to 2 closed: ends well")


def main():
    usage()
    check()
    own_unix()
    own_tcp()
    bad_listen()
    inherited_as_0()
    passed()
    none()
    idle_first()
    out_of_descriptors()
    many_descriptors()
    locked_folder()
    without_standard_descriptors()


tap.run(main)
