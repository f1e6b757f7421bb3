"""Child processes and temporary folders that are always cleaned up.

At the end of the test, each child is ended by its process id. If the test
itself is killed, the kernel ends the child."""

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

# The longest wait. It only ends a test that hangs: a test that passes on a fast
# machine must pass on a busy one.
PATIENCE = 120

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_children = []
_folders = []


def surroundings():
    """A minimal environment for a program: only PATH, the library, and the
    clock that "make check-clocks" sets."""
    return {name: value for name, value in os.environ.items()
            if name in ("PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "BW_AHEAD")}


def children_of(pid, without=""):
    """The numbers of the processes that a process has started and that have not
    ended, without those of a name."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8") as f:
                known, _, rest = f.read().rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, parent = rest.split()[:2]
        if int(parent) == pid and state != "Z" and \
                known.partition("(")[2] != without:
            found.append(int(name))
    return found


def programs_of(pid):
    """The same without the helpers that a responder starts its programs by."""
    return children_of(pid, "bwcallback-exec")


def before_others(library):
    """LD_PRELOAD with a library before those that are already preloaded."""
    return " ".join([library, os.environ.get("LD_PRELOAD", "")]).strip()


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """A running program, with its output in a file."""

    def __init__(self, argv, log, **options):
        self.argv = argv
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                argv, stdout=out, stderr=out, preexec_fn=_die_with_parent,
                start_new_session=True,  # the test itself passes on Ctrl-C
                stdin=options.pop("stdin", subprocess.DEVNULL), **options)
        self.pid = self.process.pid
        _children.append(self)

    def running(self):
        return self.process.poll() is None

    def signal(self, number):
        if self.running():
            self.process.send_signal(number)

    def pause(self):
        """Stop all its threads, until SIGCONT. One thread takes the signal and
        stops the others, which may serve requests until then."""
        def states():
            for task in os.listdir(f"/proc/{self.pid}/task"):
                with open(f"/proc/{self.pid}/task/{task}/stat") as f:
                    yield f.read().rpartition(")")[2].split()[0]

        self.signal(signal.SIGSTOP)
        return wait_until(lambda: set(states()) == {"T"})

    def wait(self, seconds=PATIENCE):
        """The exit status, negative for a signal; None if it still runs."""
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

    def says(self, *texts):
        """Wait for all of the texts in the log: the line of a request is written
        after its answer. True if they appeared."""
        return wait_until(
            lambda: all(t in self.said() for t in texts) or
            not self.running()) and all(t in self.said() for t in texts)


def forget_later(path):
    """Remove a folder when the test ends."""
    _folders.append(path)


def folder(base=None):
    """A new folder open to other users, such as that of nginx's workers."""
    base = base or tempfile.gettempdir()
    if len(base) > 40:  # a socket's path has at most 107 characters
        base = "/tmp"
    path = tempfile.mkdtemp(prefix="bwcallback-", dir=base)
    os.chmod(path, 0o755)
    _folders.append(path)
    return path


def listener():
    """A listening TCP socket on a free port, to be inherited."""
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", 0))
    s.listen(1024)
    # nginx does not make an inherited socket non-blocking: on a blocking one,
    # a second worker would block in accept() and answer no request.
    s.setblocking(False)
    return s


def free_port():
    """A free port, for a server that cannot inherit a socket."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def connects(address):
    """Whether a path or (host, port) accepts connections."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(PATIENCE)
        try:
            s.connect(address)
        except OSError:
            return False
    return True


def wait_until(good, seconds=PATIENCE):
    """Poll until good() is true; False after the longest wait."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if good():
            return True
        time.sleep(0.01)
    return good()


def wait_until_steady(read, polls=6):
    """Poll until read() has not risen in several polls in a row. Only to set up
    a test, never as its result."""
    most, same = read(), 0
    while same < polls:
        time.sleep(0.1)
        now = read()
        same = same + 1 if now <= most else 0
        most = max(most, now)


def end_children():
    for child in reversed(_children[:]):
        child.stop(10)


def _clean_up():
    end_children()
    for path in _folders:
        shutil.rmtree(path, ignore_errors=True)


def _leave(number, _frame):
    sys.exit(128 + number)


atexit.register(_clean_up)
for _number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(_number, _leave)
