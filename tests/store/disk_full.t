#!/usr/bin/env python3
"""A small disk that is full: pruning works with the reserve that an earlier run
made, and events are stored again afterwards. Needs a file system of its own."""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import tap  # noqa: E402
from responder import command, fcgi  # noqa: E402

CONFIG = """<callbacks>
  <store url="sqlite:events.db"/>
  <messaging path="/messages"/>
</callbacks>
"""
SIZE = 48 << 20


class Disk:
    def __init__(self, folder):
        self.folder = folder
        self.sent = 0
        with open(self.path("callbacks.xml"), "w") as f:
            f.write(CONFIG)

    def path(self, name):
        return os.path.join(self.folder, name)

    def free(self):
        fs = os.statvfs(self.folder)
        return fs.f_bavail * fs.f_frsize

    def send(self):
        """Whether a hundred messages are stored."""
        self.sent += 1
        body = json.dumps([{
            "type": "message-received", "to": "+19195550100",
            "message": {"id": f"m-{self.sent}-{i}",
                        "from": f"+1919555{i:04}", "text": "x" * 600}}
            for i in range(100)]).encode()
        done = subprocess.run(
            [fcgi(), "--config", self.path("callbacks.xml")], input=body,
            capture_output=True, check=False, env={
                "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST",
                "REQUEST_URI": "/messages", "SCRIPT_NAME": "",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "CONTENT_TYPE": "application/json",
                "CONTENT_LENGTH": str(len(body)), **process.surroundings()})
        return done.stdout.startswith(b"Status: 200")

    def prune(self, *how):
        done = subprocess.run(
            [command(), "events", "prune", "--config",
             self.path("callbacks.xml"), *how], capture_output=True,
            text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def fill(self, left):
        """Another file takes all but so many bytes."""
        with open(self.path("other"), "wb") as f:
            os.posix_fallocate(f.fileno(), 0, self.free() - left)

    def fill_up(self):
        """A file uses up the free space."""
        with open(self.path("rest"), "wb", buffering=0) as f:
            try:
                while True:
                    f.write(b"x" * 4096)
            except OSError:
                pass

    def fill_with_events(self):
        n = 0
        while self.send() and n < 1000:
            n += 1
        return n


def has_reserve(d):
    return os.path.exists(d.path("events.db.reserve"))


def check_reserve(d):
    d.send()
    tap.same(d.prune("--older", "90d"), (0, "0 events removed\n", ""),
             "nothing is old")
    tap.ok(has_reserve(d) and os.stat(
        d.path("events.db.reserve")).st_blocks * 512 >= 5 << 20,
        "but a reserve is made, which takes room")
    # A reader keeps the log from being emptied when a process ends.
    reader = subprocess.Popen(
        [command(), "events", "follow", "--config", d.path("callbacks.xml")],
        stdout=subprocess.DEVNULL)
    d.fill(3 << 20)
    n = d.fill_with_events()
    tap.ok(0 < n < 1000, "until the disk is full", n)
    tap.ok(not d.send(), "it stays full")
    code, out, err = d.prune("--larger", "200k")
    tap.ok(code == 0 and int(out.split()[0]) > 50 and err == "",
           "pruning works, with the reserve", (code, out, err))
    tap.ok(os.path.getsize(d.path("events.db")) < 1 << 20,
           "the store has given its room back")
    tap.ok(d.send(), "and events are stored again")
    reader.terminate()
    reader.wait()


def check_none(d):
    """Without a reserve."""
    if has_reserve(d):
        os.unlink(d.path("events.db.reserve"))
    os.unlink(d.path("other"))
    reader = subprocess.Popen(
        [command(), "events", "follow", "--config", d.path("callbacks.xml")],
        stdout=subprocess.DEVNULL)
    d.fill(3 << 20)
    d.fill_with_events()
    d.fill_up()
    tap.same(d.free(), 0, "not a byte is left")
    code, out, err = d.prune("--larger", "200k")
    tap.ok(code == 74 and "there is no reserve: delete other files first" in
           err, "without a reserve it says what to do", (code, out, err))
    tap.ok(not has_reserve(d) and not d.send(), "nothing has changed")
    os.unlink(d.path("rest"))
    os.unlink(d.path("other"))
    tap.same(d.prune("--larger", "200k")[0], 0, "and after that it works")
    tap.ok(has_reserve(d), "a reserve is made again")
    tap.ok(d.send(), "events are stored")
    reader.terminate()
    reader.wait()


def main():
    folder = sys.argv[1]
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}",
                           "none", folder], capture_output=True, check=False)
    if done.returncode != 0:
        tap.skip_all("no file system can be mounted here")
    d = Disk(folder)
    check_reserve(d)
    check_none(d)


if len(sys.argv) > 1:
    tap.run(main)
elif subprocess.run(["unshare", "--user", "--map-root-user", "--mount",
                     "true"], capture_output=True, check=False).returncode:
    tap.run(lambda: tap.skip_all("no name space of file systems"))
else:
    sys.exit(subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", sys.executable,
         os.path.abspath(__file__), process.folder()],
        check=False).returncode)
