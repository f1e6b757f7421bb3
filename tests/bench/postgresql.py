#!/usr/bin/env python3
"""Side-by-side benchmark of durable messages in PostgreSQL and in SQLite.

The database has a synchronous standby; both are on the disk of the SQLite file.
Behind one nginx, in alternating rounds: SQLite, PostgreSQL with one responder
and with two, and one that commits one message at a time; then the same one
with commits that take 5 ms longer. Only the ratios within one run are meaningful.
"""
import os
import subprocess

import bench
import durable
import postgresql
import process

# Added to each commit: the server waits so long before it writes.
DELAY = "commit_delay = 5000\ncommit_siblings = 0\n"

bench.TITLES.update({
    "sqlite": "SQLite",
    "one": "PostgreSQL, one responder",
    "two": "PostgreSQL, two responders",
    "alone": "one commit a request",
    "late": "one responder, 5 ms later",
})


def contenders(primary):
    """Each has a database of its own."""
    found = {"sqlite": ("fcgi/bwcallback.fcgi", "sqlite:events.db")}
    for name, program in (("one", "fcgi/bwcallback.fcgi"),
                          ("two", "fcgi/bwcallback.fcgi"),
                          ("alone", "tests/bench/single")):
        url = primary.url("bench_" + name)
        found[name] = (program, url + "&amp;spool=spool")
    return found


class Database(durable.Durable):
    def __init__(self, args):
        self.primary, self.standby = postgresql.pair(process.folder())
        super().__init__(args, contenders(self.primary))
        for name in self.programs:
            if name == "sqlite":
                continue
            self.primary.sql(f"CREATE DATABASE bench_{name}")
            subprocess.run(
                [f"{args.build}/cli/bwcallback", "store", "create",
                 self.primary.url("bench_" + name)], check=True)

    def sockets(self, name):
        return ["two", "two-b"] if name == "two" else [name]

    def cpu(self, name):
        nginx, app = super().cpu(name)
        for other in self.sockets(name)[1:]:
            app += bench.tasks_cpu(self.procs[other].pid)
        return nginx, app

    def database_cpu(self):
        return sum(bench.tasks_cpu(pid) for server in
                   (self.primary, self.standby)
                   for pid in server.processes())

    def load(self, name, rate, seconds, connections):
        before = self.database_cpu()
        row = super().load(name, rate, seconds, connections)
        n = max(row["rate"] * seconds, 1)
        return {**row, "db": (self.database_cpu() - before) / n / 1000}


def measure(b, connections):
    found = b.rounds(0, connections, b.paths)
    b.primary.reload(DELAY)
    process.wait_until(lambda: b.primary.sql("SHOW commit_delay") == "5000")
    found["late"] = b.rounds(0, connections, ["one"])["one"]
    b.primary.reload("commit_delay = 0\n")
    process.wait_until(lambda: b.primary.sql("SHOW commit_delay") == "0")
    bench.print_table(
        f"Messages, {connections} connections", found,
        [("req/s", "rate", "{:.0f}"), ("failed", "failures", "{:.0f}"),
         ("app us", "app", "{:.1f}"), ("database us", "db", "{:.1f}"),
         ("p50 us", "p50", "{:.0f}"), ("p99 us", "p99", "{:.0f}")])
    print()
    return found


def goals(found, connections):
    one, two = found["one"], found["two"]
    cpu = one["app"] / found["sqlite"]["app"]
    bench.print_goal("CPU of the responder against SQLite", f"{cpu:.2f}",
                     "at most 1.30", cpu <= 1.3)
    alone = one["rate"] / found["alone"]["rate"]
    bench.print_goal("against one commit a request", f"{alone:.2f}",
                     "at least 10", alone >= 10)
    both = two["rate"] / one["rate"]
    bench.print_goal("two responders against one", f"{both:.2f}",
                     "at least 1.00, none failed",
                     both >= 1 and two["failures"] == 0)
    late = found["late"]["rate"] / one["rate"]
    if connections == 512:
        bench.print_goal("with 5 ms more for a commit", f"{late:.2f}",
                         "at least 0.90", late >= 0.9)
    else:
        print(f"          with 5 ms more for a commit: {late:.2f}")


def main():
    args = durable.arguments(__doc__, 3)
    b = Database(args)
    b.start_all()
    for name in b.paths:  # warm up
        b.load(name, 0, 0.5, 64)
    for connections in (64, 512):
        goals(measure(b, connections), connections)
    b.standby.stop()
    b.primary.stop()


if __name__ == "__main__":
    os.environ["BW_BUILDDIR"] = os.path.abspath(
        durable.arguments(__doc__, 3).build)
    main()
