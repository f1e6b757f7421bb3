#!/usr/bin/env python3
"""An application in another language, Node with the vendor's SDK from npm: the
simulator plays calls with it from the first callback to the last. Not part of
"make check": "make check-node" fetches the SDK."""

import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

SDK = "bandwidth-sdk@8.1.4"
ROOM = process.folder()

# Actions of a caller, and the expected prompts and actions, in this order.
CALLS = (
    (("--digits", "1"), ("To talk to us", "One moment", "Transfer",
                         "transferComplete", "Hangup")),
    (("--digits", "1", "--callee", "+19195550111=busy"),
     ("One moment", "transferComplete", "Nobody is there")),
    (("--digits", "7,2"), ("To talk to us", "To talk to us",
                           "Please leave a message", "recordComplete",
                           "Thank you", "recordingAvailable")),
    (("--digits", "silence,silence"),
     ("To talk to us", "To talk to us", "Goodbye", "Hangup")),
)


def install():
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        tap.skip_all("Node and npm are not there")
    try:
        done = subprocess.run(
            [npm, "install", "--prefix", ROOM, "--no-audit", "--no-fund",
             "--ignore-scripts", SDK], capture_output=True, text=True,
            timeout=180, check=False)
        why = (done.stderr.strip().splitlines() or ["no word why"])[0]
    except subprocess.TimeoutExpired:
        tap.skip_all(f"npm did not get {SDK} in three minutes")
    if done.returncode != 0:
        tap.skip_all(f"npm does not get {SDK}: {why}")
    shutil.copy(os.path.join(HERE, "app.js"), ROOM)
    return node


class App:
    """The application on a free port."""

    def __init__(self, node, *argv):
        self.child = subprocess.Popen(
            [node, os.path.join(ROOM, "app.js"), *argv], cwd=ROOM,
            stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.child.stdout.readline())}"

    def stop(self):
        self.child.terminate()
        self.child.wait()


def simulate(*argv):
    done = subprocess.run([responder.command(), "simulate", *argv],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def in_order(text, wanted):
    at = 0
    for each in wanted:
        at = text.find(each, at)
        if at < 0:
            return f"no {each!r} there:\n{text}"
        at += len(each)
    return ""


def calls(app):
    for argv, wanted in CALLS:
        code, out, err = simulate("call", *argv, app.url + "/voice")
        name = " ".join(argv[1::2])
        tap.same((code, err), (0, ""), f"{name}: nothing is wrong")
        missing = in_order(out, wanted)
        tap.ok(missing == "", f"{name}: goes as it should", missing)


def explored(app, want):
    code, out, err = simulate("explore", "--callers", "1000", "--json",
                              app.url + "/voice")
    found = [json.loads(line) for line in out.splitlines()][:-1]
    tap.same((code, err, [(f["fault"], f["path"]) for f in found]),
             (1 if want else 0, "", want), "explored")
    for each in found:
        argv = each["command"][2:]
        tap.ok("--digits" in argv and argv[argv.index("--digits") + 1] == "3",
               "the way to it", " ".join(each["command"]))


def main():
    node = install()
    for argv, want in (((), []), (("broken",), [("callback", "/gone")])):
        app = App(node, *argv)
        try:
            if not want:
                calls(app)
            explored(app, want)
        finally:
            app.stop()


tap.run(main)
