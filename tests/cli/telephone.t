#!/usr/bin/env python3
"""bwcallback simulate telephone, driven as a page drives it: each question is
answered when it comes."""

import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

ROOM = process.folder()
OPEN = "2026-03-04T15:00:00Z"  # a Wednesday, 10:00 in New York

FLOW = """<callbacks>
<voice path="/voice">
<on event="initiate"><Response>
<Gather gatherUrl="/voice" maxDigits="3" input="{input}" interDigitTimeout="2"
 terminatingDigits="#" repeatCount="3"><SpeakSentence>Now \u202e&lt;b>.</SpeakSentence></Gather>
</Response></on>
<on event="gather" digits="9"><exec><argument>{program}</argument></exec></on>
<on event="gather" digits="7"><Response><Conference
 >room</Conference></Response></on>
<on event="gather" digits="8"><Response><SpeakSentence>{long}</SpeakSentence
></Response></on>
<on event="gather"><Response><SpeakSentence>You pressed {{digits}}.
</SpeakSentence></Response></on>
<fallback><Response><SpeakSentence>Sorry.</SpeakSentence></Response></fallback>
</voice>
</callbacks>
"""


def flow(name, **values):
    values = {"input": "dtmf", "program": "/bin/false", "long": "x", **values}
    text = FLOW.format(**values).replace(
        "<exec><argument>", '<exec program="').replace(
        "</argument></exec>", '"/>')
    with open(os.path.join(ROOM, name), "w", encoding="utf-8") as f:
        f.write(text)
    return name


class Telephone:
    """The process, and the lines that it has written."""

    def __init__(self, name, *options):
        self.lines = []
        self.child = subprocess.Popen(
            [responder.command(), "simulate", "telephone", "--flow", name,
             *options], cwd=ROOM, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def write(self, text):
        self.child.stdin.write(text)
        self.child.stdin.flush()

    def do(self, what, **members):
        self.write(json.dumps({"do": what, **members}).encode() + b"\n")

    def until(self, *kinds):
        """Read up to a line of one of the kinds; the line, or None."""
        for line in self.child.stdout:
            assert len(line) <= 65536
            self.lines.append(json.loads(line))
            if self.lines[-1]["kind"] in kinds:
                return self.lines[-1]
        return None

    def want(self):
        found = self.until("want", "refused", "bye")
        return found and found.get("what", found["kind"])

    def end(self):
        """What standard error and the exit status are."""
        self.child.stdin.close()
        while self.until("bye") is not None:
            pass
        err = self.child.stderr.read().decode()
        self.child.stdout.close()
        self.child.stderr.close()
        return self.child.wait(), err

    def said(self):
        return [e["text"] for e in self.lines if e["kind"] == "said"]

    def shape(self):
        """The lines without real times."""
        return [{name: value for name, value in e.items() if name != "reply"}
                for e in self.lines]


def rule(name, pattern):
    """The line of the first rule in a flow that has the pattern."""
    with open(os.path.join(ROOM, name), encoding="utf-8") as f:
        text = f.read()
    at = re.search(pattern, text).start()
    return text[:at].count("\n") + 1


def ivr(seed):
    """Support is busy; a message is left."""
    t = Telephone("ivr/callbacks.xml")
    t.do("call", at=OPEN, seed=seed)
    questions = [t.want()]
    for what, members in (("press", {"keys": "2"}), ("callee", {"does": "busy"}),
                          ("say", {"text": "The lamp"}),
                          ("press", {"keys": "#"})):
        t.do(what, **members)
        questions.append(t.want())
    return t, questions


def to_voicemail():
    flow_file = "ivr/callbacks.xml"
    t, questions = ivr(7)
    tap.same(t.end(), (0, ""), "the example is played")
    tap.same(questions, ["keys", "callee", "speech", "speech", "bye"],
             "to voicemail, question by question")
    tap.same([e.get("number") for e in t.lines if e.get("what") == "callee"],
             ["+19195550102"], "the number that is called")
    said = t.said()
    tap.ok(said[0].startswith("Thank you for calling.") and
           said[-1].startswith("Thank you. We will call you back."),
           "what is heard", said)
    names = [rule(flow_file, p) for p in (
        r'<on event="initiate" hours', r'<on event="gather" digits="1\|2"',
        r'<on event="transferComplete">', r'voicemail" credentials="main">',
        r'<on event="recordComplete"')]
    names[3] += 1  # the rule is the section's first
    found = [(e["node"], e["edge"]) for e in t.lines if "edge" in e]
    tap.same(found, [(f"n{here}", f"e{before}-{here}") for before, here in
                     zip(["initiate", *names], names)],
             "each step lights a node and the edge to it")
    times = [e["t"] for e in t.lines if "t" in e]
    tap.ok(times == sorted(times) and times[0] == 0, "t is simulated", times)
    tap.same(t.lines[-1], {"kind": "bye", "reason": "hangup"}, "the last line")
    tap.same(sum(e["kind"] == "callback" and
                 e["name"] == "transcriptionAvailable" for e in t.lines), 1,
             "what comes after the call is there, too")
    again, _ = ivr(7)
    again.end()
    tap.same(again.shape(), t.shape(), "the same seed, the same call")


def rounds():
    t = Telephone(flow("rounds.xml"))
    t.do("call", seed=1)
    found = t.until("want")
    tap.same({name: found[name] for name in
              ("what", "max", "keys", "speech", "pressed", "timeout")},
             {"what": "keys", "max": 3, "keys": True, "speech": False,
              "pressed": 0, "timeout": 5}, "what a Gather waits for")
    tap.same(t.said(), ["Now \u202e<b>."], "hostile text is text")
    t.do("wait")
    tap.same((t.want(), len(t.said())), ("keys", 2), "the prompts again")
    t.do("press", keys="4")
    tap.same((t.want(), t.lines[-1]["pressed"]), ("keys", 1), "one key")
    t.do("press", keys="2")
    tap.same((t.want(), t.lines[-1]["pressed"]), ("keys", 2), "two keys")
    t.do("wait")
    tap.same((t.want(), t.said()[-1]), ("bye", "You pressed 42."),
             "the pause ends it")
    t.end()
    t = Telephone("rounds.xml")
    t.do("call")
    t.want()
    t.do("press", keys="123#")
    tap.same((t.want(), t.said()[-1]), ("bye", "You pressed 123."),
             "several keys at once")
    t.end()
    t = Telephone(flow("speech.xml", input="dtmf_speech"))
    t.do("call")
    tap.same((t.want(), t.lines[-1]["speech"]), ("keys", True), "speech")
    t.do("say", text="hello \u0001")
    tap.same(t.want(), "bye", "is understood")
    tap.same([e["text"] for e in t.lines if e["kind"] == "talked"],
             ["hello \u0001"], "and told")
    t.end()


def refusals():
    t = Telephone(flow("refusals.xml"))
    for text in (b"no\n", b"[]\n", b"{}\n", b'{"do":7}\n', b"12\n", b"\n",
                 b'{"do":"call"\n', b'{"do":"press","keys":"1"}\n',
                 b'{"do":"call","path":"x"}\n', b'{"do":"call","at":"soon"}\n',
                 b'{"do":"\xff"}\n', b"[[[[[[[[[[[[[[]]]]]]]]]]]]]]\n"):
        t.write(text)
        tap.same(t.want(), "refused", f"no beginning of a call: {text}")
    t.do("call")
    t.want()
    for members in ({"keys": "12x"}, {"keys": ""}, {}, {"keys": "1" * 51},
                    {"keys": ["1"]}):
        t.do("press", **members)
        tap.same((t.want(), t.want()), ("refused", "keys"),
                 f"keys {members}, and the question again")
    for what in ("callee", "program", "say", "dance"):
        t.do(what)
        tap.same((t.want(), t.want()), ("refused", "keys"), f"{what} here")
    t.write(b" " * 70000)
    tap.same((t.until("bye") or {}).get("reason"), "length", "too long a line")
    tap.same(t.end(), (0, ""), "is the end")


def leaving():
    for how, reason in ((lambda t: t.do("end"), "end"),
                        (lambda t: t.child.stdin.close(), "end"),
                        (lambda t: t.do("hangup"), "hangup")):
        t = Telephone(flow("leaving.xml"))
        t.do("call")
        t.want()
        how(t)
        tap.same(t.until("bye")["reason"], reason, f"leaves: {reason}")
        tap.same([e["name"] for e in t.lines if e["kind"] == "end"], ["hangup"],
                 "the call ends")
        tap.ok(any(e["kind"] == "callback" and e["name"] == "disconnect"
                   for e in t.lines), "and the flow learns it")
        tap.same(t.end(), (0, ""), "in good order")
    for option in ("--idle", "--length"):
        t = Telephone("leaving.xml", option, "1s")
        t.do("call")
        tap.same(t.until("bye")["reason"], "time", f"{option} passes")
        tap.same(t.end(), (0, ""), "and the process ends")
    t = Telephone("leaving.xml")
    tap.same(t.end(), (0, ""), "no call at all")
    tap.same(t.lines, [{"kind": "bye", "reason": "end"}], "says so")


def conversations():
    t = Telephone(flow("talk.xml"))
    t.do("call")
    t.want()
    t.do("press", keys="7#")
    tap.same(t.want(), "talk", "a conference")
    t.do("wait")
    tap.same(t.want(), "talk", "goes on")
    t.do("press", keys="1")
    tap.same((t.want(), t.want()), ("refused", "talk"), "no keys there")
    t.do("hangup")
    tap.same(t.want(), "bye", "until somebody hangs up")
    t.end()
    for does, cause in (("answers", "hangup"), ("busy", "busy"),
                        ("rejects", "rejected"), ("absent", "timeout"),
                        ("unreachable", "error")):
        t = Telephone("ivr/callbacks.xml")
        t.do("call", at=OPEN)
        t.want()
        t.do("press", keys="1")
        t.want()
        t.do("callee", does="sleeps")
        tap.same((t.want(), t.want()), ("refused", "callee"), "unknown words")
        t.do("callee", does=does)
        found = t.want()
        if found == "talk":
            t.do("wait")
            t.want()
        payload = [json.loads(e["delivery"]["payload"]) for e in t.lines
                   if e["kind"] == "callback" and
                   e["name"] == "transferComplete"]
        tap.same([p["cause"] for p in payload], [cause], f"a callee {does}")
        t.end()


def programs():
    mark = os.path.join(ROOM, "mark")
    program = os.path.join(ROOM, "program")
    with open(program, "w", encoding="utf-8") as f:
        f.write(f"#!/bin/sh\ntouch {mark}\necho '<Response><SpeakSentence>"
                "It ran.</SpeakSentence></Response>'\n")
    os.chmod(program, 0o755)
    name = flow("program.xml", program=program)
    for options, does, heard in (([], "fallback", "Sorry."),
                                 (["--programs"], "fallback", "Sorry."),
                                 (["--programs"], "run", "It ran.")):
        t = Telephone(name, *options)
        t.do("call")
        t.want()
        t.do("press", keys="9#")
        tap.same((t.want(), t.lines[-1]["name"], t.lines[-1]["may"]),
                 ("program", program, options != []), "a program would run")
        if not options:
            t.do("program", does="run")
            tap.same((t.want(), t.want()), ("refused", "program"),
                     "it may not")
        t.do("program", does=does)
        tap.same((t.want(), t.said()[-1]), ("bye", heard), f"{options} {does}")
        tap.same(os.path.exists(mark), does == "run", "and nothing else")
        node = rule(name, '<fallback>' if does == "fallback" else "<exec")
        tap.same([e["node"] for e in t.lines if "node" in e][-1], f"n{node}",
                 "who answered is lit")
        t.end()


def confined():
    for options, filters in (([], "2"), (["--programs"], "0")):
        t = Telephone(flow("confined.xml"), *options)
        t.do("call")
        t.want()
        proc = f"/proc/{t.child.pid}"
        with open(f"{proc}/status", encoding="utf-8") as f:
            status = f.read()
        tap.same(re.search(r"^Seccomp:\s*(\d)", status, re.M)[1], filters,
                 f"system calls are filtered {options}")
        with open(f"{proc}/limits", encoding="utf-8") as f:
            limits = f.read()
        tap.ok(re.search(r"^Max cpu time\s+60\s+60", limits, re.M) is not None,
               "the time of the processor is limited", limits)
        with open(f"{proc}/exe", "rb") as f:
            shadow = b"__asan_init" in f.read()
        tap.same(re.search(r"^Max data size\s+(\S+)", limits, re.M)[1],
                 "unlimited" if shadow else "134217728",
                 "and the memory, but with sanitizers")
        with open(f"{proc}/stat", encoding="utf-8") as f:
            tap.ok(int(f.read().rsplit(") ", 1)[1].split()[16]) >= 10,
                   "it gives way to others")
        tap.same([name for name in os.listdir(f"{proc}/fd") if int(name) < 3
                  and "pipe:" not in os.readlink(f"{proc}/fd/{name}")], [],
                 "its lines go through pipes")
        tap.same([name for name in os.listdir(f"{proc}/fd") if
                  os.readlink(f"{proc}/fd/{name}").startswith("socket:")], [],
                 "and it has no socket")
        t.end()


def long_lines():
    t = Telephone(flow("long.xml", long="\u00e9 " * 20000))
    t.do("call")
    t.want()
    t.do("press", keys="8#")
    tap.same(t.want(), "bye", "a long sentence is played to its end")
    tap.ok(any(e["kind"] == "cut" for e in t.lines),
           "its line is not written", [e["kind"] for e in t.lines])
    t.end()


def usage():
    for argv, status, text in (
            ([], 64, "--flow is missing"),
            (["--flow", "gone.xml"], 78, "gone.xml: error: No such file"),
            (["--flow", "leaving.xml", "x"], 64, "x"),
            (["--flow", "leaving.xml", "--idle", "soon"], 64, "--idle")):
        done = subprocess.run(
            [responder.command(), "simulate", "telephone", *argv], cwd=ROOM,
            stdin=subprocess.DEVNULL, capture_output=True, check=False,
            env={**os.environ, "BWCALLBACK_CONFIG": ""})
        tap.ok(done.returncode == status and text in done.stderr.decode(),
               f"wrong use {argv}", (done.returncode, done.stderr))


def main():
    subprocess.run([responder.command(), "init", "ivr"], cwd=ROOM, check=True,
                   stdout=subprocess.DEVNULL)
    to_voicemail()
    rounds()
    refusals()
    leaving()
    conversations()
    programs()
    confined()
    long_lines()
    usage()


tap.run(main)
