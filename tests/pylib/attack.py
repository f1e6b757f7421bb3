"""Attacks on the availability of a deployment: what occupies threads, memory,
the store, turns to hash, and descriptors. Each is a context manager that holds
the attack for as long as the block runs."""

import os
import random
import selectors
import subprocess
import sys
import threading

import client
import fastcgi
import payload
import process

class Waiting:
    """Requests that were sent through a web server, and whose answers are not
    read yet. make() returns (path, body, content type)."""

    def __init__(self, site, count, make):
        self.site = site
        self.count = count
        self.make = make
        self.open = []

    def __enter__(self):
        for _ in range(self.count):
            path, body, kind = self.make()
            c = client.connect("127.0.0.1", self.site.nginx.port)
            fields = [self.site.authorization(), kind,
                      ("Connection", "close"), ("Content-Length", len(body))]
            c.sendall(client.head("POST", path, "localhost", fields) + body)
            self.open.append(c)
        return self

    def answers(self):
        """Read all answers."""
        return [client.Answer(client.read_all(c)) for c in self.open]

    def __exit__(self, *_):
        for c in self.open:
            c.close()


def hung_messages(site, count):
    """Messages that start a program; it hangs until the gate is open."""
    return Waiting(site, count, lambda: (
        "/messages/hung", payload.post([payload.message()]), payload.JSON))


class LockedStore:
    """Another process has the store locked, and orders and messages wait for
    it."""

    LOCK = ("import sqlite3,sys\n"
            "d=sqlite3.connect(sys.argv[1],isolation_level=None,timeout=60)\n"
            "d.execute('BEGIN EXCLUSIVE')\nprint('locked',flush=True)\n"
            "sys.stdin.read()\n")

    def __init__(self, site, count):
        self.site = site
        self.messages = Waiting(site, count // 2, lambda: (
            "/messages", payload.post([payload.message()]), payload.JSON))
        self.orders = Waiting(site, count - count // 2, lambda: (
            "/orders", payload.order(), payload.XML))

    def __enter__(self):
        self.locker = subprocess.Popen(
            [sys.executable, "-c", self.LOCK, self.site.store],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.locker.stdout.readline() != "locked\n":
            raise RuntimeError("the store cannot be locked")
        self.messages.__enter__()
        self.orders.__enter__()
        return self

    def __exit__(self, *_):
        self.locker.communicate("")
        self.messages.__exit__()
        self.orders.__exit__()


class Drip:
    """Clients without credentials that send bodies through a web server, all
    but their ends. The large ones come first; the others fill what these leave
    of the memory for bodies. One that is closed connects again."""

    # Shares of the clients, and the sizes of their bodies.
    TIERS = ((0.88, 262144), (0.06, 30000), (0.06, 1800))

    def __init__(self, url, count, pid, path="/messages"):
        _, self.host, self.port, _ = client.split(url)
        self.count = count
        self.pid = pid  # of the responder
        self.path = path
        self.left = {}  # what each still sends
        self.size = {}
        self.stop = threading.Event()
        self.lock = threading.Lock()

    def request(self, size):
        return client.head("POST", self.path, "localhost", [
            payload.JSON, ("Content-Length", size)]) + b"x" * (size - 400)

    def connect(self, size):
        s = client.connect(self.host, self.port)
        s.setblocking(False)
        with self.lock:
            self.left[s] = self.request(size)
            self.size[s] = size
        self.wait.register(s, selectors.EVENT_READ | selectors.EVENT_WRITE)

    def send(self, s):
        self.left[s] = self.left[s][s.send(self.left[s]):]
        if not self.left[s]:
            self.wait.modify(s, selectors.EVENT_READ)

    def again(self, s):
        self.wait.unregister(s)
        with self.lock:
            del self.left[s]
        s.close()
        self.connect(self.size.pop(s))

    def run(self):
        while not self.stop.is_set():
            for key, events in self.wait.select(0.1):
                s = key.fileobj
                try:
                    if events & selectors.EVENT_READ:
                        if not s.recv(4096):
                            self.again(s)
                    else:
                        self.send(s)
                except BlockingIOError:
                    pass
                except OSError:
                    self.again(s)

    def all_sent(self):
        with self.lock:
            return not any(self.left.values())

    def __enter__(self):
        self.wait = selectors.DefaultSelector()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        for share, size in self.TIERS:
            for _ in range(int(share * self.count)):
                self.connect(size)
            process.wait_until(self.all_sent)
            # Once its memory stops growing, the responder has read everything.
            process.wait_until_steady(lambda: resident(self.pid))
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        for s in self.left:
            s.close()
        self.wait.close()


def resident(pid):
    """Memory of a process, in kB."""
    with open(f"/proc/{pid}/status") as f:
        return int(f.read().partition("VmRSS:")[2].split()[0])


class WrongPasswords:
    """Clients with addresses of their own that try one wrong password after
    the other. Below 127.0.1.0; the test itself uses other addresses."""

    def __init__(self, site, count):
        self.site = site
        self.stop = threading.Event()
        self.answers = [0] * count
        self.threads = [threading.Thread(target=self.run, args=(n,))
                        for n in range(count)]

    def run(self, number):
        body = payload.post([payload.message()])
        while not self.stop.is_set():
            pair = client.basic(f"user{number}", str(random.getrandbits(60)))
            try:
                client.send(
                    self.site.nginx.url + "/messages", "POST", body,
                    [("Authorization", pair), payload.JSON],
                    source=f"127.0.1.{number + 1}")
                self.answers[number] += 1
            except OSError:
                pass
            self.stop.wait(0.1)

    def wait_for(self, more):
        """Wait until each has had so many further answers."""
        before = self.answers[:]
        return process.wait_until(lambda: all(
            got >= had + more for got, had in zip(self.answers, before)))

    def __enter__(self):
        for t in self.threads:
            t.start()
        self.wait_for(1)
        return self

    def __exit__(self, *_):
        self.stop.set()
        for t in self.threads:
            t.join()


class Unread:
    """Peers on the responder's socket that send requests and read no answer,
    until the responder can send no more."""

    def __init__(self, site, count):
        self.site = site
        self.count = count
        self.open = {}  # how many bytes were sent

    def __enter__(self):
        self.request = fastcgi.request(
            "/voice", payload.post(payload.Call().event("initiate")), True,
            HTTP_AUTHORIZATION=self.site.authorization()[1])
        for _ in range(self.count):
            s = fastcgi.connect(self.site.socket)
            s.setblocking(False)
            self.open[s] = 0
        process.wait_until_steady(
            lambda: sum([self.fill(s) for s in self.open]))
        return self

    def fill(self, s):
        """Send until the socket is full. Returns the number of bytes sent so far."""
        try:
            while True:
                at = self.open[s] % len(self.request)
                self.open[s] += s.send(self.request[at:])
        except OSError:  # it blocks, or the responder has closed it
            return self.open[s]

    def __exit__(self, *_):
        for s in self.open:
            s.close()


class Idle:
    """Connections to the responder's socket on which nothing is sent."""

    def __init__(self, site, count):
        self.site = site
        self.count = count
        self.open = []

    def __enter__(self):
        for _ in range(self.count):
            self.open.append(fastcgi.connect(self.site.socket))
        return self

    def __exit__(self, *_):
        for s in self.open:
            s.close()
