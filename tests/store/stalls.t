#!/usr/bin/env python3
"""A store that cannot be opened, because another process has locked it or the
disk blocks, and files whose reading blocks: no request waits beyond its own
deadline, or for a blocked thread. The test releases the file only after the
answers have arrived."""

import base64
import fcntl
import json
import os
import signal
import sqlite3
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import fastcgi  # noqa: E402
import stored_site  # noqa: E402
import process  # noqa: E402
import tap  # noqa: E402
from responder import Responder, make_password  # noqa: E402

CONFIG = """<callbacks>
  <store url="sqlite:events.db"/>
  <credentials id="users" realm="x" file="users"/>
  <voice path="/voice" deadline="2s">
    <on event="initiate"><Response><Hangup/></Response></on>
    <fallback><Response><Pause/></Response></fallback>
  </voice>
  <voice path="/slow" deadline="25s">
    <on event="initiate"><exec program="waits" timeout="24s"/></on>
    <fallback><Response><Hangup/></Response></fallback>
  </voice>
  <messaging path="/messages" deadline="2s"/>
  <messaging path="/known" credentials="users"/>
  <tollfree path="/signed" hmac-key-file="keys"/>
  <emergency path="/e911"><locations file="l.csv"/></emergency>
  <portout path="/first" deadline="2s">
    <subscribers file="s.csv" velocity="9"/>
  </portout>
  <portout path="/second" deadline="2s">
    <subscribers file="s.csv" velocity="9"/>
  </portout>
</callbacks>
"""

# Number of attempts to send the request that reads a changed file.
MANY = 2000

# Runs until a test releases it.
WAITS = """#!/bin/sh
: >'{folder}/runs'
while [ ! -e '{folder}/gate' ]; do sleep 0.05; done
echo "<Response><Pause/></Response>"
"""

FILES = {
    "callbacks.xml": CONFIG,
    "l.csv": "number,aeui,location_id\n9195550101,site-1,Room 5\n",
    "s.csv": "number,account,pin,zip\n9195550192,AC-9,0042,27601\n",
    "new.data": "number,account,pin,zip\n9195550192,AC-9,0042,27601\n",
    "keys": "a secret that is long enough\n",
}

PORTOUT = """<PortOutValidationRequest><PON>{}</PON><Pin>0042</Pin>
<AccountNumber>AC-9</AccountNumber><ZipCode>27601</ZipCode>
<SubscriberName>Jo</SubscriberName><TelephoneNumbers>
<TelephoneNumber>9195550192</TelephoneNumber></TelephoneNumbers>
</PortOutValidationRequest>"""


def message(name):
    return json.dumps([{
        "type": "message-received", "to": "+19195550100",
        "message": {"id": name, "from": "+19195550142", "text": "hi"}}])


def call(name):
    return json.dumps({
        "eventType": "initiate", "callId": name, "accountId": "9900100",
        "from": "+19195550142", "to": "+19195550100",
        "direction": "inbound"})


def lock(path):
    """Lock a store's file until this is closed."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    db.execute("BEGIN EXCLUSIVE")
    return db


class Site:
    """A folder with a configuration, and a disk that a test can block."""

    def __init__(self):
        self.folder = process.folder()
        for name, text in FILES.items():
            with open(self.path(name), "w") as f:
                f.write(text)
        with open(self.path("waits"), "w") as f:
            f.write(WAITS.format(folder=self.folder))
        os.chmod(self.path("waits"), 0o755)
        self.password = make_password(self.path("users"), "jo")
        self.release()

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        fault = os.path.join(tap.builddir(), "tests", "store", ".libs",
                             "fault.so")
        if not os.path.exists(fault):
            tap.skip_all("built without shared objects")
        self.responder = Responder(
            self.path("callbacks.xml"), self.path("log"), self.path("s"),
            workers=24 + os.cpu_count(), env={
                "LD_PRELOAD": process.before_others(fault),
                "BW_FAULT": self.path("fault"),
                "BW_FAULT_LOG": self.path("notes"),
                # Sanitizers must be loaded first.
                "ASAN_OPTIONS": "verify_asan_link_order=0"})

    def control(self, text):
        with open(self.path("fault.new"), "w") as f:
            f.write(text)
        os.rename(self.path("fault.new"), self.path("fault"))

    def hold(self, name):
        """From now on, opening a file of this name blocks."""
        with open(self.path("notes"), "w"):
            pass
        self.control(f"hold-open {name}\n")

    def release(self):
        self.control("nothing *\n")

    def held(self):
        """Whether a thread is blocked in such an open."""
        with open(self.path("notes")) as f:
            return "hold-open" in f.read()

    def lock(self):
        return lock(self.path("events.db"))

    def touch(self, name):
        """Change the file's time."""
        with open(self.path(name), "a") as f:
            f.write("\n")

    def open_gate(self):
        with open(self.path("gate"), "w"):
            pass

    def log(self):
        with open(self.path("log"), errors="replace") as f:
            return f.read()

    def ask(self, path, body="", **more):
        kind = "application/xml" if body[:1] == "<" else "application/json"
        more.setdefault("CONTENT_TYPE", kind)
        return fastcgi.ask(self.path("s"), path, body.encode(), **more)

    def portout(self, path, name):
        return self.ask(path, PORTOUT.format(name))

    def emergency(self):
        return self.ask("/e911?to=%2B19195550100&from=19195550101",
                        method="GET", CONTENT_LENGTH="")

    def rows(self):
        """Types and bodies of the stored events."""
        try:
            with sqlite3.connect(f"file:{self.path('events.db')}?mode=rw",
                                 uri=True, timeout=process.PATIENCE) as db:
                return db.execute("SELECT type, CAST(body AS TEXT) "
                                  "FROM event").fetchall()
        except sqlite3.OperationalError:
            return []

    def count(self, word):
        return sum(word in kind or word in body for kind, body in self.rows())


class Async:
    """Calls do() in another thread; join() returns its result."""

    def __init__(self, do):
        self.result = None
        self.thread = threading.Thread(target=self.run, args=(do,))
        self.thread.start()

    def run(self, do):
        try:
            self.result = do()
        except OSError as e:
            self.result = e

    def runs(self):
        return self.thread.is_alive()

    def join(self):
        self.thread.join()
        return self.result


def is_verdict(a):
    return getattr(a, "status", 0) == 200 and b"<Portable>true<" in a.body


def check_answers(s, what, late):
    """Several requests of each family at once are all answered."""
    asked = {
        "call": [Async(lambda n=n: s.ask("/voice", call(f"c-{late}-{n}")))
                 for n in range(3)],
        "port-out": [Async(lambda n=n: s.portout("/first", f"P-{late}-{n}"))
                     for n in range(3)],
        "emergency": [Async(s.emergency) for n in range(3)],
        "message": [Async(lambda n=n: s.ask("/messages",
                                            message(f"m-{late}-{n}")))
                    for n in range(3)],
    }
    got = {kind: [x.join() for x in all_] for kind, all_ in asked.items()}
    tap.ok(all(getattr(a, "status", 0) == 200 and b"<Hangup/>" in a.body
               for a in got["call"]), f"{what}: calls", repr(got["call"]))
    tap.ok(all(is_verdict(a) for a in got["port-out"]),
           f"{what}: port-outs", repr(got["port-out"]))
    tap.ok(all(getattr(a, "status", 0) == 200 and b"site-1" in a.body
               for a in got["emergency"]),
           f"{what}: emergencies", repr(got["emergency"]))
    tap.same([getattr(a, "status", 0) for a in got["message"]], [503] * 3,
             f"{what}: messages get a 503")


def check_stored(s, what, late):
    for word, n in ((f"c-{late}-", 3), (f"P-{late}-", 3), ("calling-api", 3)):
        tap.ok(process.wait_until(lambda: s.count(word) == n),
               f"{what}: {word} is stored in the end",
               f"{s.count(word)} of {n}")


def check_disk():
    """The file does not exist, and creating it blocks."""
    s = Site()
    s.start()
    s.hold("events.db")
    check_answers(s, "a disk that does not answer", "disk")
    tap.ok(s.held(), "the file is still being created")
    s.release()
    check_stored(s, "a disk that does not answer", "disk")
    return s


def check_history(s):
    """One thread reads the history of port-outs; the others do not wait."""
    s.hold("events.db")
    reader = Async(lambda: s.portout("/first", "P-reader"))
    tap.ok(process.wait_until(s.held), "history: one thread is reading it")
    for path in ("/first", "/second"):
        a = Async(lambda: s.portout(path, f"P-{path[1:]}")).join()
        tap.ok(is_verdict(a), f"history: {path} has its verdict", repr(a))
    tap.ok(reader.result is None, "history: the first thread is still reading")
    s.release()
    tap.ok(is_verdict(reader.join()),
           "history: the first thread gets its verdict",
           repr(reader.result))


def check_file(s, name, ask, statuses):
    """A changed file is read by one thread; the others do not wait."""
    s.touch(name)
    s.hold(name)
    readers = []
    while not s.held() and len(readers) < MANY:
        # A file is checked once a second; until then nothing blocks.
        readers.append(Async(ask))
        process.wait_until(lambda: s.held() or not readers[-1].runs())
    tap.ok(s.held(), f"{name}: one thread is reading it")
    a = Async(ask).join()
    tap.ok(getattr(a, "status", 0) in statuses,
           f"{name}: another request is answered", repr(a))
    s.release()
    got = [getattr(x.join(), "status", 0) for x in readers]
    tap.ok(set(got) <= set(statuses),
           f"{name}: then all requests are answered", repr(got))


def check_credentials(s):
    tried = iter(range(10 ** 6))

    def ask():
        # Each has a password that is not cached.
        text = f"jo:{s.password}{next(tried)}".encode()
        return s.ask("/known", message("m-known"), HTTP_AUTHORIZATION="Basic "
                     + base64.b64encode(text).decode())

    check_file(s, "users", ask, (401,))


def check_signature(s):
    def ask():
        return s.ask("/signed", "{}",
                     HTTP_X_BANDWIDTH_SIGNATURE_HMAC_SHA256="0" * 64)

    check_file(s, "keys", ask, (401,))


def check_lock():
    """Another process has locked the file before ours opens it."""
    s = Site()
    other = s.lock()
    s.start()
    check_answers(s, "locked", "lock")
    other.close()
    check_stored(s, "locked", "lock")
    tap.same(s.responder.stop(), 0, "locked: the responder exits with 0")


def check_spool():
    """The spool is locked as well."""
    s = Site()
    store = s.lock()
    spool = open(s.path("events.db.spool"), "w")
    fcntl.flock(spool, fcntl.LOCK_EX)
    s.start()
    check_answers(s, "spool locked", "spool")
    spool.close()
    store.close()
    tap.same(s.responder.stop(), 0, "spool locked: the responder exits with 0")


def check_cgi():
    """The same for CGI processes."""
    with tempfile.TemporaryDirectory() as folder:
        k = stored_site.StoredSite(folder, CONFIG)
        for name, text in FILES.items():
            k.write(name, text)
        k.write("waits", WAITS.format(folder=folder))
        os.chmod(os.path.join(folder, "waits"), 0o755)
        make_password(os.path.join(folder, "users"), "jo")
        other = lock(os.path.join(folder, "events.db"))
        got = k.send("/voice", call("c-cgi"), "application/json")
        tap.ok(got[0] == 200 and "<Hangup/>" in got[2], "CGI: a call", got)
        got = k.send("/first", PORTOUT.format("P-cgi"), "application/xml")
        tap.ok(got[0] == 200 and "<Portable>true<" in got[2],
               "CGI: a port-out", got)
        got = k.send("/e911?to=%2B19195550100&from=19195550101", "", "",
                     REQUEST_METHOD="GET")
        tap.ok(got[0] == 200 and "site-1" in got[2], "CGI: an emergency", got)
        got = k.send("/messages", message("m-cgi"), "application/json")
        tap.same(got[0], 503, "CGI: a message is refused")
        other.close()

        def stored():
            # Each process drains a part of the spool before it ends.
            k.store("/messages", message("m-cgi"), "application/json")
            rows = k.run("events list", "--json", "--limit", "100").stdout
            return len(rows.splitlines()) == 4

        tap.ok(process.wait_until(stored), "CGI: finally all are stored")


def check_loading():
    """The main thread manages the workers during a long reload."""
    s = Site()
    s.start()
    s.hold("callbacks.xml")
    s.responder.child.signal(signal.SIGHUP)
    tap.ok(process.wait_until(s.held), "reload: the file is being loaded")
    # More than the workers that are active while none is stuck.
    slow = [Async(lambda n=n: s.ask("/slow", call(f"c-slow-{n}")))
            for n in range(os.cpu_count() + 1)]
    a = Async(s.emergency).join()
    tap.ok(getattr(a, "status", 0) == 200 and b"site-1" in a.body and
           all(x.runs() for x in slow),
           "reload: an emergency is answered beside busy workers", repr(a))
    s.open_gate()
    tap.same([getattr(x.join(), "status", 0) for x in slow],
             [200] * len(slow), "reload: the slow calls are answered")
    s.release()
    tap.ok(process.wait_until(lambda: "is in force" in s.log()),
           "reload: the new configuration is loaded")
    tap.same(s.responder.stop(), 0, "reload: the responder exits with 0")


def check_old():
    """No request waits until an old configuration is freed, which waits for the
    thread that reads its subscribers."""
    s = Site()
    s.start()
    kept_open = fastcgi.Connection(s.path("s"))
    last = Async(lambda: kept_open.ask("/slow", call("c-last").encode()))
    tap.ok(process.wait_until(lambda: os.path.exists(s.path("runs"))),
           "old configuration: a request uses it")
    s.touch("s.csv")
    s.hold("s.csv")
    # Some seconds until the file is read again; many requests for one number
    # would be refused.
    for n in range(MANY):
        s.portout("/first", f"P-renew-{n}")
        if process.wait_until(s.held, 1):
            break
    tap.ok(s.held(), "old configuration: its subscribers are being read")
    with open(s.path("callbacks.xml"), "w") as f:
        f.write(CONFIG.replace("s.csv", "new.data"))
    s.responder.child.signal(signal.SIGHUP)
    tap.ok(process.wait_until(lambda: "is in force" in s.log()),
           "old configuration: a new one replaces it")
    s.open_gate()
    a = last.join()
    tap.ok(getattr(a, "whole", False) and b"<Pause/>" in a.body,
           "old configuration: its last request is answered in full", repr(a))
    a = Async(lambda: kept_open.ask(
        "/first", PORTOUT.format("P-new").encode(),
        CONTENT_TYPE="application/xml")).join()
    tap.ok(is_verdict(a), "old configuration: the new one answers on the same "
           "connection", repr(a))
    kept_open.close()
    s.release()
    tap.same(s.responder.stop(), 0,
             "old configuration: the responder exits with 0")


def main():
    s = check_disk()
    check_history(s)
    check_credentials(s)
    check_signature(s)
    tap.same(s.responder.stop(), 0, "the responder exits with 0")
    check_lock()
    check_spool()
    check_cgi()
    check_loading()
    check_old()


tap.run(main)
