#!/usr/bin/env python3
"""The page of capacity: computed from what the benchmarks print, and refused
without it."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import tap  # noqa: E402

COLUMNS = [("req/s", "rate", "{:.0f}"), ("nginx us", "nginx", "{:.1f}"),
           ("app us", "app", "{:.1f}"), ("p50 us", "p50", "{:.0f}")]
DATABASE_SIZE = ("1000000 events, grown in 99 s, for each 1000 bytes, 2000 bytes "
                 "on the disk of a node, 3000 bytes of WAL\n")
SIZE = "\n1000000 events, 1000 bytes for each\n\n"


def table():
    """As the benchmark prints it."""
    code = ("import bench, durable; bench.print_table('Messages, 64 "
            "connections', {'single': dict(rate=9, nginx=9, app=9, p50=9), "
            "'group': dict(rate=2000, nginx=40.5, app=59.5, p50=7000)}, "
            f"{COLUMNS!r})")
    return subprocess.run([sys.executable, "-c", code], check=True, text=True,
                          stdout=subprocess.PIPE,
                          env={**os.environ, "PYTHONPATH": HERE}).stdout


def database():
    """The same, of the database."""
    code = ("import sys; sys.argv[0] = ''; import bench, durable; "
            "bench.TITLES.update(one='PostgreSQL, one responder'); "
            "bench.print_table('Messages, 512 connections', "
            "{'one': dict(rate=4000, failures=0, app=60.5, db=139.5, p50=1)}, "
            "[('req/s', 'rate', '{:.0f}'), ('failed', 'failures', '{:.0f}'), "
            "('app us', 'app', '{:.1f}'), ('database us', 'db', '{:.1f}'), "
            "('p50 us', 'p50', '{:.0f}')])")
    return subprocess.run([sys.executable, "-c", code], check=True, text=True,
                          stdout=subprocess.PIPE,
                          env={**os.environ, "PYTHONPATH": HERE}).stdout


def run(text, *options):
    path = os.path.join(process.folder(), "figures")
    with open(path, "w") as f:
        f.write(text)
    return subprocess.run(
        [sys.executable, os.path.join(HERE, "capacity.py"), path, *options],
        capture_output=True, text=True, check=False)


def rows(done):
    return [[x.strip() for x in line.split("|")[1:-1]]
            for line in done.stdout.splitlines() if line.startswith("| ")][2:]


def main():
    # 2000 a second: half of it, 1000, a quarter of that over a day: 21.6 M.
    done = run(table() + SIZE, "--days", "10")
    tap.same(rows(done), [
        ["1", "1.0 k", "21.6 M", "1", "21.6 G", "216 G"],
        ["2", "2.0 k", "43.2 M", "1", "43.2 G", "216 G"],
        ["10", "10.0 k", "216 M", "1", "216 G", "216 G"]], "three sizes")
    tap.ok("1.0 G callbacks a day need 47 stores" in done.stdout, "the goal",
           done.stdout)
    tap.ok("Not measured, so not here: databases, and" in done.stdout,
           "no figures of a database", done.stdout)
    # 4000 a second: half of it, 2000, a quarter of that over a day: 43.2 M.
    done = run(table() + SIZE + database() + DATABASE_SIZE, "--days", "10")
    tap.same(rows(done)[5:], [
        ["1", "2.0 k", "43.2 M", "1", "6.0 M", "130 G", "864 G"],
        ["2", "4.0 k", "86.4 M", "1", "6.0 M", "259 G", "864 G"],
        ["10", "20.0 k", "432 M", "4", "6.0 M", "1.3 T", "864 G"]],
        "databases")
    tap.ok("1.0 G callbacks a day need 24 primaries" in done.stdout,
           "the goal, with databases", done.stdout)
    done = run(table() + SIZE, "--share", "1", "--days", "1")
    tap.same(rows(done)[0][2], "86.4 M", "an even day")
    for text, missing in ((SIZE, "make bench"), (table(), "bench-growth"),
                          ("", "make bench")):
        done = run(text)
        tap.ok(done.returncode == 1 and missing in done.stderr and
               done.stdout == "", f"without figures: {missing}", repr(done))
    tap.same(run(table() + SIZE, "--share", "0").returncode, 2, "no day")


tap.run(main)
