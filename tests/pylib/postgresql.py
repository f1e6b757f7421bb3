"""A PostgreSQL of a test's own: a primary and, if wanted, a synchronous
standby, in a temporary folder, on Unix sockets only, as an unprivileged user.

The system's PostgreSQL is not touched."""

import glob
import os
import pwd
import shutil
import signal
import subprocess

import process

# Everything a commit promises is on; only what makes starting slow is off.
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
unix_socket_permissions = 0777
shared_buffers = 32MB
max_connections = 60
max_wal_senders = 5
wal_level = replica
wal_log_hints = on
hot_standby = on
wal_receiver_status_interval = 1s
autovacuum_naptime = 10s
log_min_messages = warning
"""

# The name of the standby.
STANDBY = "standby"


def programs():
    """The folder of the server's programs; None: not installed."""
    folders = glob.glob("/usr/lib/postgresql/*/bin")
    found = shutil.which("initdb")
    if found:
        folders.append(os.path.dirname(os.path.realpath(found)))
    folders = [f for f in folders if os.path.exists(os.path.join(f, "initdb"))]
    return max(folders, default=None,
               key=lambda f: int("".join(filter(str.isdigit, f)) or 0))


def folder():
    """A new folder, in memory if there is room: what is tested here does not
    depend on how long a disk takes."""
    memory = "/dev/shm"
    room = shutil.disk_usage(memory).free if os.access(memory, os.W_OK) else 0
    return process.folder(memory if room > 2 << 30 else None)


def unprivileged():
    """Options of subprocess: PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Server:
    """A server whose data is in a folder below the one given."""

    def __init__(self, folder, name):
        self.socket = os.path.join(folder, name)
        self.data = os.path.join(self.socket, "data")
        self.log = os.path.join(folder, name + ".log")
        self.child = None
        os.mkdir(self.socket)
        os.chmod(self.socket, 0o755)
        if os.getuid() == 0:
            os.chown(self.socket, unprivileged()["user"], -1)

    def url(self, database="postgres", user="postgres"):
        return f"postgresql://{user}@/{database}?host={self.socket}"

    def run(self, program, *arguments):
        said = subprocess.run(
            [os.path.join(programs(), program), *arguments], cwd="/",
            env={**process.surroundings(), "TZ": "UTC"}, text=True,
            capture_output=True, check=False, **unprivileged())
        if said.returncode != 0:
            raise RuntimeError(f"{program}: {said.stdout}{said.stderr}")
        return said.stdout

    def create(self):
        self.run("initdb", "-D", self.data, "-U", "postgres", "--auth=trust",
                 "--no-sync", "-E", "UTF8", "--locale=C")
        self.configure(SETTINGS.format(folder=self.socket))

    def configure(self, settings):
        with open(os.path.join(self.data, "postgresql.conf"), "a",
                  encoding="utf-8") as f:
            f.write(settings)

    def copy_of(self, primary):
        self.run("pg_basebackup", "-D", self.data, "-h", primary.socket,
                 "-U", "postgres", "-X", "stream", "-c", "fast", "--no-sync")
        with open(os.path.join(self.data, "standby.signal"), "w",
                  encoding="utf-8"):
            pass
        self.configure(
            f"unix_socket_directories = '{self.socket}'\n"
            f"primary_conninfo = 'host={primary.socket} user=postgres "
            f"application_name={STANDBY}'\n")

    def start(self):
        self.child = process.Child(
            [os.path.join(programs(), "postgres"), "-D", self.data], self.log,
            cwd="/", env={**process.surroundings(), "TZ": "UTC"},
            **unprivileged())
        if not process.wait_until(self.answers):
            raise RuntimeError(self.child.said())

    def answers(self):
        said = subprocess.run(
            [os.path.join(programs(), "pg_isready"), "-q", "-h", self.socket,
             "-U", "postgres"], check=False)
        return said.returncode == 0

    def sql(self, text, database="postgres"):
        """The output of psql, its rows as lines."""
        return self.run("psql", "-X", "-A", "-t", "-q", "-v",
                        "ON_ERROR_STOP=1", "-h", self.socket, "-U",
                        "postgres", "-d", database, "-c", text).strip()

    def reload(self, settings):
        self.configure(settings)
        self.child.signal(signal.SIGHUP)

    def stop(self):
        """Orderly, but without waiting for its clients."""
        self.child.signal(signal.SIGINT)
        self.child.wait()

    def processes(self):
        """The server and its children, which have sessions of their own."""
        found = [self.child.pid]
        for stat in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(stat, encoding="ascii", errors="replace") as f:
                    text = f.read()
            except OSError:
                continue  # it has ended
            pid, rest = text.split(" ", 1)
            if int(rest.rsplit(")", 1)[1].split()[1]) == self.child.pid:
                found.append(int(pid))
        return found

    def kill(self):
        """As a crash: all its processes, at once."""
        pids = self.processes()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.child.wait()
        process.wait_until(
            lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids))


def synchronous(primary):
    """Do commits wait for the standby?"""
    return primary.sql("SELECT count(*) FROM pg_stat_replication "
                       "WHERE sync_state = 'sync'") == "1"


def pair(folder):
    """A primary, and a standby that its commits wait for; both run."""
    primary = Server(folder, "a")
    primary.create()
    primary.start()
    standby = Server(folder, "b")
    standby.copy_of(primary)
    standby.start()
    primary.reload(f"synchronous_standby_names = '{STANDBY}'\n")
    if not process.wait_until(lambda: synchronous(primary)):
        raise RuntimeError(standby.child.said())
    return primary, standby
