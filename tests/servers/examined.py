"""Shared by the tests of bwcallback doctor: running it, and a configuration of
only three sections, which shortens a run."""

import json
import os
import re
import subprocess

import matrix  # first: it adds tests/pylib to sys.path
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
    """(exit status, findings by name, standard error)"""
    done = subprocess.run(
        [responder.command(), "doctor", "--json", *argv], text=True,
        capture_output=True, timeout=600, env=dict(os.environ, **(env or {})))
    found = {f["finding"]: f for f in map(json.loads,
                                          done.stdout.splitlines())}
    # The real machine, with all its processes: those of other tests, too.
    found.pop("slow", None)
    if "descriptors" in found and not is_ours(found["descriptors"]):
        del found["descriptors"]
    return done.returncode, found, done.stderr


def is_ours(finding):
    """Is the process that a finding names a child of this test?"""
    pid = re.search(r"process (\d+)", finding.get("seen", ""))
    try:
        with open(f"/proc/{pid.group(1)}/status") as f:
            return f"PPid:\t{os.getpid()}\n" in f.read()
    except (AttributeError, OSError):
        return False


def from_outside(s, *argv, path="", env=None):
    """All sections, or only that of a path."""
    return doctor("--user", responder_site.USER, "--password-file", s.password_file,
                  "--config", sections(s), *argv, s.url + path, env=env)


def silent(name, result):
    status, found, said = result
    tap.ok(status == 0 and not found and said == "", f"{name}: no finding",
           f"{status} {json.dumps(found, indent=1)} {said}")


def finds(name, result, want, line, severity="error"):
    """Expect exactly these findings. The first has this cure, among others."""
    status, found, said = result
    tap.same(sorted(found), sorted(want), f"{name}: the findings")
    tap.ok(said == "" and status == (78 if severity == "error" else 0),
           f"{name}: exit status", f"{status} {said}")
    first = found.get(want[0], {"cures": [], "severity": None, "means": ""})
    tap.same(first["severity"], severity, f"{name}: severity")
    cures = [c["line"] for c in first["cures"]]
    tap.ok(any(line in c for c in cures), f"{name}: its cure is {line}",
           f" got: {cures}")
    return first
