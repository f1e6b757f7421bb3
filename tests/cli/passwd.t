#!/usr/bin/env python3
"""bwcallback passwd, with a terminal and in a script."""

import os
import pty
import re
import signal
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "pylib"))
import tap

PROGRAM = tap.program("cli", "bwcallback")
LETTERS = r"[A-HJ-NP-Za-km-np-z2-9]"


def passwd(*args, line=""):
    done = subprocess.run([PROGRAM, "passwd", *args], input=line.encode(),
                          capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def read_until(fd, text):
    """The terminal's output up to a text or the end."""
    shown = ""
    while text is None or text not in shown:
        try:
            got = os.read(fd, 1024)
        except OSError:
            break
        if not got:
            break
        shown += got.decode()
    return shown


def on_terminal(args, answers):
    """Run with a terminal, answer each (prompt, text); all output."""
    pid, fd = pty.fork()
    if pid == 0:
        # A shell starts background programs with SIGINT ignored.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execv(PROGRAM, [PROGRAM, "passwd", *args])
    shown = ""
    for prompt, text in answers:
        shown += read_until(fd, prompt)
        os.write(fd, text.encode())
    shown += read_until(fd, None)
    status = os.waitpid(pid, 0)[1]
    os.close(fd)
    return status, shown


def test_script(file):
    tap.same(passwd(file, "u", line="first\n"), (0, "", ""),
             "a line of standard input, and silence")
    tap.same(stat.S_IMODE(os.stat(file).st_mode), 0o640, "a new file's mode")
    with open(file) as f:
        tap.ok(re.fullmatch(r"u:\$2y\$10\$[./A-Za-z0-9]{53}\n", f.read()),
               "user and bcrypt hash")
    tap.same(passwd("--verify", file, "u", line="first"), (0, "", ""),
             "verify, without an end of line")
    tap.same(passwd("--verify", file, "u", line="first\r\n")[0], 0, "CRLF")
    code, out, err = passwd("--verify", file, "u", line="secret\n")
    tap.same((code, out), (77, ""), "a wrong one")
    tap.ok("rejected" in err and "secret" not in err, "says so", err)
    tap.same(passwd("--verify", file, "v", line="first\n")[0], 77,
             "a user who is not there")
    tap.same(passwd(file, "v", line="x\nfirst\n")[0], 0, "one line only")
    tap.same(passwd("--verify", file, "v", line="x\n")[0], 0, "is read")
    tap.same(passwd("--list", file), (0, "u\nv\n", ""), "list")
    tap.same(passwd("--delete", file, "u"), (0, "", ""), "delete")
    code, out, err = passwd(file, "--delete", "u")
    tap.same((code, out), (66, ""), "delete nobody")
    tap.ok("no such user" in err, "says so", err)
    tap.same(passwd("--list", file), (0, "v\n", ""), "list again")


def test_generate(file):
    code, out, err = passwd("--generate", file, "g")
    tap.same((code, err), (0, ""), "generate")
    tap.ok(re.fullmatch(LETTERS + "{24}\n", out), "24 characters", out)
    tap.same(passwd("--verify", file, "g", line=out)[0], 0, "verifies")
    for length in ("12", "72"):
        out = passwd("--generate", "--length", length, file, "g")[1]
        tap.same(len(out), int(length) + 1, f"{length} characters")
        tap.same(passwd("--verify", file, "g", line=out)[0], 0, "verify")
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "passwd", "--generate", file, "g"],
                              stdout=full, stderr=subprocess.PIPE, timeout=60)
    tap.same(done.returncode, 74, "a password that cannot be shown")


def test_refused(file):
    for args in ((), (file,), (file, "u", "x"), ("--list",),
                 ("--list", file, "u"), ("--verify", "--delete", file, "u"),
                 ("--length", "20", file, "u"), ("--what", file, "u"),
                 ("--generate", "--length", "11", file, "u"),
                 ("--generate", "--length", "73", file, "u"),
                 ("--generate", "--length", "99999999999999999999", file, "u"),
                 ("--generate", "--length", "20x", file, "u"),
                 ("--generate", "--length", "", file, "u")):
        code, out, err = passwd(*args, line="x\n")
        tap.same((code, out), (64, ""), f"{args}")
        tap.ok("--help" in err, f"{args}: where to look", err)
    for user, line, says in (("u", "", "none came"), ("u", "\n", "empty"),
                             ("a:b", "x\n", "colon"), ("", "x\n", "empty"),
                             ("u", "x" * 73, "72 bytes"),
                             ("u", "x" * 2000, "1024 bytes"),
                             ("u", "a\0b\n", "control")):
        code, out, err = passwd(file, user, line=line)
        tap.same((code, out), (64, ""), f"{user!r} and {line[:5]!r}")
        tap.ok(says in err, f"says {says}", err)
    code, _, err = passwd("--list", file + ".not")
    tap.same(code, 66, "no file")
    tap.ok(".not: No such file" in err, "says which", err)
    tap.same(passwd(os.path.join(file, "x"), "u", line="x\n")[0], 66,
             "a file for a folder")


def test_foreign(file):
    with open(file, "w") as f:
        f.write("a\x1b:plain\n")
    code, _, err = passwd("--verify", file, "u", line="x\n")
    tap.same(code, 65, "a file that is no password file")
    tap.ok(":1: " in err and "\x1b" not in err, "names the line", err)
    tap.same(passwd("--list", file)[1], "a\\u{1b}\n", "no escape gets through")


def test_terminal(file):
    status, shown = on_terminal([file, "t"], [("New password: ", "typed\n"),
                                              ("Once more: ", "typed\n")])
    tap.same(status, 0, "asked twice")
    tap.ok("typed" not in shown, "nothing is shown", shown)
    status, shown = on_terminal(["--verify", file, "t"],
                                [("Password: ", "typed\n")])
    tap.same(status, 0, "asked once to verify")
    status, shown = on_terminal([file, "t"], [("New password: ", "one\n"),
                                              ("Once more: ", "two\n")])
    tap.same(os.waitstatus_to_exitcode(status), 64, "two that differ")
    tap.ok("differ" in shown, "says so", shown)
    status, shown = on_terminal([file, "t"], [("New password: ", "\x03")])
    tap.same(os.waitstatus_to_exitcode(status), -2, "interrupted")
    tap.same(passwd("--verify", file, "t", line="typed\n")[0], 0,
             "the password is what it was")


def main():
    signal.alarm(300)  # a missing prompt fails the test
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "passwd")
        test_script(file)
        test_generate(file)
        test_refused(file)
        test_terminal(file)
        test_foreign(file)
        tap.same(os.listdir(folder), ["passwd"], "nothing else is left")


tap.run(main)
