#!/usr/bin/env python3
"""A FIFO, a device, a folder or a socket in place of a file of the
configuration is refused at once: nothing waits for its other end."""

import os
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

INCLUDE = """\
  <xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="more.xml"/>
"""

FLOW = """\
<callbacks>
  <credentials id="main" realm="Test" file="passwd"/>
  <store url="sqlite:events.db"/>
  <table id="staff" file="staff.csv" key="extension"/>
  <voice path="/voice" credentials="main">
    <on event="initiate"><exec program="program"/></on>
  </voice>
  <portout path="/csv" credentials="main">
    <subscribers file="subscribers.csv"/>
  </portout>
  <portout path="/sql" credentials="main">
    <subscribers sqlite="subscribers.db"
      query="SELECT number, pin, account, zip FROM s WHERE number = ?1"/>
  </portout>
  <tollfree path="/tollfree" hmac-key-file="key"/>
  <emergency path="/emergency" credentials="main">
    <locations file="locations.csv"/>
  </emergency>
</callbacks>
"""


def fifo(path):
    os.mkfifo(path)


def device(path):
    os.symlink("/dev/zero", path)


def terminal(path):
    os.symlink("/dev/ptmx", path)


def folder(path):
    os.mkdir(path)


def unix_socket(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)


KINDS = (fifo, device, terminal, folder, unix_socket)


def run(*argv):
    """Exit status and output; None if it hangs."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60,
                              errors="replace")
    except subprocess.TimeoutExpired:
        return None, "it hangs"
    return done.returncode, done.stdout + done.stderr


def check(home, name, kind):
    path = os.path.join(home, name)
    if os.path.lexists(path):
        os.unlink(path)
    kind(path)
    status, said = run(responder.command(), "check",
                       os.path.join(home, "callbacks.xml"))
    tap.ok(status not in (None, 0) and name in said and
           "not a regular file" in said,
           f"check: {name}: {kind.__name__}", f"{status} {said}")
    os.rmdir(path) if kind is folder else os.unlink(path)


def opened(home, name, kind, *argv):
    path = os.path.join(home, name)
    kind(path)
    status, said = run(*argv)
    tap.ok(status not in (None, 0) and "not a regular file" in said,
           f"{argv[1]}: {name}: {kind.__name__}", f"{status} {said}")
    os.rmdir(path) if kind is folder else os.unlink(path)


def main():
    home = process.folder()
    config = os.path.join(home, "callbacks.xml")
    for name in ("passwd", "staff.csv", "more.xml", "subscribers.csv",
                 "subscribers.db", "key", "locations.csv"):
        for kind in KINDS:
            with open(config, "w") as out:
                out.write(FLOW.replace("  <voice", INCLUDE + "  <voice")
                          if name == "more.xml" else FLOW)
            check(home, name, kind)
    os.unlink(config)
    for kind in KINDS:
        opened(home, "callbacks.xml", kind, responder.command(), "check",
               config)
        opened(home, "events.db", kind, responder.command(), "events",
               "count", "--store", "sqlite:" + os.path.join(home, "events.db"))


tap.run(main)
