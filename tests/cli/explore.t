#!/usr/bin/env python3
"""bwcallback simulate explore: each planted fault is found once, with a command
that reproduces it."""

import json
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

# Flows with one fault each: its kind, event and path, the words after --flow
# that lead to it, part of the report, and whether "check" finds it too.
FLOWS = {
    "alone": ("alone", "gather /menu", "--digits 0", "nothing is heard",
              False),
    "fallback": ("fallback", "gather /spare", "--fail 2=timeout",
                 'no <on> of the section is for "gather"', True),
    "holiday": ("fallback", "initiate /voice", "",
                'no <on> of the section for "initiate" matches', True),
    "hours": ("fallback", "initiate /voice", "",
              'no <on> of the section for "initiate" matches', True),
    "login": ("callback", "gather /account", "--digits 2", "401", False),
    "loop": ("loop", "redirect /route", "--digits 2", "loop.xml:25", False),
    "machine": ("fallback", "answer /voice",
                "--outbound --machine-detection sync --machine tone-detected",
                "no <on> of the section", True),
    "path": ("callback", "gather /at/suport", "--digits 3", "404", False),
    "pause": ("silence", "gather /menu", "--digits 5", "120 seconds", False),
    "program": ("fallback", "gather /length", "--digits 0",
                'maxDigits="0"', False),
    "record": ("cut", "gather /menu", "--digits 1", "without a prompt", False),
    "silence": ("fallback", "gather /menu", "", "no <on> of the section",
                True),
    "slow": ("fallback", "gather /ask", "--digits 7", "deadline", False),
    "table": ("fallback", "gather /menu", "--digits 4",
              "{staff[digits].phone} has no value", False),
    "transfer": ("fallback", "transferComplete /after",
                 "--callee +19195550111=rejects", "no <on> of the section",
                 True),
    "whisper": ("callback", "redirect /whisper/again",
                "--callee +19195550111=answers,2", "404", False),
}


def run(*argv, cwd=ROOM):
    done = subprocess.run([responder.command(), *argv], cwd=cwd,
                          capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def explore(*argv, cwd=ROOM):
    return run("simulate", "explore", *argv, cwd=cwd)


def passwords(folder):
    password = responder.make_password(
        os.path.join(folder, "passwd"), "bandwidth")
    path = os.path.join(folder, "password")
    with open(path, "w", encoding="utf-8") as f:
        f.write(password + "\n")
    os.chmod(path, 0o600)


def copy(source, name):
    folder = os.path.join(ROOM, name)
    shutil.copytree(source, folder)
    for path, _, names in os.walk(folder):
        os.chmod(path, 0o755)  # a release's tree may be read-only
        for each in names:
            os.chmod(os.path.join(path, each), 0o755)
    passwords(folder)
    return folder


def way(command):
    """The words of a command that lead to the fault, without --flow."""
    text = " ".join(command[:-1])
    text = re.sub(r" --(at|tag) \S+", "", text)
    return re.sub(r"^bwcallback simulate call --flow \S+ ?", "", text)


def planted(name, folder):
    kind, where, how, what, checked = FLOWS[name]
    code, out, err = explore("--flow", f"{name}.xml", "--callers", "1500",
                             "--json", cwd=folder)
    lines = [json.loads(line) for line in out.splitlines()]
    tap.same((code, len(lines), err), (1, 2, ""), f"{name}: one fault")
    if len(lines) != 2:
        tap.diag(out)
        return
    found = lines[0]
    tap.same((found["fault"], f"{found['event']} {found['path']}"),
             (kind, where), f"{name}: of its kind, in its place")
    tap.ok(what in found["text"], f"{name}: said what it is", found["text"])
    tap.same(way(found["command"]), how, f"{name}: the shortest way")
    tap.same(found["command"][-1], "/voice", f"{name}: from the beginning")
    tap.ok(found["callers"] > 0 and lines[1]["faults"] == 1, f"{name}: counts")
    again(name, found, folder)
    code, out, _ = run("check", "--strict", "--at", "2026-03-01",
                       f"{name}.xml", cwd=folder)
    tap.same(code != 0, checked, f"{name}: check sees as much as it can")


SIP_FLOW = """<callbacks><voice path="/voice">
<on event="initiate" stirShaken.attestationIndicator="B|C"><Response>
<Hangup/></Response></on>
<on event="initiate" stirShaken.verstat="TN-Validation-F*"><Response>
<Hangup/></Response></on>
<on event="initiate" stirShaken.verstat=""><Response><Hangup/></Response></on>
<on event="initiate" diversion.reason="no-answer" diversion.origTo="+1919*">
<Response><Hangup/></Response></on>
<on event="initiate" field.diversion.reason="out-of-service"><Response>
<Hangup/></Response></on>
<on event="initiate" uui="*;encoding=hex"><Response><Hangup/></Response></on>
<on event="initiate" sipHeaders.x-tier="gold" stirShaken.verstat="TN*">
<Response><Redirect redirectUrl="/nowhere"/></Response></on>
<on event="initiate"><Response><SpeakSentence>Hello.</SpeakSentence>
</Response></on></voice></callbacks>
"""


def sip_members():
    """Rules on members of SIP are tried, and the command has the options."""
    with open(os.path.join(ROOM, "sip.xml"), "w", encoding="utf-8") as f:
        f.write(SIP_FLOW)
    code, out, err = explore("--flow", "sip.xml", "--callers", "500")
    tap.ok("8 of 8 rules were tried" in out, "all rules are tried", out + err)
    code, out, err = explore("--flow", "sip.xml", "--callers", "500", "--json")
    found = [json.loads(line) for line in out.splitlines()]
    found = [f for f in found if f.get("path") == "/nowhere"]
    tap.same((code, len(found)), (1, 1), "the fault behind them")
    command = found[0]["command"] if found else ["", "true"]
    for word in ("--from", "--sip-headers", "x-tier=gold", "--stir-shaken"):
        tap.ok(word in command, f"the command has {word}", str(command))
    code, out, err = run(*command[1:])
    tap.ok(code == 1 and "/nowhere" in out, "and plays it", out + err)
    for words, says in (
            ("--stir-shaken B", r'"attestationIndicator":"B'),
            ("--stir-shaken none", r'^((?!stirShaken).)*$'),
            ("--stir-shaken C,TN-Validation-Failed", r'verstat":"TN-Vali'
             r'dation-Failed","attestationIndicator":"C'),
            ("--diversion +19195550177,user-busy,counter=2",
             r'origTo":"\+19195550177","reason":"user-busy",'
             r'"counter":"2'),
            ("--diversion away", r'origTo":"\+1919\d+",'
             r'"reason":"away'),
            ("--uui bW9yZQ==;encoding=base64", r'uui":"bW9yZQ==;enc'),
            ("--from sip:a@example.com --sip-headers X-Tier=a,X-B=",
             r'sipHeaders":\{"x-tier":"a","x-b":""')):
        code, out, err = run("simulate", "call", "--flow", "sip.xml", "--json",
                             *words.split())
        lines = [n for n in out.splitlines() if '"delivery"' in n
                 and "initiate" in n]
        tap.ok(err == "" and len(lines) == 1 and
               re.search(says, lines[0].replace("\\", "")) is not None, words, out + err)
    with open(os.path.join(ROOM, "sips.xml"), "w", encoding="utf-8") as f:
        f.write('<scenarios flow="sip.xml">'
                '<call name="B" stir-shaken="B" uui="00;encoding=hex">'
                '<callback event="initiate" stirShaken.attestationIndicator='
                '"B" uui="00*"/></call>'
                '<call name="diverted" diversion="+19195550177,away">'
                '<callback event="initiate" diversion.origTo="+19195550177" '
                'diversion.reason="away"/><hears>Hello</hears></call>'
                '<call name="SIP" from="sip:a@example.com" '
                'sip-headers="X-Tier=tin"><callback event="initiate" '
                'sipHeaders.x-tier="tin"/></call></scenarios>')
    code, out, err = run("simulate", "test", "sips.xml")
    tap.same((code, err), (0, ""), "in scenarios")
    if code != 0:
        tap.diag(out)
    for words in ("--stir-shaken D", "--diversion never", "--uui x",
                  "--sip-headers Tier=a --from sip:a@example.com",
                  "--sip-headers X-A=b", "--diversion away --outbound",
                  "--uui " + 257 * "x" + ";encoding=hex"):
        code, out, err = run("simulate", "call", "--flow", "sip.xml",
                             *words.split())
        tap.ok((code, out) == (64, "") and words.split()[0] in err,
               f"refused: {words[:40]}", err)


def again(name, found, folder):
    """The command reproduces the fault: its output has its place and text."""
    code, out, err = run(*found["command"][1:], cwd=folder)
    said = f" {found['path']} " in out
    tap.ok(said and err == "", f"{name}: the command goes there", out + err)
    if found["fault"] in ("fallback", "callback"):
        tap.same(code, 1, f"{name}: and finds it wrong")


def repeated(folder):
    first = explore("--flow", "table.xml", "--jobs", "1", cwd=folder)
    tap.same(explore("--flow", "table.xml", "--jobs", "3", cwd=folder), first,
             "as many threads as one likes find the same")
    tap.same(first[1].splitlines()[:2],
             ["table.xml:14: gather at /menu: the fallback is sent: answer: "
              "{staff[digits].phone} has no value",
              "    bwcallback simulate call --flow table.xml "
              "--at 2026-01-07T15:00:00Z --digits 4 /voice"],
             "a finding as text")
    other = explore("--flow", "table.xml", "--seed", "7", cwd=folder)
    tap.same(other[1].splitlines()[:2], first[1].splitlines()[:2],
             "other dice find the same here")
    tap.ok("(seed 7)" in other[1], "the dice are said")


def refused(folder):
    for argv, code, what in (
            ((), 64, "--help"),
            (("--flow", "table.xml", "--callers", "0", "/voice"), 64,
             "not a number"),
            (("ftp://x.invalid/",), 64, "no URL"),
            (("--flow", "none.xml"), 66, "none.xml"),
            (("--flow", "table.csv"), 78, "well-formed XML")):
        got, out, err = explore(*argv, cwd=folder)
        tap.same((got, out), (code, ""), f"{' '.join(argv) or 'nothing'}: "
                 f"exit code {code}")
        tap.ok(what in err, "and a word about it", err)
    with open(os.path.join(folder, "only.xml"), "w", encoding="utf-8") as f:
        f.write('<callbacks><messaging path="/m"/></callbacks>')
    code, _, err = explore("--flow", "only.xml", cwd=folder)
    tap.ok(code == 64 and "no call begins here" in err,
           "a flow that calls do not begin in", err)


def documented():
    """Every kind of fault is in the manual."""
    with open(os.path.join(tap.srcdir(), "sim", "explore", "faults.def"),
              encoding="utf-8") as f:
        rows = re.findall(r'^FAULT\(\w+, "(\w+)", ".*"\)$', f.read(),
                          re.MULTILINE)
    with open(os.path.join(tap.srcdir(), "man", "bwcallback-simulate.1"),
              encoding="utf-8") as f:
        manual = f.read()
    tap.ok(len(rows) > 5, "there are kinds of faults")
    for word in rows:
        tap.ok(f".It Li {word} Ta " in manual, f"{word} is in the manual")


def main():
    documented()
    folder = copy(os.path.join(tap.srcdir(), "tests", "data", "explore"),
                  "planted")
    names = {name[:-4] for name in os.listdir(folder)
             if name.endswith(".xml")}
    tap.same(names, set(FLOWS), "every flow is in the table")
    for name in sorted(FLOWS):
        planted(name, folder)
    repeated(folder)
    refused(folder)
    sip_members()


tap.run(main)
