"""bwcallback.fcgi and bwcallback from the build folder."""

import os
import subprocess

from process import PATIENCE, Child, wait_until
from tap import program

# Options with which the responder does not treat slow peers as stalled.
PATIENT = ("--receive-timeout", str(PATIENCE), "--drain-timeout",
           str(PATIENCE))


def fcgi():
    return program("fcgi", "bwcallback.fcgi")


def command():
    return program("cli", "bwcallback")


def make_password(file, user):
    """Add a user with a new password to an htpasswd file; the password."""
    done = subprocess.run([command(), "passwd", "--generate", file, user],
                          check=True, capture_output=True, text=True)
    return done.stdout.strip()


def says_start(log, before):
    """Whether a log says, after a number of bytes, that a responder serves."""
    with open(log, "rb") as f:
        f.seek(before)
        return b"event=start" in f.read()


class Responder:
    """A running bwcallback.fcgi that listens on a socket path, on (host, port),
    or on a listening socket inherited as descriptor 0."""

    def __init__(self, config, log, path=None, inherited=None, workers=4,
                 env=None):
        argv = [fcgi(), "--config", config, "--workers", str(workers),
                *PATIENT]
        options = {"env": dict(os.environ, **env)} if env else {}
        if inherited is None:
            argv += ["--listen", f"unix:{path},mode=0666"
                     if isinstance(path, str) else f"{path[0]}:{path[1]}"]
        else:
            options["stdin"] = inherited
        before = os.path.getsize(log) if os.path.exists(log) else 0
        self.child = Child(argv, log, **options)
        self.pid = self.child.pid
        if inherited is None:
            # The socket takes connections before the configuration is loaded.
            up = wait_until(lambda: says_start(log, before) or
                            not self.child.running())
            if not up or not self.child.running():
                raise RuntimeError("bwcallback.fcgi does not start: " +
                                   self.child.said())

    def stop(self):
        return self.child.stop()
