#!/usr/bin/env python3
"""Completion in bash, zsh and fish: each shell is asked, as a person asks it
with the tab key, for every command, action, option and value of the tables.

bash and zsh run on a pseudo-terminal and insert all completions into the line;
the program is a function there that prints its arguments.
"""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

PROGRAM = tap.program("cli", "bwcallback")
INSERT = "\x14"  # the key, control-T, that inserts all completions
PRINT = ("bwcallback() { printf '<%s>' \"$@\"; echo END''; };"
         "bwcallback.fcgi() { bwcallback \"$@\"; }")
FILES = ["flow one.xml", "flow.xml"]


def said(*argv):
    return subprocess.run([PROGRAM, *argv], capture_output=True, text=True,
                          check=True).stdout


def tables():
    """The actions of each command, and the options of each action."""
    rows = [json.loads(line) for line in said("help", "--json").splitlines()]
    options = {r["command"]: [] for r in rows}
    for row in rows:
        if "option" in row:
            options[row["command"]].append(row)
    actions = {}
    for name in options:
        command, _, action = name.partition(" ")
        actions.setdefault(command, []).extend([action] if action else [])
    return actions, options


class Interactive:
    """A shell on a pseudo-terminal."""

    def __init__(self, folder, script):
        self.read = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(self.argv[0], self.argv, {
                "PATH": os.environ["PATH"], "TERM": "dumb", "HOME": folder,
                "INPUTRC": "/dev/null", "LANG": "C.UTF-8"})
        self.write(f"{self.setup} {PRINT}; {script} echo READ''Y\n")
        self.until(rb"READY\r\n")

    def write(self, text):
        os.write(self.terminal, text.encode())

    def until(self, pattern):
        """The text in the shell's output that matches the pattern."""
        def is_there():
            if select.select([self.terminal], [], [], 0)[0]:
                self.read += os.read(self.terminal, 65536)
            return re.search(pattern, self.read)

        if not process.wait_until(is_there):
            raise TimeoutError(f"{self.argv[0]} said only {self.read}")
        found = re.search(pattern, self.read)
        self.read = self.read[found.end():]
        return found

    def complete(self, line):
        """The completions of a line."""
        self.write(line + INSERT + "\n")
        words = self.until(rb"((?:<[^<>]*>)*)END\r\n").group(1).decode()
        before = line[:line.rindex(" ")].split()[1:]
        return sorted(w for w in re.findall("<([^<>]*)>", words)[len(before):]
                      if w != "")

    def stop(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


class Bash(Interactive):
    argv = ["bash", "--norc", "--noprofile", "-i"]
    setup = "stty -echo; PS1=; bind '\"\\C-t\": insert-completions';"

    def __init__(self, folder):
        with open(os.path.join(folder, "bash"), "w", encoding="utf-8") as f:
            f.write(said("help", "--completion", "bash"))
        super().__init__(folder, ". ./bash;")


class Zsh(Interactive):
    argv = ["zsh", "-f", "-i"]
    setup = ("PS1=; fpath=($PWD/zsh $fpath); autoload -Uz compinit;"
             "compinit -u -D; bindkey '^T' complete-word;"
             "zstyle ':completion:*' completer _all_matches _complete;"
             "zstyle ':completion:*' insert true; setopt noautolist nobeep;")

    def __init__(self, folder):
        os.mkdir(os.path.join(folder, "zsh"))
        with open(os.path.join(folder, "zsh", "_bwcallback"), "w",
                  encoding="utf-8") as f:
            f.write(said("help", "--completion", "zsh"))
        super().__init__(folder, "")


class Fish:
    argv = ["fish"]

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "bwcallback.fish"), "w",
                  encoding="utf-8") as f:
            f.write(said("help", "--completion", "fish"))

    def complete(self, line):
        done = subprocess.run(
            ["fish", "--no-config", "-c", "source bwcallback.fish;"
             "complete -C $argv[1]", line], cwd=self.folder, check=False,
            capture_output=True, text=True, env={**os.environ,
                                                 "HOME": self.folder})
        if done.returncode != 0 or done.stderr:
            raise RuntimeError(done.stderr)
        return sorted(row.split("\t")[0].replace("\\", "")
                      for row in done.stdout.splitlines())

    def stop(self):
        pass


def check_names(shell, name, actions):
    commands = sorted([*actions, "help"])
    tap.same(shell.complete("bwcallback "), commands, f"{name}: the commands")
    tap.same(shell.complete("bwcallback help "),
             [c for c in commands if c != "help" or "help" in actions],
             f"{name}: the commands after help")
    for command, its in actions.items():
        if its:
            for before in ("", "help "):
                tap.same(shell.complete(f"bwcallback {before}{command} "),
                         sorted(its), f"{name}: {before}{command}")
    tap.same(shell.complete("bwcallback help --completion "),
             ["bash", "fish", "zsh"], f"{name}: the shells")


def check_options(shell, name, options):
    for command, rows in options.items():
        got = shell.complete(f"bwcallback {command} --")
        tap.same([o for o in got if o not in ("--help", "--version")],
                 sorted(r["option"] for r in rows), f"{name}: {command} --")
    tap.ok("--limit" in shell.complete("bwcallback events list --li"),
           f"{name}: part of an option")
    tap.same(shell.complete("bwcallback events list --nothing"),
             ["--nothing"] if name != "fish" else [],
             f"{name}: no such option")


def check_values(shell, name, options):
    seen = 0
    for command, rows in options.items():
        for row in rows:
            line = f"bwcallback {command} {row['option']} "
            if "words" in row:
                seen += 1
                tap.same(shell.complete(line), sorted(row["words"]),
                         f"{name}: {command} {row['option']}")
            elif row.get("argument") == "FILE":
                tap.same(shell.complete(line + "flow"), FILES,
                         f"{name}: {command} {row['option']}: files")
    tap.ok(seen > 10, f"{name}: there are options with words", seen)
    got = shell.complete("bwcallback simulate message --channel=R")
    tap.same(got, ["--channel=RBM"], f"{name}: a value after an equals sign")
    tap.same(shell.complete("bwcallback events list --limit fl"),
             ["fl"] if name != "fish" else [], f"{name}: a number is no file")


def check_arguments(shell, name):
    for command in ("check", "bxml", "decode", "graph", "passwd",
                    "portout test", "events backup", "simulate test"):
        tap.same(shell.complete(f"bwcallback {command} flow"), FILES,
                 f"{name}: {command}: files")
    tap.same(shell.complete("bwcallback check --strict --server nginx flow."),
             ["flow.xml"], f"{name}: a file after options")
    tap.same(shell.complete("bwcallback events show flow"),
             ["flow"] if name != "fish" else [], f"{name}: an event is no file")


def check_repeated(shell, name):
    """An option that may be given once is offered once, except by fish."""
    if name == "fish":
        return
    got = shell.complete("bwcallback simulate call --at 1h --assume x=1 --")
    tap.ok("--at" not in got and "--assume" in got and "--flow" in got,
           f"{name}: what was given is not offered again", got)


def check_responder(shell, name):
    help_text = subprocess.run([responder.fcgi(), "--help"], text=True,
                               capture_output=True, check=True).stdout
    options = re.findall(r"^  (--[a-z-]+)", help_text, re.MULTILINE)
    tap.ok(len(options) > 5, f"{name}: the responder has options", help_text)
    got = shell.complete("bwcallback.fcgi --")
    tap.same([o for o in got if o != "--help"], sorted(options),
             f"{name}: those of the responder")
    tap.same(shell.complete("bwcallback.fcgi --workers 2 --config flow"),
             FILES, f"{name}: its configuration is a file")
    if name != "fish":
        got = shell.complete("bwcallback.fcgi --log a --listen b --")
        tap.ok("--log" not in got and "--listen" in got,
               f"{name}: what it takes once is not offered again", got)


def main():
    actions, options = tables()
    options = {c: rows for c, rows in options.items() if not actions.get(c)}
    for kind in (Bash, Fish, Zsh):
        name = kind.argv[0]
        if shutil.which(name) is None:
            tap.ok(True, f"{name} # SKIP {name} is not installed")
            continue
        folder = process.folder()
        for file in FILES:
            with open(os.path.join(folder, file), "w", encoding="utf-8"):
                pass
        shell = kind(folder)
        check_names(shell, name, actions)
        check_options(shell, name, options)
        check_values(shell, name, options)
        check_arguments(shell, name)
        check_repeated(shell, name)
        check_responder(shell, name)
        shell.stop()
    done = subprocess.run([PROGRAM, "help", "--completion", "csh"],
                          capture_output=True, text=True, check=False)
    tap.ok((done.returncode, done.stdout) == (64, "") and
           "must be bash, fish or zsh" in done.stderr, "no other shell",
           done.stderr)


tap.run(main)
