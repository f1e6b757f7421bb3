#!/usr/bin/env python3
"""How fast the spool is moved into a database with a synchronous standby.

Both servers are on the disk of the folder for temporary files. --other: a second
build, in alternating rounds. Only the ratios within one run are meaningful."""
import argparse
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import load  # noqa: E402
import postgresql  # noqa: E402
import process  # noqa: E402


class Client:
    """tests/store/postgresql_client of a build, with a spool."""

    def __init__(self, build, url):
        self.store = os.path.join(process.folder(), "events")
        self.spool = self.store + ".spool"
        self.child = subprocess.Popen(
            [f"{build}/tests/store/postgresql_client", url, self.spool],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()
        return self.child.stdout.readline().strip()

    def end(self):
        self.child.stdin.close()
        self.child.wait()


def measure(build, url, name, n):
    """Events a second, from when the first is moved."""
    client = Client(build, url)
    if client.say(f"spool {name} {n}") != "spool":
        raise RuntimeError("it cannot be spooled")
    client.say(f"append {name}-start 60000")  # the writer connects
    while os.path.exists(client.spool):
        time.sleep(0.001)
    began = time.monotonic()
    if not process.wait_until(lambda: not load.spooled(client.store), 600):
        raise RuntimeError("the spool is not drained")
    rate = n / (time.monotonic() - began)
    client.end()
    return rate


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--build", default=".")
    p.add_argument("--other", help="a second build")
    p.add_argument("--events", type=int, default=5000)
    p.add_argument("--rounds", type=int, default=3)
    args = p.parse_args()
    primary, standby = postgresql.pair(process.folder())
    builds = {"this": args.build}
    if args.other:
        builds["other"] = args.other
    found = {name: [] for name in builds}
    subprocess.run([f"{args.build}/cli/bwcallback", "store", "create",
                    primary.url()], check=True)
    for i in range(args.rounds):
        for name, build in builds.items():
            found[name].append(measure(
                build, primary.url(), f"{name}-{i}", args.events))
    for name, rates in found.items():
        print(f"{name}: {statistics.median(rates):.0f} events a second, "
              f"from {min(rates):.0f} to {max(rates):.0f}")
    standby.stop()
    primary.stop()


if __name__ == "__main__":
    main()
