#!/usr/bin/env python3
"""bwcallback dev: a flow behind a real nginx, its pages, a change of the flow,
and an end that leaves nothing."""

import base64
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

ROOM = process.folder()
PATH = ":".join([os.path.dirname(responder.command()),
                 os.path.dirname(responder.fcgi()), os.environ["PATH"]])


class Dev:
    """The command, while it runs."""

    def __init__(self, flow, **env):
        self.log = os.path.join(ROOM, f"log{len(os.listdir(ROOM))}")
        self.child = process.Child(
            [responder.command(), "dev", flow], self.log, cwd=ROOM,
            env={**os.environ, "PATH": PATH, **env})

    def said(self):
        with open(self.log, encoding="utf-8") as f:
            return f.read()

    def says(self, pattern, count=1):
        """Wait for a text; its last match, or None."""
        process.wait_until(
            lambda: len(re.findall(pattern, self.said())) >= count or
            not self.child.running())
        found = list(re.finditer(pattern, self.said()))
        return found[-1] if len(found) >= count else None

    def up(self):
        found = self.says(r"http://dev:(\w+)@(127\.0\.0\.1:\d+)(/\S+)/play")
        if found is None:
            tap.ok(False, "it runs", self.said())
            raise SystemExit(1)
        pair = f"dev:{found[1]}".encode()
        self.basic = "Basic " + base64.b64encode(pair).decode()
        self.host, self.pages = "http://" + found[2], found[3]
        return self

    def ask(self, path, form=None):
        request = urllib.request.Request(
            self.host + self.pages + path,
            urllib.parse.urlencode(form).encode() if form else None,
            {"Authorization": self.basic, "Origin": self.host})
        with urllib.request.urlopen(request, timeout=process.PATIENCE) as got:
            self.place = got.url[len(self.host + self.pages):]
            return got.read().decode()

    def play(self, text):
        """Play a call, and wait for a text: on a busy machine the first page
        may come before it. The last page."""
        page = self.ask("/play", {"do": "call", "path": "/voice",
                                  "at": "2026-03-04T15:00:00Z"})
        place = self.place
        def heard():
            nonlocal page
            if text not in page:
                page = self.ask(place)
            return text in page

        process.wait_until(heard)
        return page


def folder_of(pids):
    """The temporary folder, from the arguments of one of the programs."""
    for pid in pids:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as f:
            found = re.search(r"/tmp/bwcallback-dev-\w+", f.read())
        if found:
            return found[0]
    return None


def descendants(pid):
    """Processes below one, by number."""
    found = process.children_of(pid)
    for child in list(found):
        found += descendants(child)
    return found


def alive(pids):
    return [p for p in pids if os.path.exists(f"/proc/{p}")]


def serves(dev):
    greeting = "Thank you for calling. For sales, press 1"
    page = dev.play(greeting)
    tap.ok(greeting in page, "the telephone plays the flow", page)
    tap.ok("<svg" in dev.ask("/flow"), "the picture")
    done = subprocess.run(
        [responder.command(), "simulate", "call", "--user", "bandwidth",
         "--password-file", "office/password", dev.host + "/voice"], cwd=ROOM,
        capture_output=True, check=False)
    tap.ok(b"Bandwidth" not in done.stderr and b"hears" in done.stdout,
           "callbacks come through nginx", done.stdout + done.stderr)
    tap.ok(process.wait_until(lambda: "disconnect" in dev.ask("/events")),
           "and are among the events")
    tap.ok(not os.path.exists(os.path.join(ROOM, "office", "events.db")),
           "the flow's own store is not touched")


def change(path, old, new):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write(text.replace(old, new))
    os.rename(path + ".new", path)


def reloads(dev):
    flow = os.path.join(ROOM, "office", "callbacks.xml")
    change(flow, "Thank you for calling.", "Welcome to the office.")
    tap.ok(dev.says("the changed flow is served"), "a change", dev.said())
    page = dev.play("Welcome to the office.")
    tap.ok("Welcome to the office." in page, "is played", page)
    tap.ok("disconnect" in dev.ask("/events"), "the events are still there")
    change(flow, 'gatherUrl="/voice/menu"', 'gatherUrl="/voice/nowhere"')
    tap.ok(dev.says(r"callbacks.xml:\d+:.*nowhere"), "findings of check",
           dev.said())
    tap.ok(dev.says("the changed flow is served", 2), "and it is served")
    change(flow, "</callbacks>", "</callback>")
    tap.ok(dev.says("the flow before this change is still served"),
           "an error", dev.said())
    tap.ok("<svg" not in dev.ask("/flow") and
           "cannot be loaded now" in dev.ask("/flow"), "the page says so")
    change(flow, "</callback>", "</callbacks>")
    tap.ok(dev.says("the changed flow is served", 3), "mended")
    change(flow, "Welcome", "Hello")
    change(flow, "</callbacks>", "</callback>")
    tap.ok(dev.says("is still served|nothing is served", 2),
           "an error right after a change", dev.said())
    change(flow, "</callback>", "</callbacks>")
    tap.ok(dev.says("the changed flow is served", 4), "mended again",
           dev.said())


def ends(dev, number):
    children = descendants(dev.child.pid)
    folder = folder_of(children)
    tap.ok(len(children) >= 3 and os.stat(folder).st_mode & 0o77 == 0,
           "a server, a responder, a folder of their own", children)
    dev.child.signal(number)
    tap.same(dev.child.wait(), 0, f"ends with {number.name}")
    tap.ok(process.wait_until(lambda: not alive(children)),
           "and its children do", alive(children))
    tap.ok(not os.path.exists(folder), "no folder is left", folder)


THIEF = """#!/usr/bin/env python3
# Once, take the port that the configuration of nginx names; be nginx later.
import os, re, signal, socket, sys
if not os.path.exists("{room}/taken"):
    with open(sys.argv[4], encoding="utf-8") as f:
        port = int(re.search(r"listen 127.0.0.1:(\\d+)", f.read())[1])
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", port))
    s.listen()
    with open("{room}/taken", "w") as f:
        f.write(str(port))
    reads, writes = os.pipe()
    if os.fork() == 0:  # its output is not ours: the end of it is waited for
        os.close(reads)
        for fd in 0, 1, 2:
            os.close(fd)
        os.setsid()
        with open("{room}/thief", "w") as f:
            f.write(str(os.getpid()))
        os.close(writes)
        signal.alarm(600)
        signal.pause()
        os._exit(0)
    os.close(writes)
    os.read(reads, 1)
    sys.exit(1)
os.execv("{nginx}", ["nginx"] + sys.argv[1:])
"""


def port_is_lost():
    """Another program takes the port before nginx does."""
    first = os.path.join(ROOM, "first")
    os.mkdir(first)
    with open(os.path.join(first, "nginx"), "w", encoding="utf-8") as f:
        f.write(THIEF.format(room=ROOM, nginx=shutil.which("nginx", path=PATH)))
    os.chmod(os.path.join(first, "nginx"), 0o755)
    dev = Dev("office/callbacks.xml", PATH=first + ":" + PATH).up()
    with open(os.path.join(ROOM, "taken"), encoding="utf-8") as f:
        tap.ok(not dev.host.endswith(":" + f.read()),
               "a port that is taken: another one is chosen")
    serves(dev)
    ends(dev, signal.SIGINT)
    with open(os.path.join(ROOM, "thief"), encoding="utf-8") as f:
        os.kill(int(f.read()), signal.SIGKILL)


def failures():
    empty = os.path.join(ROOM, "empty")
    os.mkdir(empty)
    for name in ("bwcallback.fcgi", "sh"):
        os.symlink(shutil.which(name, path=PATH), os.path.join(empty, name))
    with open(os.path.join(empty, "nginx"), "w", encoding="utf-8") as f:
        f.write("#!/bin/sh\necho no port >&2\nexit 1\n")
    os.chmod(os.path.join(empty, "nginx"), 0o755)
    dev = Dev("office/callbacks.xml",
              PATH=empty + ":" + os.environ["PATH"])
    tap.same(dev.child.wait(), 70, "nginx fails")
    tap.ok("dev: nginx" in dev.said() and "no port" in dev.said(),
           "and it is said", dev.said())
    dev = Dev("gone.xml")
    tap.same(dev.child.wait(), 78, "no such flow")
    tap.ok("gone.xml: error: No such file" in dev.said(), "is said", dev.said())


def main():
    subprocess.run([responder.command(), "init", "ivr", "office"], cwd=ROOM,
                   check=True, stdout=subprocess.DEVNULL)
    dev = Dev("office/callbacks.xml").up()
    serves(dev)
    ends(dev, signal.SIGINT)
    port_is_lost()
    dev = Dev("office/callbacks.xml").up()
    serves(dev)
    reloads(dev)
    ends(dev, signal.SIGTERM)
    subprocess.run([responder.command(), "init", "ivr", "other"], cwd=ROOM,
                   check=True, stdout=subprocess.DEVNULL)
    os.rename(os.path.join(ROOM, "other", "callbacks.xml"),
              os.path.join(ROOM, "office", "callbacks.xml"))
    failures()


tap.run(main)
