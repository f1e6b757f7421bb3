#!/usr/bin/env python3
"""The single-file program under chroot, in a folder with only the program and a
configuration."""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "fcgi"))
import responder_fixture as h  # first: it adds tests/pylib to sys.path
import client
import fastcgi as f
import web_server
import process
import tap

USER = "bandwidth"
CONFIG = """\
<callbacks>
  <credentials id="main" file="passwd"/>
  <store url="sqlite:events.db"/>
  <voice path="/voice" credentials="main">
    <on event="initiate"><Response><SpeakSentence>Alone {from}</SpeakSentence></Response></on>
  </voice>
  <messaging path="/messages" credentials="main"/>
</callbacks>
"""


def program():
    return os.path.join(tap.builddir(), "hosting", "bwcallback-static")


def can_chroot():
    """Root can use chroot; other users need a user namespace."""
    return web_server.is_root() or subprocess.run(
        ["unshare", "-r", "true"], capture_output=True,
        check=False).returncode == 0


class Chroot:
    """A root folder for the program."""

    def __init__(self):
        self.folder = process.folder()
        for name in ("bwcallback", "bwcallback.cgi"):
            shutil.copy(program(), self.path(name))
        with open(self.path("callbacks.xml"), "w") as out:
            out.write(CONFIG)

    def path(self, name):
        return os.path.join(self.folder, name)

    def argv(self, *argv):
        inside = ["chroot", self.folder, *argv]
        return inside if web_server.is_root() else ["unshare", "-r", *inside]

    def run(self, *argv, feed=b"", env=None):
        """(exit code, standard output, standard error)"""
        done = subprocess.run(self.argv(*argv), input=feed,
                              capture_output=True, timeout=60, check=False,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                                   **(env or {})})
        return done.returncode, done.stdout, done.stderr.decode()

    def cgi(self, path="/voice", body=h.INITIATE, **more):
        variables = f.variables(path, body, GATEWAY_INTERFACE="CGI/1.1",
                                **more)
        code, out, log = self.run("/bwcallback.cgi", feed=body, env=variables)
        return code, f.Answer(out, f.COMPLETE), log


def is_whole():
    """Nothing is loaded at run time: no interpreter, no shared library."""
    headers = subprocess.run(["readelf", "-lhd", program()], text=True,
                             capture_output=True, check=True).stdout
    tap.ok("INTERP" not in headers and "NEEDED" not in headers,
           "no shared library", headers)
    tap.ok("DYN (Position-Independent" in headers, "at a place of its own",
           headers[:600])
    size = os.path.getsize(program())
    tap.ok(size < 6 << 20, "of less than six megabytes", size)


def commands(chroot):
    code, out, said = chroot.run("/bwcallback", "passwd", "--generate",
                               "passwd", USER)
    tap.same((code, said), (0, ""), "makes a password")
    password = out.decode().strip()
    code, out, said = chroot.run("/bwcallback", "check", "callbacks.xml")
    tap.same((code, out), (0, b""), "checks: " + said)
    code, out, said = chroot.run("/bwcallback.cgi", "check", "callbacks.xml")
    tap.same((code, out), (0, b""), "also called .cgi: " + said)
    code, out, said = chroot.run("/bwcallback.cgi", "--version")
    tap.ok(out.startswith(b"bwcallback.fcgi "), ".cgi without a command", out)
    code, out, said = chroot.run("/bwcallback", "--version")
    tap.ok(out.startswith(b"bwcallback "), "by another name", out)
    return password


def calls(chroot, password):
    code, a, log = chroot.cgi()
    tap.same((code, a.status, a.whole), (0, 401, True), "CGI: a challenge")
    right = {"HTTP_AUTHORIZATION":
             client.basic(USER, password)}
    code, a, log = chroot.cgi(**right)
    tap.ok(a.status == 200 and b"Alone" in a.body, "CGI: a call", f"{a} {log}")
    body = h.message(200)
    code, a, log = chroot.cgi("/messages", body, **right)
    tap.same((code, a.status), (0, 200), "CGI: a message")
    code, out, said = chroot.run("/bwcallback", "events", "count", "--store",
                               "sqlite:/events.db", "--json")
    tap.ok(code == 0 and b"message-received" in out, "both are kept",
           f"{out} {said}")


def serves(chroot, password):
    listen = chroot.path("sock")
    child = process.Child(
        chroot.argv("/bwcallback.cgi", "--config", "/callbacks.xml", "--listen",
                  "unix:/sock,mode=0666", "--listen", "127.0.0.1:0"),
        chroot.path("log"))
    process.wait_until(lambda: not child.running() or
                       process.connects(listen))
    a = f.ask(listen, body=h.INITIATE,
              HTTP_AUTHORIZATION=client.basic(USER, password))
    tap.ok(a.status == 200 and b"Alone" in a.body, "FastCGI: a call",
           f"{a} {child.said()}")
    tap.same(child.stop(), 0, "and ends")


def absent(chroot):
    """A missing feature is reported, with the way to get it."""
    code, _, said = chroot.run("/bwcallback", "consume", "x", "--store",
                             "sqlite:/events.db", "--url", "http://[::1]/")
    tap.ok(code == 69 and "no HTTP client" in said, "no HTTP", said)
    code, _, said = chroot.run("/bwcallback.cgi", "--listen", "localhost:9000")
    tap.ok(code == 64 and "write an address" in said, "no names", said)
    code, _, said = chroot.run("/bwcallback.cgi", "--listen",
                             "unix:/s,group=nobody")
    tap.ok(code == 64 and "no such group" in said, "no groups", said)
    with open(chroot.path("m.so"), "w"):
        pass
    with open(chroot.path("module.xml"), "w") as out:
        out.write('<callbacks><voice path="/v"><on event="initiate">'
                  '<module file="m.so" handler="h"/></on></voice></callbacks>')
    code, out, said = chroot.run("/bwcallback", "check", "module.xml")
    tap.ok(code != 0 and b"cannot load modules" in out, "no modules",
           f"{out} {said}")
    for name, good in (("ISO-8859-1", True), ("UTF-16", True),
                       ("windows-1252", False), ("ISO-2022-JP", False)):
        text = ('<?xml version="1.0" encoding="%s"?><callbacks><messaging '
                'path="/m"/></callbacks>' % name)
        with open(chroot.path("set.xml"), "wb") as out:
            out.write(text.encode(name))
        code, out, said = chroot.run("/bwcallback", "check", "set.xml")
        tap.ok((code == 0) == good and code >= 0, f"encoding {name}",
               f"{code} {out} {said}")


def main():
    if not os.path.exists(program()):
        tap.skip_all("this build cannot link \"make static\"")
    if not can_chroot():
        tap.skip_all("only root, or a user who may have namespaces")
    chroot = Chroot()
    is_whole()
    password = commands(chroot)
    calls(chroot, password)
    serves(chroot, password)
    absent(chroot)


tap.run(main)
