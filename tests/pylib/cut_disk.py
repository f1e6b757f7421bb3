"""A disk that a test can cut off, as a power cut does."""

import atexit
import fcntl
import os
import struct
import subprocess
import tempfile

import process

# ext4's own: no further write reaches the disk, not even the journal's.
EXT4_IOC_SHUTDOWN = 0x8004587d
NOLOGFLUSH = 2


def run(*argv):
    """Why a command failed; None if it did not."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    said = (done.stderr or done.stdout).strip()
    return None if done.returncode == 0 else f"{argv[0]}: {said}"


class Disk:
    """A file with a file system, mounted through a loop device."""

    def __init__(self, folder, name="disk", size=256 << 20):
        self.image = os.path.join(folder, name + ".image")
        self.path = os.path.join(folder, name)
        self.mounted = False
        os.mkdir(self.path)
        with open(self.image, "wb") as f:
            f.truncate(size)
        # Registered after the folder's removal, so it runs before that.
        atexit.register(self.leave)

    def make(self):
        """Why no such file system can be used here; None: it can."""
        try:
            return run("mkfs.ext4", "-q", "-F", self.image) or self.mount()
        except FileNotFoundError as e:
            return str(e)

    def try_mount(self):
        """Why not, or None; False: it is still cut off. A mount namespace that
        another process made meanwhile keeps the file system as it was."""
        why = run("mount", "-o", "loop", self.image, self.path)
        if why is not None:
            return why
        try:
            with tempfile.TemporaryFile(dir=self.path):
                self.mounted = True
                return None
        except OSError:
            return run("umount", self.path) or False

    def mount(self):
        """Why it cannot be mounted; None: it is, and can be written to."""
        tries = []

        def done():
            tries.append(self.try_mount())
            return tries[-1] is not False

        return tries[-1] if process.wait_until(done) else "still cut off"

    def cut(self):
        fd = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, EXT4_IOC_SHUTDOWN, struct.pack("I", NOLOGFLUSH))
        finally:
            os.close(fd)

    def leave(self):
        process.end_children()
        self.unmount()

    def unmount(self):
        """A process that was killed may still end."""
        if self.mounted and not process.wait_until(
                lambda: run("umount", self.path) is None, 20):
            raise RuntimeError(run("umount", self.path))
        self.mounted = False
