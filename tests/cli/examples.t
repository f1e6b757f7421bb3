#!/usr/bin/env python3
"""The flows in examples/: their scenarios succeed, and exploration, which finds
the planted faults of explore.t, finds none."""

import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

ROOM = process.folder()

# Number of scenarios, and number of rules that they use.
EXAMPLES = {
    "account": (5, "11 of 12"),
    "bridge": (3, "3 of 7"),  # the others need both calls: t_sim_examples
    "conference": (2, "8 of 8"),
    "ivr": (15, "13 of 13"),
    "queue": (2, "3 of 6"),  # the others are for the agents' calls
    "voicemail": (3, "5 of 5"),
}


def simulate(folder, *argv):
    done = subprocess.run([responder.command(), "simulate", *argv],
                          cwd=folder, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def copy(name):
    folder = os.path.join(ROOM, name)
    shutil.copytree(os.path.join(tap.srcdir(), "examples", name), folder)
    os.chmod(folder, 0o755)  # a release's tree may be read-only
    password = responder.make_password(
        os.path.join(folder, "passwd"), "bandwidth")
    path = os.path.join(folder, "password")
    with open(path, "w", encoding="utf-8") as f:
        f.write(password + "\n")
    os.chmod(path, 0o600)
    return folder


def scenarios(name, folder, count, rules):
    code, out, err = simulate(folder, "test", "scenarios.xml")
    good = len(re.findall(r"^ok ", out, re.MULTILINE))
    tap.ok((code, good, err) == (0, count, ""),
           f"{name}: the scenarios go as they say", out + err)
    tap.ok(f"# callbacks.xml: {rules} rules tried\n" in out,
           f"{name}: and try {rules} rules", out)


def explored(name, folder):
    code, out, err = simulate(folder, "explore", "--flow", "callbacks.xml")
    tap.ok((code, err) == (0, ""), f"{name}: explorers find nothing",
           out + err)
    tap.ok(re.match(r"5000 callers, \d+ points where they had a choice, "
                    r"0 faults found \(seed 1\)\n", out) is not None,
           f"{name}: and say so", out)


# For flows with opening hours: a Wednesday at 10:00 and a Sunday at 23:00 in
# New York.
HOURS = ("2026-03-04T15:00:00Z", "2026-03-09T03:00:00Z")


def commands(name, folder):
    """The commands in its README succeed, inside and outside of opening
    hours."""
    with open(os.path.join(folder, "README.md"), encoding="utf-8") as f:
        shown = re.findall(r"^    bwcallback simulate call (.*)$", f.read(),
                           re.MULTILINE)
    for each in shown:
        words = [word.strip("'") for word in each.split()]
        results = [simulate(folder, "call", *argv) for argv in (
            [words] if "--at" in words else
            [["--at", at, *words] for at in HOURS])]
        tap.ok(all(code == 0 and err == "" for code, _, err in results),
               f"{name}: {each}", "".join(o + e for _, o, e in results))


# Where the shipped files of web servers name the paths that they hand over.
SERVER_FILES = ("nginx/bwcallback.conf", "apache/bwcallback-cgi.conf",
                "apache/bwcallback-fcgid.conf", "apache/bwcallback-proxy.conf",
                "contrib/Caddyfile", "contrib/lighttpd-cgi.conf",
                "contrib/lighttpd.conf")


def read(*parts):
    with open(os.path.join(tap.srcdir(), *parts), encoding="utf-8") as f:
        return f.read()


def served():
    """Every shipped file of a web server hands over the paths of every example:
    who copies both gets no 404."""
    patterns = {file: set(re.findall(r"\^/\(\?:voice\|\S*?\$\)", read(file)))
                for file in SERVER_FILES}
    tap.ok(all(patterns.values()), "each shipped file names paths", patterns)
    for name in sorted(os.listdir(os.path.join(tap.srcdir(), "examples"))):
        flow = os.path.join("examples", name, "callbacks.xml")
        if not os.path.exists(os.path.join(tap.srcdir(), flow)):
            continue
        paths = re.findall(r'<[a-z]+ path="([^"]*)"', read(flow))
        missing = [(file, path) for file, found in patterns.items()
                   for path in paths for pattern in found
                   if not re.search(pattern, path)]
        tap.ok(paths and not missing, f"{name}: served by every file", missing)


def passwords():
    """The command of each README makes files that nobody else can read."""
    examples = os.path.join(tap.srcdir(), "examples")
    for name in sorted(os.listdir(examples)):
        readme = os.path.join(examples, name, "README.md")
        if not os.path.exists(readme):
            continue
        with open(readme, encoding="utf-8") as f:
            shown = re.findall(r"^    (.*passwd --generate.*)$", f.read(),
                               re.MULTILINE)
        for line in shown:
            folder = process.folder()
            subprocess.run(
                ["sh", "-c", "umask 022; " + line.replace(
                    "bwcallback", responder.command(), 1)],
                cwd=folder, check=False)
            tap.same({file: os.stat(os.path.join(folder, file)).st_mode & 0o777
                      for file in sorted(os.listdir(folder))},
                     {"passwd": 0o640, "password": 0o600},
                     f"{name}: who may read the passwords")


def main():
    served()
    passwords()
    for name, (count, rules) in EXAMPLES.items():
        folder = copy(name)
        scenarios(name, folder, count, rules)
        explored(name, folder)
        commands(name, folder)


tap.run(main)
