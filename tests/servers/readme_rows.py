"""README's table "I have, do": the lines of each row as typed, in a private view
of the system in which the build that is tested is installed. Those for Debian
are run by "make check-debian", those for containers by "make check-container"."""

import glob
import os
import re
import shutil
import subprocess

import fastcgi
import installed
import process
import tap

BUILT = "./configure && make && sudo make install && sudo ldconfig"

# "./configure", make and its installation are done, and scp reaches a folder.
PROGRAMS = {
    "sudo": 'exec "$@"\n',
    "make": """case "$*:$PWD" in
*:*/embed) exec /usr/bin/make -s CC='%(cc)s' CFLAGS='%(flags)s' "$@" ;;
hosting:*) cp '%(build)s'/bwcallback-hosting-*.tar.gz . ;;
esac
""",
    "scp": """[ "$1" = -r ] && [ "$3" = you@your.host:public_html/ ] &&
    mkdir -p '%(account)s' && cp -r "$2" '%(account)s'
""",
}


def rows():
    """The lines of each row, by what one has."""
    with open(os.path.join(tap.srcdir(), "README.md"), encoding="utf-8") as f:
        table = re.search(r"^\| I have .*\n.*\n((?:\|.*\n)+)", f.read(),
                          re.MULTILINE).group(1)
    cells = [row.split(" | ") for row in table.splitlines()]
    return {cell[0].removeprefix("| "): re.findall("`([^`]*)`", cell[1])
            for cell in cells}


def sanitizers():
    """A program that loads a library with sanitizers needs them, too."""
    flags = installed.variable("BW_CFLAGS") + " " + installed.variable("CFLAGS")
    return " ".join(flag for flag in flags.split()
                    if flag.startswith("-fsanitize"))


class Clone:
    """A folder that looks like a clone."""

    def __init__(self):
        self.folder = process.folder()
        self.account = os.path.join(self.folder, "account")
        tree = self.tree = os.path.join(self.folder, "tree")
        os.mkdir(tree)
        shutil.copytree(os.path.join(tap.srcdir(), "examples"),
                        os.path.join(tree, "examples"))
        subprocess.run(["chmod", "-R", "u+w", tree], check=True)
        self.program(os.path.join(tree, "configure"), "exit 0\n")
        self.bin = os.path.join(self.folder, "bin")
        os.mkdir(self.bin)
        for name, text in PROGRAMS.items():
            self.program(os.path.join(self.bin, name), text % {
                "build": tap.builddir(), "account": self.account,
                "cc": installed.variable("CC"), "flags": sanitizers()})

    def program(self, name, text):
        with open(name, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\n" + text)
        os.chmod(name, 0o755)

    def environment(self):
        """Nothing of the build folder."""
        return {"LANG": "C", "PATH": self.bin + ":/usr/local/sbin:"
                "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}

    def run(self, lines):
        """What they print."""
        done = subprocess.run(["sh", "-ec", "\n".join(lines)], cwd=self.tree,
                              text=True, capture_output=True, check=False,
                              stdin=subprocess.DEVNULL, env=self.environment())
        tap.ok(done.returncode == 0, lines[-1], done.stdout + done.stderr)
        return done.stdout

    def serve(self, lines, address):
        """The last line serves there: a callback is challenged."""
        child = process.Child(
            ["sh", "-ec", "\n".join([*lines[:-1], "exec " + lines[-1]])],
            os.path.join(self.folder, "log"), cwd=self.tree,
            env=self.environment())
        up = process.wait_until(lambda: process.connects(address) or
                                not child.running())
        tap.ok(up and child.running(), lines[-1], child.said())
        tap.same(fastcgi.ask(address, "/voice", b"{}").status, 401,
                 "a callback is challenged")
        tap.same(child.stop(), 0, "it ends well")


def host(lines):
    if not glob.glob(os.path.join(tap.builddir(), "bwcallback-hosting-*.gz")):
        tap.ok(True, "a hosting account # SKIP this build has no archive")
        return
    clone = Clone()
    clone.run(lines)
    done = subprocess.run(
        [os.path.join(clone.account, "callbacks", "bwcallback.cgi")],
        capture_output=True, check=False, env={
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST",
            "REQUEST_URI": "/callbacks/voice", "CONTENT_LENGTH": "2",
            "CONTENT_TYPE": "application/json"}, input=b"{}")
    tap.ok(re.match(rb"Status: [45]", done.stdout),
           "what was uploaded answers", done.stdout + done.stderr)


def check():
    all_rows = rows()
    tap.same([len(lines) for lines in all_rows.values()], [3] * 6,
             "six rows of three lines")
    server, debian, containers, hosting, other, program = all_rows.values()
    tap.ok("dpkg-buildpackage" in debian[0], "one is for Debian", debian)
    tap.ok("podman build" in containers[0], "one is for containers", containers)
    for lines in (server, other, program):
        tap.same(lines[0], BUILT, "one begins with the build")
    Clone().serve(server, "/run/bwcallback.sock")
    Clone().serve(other, ("127.0.0.1", 9000))
    said = Clone().run(program)
    tap.ok("\nStatus: 200 OK\n" in "\n" + said and "<Response>" in said,
           "the program answers", said)
    host(hosting)
