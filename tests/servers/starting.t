#!/usr/bin/env python3
"""Ways to start bwcallback.fcgi behind nginx: spawn-fcgi, and systemd with the
socket as descriptor 0 or in LISTEN_FDS. Also checks the unit files and the
AppArmor profile."""

import os
import subprocess

import matrix  # first: it adds tests/pylib to sys.path
import web_server
import process
import responder
import responder_site
import tap

# systemd-analyze must accept the unit, with at most this exposure (10 is the
# worst, 0.1 very little).
EXPOSURE = 15  # tenths


def command(s):
    return [responder.fcgi(), "--config", s.config, "--workers", "4"]


ROWS = [
    ("spawn-fcgi",
     lambda s: ["spawn-fcgi", "-n", "-M", "0666", "-s", s.socket, "--",
                *command(s)]),
    ("systemd, LISTEN_FDS",
     lambda s: ["systemd-socket-activate", "-E", "LD_LIBRARY_PATH",
                "-l", s.socket, "--", *command(s)]),
    ("systemd, descriptor 0",
     lambda s: ["systemd-socket-activate", "-E", "LD_LIBRARY_PATH",
                "--inetd", "-l", s.socket, "--", *command(s)]),
]


class Nginx(responder_site.Nginx):
    fallback, starts, limit = True, False, 1 << 20

    def __init__(self, s):
        super().__init__(s.folder, s.socket)


def listens(path):
    """Whether somebody listens at a Unix socket: its file is there a little
    before. To connect would already start the responder."""
    with open("/proc/net/unix", encoding="utf-8") as f:
        rows = [line.split() for line in f]
    return ["00010000", path] in [[r[3], r[-1]] for r in rows]


def started(name, argv):
    s = responder_site.Deployment(matrix.FLOW, front=Nginx)
    child = process.Child(argv(s), s.log)
    tap.ok(process.wait_until(lambda: listens(s.socket)),
           f"{name}: there is a socket", child.said())
    # The permissions that SocketMode= and -M set.
    os.chmod(s.socket, 0o666)
    matrix.challenges(s, name)
    matrix.answers(s, name)
    tap.same(child.stop(), 0, f"{name}: ends with 0 on SIGTERM")
    s.front.stop()


def unit(name, folder):
    """A shipped unit, with only the paths of programs changed."""
    with open(web_server.shipped("systemd", name)) as f:
        text = f.read()
    if name == "bwcallback.service":
        text = web_server.adapt(text, {
            "/usr/local/bin/bwcallback.fcgi": web_server.program()})
    elif name.endswith(".service"):
        text = web_server.adapt(text, {
            "/usr/local/bin/bwcallback ": responder.command() + " "})
    # systemd-analyze cannot name an instance without a program for it.
    path = os.path.join(folder, name.replace("@.", "@true."))
    with open(path, "w") as f:
        f.write(text)
    return path


def units():
    folder = process.folder()
    names = sorted(name for name in os.listdir(
        web_server.shipped("systemd", "")) if "bwcallback" in name)
    tap.same(len(names), 7, "units: as many as are shipped")
    paths = [unit(name, folder) for name in names]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *paths],
                          capture_output=True, text=True, check=False)
    tap.ok(done.returncode == 0 and done.stderr == "",
           "systemd finds nothing wrong with the units", done.stderr)
    for path in paths:
        if not path.endswith(".service"):
            continue
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true",
             f"--threshold={EXPOSURE}", path],
            capture_output=True, text=True, check=False)
        tap.same(done.returncode, 0,
                 f"{os.path.basename(path)} is exposed to little")


def apparmor():
    """The profile of the Debian package is well formed, and only reports."""
    path = os.path.join(tap.srcdir(), "debian", "bwcallback.apparmor")
    done = subprocess.run(["apparmor_parser", "-Q", "-K", path],
                          capture_output=True, text=True, check=False)
    tap.same(done.returncode, 0, "AppArmor's parser takes the profile")
    done = subprocess.run(["apparmor_parser", "-N", path],
                          capture_output=True, text=True, check=False)
    tap.same(done.stdout.split(), ["bwcallback.fcgi"], "it is one profile")
    with open(path) as f:
        tap.ok("flags=(complain," in f.read(), "it only reports")


def main():
    responder_site.require()
    for needed in ("spawn-fcgi", "systemd-socket-activate",
                   "systemd-analyze", "apparmor_parser"):
        if web_server.find(needed) is None:
            tap.skip_all(f"{needed} is not installed")
    for name, argv in ROWS:
        started(name, argv)
    units()
    apparmor()


if __name__ == "__main__":
    tap.run(main)
