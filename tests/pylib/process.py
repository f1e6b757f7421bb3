"""Child processes and temporary folders that are always cleaned up.

Each child is ended by its own id when the test ends, however that happens;
should the test itself be killed outright, the kernel ends the child."""

import atexit
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

# Longest wait for anything. It only ends a test that hangs: what passes on a
# quick machine must pass on one that has much else to do.
PATIENCE = 120

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_children = []
_folders = []


def surroundings():
    """Environment for a program that is to have none: where others are found,
    and the clock that "make check-clocks" sets."""
    return {name: value for name, value in os.environ.items()
            if name in ("PATH", "LD_PRELOAD", "BW_AHEAD")}


def before_others(library):
    """LD_PRELOAD with a library before those that are preloaded anyhow."""
    return " ".join([library, os.environ.get("LD_PRELOAD", "")]).strip()


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """A running program. What it says goes to a file."""

    def __init__(self, argv, log, **options):
        self.argv = argv
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                argv, stdout=out, stderr=out, preexec_fn=_die_with_parent,
                start_new_session=True,  # Ctrl-C is ours to hand on
                stdin=options.pop("stdin", subprocess.DEVNULL), **options)
        self.pid = self.process.pid
        _children.append(self)

    def running(self):
        return self.process.poll() is None

    def signal(self, number):
        if self.running():
            self.process.send_signal(number)

    def wait(self, seconds=PATIENCE):
        """The exit status, negative for a signal; None while it runs on."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, seconds=PATIENCE):
        self.signal(signal.SIGTERM)
        status = self.wait(seconds)
        if status is None:
            self.process.kill()
            self.process.wait()
        if self in _children:
            _children.remove(self)
        return status

    def said(self):
        with open(self.log, errors="replace") as f:
            return f.read()


def forget_later(path):
    """Remove a folder when the test ends."""
    _folders.append(path)


def folder(base=None):
    """A new folder that other users may enter: nginx's workers are others."""
    base = base or tempfile.gettempdir()
    if len(base) > 40:  # a socket's path has at most 107 characters
        base = "/tmp"
    path = tempfile.mkdtemp(prefix="bwcallback-", dir=base)
    os.chmod(path, 0o755)
    _folders.append(path)
    return path


def listener():
    """A listening TCP socket on a port nobody else has, to be inherited."""
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", 0))
    s.listen(1024)
    # nginx leaves an inherited socket as it is: with a blocking one a worker
    # that came second would wait in accept() and serve nobody meanwhile.
    s.setblocking(False)
    return s


def free_port():
    """A port that nobody has, for a server that cannot inherit a socket."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def connects(address):
    """Whether somebody takes connections at a path or (host, port)."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(PATIENCE)
        try:
            s.connect(address)
        except OSError:
            return False
    return True


def wait_until(good, seconds=PATIENCE):
    """Poll until good() is true; False when it never became so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if good():
            return True
        time.sleep(0.01)
    return good()


def _clean_up():
    for child in reversed(_children[:]):
        child.stop(10)
    for path in _folders:
        shutil.rmtree(path, ignore_errors=True)


def _leave(number, _frame):
    sys.exit(128 + number)


atexit.register(_clean_up)
for _number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(_number, _leave)
