"""Three nodes of a database: etcd, Patroni and PostgreSQL on each, with the
files of contrib/, of which only names, addresses and paths are changed. They run
as an unprivileged user, on a network of their own below 127.0.0.0/8, so that
their ports are the usual ones."""

import glob
import json
import os
import random
import signal
import subprocess
import urllib.error
import urllib.request

import postgresql
import process
import web_server
from certificates import Authority

NODES = 3
# Not through the proxy of the machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def needed():
    """What is not installed; None: all is."""
    for name in ("patroni", "etcd", "openssl"):
        if web_server.find(name) is None:
            return name
    return "PostgreSQL" if postgresql.programs() is None else None


def network():
    """The first three numbers of addresses that nobody else uses, it is to be
    hoped: "127.X.Y."."""
    return f"127.{random.randrange(1, 255)}.{random.randrange(1, 255)}."


def all_processes():
    """(pid, parent, command line) of each."""
    for path in glob.glob("/proc/[0-9]*"):
        try:
            with open(path + "/stat", encoding="ascii", errors="replace") as f:
                rest = f.read().rpartition(")")[2].split()
            with open(path + "/cmdline", encoding="utf-8",
                      errors="replace") as f:
                command = f.read().replace("\0", " ")
        except OSError:
            continue  # it has ended
        yield int(path[6:]), int(rest[1]), command


class Node:
    """One host: its programs share its fate in kill()."""

    def __init__(self, cluster, number, folder):
        self.cluster = cluster
        self.name = f"db{number}"
        self.address = f"{cluster.network}{20 + number}"
        self.folder = folder
        self.log = os.path.join(cluster.folder, self.name + ".log")
        self.programs = {}
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o755)
        self.give(folder)
        cluster.authority.issue(self.path("db"), [
            f"DNS:{self.name}.example", f"IP:{self.address}"],
            postgresql.unprivileged().get("user"))

    @staticmethod
    def give(path):
        if os.getuid() == 0:
            os.chown(path, postgresql.unprivileged()["user"], -1)

    def path(self, name):
        return os.path.join(self.folder, name)

    def adapted(self, name, changes):
        with open(web_server.shipped("contrib", name), encoding="utf-8") as f:
            return web_server.adapt(f.read(), changes)

    def patroni_file(self):
        text = self.adapted("patroni.yml", {
            "name: db1": f"name: {self.name}",
            "10.0.0.21:8008": f"{self.address}:8008",
            "10.0.0.21:5432": f"{self.address}:5432",
            # A connection on the loopback comes from 127.0.0.1.
            "10.0.0.0/24": "127.0.0.0/8",
            "10.0.0.": self.cluster.network,
            "/etc/patroni/": self.folder + "/",
            "/usr/lib/postgresql/15/bin": postgresql.programs(),
            "/var/lib/postgresql/15/callbacks": self.path("data"),
            "/var/run/postgresql": self.folder})
        with open(self.path("config.yml"), "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(self.path("config.yml"), 0o600)
        self.give(self.path("config.yml"))

    def etcd_variables(self):
        """Its environment, without the line that lists all nodes."""
        lines = self.adapted("etcd.default", {
            "ETCD_NAME=db1": f"ETCD_NAME={self.name}",
            "=http://10.0.0.21:23": f"=http://{self.address}:23",
            "/var/lib/etcd/callbacks": self.path("etcd")})
        cluster = ",".join(f"{n.name}=http://{n.address}:2380"
                           for n in self.cluster.nodes)
        found = dict(line.split("=", 1) for line in lines.splitlines()
                     if not line.startswith("#"))
        return {**found, "ETCD_INITIAL_CLUSTER": cluster}

    def run(self, name, argv, **env):
        self.programs[name] = process.Child(
            argv, f"{self.log[:-4]}.{name}.log", cwd="/",
            env={**process.surroundings(), "HOME": self.folder, "TZ": "UTC",
                 **env}, **postgresql.unprivileged())

    def start(self):
        """Everything that does not run."""
        self.patroni_file()
        if not self.runs("etcd"):
            self.run("etcd", [web_server.find("etcd")],
                     **self.etcd_variables())
        if not self.runs("patroni"):
            self.run("patroni", [web_server.find("patroni"),
                                 self.path("config.yml")])

    def runs(self, name):
        return name in self.programs and self.programs[name].running()

    def postgres(self):
        """The process ids of its server, the first one first."""
        mark = f"-D {self.path('data')}"
        found = list(all_processes())
        first = [pid for pid, _, command in found
                 if mark in command and "postgres" in command.split(" ")[0]]
        return first + [pid for pid, parent, _ in found if parent in first]

    def kill_postgres(self):
        """As a crash of the server."""
        pids = self.postgres()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        process.wait_until(
            lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), 5)

    def kill(self):
        """As a crash of the host."""
        for child in self.programs.values():
            child.signal(signal.SIGKILL)
        self.kill_postgres()
        for child in self.programs.values():
            child.stop()  # forgets it
        self.kill_postgres()  # what Patroni has just started
        self.programs = {}

    def stop(self):
        """Patroni stops PostgreSQL."""
        for name in ("patroni", "etcd"):
            self.programs.pop(name).stop()

    def switch_to(self, other):
        """Let another node be the primary, as an administrator does."""
        body = json.dumps({"leader": self.name, "candidate": other.name})
        with _opener.open(urllib.request.Request(
                f"http://{self.address}:8008/switchover", body.encode()),
                timeout=process.PATIENCE) as answer:
            answer.read()

    def ask(self, path):
        """What its Patroni answers, whatever the status; None: nothing."""
        try:
            with _opener.open(f"http://{self.address}:8008{path}",
                              timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as e:
            return json.load(e)
        except (OSError, ValueError):
            return None

    def sql(self, text, database="callbacks"):
        """As the superuser, by psql."""
        said = subprocess.run(
            [os.path.join(postgresql.programs(), "psql"), "-X", "-A", "-t",
             "-q", "-v", "ON_ERROR_STOP=1", "-h", self.address, "-U",
             "postgres", "-d", database, "-c", text], capture_output=True,
            env={**process.surroundings(), "PGPASSWORD": "CHANGE-superuser",
                 "PGSSLMODE": "require", "PGCONNECT_TIMEOUT": "5"},
            text=True, check=False)
        if said.returncode != 0:
            raise RuntimeError(said.stderr)
        return said.stdout.strip()


    def standbys(self):
        """The kinds of those that are connected to it."""
        try:
            return self.sql(
                "SELECT sync_state FROM pg_stat_replication WHERE state = "
                "'streaming' ORDER BY 1", "postgres").split()
        except RuntimeError:
            return []


class Cluster:
    """folders: one for each node, if they are not to be below folder."""

    def __init__(self, folder, folders=None):
        self.folder = folder
        self.network = network()
        self.authority = Authority(folder)
        self.nodes = []
        for n in range(1, NODES + 1):
            self.nodes.append(Node(
                self, n, folders[n - 1] if folders else
                os.path.join(folder, f"db{n}")))

    def start(self):
        for node in self.nodes:
            node.start()

    def members(self):
        """name -> (role, state, timeline), as any node sees them."""
        for node in self.nodes:
            said = node.ask("/cluster")
            if said is not None and "members" in said:
                return {m["name"]: (m["role"], m["state"], m.get("timeline"))
                        for m in said["members"]}
        return {}

    def of_role(self, role):
        """The node that has it now; None: nobody has."""
        members = self.members()
        return next((n for n in self.nodes
                     if members.get(n.name, ("",))[0] == role), None)

    def leader(self):
        return self.of_role("leader")

    def is_whole(self):
        """A primary, a synchronous standby and another one, all in step. Both
        Patroni and the primary must say so: Patroni does not yet know of what
        has just happened."""
        members = self.members().values()
        leader = self.leader()
        return leader is not None and sorted(
            role for role, _, _ in members) == [
            "leader", "replica", "sync_standby"] and \
            all(state == "running" for _, state, _ in members) and \
            len({timeline for _, _, timeline in members}) == 1 and \
            leader.standbys() == ["async", "sync"]

    def wait_until_whole(self, seconds=process.PATIENCE):
        return process.wait_until(self.is_whole, seconds)

    def create(self):
        """The database, the user of the responders, and its tables."""
        primary = self.leader()
        primary.sql("CREATE DATABASE callbacks", "postgres")
        primary.sql("CREATE ROLE bw LOGIN PASSWORD 'secret'")

    def grant(self):
        self.leader().sql("GRANT bwcallback, pg_monitor TO bw")

    def url(self, user="bw", more=""):
        names = ",".join(n.name + ".example" for n in self.nodes)
        addresses = ",".join(n.address for n in self.nodes)
        return (f"postgresql://{user}@{names}/callbacks?hostaddr={addresses}"
                f"&sslmode=verify-full&sslrootcert={self.authority.ca}{more}")

    def said(self):
        text = ""
        for path in sorted(glob.glob(os.path.join(self.folder, "*.log"))):
            with open(path, encoding="utf-8", errors="replace") as f:
                text += f"== {path}\n" + f.read()[-3000:]
        return text
