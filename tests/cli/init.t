#!/usr/bin/env python3
"""bwcallback init: each folder that it writes works, and nothing that exists is
touched."""

import os
import re
import stat
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

ROOM = process.folder()


def run(*argv, cwd=ROOM, umask=0o022):
    done = subprocess.run([responder.command(), *argv], cwd=cwd, umask=umask,
                          capture_output=True, check=False,
                          env={**os.environ, "BWCALLBACK_CONFIG": ""})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def kinds():
    """As the command lists them."""
    code, _, err = run("init")
    tap.ok(code == 64, "without a kind", err)
    named = re.search(r"is missing: (.*) or (\w+)\n", err)
    return [*named[1].split(", "), named[2]]


def modes(folder):
    return {name: stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)
            for name in os.listdir(folder)}


def works(kind):
    code, out, err = run("init", kind)
    folder = os.path.join(ROOM, kind)
    tap.same((code, err), (0, ""), f"{kind}: a folder of that name")
    told = re.findall(r"^  bwcallback (.*)$", out, re.MULTILINE)
    tap.same(told, [f"check {kind}/callbacks.xml",
                    f"simulate test {kind}/scenarios.xml",
                    f"dev {kind}/callbacks.xml"],
             f"{kind}: and what to do next")
    tap.same(run("check", "--strict", f"{kind}/callbacks.xml"),
             (0, "", ""),
             f"{kind}: it passes check --strict")
    code, out, err = run(*told[1].split())
    tap.ok((code, err) == (0, "") and out.startswith("ok 1 "),
           f"{kind}: its scenarios succeed", out + err)
    tap.ok(f"`bwcallback init {kind}`" in read(folder, "README.md"),
           f"{kind}: its README is about it")
    found = modes(folder)
    tap.same((found.pop("passwd"), found.pop("password")), (0o640, 0o600),
             f"{kind}: who may read the passwords")
    tap.same({name: mode for name, mode in found.items()
              if mode != (0o755 if name.endswith((".sh", ".py")) else 0o644)},
             {}, f"{kind}: the other modes")
    with open(os.path.join(folder, "password"), "rb") as f:
        verified = subprocess.run(
            [responder.command(), "passwd", "--verify",
             os.path.join(folder, "passwd"), "bandwidth"],
            stdin=f, check=False, capture_output=True)
    tap.same(verified.returncode, 0, f"{kind}: both have the same password")


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as f:
        return f.read()


def complete(kind, example):
    """No file of the example is missing."""
    there = os.listdir(os.path.join(tap.srcdir(), "examples", example))
    there = {name for name in there if not name.startswith(("pass", "events"))}
    tap.same(set(os.listdir(os.path.join(ROOM, kind))) - there,
             {"passwd", "password"}, f"{kind}: what it has beyond the example")
    tap.same(there - set(os.listdir(os.path.join(ROOM, kind))), set(),
             f"{kind}: what is missing of the example")


def names():
    os.makedirs(os.path.join(ROOM, "a b", "empty"))
    code, out, err = run("init", "queue", "a b/empty//")
    tap.ok((code, err) == (0, "") and
           "bwcallback check 'a b/empty/callbacks.xml'\n" in out,
           "an empty folder, a name for shells", out + err)
    tap.same(run("init", "voicemail", "dark", umask=0o077)[0], 0, "umask 077")
    found = modes(os.path.join(ROOM, "dark"))
    tap.same((found.pop("passwd"), set(found.values()), modes(ROOM)["dark"]),
             (0o640, {0o600}, 0o700), "is obeyed, but for the hashes")
    passwords = {read(os.path.join(ROOM, name), "password")
                 for name in ("ivr", "queue", "dark", "a b/empty")}
    tap.same(len(passwords), 4, "each has its own password")


def snapshot():
    """All names, and when the files were written."""
    return {os.path.join(at, name):
            name in files and os.lstat(os.path.join(at, name)).st_mtime_ns
            for at, folders, files in os.walk(ROOM)
            for name in folders + files}


def refused():
    with open(os.path.join(ROOM, "file"), "w", encoding="utf-8") as f:
        f.write("mine")
    os.symlink("nowhere", os.path.join(ROOM, "link"))
    before = snapshot()
    for name in ("ivr", "ivr/", "file", "link"):
        code, out, err = run("init", "ivr", name)
        tap.ok((code, out) == (64, "") and
               "exists; name a new folder, nothing was changed" in err,
               f"there is {name} already", err)
    code, _, err = run("init", "ivr", ".", cwd=os.path.join(ROOM, "ivr"))
    tap.ok(code == 64 and "name a new folder" in err, "the folder itself", err)
    code, _, err = run("init", "ivr", "no/such")
    tap.ok(code == 74 and "no/such: No such file or directory" in err,
           "nowhere to write to", err)
    code, _, err = run("init", "ivr", "x" * 300)
    tap.ok(code == 74 and "name too long" in err, "too long a name", err)
    code, _, err = run("init", "voicmail")
    tap.ok(code == 64 and 'did you mean "voicemail"' in err, "a typo", err)
    tap.same(run("init", "ivr", "a", "b")[0], 64, "too many names")
    tap.same(snapshot(), before, "and nothing has changed, nothing is left")


def full():
    """A file that cannot be written whole leaves nothing."""
    tiny = os.path.join(ROOM, "tiny")
    os.mkdir(tiny)
    done = subprocess.run(
        ["sh", "-c", 'trap "" XFSZ; ulimit -f 4; exec "$0" init ivr tiny/x',
         responder.command()],
        cwd=ROOM, capture_output=True, check=False)
    tap.ok(done.returncode == 74 and b"File too large" in done.stderr,
           "no room for a file", done.stderr)
    tap.same(os.listdir(tiny), [], "nothing is left of the folder")


def main():
    found = kinds()
    tap.ok({"ivr", "voicemail", "messages"} <= set(found), "kinds", found)
    for kind in found:
        works(kind)
        complete(kind, "consume" if kind == "messages" else kind)
    names()
    refused()
    full()


tap.run(main)
