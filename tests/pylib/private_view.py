"""A private view of the system, in which a test may install and serve at the
usual places: what it writes there, only the test sees."""

import fcntl
import os
import re
import socket
import struct
import subprocess
import sys

import process
import tap

# Folders of the system that the commands change: each becomes a copy that only
# this test sees.
CHANGED = ("/etc", "/run", "/usr/local", "/var/lib", "/var/log")

VIEW = """set -e
mount --make-rprivate /
mount -t tmpfs none "$1"
for folder in %s; do
    mkdir -p "$1/upper$folder" "$1/work$folder"
    mount -t overlay overlay -o "lowerdir=$folder,upperdir=$1/upper$folder,workdir=$1/work$folder" "$folder"
done
shift
exec "$@"
""" % " ".join(CHANGED)

_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1


def _loopback():
    """In a network of its own the loopback interface is down."""
    with socket.socket() as s:
        fcntl.ioctl(s, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))


def enter(network=False):
    """Run this test again in its private view of the system; with network, also
    in a network of its own, where every port of the loopback interface is
    free."""
    if "BW_PRIVATE_VIEW" in os.environ:
        if network:
            _loopback()
        return
    if os.geteuid() != 0:
        tap.skip_all("only root can make a private view of the system")
    argv = ["unshare", "--mount", *(["--net"] if network else []), "sh", "-c",
            VIEW, "view", process.folder()]
    if subprocess.run([*argv, "true"], capture_output=True,
                      check=False).returncode != 0:
        tap.skip_all("the kernel gives this user no private view")
    sys.exit(subprocess.run(
        [*argv, sys.executable, os.path.abspath(sys.argv[0])],
        env=dict(os.environ, BW_PRIVATE_VIEW="1"), check=False).returncode)


def edited(path, *changes):
    """What the text says to change in the file."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for pattern, value in changes:
        text, n = re.subn(pattern, value, text)
        tap.ok(n > 0, f"{os.path.basename(path)} has {pattern}")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
