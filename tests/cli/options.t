#!/usr/bin/env python3
"""Every option of every command: help, impossible values, useless options,
misspelt names.

The commands and options come from "bwcallback help --json", so a new one needs
no change here.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import payload  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

ROOM = process.folder()
# Times of the events: 09:59:59.999 and 10:00:00.123 on 1 March 2026.
TIMES = [1772359199999, 1772359200123]
CONFIG = os.path.join(ROOM, "callbacks.xml")
PROGRAM = tap.program("cli", "bwcallback")


def run(*argv, env=None, program=None):
    """Without installed manuals, so that "help" prints the help."""
    clean = {k: v for k, v in os.environ.items() if k != "BWCALLBACK_CONFIG"}
    clean["MANPATH"] = os.path.join(ROOM, "man")
    done = subprocess.run(
        [program or PROGRAM, *argv], cwd=ROOM,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        check=False, env={**clean, **(env or {})})
    return done.returncode, done.stdout, done.stderr


def rows():
    code, out, err = run("help", "--json")
    tap.same((code, err), (0, ""), "help --json")
    return [json.loads(line) for line in out.splitlines()]


def refused(argv, says, name):
    """Exit code 64, no standard output, a message with the fault and a hint."""
    code, out, err = run(*argv)
    good = (code, out) == (64, "") and all(s in err for s in says)
    tap.ok(good and "--help" in err and err.startswith("bwcallback: "), name,
           f"{code}: {out}{err}, wanted {says}")


def swap(word):
    """Misspell a name: exchange two letters, or append one if it is short."""
    if len(word) < 3:
        return word + word[-1]
    for i in range(len(word) - 1, 0, -1):
        if word[i] != word[i - 1]:
            return word[:i - 1] + word[i] + word[i - 1] + word[i + 1:]
    return word + word


def check_help(commands, options):
    for name, row in commands.items():
        code, text, err = run(*name.split(), "--help")
        tap.ok((code, err) == (0, "") and f"bwcallback {name}" in text,
               f"{name} --help", text + err)
        tap.same(run("help", *name.split())[:2], (0, text), f"help {name}")
        tap.same(run(*name.split(), "help")[:2], (0, text), f"{name} help")
        missing = [o["option"] for o in options if o["command"] == name
                   and o["option"] not in text]
        tap.same(missing, [], f"{name} --help has every option")
        tap.ok(len(row["summary"]) > 0, f"{name} has a summary")
        if " " in name:
            parent, action = name.split()
            tap.same(run(parent, "help", action)[:2], (0, text),
                     f"{parent} help {action}")
    tap.same(run("help")[:2], run("--help")[:2], "help")


def check_manual(commands):
    """With manuals, "help" opens that of the command."""
    if shutil.which("man") is None:
        tap.ok(True, "help: the manual # SKIP man is not installed")
        return
    manuals = os.path.join(ROOM, "manuals")
    os.makedirs(manuals)
    os.symlink(os.path.join(tap.srcdir(), "man"),
               os.path.join(manuals, "man1"))
    env = {"MANPATH": manuals, "MANWIDTH": "80"}
    for name in commands:
        page = f"bwcallback-{name.split()[0]}".upper() + "(1)"
        code, out, err = run("help", *name.split(), env=env)
        # troff may complain about a line that is too wide.
        tap.ok(code == 0 and out.lstrip().startswith(page),
               f"help {name}: {page}", out[:200] + err)
    code, out, err = run("help", "check", env={**env, "PATH": ROOM})
    tap.ok(code == 0 and out.startswith("usage: "), "without man: the help",
           out + err)


def check_values(options):
    for row in options:
        words, name = row["command"].split(), row["option"]
        where = f"{row['command']} {name}"
        value = row.get("impossible")
        if "argument" not in row or row.get("any"):
            continue
        tap.ok(value is not None, f"{where}: an impossible value is known, or "
               "any text is a value (options/option_value.c)")
        if value is None:
            continue
        says = [f"bwcallback: {row['command']}: {name} {value}: "]
        refused([*words, name, value], says + row.get("words", []),
                f"{where}: an impossible value")
        for word in row.get("words", [])[:1]:
            if len(word) > 2:
                refused([*words, name, swap(word)],
                        [f'did you mean "{word}"?'], f"{where}: misspelt")


# Values of options that no form or word tells.
GOOD = {"NUMBER": "+19195550100", "URL": "/x", "--store": "sqlite:x",
        "--callee": "+19195550100=busy", "--fail": "1=503",
        "--stir-shaken": "B", "--diversion": "away", "--uui": "0;encoding=hex",
        "--sip-headers": "X-A=b"}


def given(row):
    """The option of a row with some value that it takes."""
    if "argument" not in row:
        return [row["option"]]
    if "words" in row:
        return [row["option"], row["words"][0]]
    value = GOOD.get(row["argument"], "1")
    return [row["option"], GOOD.get(row["option"], value)]


def check_together(options):
    """An option without effect is refused, and so are two that exclude."""
    of = {(r["command"], r["option"]): r for r in options}
    together = [r for r in options if "needs" in r or "excludes" in r]
    tap.ok(len(together) > 30, "options need or exclude others")
    for row in together:
        words, name = row["command"].split(), row["option"]
        known = [of.get((row["command"], "--" + c.split("=")[0]))
                 for k in ("needs", "excludes") for c in row.get(k, "").split()]
        tap.ok(None not in known, f"{row['command']} {name}: others are known",
               str(row))
        for condition in row.get("needs", "").split()[:1]:
            other = condition.split("=")[0]
            refused([*words, *given(row)], [f"{name} needs --{other}"],
                    f"{row['command']} {name} alone")
        if "needs" in row:
            continue
        for condition in row["excludes"].split():
            other, _, value = condition.partition("=")
            more = given(of[row["command"], "--" + other])
            if value:
                more[1] = value.split("|")[0]
            code, out, err = run(*words, *given(row), *more)
            tap.ok((code, out) == (64, "") and name in err and
                   f"--{other}" in err, f"{row['command']} {name} with "
                   f"--{other}", f"{code}: {out}{err}")


def check_useless():
    """What depends on the values of several options."""
    for text, says in [
            ("message --read --out --channel SMS",
             "--read does not go with --channel SMS or MMS"),
            ("message --error 4720", "--error needs --out"),
            ("message --suggestion x --out",
             "--suggestion does not go with --out"),
            ("message --ours 2 --to +19195550100", "--ours 2: more than"),
            ("message --out --error 4720 --failing +19195550199",
             "--failing +19195550199: not one of"),
            ("message --out --error 4720 --media a.png",
             "--error 4720: an MMS"),
            ("message --suggestion x --postback " + 2049 * "x",
             "--postback: longer than 2048"),
            ("tollfree --state unverified --reason why",
             "--reason needs --state denied, blocked or failed"),
            ("tollfree --number +19195550100",
             "--number +19195550100: must be a toll-free number"),
            ("report --event DELIVERED --error 1",
             "--error needs --event UNDELIVERED or REJECTED"),
            ("order --type dreams", "--type dreams: must be portins, "),
            ("order --status BOGUS", "--status BOGUS: must be "),
            ("order --lost --note x", "--note does not go with --lost"),
            ("call --machine silence --outbound",
             "--machine needs --machine-detection"),
            ("call --fallback-url http:///x",
             "--fallback-url http:///x: must be an http or https URL")]:
        refused(["simulate", *text.split(), "--flow", CONFIG, "/x"], [says],
                f"simulate {text[:60]}")


def check_names(commands, options):
    """Each name once, with the last command that has this option."""
    for row in {r["option"]: r for r in options}.values():
        words, name = row["command"].split(), row["option"]
        wrong = "--" + swap(name[2:])
        refused([*words, wrong], [f'no option "{wrong}"; did you mean "{name}"?'],
                f"{row['command']} {wrong}")
        if "argument" in row:
            refused([*words, name],
                    [f"{name}: its value is missing: {name} {row['argument']}"],
                    f"{name}: no value")
        else:
            refused([*words, f"{name}=x"], [f"{name} takes no value", '"x"'],
                    f"{name}: a flag")
    for name in commands:
        *before, last = name.split()
        wrong = swap(last)
        refused([*before, wrong],
                [f'"{wrong}"; did you mean "{last}"?'],
                f"{' '.join([*before, wrong])}: misspelt")
        refused([*name.split(), "--nothing-like-it"],
                ["--nothing-like-it"], f"{name}: no such option")


def check_actions(commands):
    for name in sorted({c.split()[0] for c in commands if " " in c}):
        actions = [c.split()[1] for c in commands if c.startswith(name + " ")]
        refused([name], ["what to do is missing", *actions],
                f"{name}: without an action")
        refused([name, "qqqqqq"], ['"qqqqqq"', *actions],
                f"{name}: no such action")


RUN = {"--family", "--type", "--call", "--message", "--number", "--since",
       "--workers", "--timeout", "--tries", "--delay", "--lease", "--once"}
ANYWHERE = {"--store", "--config"}
# The actions of consume, their arguments, and the options that have an effect.
CONSUME = [
    ("-- PROGRAM", ["a"], ["--", "true"], RUN),
    ("--url", ["a", "--url", "http://127.0.0.1:1/"], [],
     RUN | {"--url", "--user", "--password-file"}),
    ("--list-dead", ["a", "--list-dead"], [],
     {"--list-dead", "--json", "--reveal"}),
    ("--retry-dead", ["a", "--retry-dead", "all"], [], {"--retry-dead"}),
    ("--drop-dead", ["a", "--drop-dead", "all"], [], {"--drop-dead"}),
    ("--forget", ["a", "--forget"], [], {"--forget"}),
    ('"list"', ["list"], [], {"--json"}),
]
ACTIONS = {"--url", "--list-dead", "--retry-dead", "--drop-dead", "--forget"}
VALUES = {"time": "1h", "age": "3s", "number": "3"}


def check_consume(options):
    """Each option of consume with each thing to do: 64, or it has an effect."""
    rows = [row for row in options if row["command"] == "consume" and
            row["option"] not in ACTIONS]
    tap.ok(len(rows) > 12, "options of consume", str(rows))
    for what, before, after, effective in CONSUME:
        for row in rows:
            argv = ["consume", *before, row["option"]]
            if row.get("argument"):
                argv.append(row["words"][0] if "words" in row else
                            "sqlite:none.db" if row["argument"] == "URL" else
                            VALUES.get(row.get("form"), "x"))
            name = f"consume: {row['option']} with {what}"
            if row["option"] in {"--user", "--password-file"} and \
                    row["option"] in effective:
                refused(argv + after, ["belong together"], name)
            elif row["option"] in effective | ANYWHERE:
                code, _, err = run(*argv, *after, env={
                    "BWCALLBACK_CONFIG": "none.xml"})
                tap.ok(code == 66, name, f"{code}: {err}")
            else:
                refused(argv + after, [f"{row['option']} has no effect with "
                                       f"{what}"], name)


def store_events():
    with open(CONFIG, "w", encoding="utf-8") as f:
        f.write('<callbacks><store url="sqlite:events.db"/>'
                '<voice path="/voice"><on><Response><SpeakSentence>Yes.'
                "</SpeakSentence></Response></on></voice>"
                '<portout path="/portout" on-error="deny"/></callbacks>\n')
    for _ in TIMES:
        body = payload.post(payload.Call().event("initiate"))
        subprocess.run(
            [responder.fcgi()], input=body, check=True, capture_output=True,
            env={"BWCALLBACK_CONFIG": CONFIG, "REQUEST_METHOD": "POST",
                 "REQUEST_URI": "/voice", "GATEWAY_INTERFACE": "CGI/1.1",
                 "CONTENT_TYPE": "application/json",
                 "CONTENT_LENGTH": str(len(body)), **process.surroundings()})
    with sqlite3.connect(os.path.join(ROOM, "events.db")) as db:
        db.executemany("UPDATE entry SET received = ? WHERE seq = ?",
                       [(ms, n) for n, ms in enumerate(TIMES, 1)])
    with open(os.path.join(ROOM, "body.xml"), "w", encoding="utf-8") as f:
        f.write(payload.portout().decode())


def check_environment():
    """Without --config, BWCALLBACK_CONFIG names the configuration."""
    env = {"BWCALLBACK_CONFIG": CONFIG}
    for argv, code in [(["check"], 0), (["graph", "--format", "dot"], 0),
                       (["events", "list"], 0), (["events", "count"], 0),
                       (["events", "replay", "1"], 0), (["orders"], 0),
                       (["consume", "a", "--list-dead"], 66),
                       (["simulate", "call"], 0),
                       (["simulate", "call", "/voice"], 0),
                       (["simulate", "portout", "--number", "+19195550100"],
                        0),
                       (["simulate", "explore", "--callers", "5"], 0)]:
        got, out, err = run(*argv, env=env)
        tap.same(got, code, f"BWCALLBACK_CONFIG: {' '.join(argv)}")
        if got != code:
            tap.diag(out + err)
        refused(argv, ["BWCALLBACK_CONFIG"], f"without it: {' '.join(argv)}")
    got, out, err = run("portout", "test", "body.xml", env=env)
    tap.ok(got in (0, 1) and "body.xml: " in out, "portout test", out + err)
    got, out, err = run("check", "none.xml", env=env)
    tap.ok(got == 66 and "none.xml" in out, "a file that is given counts",
           f"{got}: {out}{err}")
    got, out, err = run("check", env={"BWCALLBACK_CONFIG": ""})
    tap.same((got, out), (64, ""), "an empty one is none")


def listed(*options):
    code, out, err = run("events", "list", "--config", CONFIG, *options)
    tap.ok(code == 0, f"events list {' '.join(options)}", err)
    return re.findall(r"^ +\d+ (\S+ \S+)", out, re.MULTILINE)


def check_times():
    """Options for times accept the printed form and Bandwidth's."""
    first, last = "2026-03-01 09:59:59.999", "2026-03-01 10:00:00.123"
    tap.same(listed(), [first, last], "two events")
    code, out, _ = run("events", "export", "--config", CONFIG)
    tap.same(json.loads(out.splitlines()[-1])["received"], TIMES[1],
             "as JSON")
    for form in (last, last + " UTC", "2026-03-01T10:00:00.123Z",
                 "2026-03-01T10:00:00.123456Z", "2026-03-01T10:00Z",
                 "2026-03-01T10:00:00", "2026-03-01T05:00:00.123-05:00",
                 "2026-03-01T15:30:00+0530", str(TIMES[1])):
        tap.same(listed("--since", form), [last], f"since {form}")
        tap.same(listed("--until", form), [first], f"until {form}")
    tap.same(listed("--since", "2026-03-01"), [first, last], "since a date")
    tap.same(listed("--until", "2026-03-01"), [], "until a date")
    tap.same(listed("--until", "0s"), [first, last], "until now")
    for text in ("2026-02-30", "2026-03-01T25:00:00Z", "yesterday",
                 "1767798000", "2026-03-01T10:00:00 EST"):
        refused(["events", "list", "--config", CONFIG, "--since", text],
                [f"--since {text}: not a time such as "], f"no time: {text}")
    code, out, err = run("simulate", "call", "--flow", CONFIG, "--at",
                         "2026-03-01T05:00:00.250-05:00", "--seed", "1",
                         "--json")
    tap.ok(code == 0, "simulate --at takes an offset", err)
    tap.ok("2026-03-01T10:00:00.250Z" in out, "and a fraction", out[:2000])


def check_responder():
    fcgi = responder.fcgi()
    code, text, _ = run("--help", program=fcgi)
    tap.same(code, 0, "bwcallback.fcgi --help")
    for option in re.findall(r"^  (--[a-z-]+) \S", text, re.MULTILINE):
        if option == "--version":
            continue
        code, _, err = run(option, program=fcgi)
        tap.ok(code == 64 and f"{option}: its value is missing" in err,
               f"bwcallback.fcgi {option}", err)
    for option, value, says in [
            ("--workers", "0", "not a number from 1 to 256"),
            ("--workers", "many", "not a number from 1 to 256"),
            ("--receive-timeout", "3601", "not a number from 1 to 3600"),
            ("--drain-timeout", "-1", "not a number from 1 to 3600")]:
        code, _, err = run(option, value, program=fcgi)
        tap.ok(code == 64 and f"{option} {value}: {says}" in err,
               f"bwcallback.fcgi {option} {value}", err)
    code, _, err = run("--lisetn", "x", program=fcgi)
    tap.ok(code == 64 and 'did you mean "--listen"?' in err, "misspelt", err)
    code, _, err = run(*["--listen", "x"] * 17, program=fcgi)
    tap.ok(code == 64 and "--listen: more than 16" in err, "too many", err)
    code, _, err = run("x", program=fcgi)
    tap.ok(code == 64 and '"x"' in err, "an argument", err)


def main():
    all_rows = rows()
    commands = {r["command"]: r for r in all_rows if "option" not in r}
    options = [r for r in all_rows if "option" in r]
    tap.ok(len(commands) > 30, "there are commands", str(commands.keys()))
    tap.ok(len(options) > 200, "there are options", str(len(options)))
    check_help(commands, options)
    check_manual(commands)
    check_values(options)
    check_together(options)
    check_names(commands, options)
    check_actions(commands)
    store_events()
    check_useless()
    check_consume(options)
    check_environment()
    check_times()
    check_responder()


tap.run(main)
