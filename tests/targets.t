#!/usr/bin/env python3
"""Every target of make that a document names can be the first one in an empty
build folder.

This configures such a folder, and builds nothing in it: what make would do first
is in its dry run and in its database. The targets that need minutes are built
elsewhere: tests/hosting has the archive, ./quickstart test begins one folder
with distcheck and the other with a single program."""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "pylib"))
import process
import tap

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "tests/bench/README.md",
             "hosting/guide.txt")

# Its recipe makes an archive even in a dry run.
RUN_ELSEWHERE = {"distcheck"}

# The generator's own objects are needed to make the built sources.
GENERATOR = re.compile(r"(^|/)(schema_generate-|generate-)")


def read(*parts):
    with open(os.path.join(tap.srcdir(), *parts), encoding="utf-8") as f:
        return f.read()


def documented():
    """Each target, with the document that names it."""
    named = {}
    for name in DOCUMENTS:
        for target in re.findall(r"(?:`|&& |^    .*?)make ([a-z][a-z-]*)",
                                 read(name), re.MULTILINE):
            named.setdefault(target, name)
    return named


def configure():
    """An empty folder with a Makefile; None if that fails."""
    folder = process.folder()
    done = subprocess.run(
        [os.path.join(tap.srcdir(), "configure"), "--quiet",
         "--disable-static"], cwd=folder, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, check=False)
    tap.ok(done.returncode == 0, "configure in an empty folder", done.stderr)
    return folder if done.returncode == 0 else None


def make(folder, *argv):
    # Not the flags and the job server of the make that runs the tests.
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return subprocess.run(["make", *argv], cwd=folder, capture_output=True,
                          text=True, stdin=subprocess.DEVNULL,
                          env=environment, check=False)


def check_dry_runs(folder):
    named = documented()
    tap.ok({"check", "hosting", "static", "fuzz", "bench", "torture",
            "check-clocks"} <= set(named), "documents name targets", named)
    for target in sorted(set(named) - RUN_ELSEWHERE):
        done = make(folder, "-n", target)
        tap.ok(done.returncode == 0 and done.stdout != "",
               f"make {target} of {named[target]}: a rule for each step",
               done.stderr)


def check_objects(folder):
    """Each object waits for all built sources, because it may include any of them."""
    database = make(folder, "-pqR", "all").stdout
    built = make(folder, "--eval", "built: ; @echo $(BUILT_SOURCES)",
                 "built").stdout.split()
    tap.ok(len(built) > 3, "there are built sources", str(built))
    rules = re.findall(r"^([A-Za-z0-9_./-]+\.l?o): (.*)$", database,
                       re.MULTILINE)
    tap.ok(len(rules) > 300, "there are rules for objects", str(len(rules)))
    early = [name for name, needs in rules
             if not GENERATOR.search(name) and
             not set(built) <= set(needs.split("|")[-1].split())]
    tap.same(sorted(early), [], "all objects wait for all built sources")


def main():
    folder = configure()
    if folder is not None:
        check_dry_runs(folder)
        check_objects(folder)


if __name__ == "__main__":
    tap.run(main)
