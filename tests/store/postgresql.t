#!/usr/bin/env python3
"""The contract of every store, on a real PostgreSQL with a synchronous
standby."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import postgresql  # noqa: E402
import tap  # noqa: E402


def main():
    primary, standby = postgresql.pair(postgresql.folder())
    contract = subprocess.Popen(
        [tap.program("tests/store/contract"), primary.url()],
        stdout=subprocess.PIPE, text=True)
    for line in contract.stdout:
        if line.startswith(("ok", "not ok")):
            good, _, name = line.rstrip().partition(" - ")
            tap.ok(good.startswith("ok"), name)
        elif not line.startswith("1.."):
            tap.diag(line.rstrip())
    tap.same(contract.wait(), 0, "the contract is kept")
    standby.stop()
    primary.stop()


tap.run(main)
