"""Shared by the web servers of the tests: a separate folder, a port, and the
shipped file with only its paths changed."""

import grp
import os
import pwd
import shutil

import process
from tap import builddir, srcdir

# The user of the workers if root runs the tests, as in a deployment.
USER = "www-data"


def find(name):
    """The path of a server's program; None if it is not installed."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    return shutil.which(name, path=path)


def shipped(*parts):
    return os.path.join(srcdir(), *parts)


def program():
    """The responder linked into one file, which can be copied anywhere."""
    return os.path.join(builddir(), "tests", "servers", "bwcallback.cgi")


def adapt(text, changes):
    """Replace paths. Each must occur, or the test would not cover it."""
    for old, new in changes.items():
        if old not in text:
            raise RuntimeError(f"not in the shipped file: {old}")
        text = text.replace(old, new)
    return text


def is_root():
    return os.geteuid() == 0


def give(path, user=USER):
    """Make the servers' user, if it is another one, the owner of a path and
    its content."""
    if not is_root():
        return
    entry = pwd.getpwnam(user)
    os.chown(path, entry.pw_uid, entry.pw_gid)
    if os.path.isdir(path):
        for name in os.listdir(path):
            give(os.path.join(path, name), user)


def group_of(user):
    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name


class Front:
    """A web server before bwcallback. A kind of server is a class with
    `needs` (its programs) and argv(), which writes its configuration."""

    needs = ()
    # Whether the server starts the program itself, as CGI or with mod_fcgid.
    starts = False
    # The server answers voice paths with BXML if no responder runs.
    fallback = True
    # A reload under load loses no request.
    lossless = True
    # The largest body, and the status for a larger one.
    limit = 1 << 20
    over = None

    def __init__(self, deployment):
        self.deployment = deployment
        self.folder = os.path.join(deployment.folder, "server")
        os.mkdir(self.folder)
        os.chmod(self.folder, 0o755)
        self.log = os.path.join(self.folder, "log")
        self.program = os.path.join(deployment.folder, "bwcallback.fcgi")
        if self.starts:
            shutil.copy(program(), self.program)
            give(deployment.flow)
        # If another program takes the free port first, try another port.
        for _ in range(5):
            self.port = process.free_port()
            self.url = f"http://127.0.0.1:{self.port}"
            if self.start():
                return
            self.child.stop()
        raise RuntimeError(f"{self.needs[0]} does not start: {self.said()}")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)
        return self.path(name)

    def start(self):
        """Whether it answers."""
        self.child = process.Child(self.argv(), self.log,
                                   env=self.environment())
        process.wait_until(lambda: not self.child.running() or self.ready())
        return self.child.running()

    def ready(self):
        return process.connects(("127.0.0.1", self.port))

    def environment(self):
        return None

    def argv(self):
        raise NotImplementedError

    def reload(self):
        """Reload the configuration without losing a request. False if the
        server cannot do that."""
        return False

    def said(self):
        text = self.child.said()
        for name in ("error.log",):
            if os.path.exists(self.path(name)):
                with open(self.path(name), errors="replace") as f:
                    text += f.read()
        return text

    def stop(self):
        return self.child.stop()
