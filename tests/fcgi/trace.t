#!/usr/bin/env python3
"""How an answer was made is stored with it: rule, error, program, steps."""

import json
import os
import re
import signal
import sqlite3
import subprocess

import responder_fixture as h
import fastcgi as f
import process
import responder
import tap

FLOW = """\
<callbacks>
  <store url="sqlite:events.db"/>
  <voice path="/voice">
    <on event="initiate"><Response><Hangup/></Response></on>
    <on event="answer" from="+19195550101"><exec program="traceback"/></on>
    <on event="answer" from="+19195550102"><exec program="killed"/></on>
    <on event="answer" from="+19195550103"><exec program="late" timeout="1s"/></on>
    <on event="answer" from="+19195550104"><exec program="wrong"/></on>
    <on event="answer" from="+19195550105"><exec program="doubtful"/></on>
    <on event="answer" from="+19195550106"><exec program="absent"/></on>
    <on event="answer" from="+19195550107"><exec program="chatty"/></on>
    <fallback><Response><Hangup/></Response></fallback>
  </voice>
  <voice path="/menu">
    <on event="initiate"><Response>
      <Gather gatherUrl="/menu?step=2" maxDigits="1" username="hidden1"
          password="hidden2" fallbackUsername="hidden3"
          fallbackPassword="hidden4">
        <SpeakSentence>Press one,
          {from} <break time="1s"/> or two.</SpeakSentence>
      </Gather>
      <PlayAudio>https://a.example/x.wav?token=hidden5</PlayAudio>
    </Response></on>
    <on event="gather" digits="1"><Response><Transfer>
      <PhoneNumber>+19195550199</PhoneNumber></Transfer></Response></on>
  </voice>
  <messaging path="/messages" deadline="2s">
    <on event="message-failed"><exec program="once"/></on>
  </messaging>
  <portout path="/portout"><subscribers file="s.csv" require="pin"/></portout>
</callbacks>
"""

PROGRAMS = {
    "traceback": """#!/usr/bin/python3
def find(name):
    return {}[name]
find("lamp of +19195550101")
""",
    "killed": "#!/bin/sh\necho 'the last words' >&2\nkill -KILL $$\n",
    "late": "#!/bin/sh\nexec sleep 600\n",
    "wrong": "#!/bin/sh\necho '<Response><Pauze/></Response>'\n",
    "doubtful": "#!/bin/sh\necho careful >&2\n"
                "echo '<Response><Gather/></Response>'\n",
    "absent": "#!/no/such/interpreter\n",
    "chatty": """#!/usr/bin/python3
import sys
for i in range(5000):
    sys.stderr.write('line %d "\\x1b[31m\\\\ \\xe9\\n' % i)
sys.exit(3)
""",
    # Fails until the test repairs it.
    "once": "#!/bin/sh\n[ -e \"${0%/*}/repaired\" ] && exit 0\n"
            "echo 'no disk' >&2\nexit 4\n",
}

site = h.Site()


def write(name, text, mode=0o644):
    with open(site.path(name), "w") as out:
        out.write(text)
    os.chmod(site.path(name), mode)


def call(kind, last):
    return json.dumps({"eventType": kind, "accountId": "9900100",
                       "callId": f"c-{kind}-{last}",
                       "from": f"+1919555{last:04}"}).encode()


def message(kind, name):
    return json.dumps([{"type": kind, "to": "+19195550102", "message":
                        {"id": name, "from": "+19195550101"}}]).encode()


def events(*args):
    return subprocess.run([responder.command(), "events", *args, "--store",
                           "sqlite:" + site.path("events.db")],
                          capture_output=True, text=True, check=True).stdout


def stored(**wanted):
    """The stored events with these members, as JSON; waits for an answer that
    is recorded after it was sent."""
    def found():
        rows = [json.loads(x) for x in events("export", "--reveal").splitlines()]
        return [r for r in rows
                if all(r.get(k) == v for k, v in wanted.items())]
    process.wait_until(lambda: all("answer" in r for r in found()))
    return found()


def trace(**wanted):
    """Of the answer to the only such event."""
    return stored(**wanted)[0]["answer"]["trace"]


def line_of(text):
    """Where the configuration has a text."""
    lines = FLOW.splitlines()
    return site.config + f":{[text in x for x in lines].index(True) + 1}"


def answered(last, program, error):
    """A call whose program fails gets the fallback; what is stored of it."""
    answer = f.ask(site.socket, "/voice", call("answer", last))
    tap.same((answer.status, answer.body), (200, b"<Response><Hangup/></Response>"),
             f"{program}: the fallback")
    got = stored(call=f"c-answer-{last}")[0]["answer"]
    tap.same((got["fallback"], got["failed"]), (True, False),
             f"{program}: is recorded as one")
    got = got["trace"]
    tap.same(got.get("rule"), line_of(f'"{program}"'), f"{program}: its rule")
    tap.same(got.get("error"), error, f"{program}: the error")
    tap.same(got["program"]["path"], site.path(program), f"{program}: its path")
    return got


def programs():
    got = answered(101, "traceback", "PROGRAM")
    said = got["program"]["stderr"]
    tap.same(got["program"]["exit"], 1, "traceback: exit status")
    tap.ok(said.startswith("Traceback (most recent call last):\n") and
           said.endswith("\nKeyError: 'lamp of +19195550101'"),
           "traceback: all its lines", said)
    tap.ok(got["text"].endswith(
        "exit status 1: KeyError: 'lamp of +19195550101'"),
        "traceback: the sentence ends with the last line", got["text"])
    got = answered(102, "killed", "PROGRAM")["program"]
    tap.same((got["signal"], got["stderr"], "exit" in got),
             (signal.SIGKILL, "the last words", False), "killed: by a signal")
    got = answered(103, "late", "DEADLINE")
    tap.ok(got["us"]["program"] > 0, "late: how long it ran", got)
    got = answered(104, "wrong", "BXML")
    tap.same((got["program"]["exit"], got["check"]),
             (0, "1:11: error: <Pauze>: unknown verb, did you mean <Pause>?"),
             "wrong: what check said")
    got = answered(106, "absent", "PROGRAM")
    tap.ok("exit" not in got["program"] and "signal" not in got["program"],
           "absent: did not run", got)
    got = answered(107, "chatty", "PROGRAM")["program"]
    lines = got["stderr"].split("\n")
    tap.ok(lines[-1].startswith('line 4999 "') and len(lines) > 20 and
           len(got["stderr"]) <= 2000, "chatty: the last lines", lines[-2:])
    tap.ok("\x1b" not in got["stderr"], "chatty: nothing moves the cursor")


def rules():
    f.ask(site.socket, "/voice", call("initiate", 1))
    got = stored(call="c-initiate-1")[0]["answer"]
    tap.same((got["trace"]["rule"], got["fallback"]),
             (line_of('"initiate"'), False), "a rule that answered")
    tap.ok("error" not in got["trace"] and "program" not in got["trace"],
           "and nothing failed", got)
    f.ask(site.socket, "/voice", call("redirect", 1))
    got = trace(call="c-redirect-1")
    tap.same((got.get("rule"), got["error"], got["text"]),
             (None, "CONFIG", 'no <on> of the section is for "redirect"'),
             "no rule")
    f.ask(site.socket, "/voice", call("answer", 105))
    got = trace(call="c-answer-105")
    tap.ok("error" not in got and "warning: <Gather>" in got["check"],
           "an answer that is sent, and a warning about it", got)
    tap.same(got["program"], {"path": site.path("doubtful"), "exit": 0,
                              "stderr": "careful"}, "a program that succeeds")


def steps():
    """Each moment belongs to one step."""
    for row in stored(family="voice"):
        us, all_of_it = row["answer"]["trace"]["us"], row["answer"]["microseconds"]
        tap.ok(all_of_it - len(us) - 8 <= sum(us.values()) <= all_of_it,
               f"event {row['id']}: the steps make up the whole", row["answer"])
        tap.ok(set(us) <= {"wait", "authenticate", "decode", "handle", "queue",
                           "program", "check", "store"},
               f"event {row['id']}: their names", us)


def one_write():
    """The answer to a message is stored when it is sent, with its event."""
    db = sqlite3.connect(site.path("events.db"))
    for i in range(20):
        name = f"m-{i}"
        answer = f.ask(site.socket, "/messages", message("message-received", name))
        rows = db.execute("SELECT status, trace FROM event JOIN answer USING "
                          "(seq) WHERE message_id = ?", (name,)).fetchall()
        tap.same([r[0] for r in rows], [answer.status], f"{name}: one write")
        tap.ok("us" in json.loads(rows[0][1]), f"{name}: with its trace")
    db.close()


def failing():
    """An event whose handling failed is handled again, and then replaced."""
    body = message("message-failed", "m-again")
    tap.same(f.ask(site.socket, "/messages", body).status, 500, "it fails")
    got = stored(message="m-again")[0]["answer"]
    tap.same((got["status"], got["failed"], got["trace"]["program"]["exit"],
              got["trace"]["program"]["stderr"]), (500, True, 4, "no disk"),
             "which is stored")
    text = events("show", str(stored(message="m-again")[0]["id"]))
    tap.ok("answer        500 (failed) at " in text and "exit status 4" in text
           and "\n  |           no disk\n" in text, "and shown", text)
    write("repaired", "")
    # The claim of the first delivery must be over.
    tap.ok(process.wait_until(
        lambda: f.ask(site.socket, "/messages", body).status == 200),
        "a re-delivery is handled")
    tap.ok(process.wait_until(
        lambda: stored(message="m-again")[0]["answer"]["status"] == 200),
        "and its answer replaces the other")
    got = stored(message="m-again")[0]["answer"]
    tap.same((got["failed"], got["trace"]["program"]["exit"]), (False, 0),
             "with its own trace")


def portout():
    """A verdict for want of data is not the answer to a re-delivery."""
    def ask(order):
        body = (f"<PortOutValidationRequest><PON>{order}</PON><Pin>1234</Pin>"
                "<TelephoneNumbers><TelephoneNumber>9195550101"
                "</TelephoneNumber></TelephoneNumbers>"
                "</PortOutValidationRequest>").encode()
        return b"<Portable>true" in f.ask(site.socket, "/portout", body,
                                          CONTENT_TYPE="application/xml").body
    orders = [f"p-{i}" for i in range(10000)]
    asked = iter(orders)
    tap.ok(ask("p"), "released with the data")
    os.rename(site.path("s.csv"), site.path("away"))
    write("s.csv", "no such column\n")
    tap.ok(process.wait_until(lambda: not ask(next(asked))),
           "the data cannot be read")
    last = orders.index(next(asked)) - 1
    tap.ok(process.wait_until(lambda: "answer" in stored(family="portout")[-1]),
           "its answer is stored")
    got = stored(family="portout")[-1]["answer"]
    tap.same((got["status"], got["fallback"], got["failed"]),
             (200, True, True), "as one that is not repeated")
    tap.ok("s.csv" in got["trace"]["text"], "and why", got["trace"])
    os.rename(site.path("away"), site.path("s.csv"))
    tap.ok(process.wait_until(lambda: ask(orders[last])),
           "the same order is released once they can")


def masked():
    """Numbers in what a program said."""
    id = stored(call="c-answer-101")[0]["id"]
    for args in (["show", str(id)], ["show", str(id), "--json"], ["export"]):
        text = events(*args)
        tap.ok("9195550101" not in text and "KeyError: 'lamp of +*******0101'"
               in text, f"{args}: no number", text)
    text = events("show", str(id), "--reveal")
    tap.ok("\nrule          " + line_of('"traceback"') + "\n" in text and
           "because       program: " in text and
           "\n  |           KeyError: 'lamp of +19195550101'\n" in text and
           "\nsteps         " in text, "show", text)


def listing():
    """What went wrong is found, and a list tells it."""
    def ids(*args):
        return {json.loads(x)["call"] for x in
                events("list", "--json", "--family", "voice", *args).splitlines()}
    wrong = {f"c-answer-{i}" for i in (101, 102, 103, 104, 106, 107)}
    wrong.add("c-redirect-1")
    tap.same(ids("--failed"), wrong, "list --failed")
    tap.same(ids("--fallback"), wrong, "list --fallback")
    tap.ok("c-answer-103" in ids("--slow", "1ms"), "list --slow")
    tap.same(ids("--slow", "20m"), set(), "list --slow: none is")
    tap.same(ids("--status", "500"), set(), "list --status: another family's")
    tap.same(ids("--status", "500,200"),
             wrong | {"c-initiate-1", "c-answer-105"}, "list --status")
    lines = events("list", "--call", "c-answer-101").splitlines()
    tap.ok(lines[-1].endswith(" c-answer-101 fallback PROGRAM"),
           "a line says that it is the fallback", lines[-1])
    tap.ok(re.search(r"^ *6 +6 +0 voice\.answer$",
                     events("count", "--fallback"), re.M), "count --fallback")
    for text in ("99", "600", "500,", "x", "500,501,502,503,504,505,506,507,508"):
        tap.same(subprocess.run(
            [responder.command(), "events", "list", "--status", text, "--store",
             "sqlite:" + site.path("events.db")],
            capture_output=True).returncode, 64, f"--status {text}")


def whole_call():
    """A call is told as a simulation is."""
    def send(kind, **more):
        body = {"eventType": kind, "accountId": "9900100", "callId": "c-told",
                "from": "+19195550142", "to": "+19195550100", **more}
        f.ask(site.socket, "/menu", json.dumps(body).encode())
    send("initiate")
    send("gather", digits="1", terminatingDigit="#")
    send("gather", digits="1", terminatingDigit="#")
    send("gather", digits="", terminatingDigit="")
    send("disconnect", cause="hangup", errorMessage="of +19195550142")

    def told(*args):
        text = events("call", "c-told", *args)
        return re.sub(r"(\d+\.\d ms|\d+:\d\d\.\d|\d{4}-\d\d-\d\d .*)", "T",
                      re.sub(r"event \d+", "event N", re.sub(
                          r"\n +steps .*", "", text)))
    rule, other = (f"{site.config}:" + str(FLOW.splitlines().index(x) + 1)
                   for x in ('    <on event="initiate"><Response>',
                             '    <on event="gather" digits="1"><Response>'
                             '<Transfer>'))
    want = f"""\
began          T
from           +19195550142
to             +19195550100

    T  initiate                           POST /menu  200  T  event N
             rule          {rule}
    T    Gather  /menu?step=2
    T    hears     "Press one, +19195550142 or two."
    T    plays     https://a.example/x.wav?token=hidden5
    T    presses   1
    T    presses   #
    T  gather                             POST /menu  200  T  event N
             came 2 times
             rule          {other}
    T    Transfer
    T    calls     +19195550199
    T    presses   nothing
    T  gather                             POST /menu  200  T fallback CONFIG  event N
             because       no <on> of the section for "gather" matches: check its hours and fields
    T    hears     "We are sorry, your call cannot be answered at the moment. Please try again later."
    T    Hangup
    T  disconnect (cause hangup, errorMessage of +19195550142) POST /menu  204  T  event N
"""
    got = told("--reveal")
    tap.same(got.splitlines(), want.splitlines(), "call --reveal")
    got = told()
    for text in ("9195550142", "9195550199", "hidden", "presses   1"):
        tap.ok(text not in got, f"call: no {text}", got)
    tap.ok('"Press one, +*********** or two."' in got and
           "presses   ****" in got and "calls     +*******0199" in got and
           "errorMessage of +*******0142" in got, "call: masked", got)
    rows = [json.loads(x) for x in events("call", "c-told", "--json").splitlines()]
    for args in ([], ["--json"]):
        shown = events("show", str(rows[0]["id"]), "--reveal", *args)
        tap.ok("hidden5" in shown and not re.search("hidden[1-4]", shown),
               f"show --reveal {args}: no credentials of verbs", shown)
    tap.same([r["type"] for r in rows],
             ["initiate", "gather", "gather", "disconnect"], "call --json")
    none = subprocess.run([responder.command(), "events", "call", "c-none",
                           "--store", "sqlite:" + site.path("events.db")],
                          capture_output=True, text=True)
    tap.same((none.returncode, none.stderr),
             (66, "bwcallback: call c-none: no event of it is stored\n"),
             "no such call")


def main():
    write("callbacks.xml", FLOW)
    write("s.csv", "number,pin\n9195550101,1234\n")
    for name, text in PROGRAMS.items():
        write(name, text, 0o755)
    site.start()
    programs()
    rules()
    steps()
    one_write()
    failing()
    portout()
    masked()
    listing()
    whole_call()
    tap.same(site.stop(), 0, "it ends")


tap.run(main)
