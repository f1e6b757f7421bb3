"""What the tests of bwcallback doctor share: running it, and a configuration
of three sections, so that it does not take longer than it must."""

import json
import os
import subprocess

import matrix  # first: it says where the others are
import responder
import responder_site
import tap

SECTIONS = """<callbacks>
  <credentials id="main" realm="Test callbacks" file="passwd"/>
  <voice path="/voice" credentials="main"/>
  <messaging path="/messages" credentials="main"/>
  <portout path="/portout" credentials="main"/>
</callbacks>
"""


def sections(s):
    path = os.path.join(s.flow, "sections.xml")
    with open(path, "w") as f:
        f.write(SECTIONS)
    return path


def doctor(*argv, env=None):
    """(exit status, findings by name, what it said on standard error)"""
    done = subprocess.run(
        [responder.command(), "doctor", "--json", *argv], text=True,
        capture_output=True, timeout=600, env=dict(os.environ, **(env or {})))
    found = {f["finding"]: f for f in map(json.loads,
                                          done.stdout.splitlines())}
    found.pop("slow", None)  # as this machine is, with all that runs on it
    return done.returncode, found, done.stderr


def from_outside(s, *argv, path="", env=None):
    """All sections, or that of a path alone."""
    return doctor("--user", responder_site.USER, "--password-file", s.password_file,
                  "--config", sections(s), *argv, s.url + path, env=env)


def silent(name, result):
    status, found, said = result
    tap.ok(status == 0 and not found and said == "", f"{name}: nothing wrong",
           f"{status} {json.dumps(found, indent=1)} {said}")


def finds(name, result, want, line, severity="error"):
    """Exactly these findings; the first has this among its cures."""
    status, found, said = result
    tap.same(sorted(found), sorted(want), f"{name}: what is found")
    tap.ok(said == "" and status == (78 if severity == "error" else 0),
           f"{name}: exit status", f"{status} {said}")
    first = found.get(want[0], {"cures": [], "severity": None, "means": ""})
    tap.same(first["severity"], severity, f"{name}: severity")
    cures = [c["line"] for c in first["cures"]]
    tap.ok(any(line in c for c in cures), f"{name}: its cure is {line}",
           f" got: {cures}")
    return first
