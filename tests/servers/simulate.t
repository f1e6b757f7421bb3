#!/usr/bin/env python3
"""bwcallback simulate with the responder behind nginx: calls, scenarios and
load of examples/ivr, and its stored calls replayed."""

import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import responder  # noqa: E402
import responder_site  # noqa: E402
import tap  # noqa: E402

HOURS = 'hours="Mon-Fri 09:00-17:00" dates="!holidays"'


def opened(hours):
    """A folder with the example and other business hours."""
    flow = os.path.join(responder_site.process.folder(), "ivr")
    shutil.copytree(os.path.join(tap.srcdir(), "examples", "ivr"), flow)
    path = os.path.join(flow, "callbacks.xml")
    os.chmod(flow, 0o755)
    os.chmod(path, 0o644)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    tap.same(text.count(HOURS), 1, "the example has business hours")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace(HOURS, f'hours="{hours}"'))
    # The flow needs both files; the deployment makes its own.
    for name in ("passwd", "password"):
        open(os.path.join(flow, name), "w").close()
    return flow


def simulate(*argv):
    done = subprocess.run([responder.command(), "simulate", *argv],
                          capture_output=True, text=True, timeout=300,
                          check=False)
    return done.returncode, done.stdout, done.stderr


def call(s, *argv, password=None):
    return simulate("call", "--user", responder_site.USER, "--password-file",
                    password or s.password_file, *argv, s.url + "/voice")


def has(text, pattern, name):
    tap.ok(re.search(pattern, text) is not None, name,
           f"no {pattern!r} in\n{text}")


def plays(s):
    code, out, err = call(s, "--digits", "2", "--callee",
                          "+19195550102=absent")
    tap.same((code, err), (0, ""), "the example, with 2 pressed")
    for text in ("Connecting you to support", "cannot take your call",
                 "leave a message", "recordingAvailable .* 401 204 ",
                 "nothing was wrong"):
        has(out, text, text)
    code, out, _ = call(s, "--digits", "5,9")
    tap.same(code, 0, "5, then 9")
    has(out, "is not a choice", "5 is not a choice")
    bad = os.path.join(s.folder, "bad")
    with open(bad, "w", encoding="utf-8") as f:
        f.write("guess\n")
    code, out, _ = call(s, password=bad)
    tap.same(code, 1, "a wrong password fails")
    has(out, "initiate .* 401 401 ", "the transcript shows two 401s")


def scenarios(s):
    """Over HTTP the time is the real one, and the store is not accessible."""
    path = os.path.join(s.folder, "some.xml")
    with open(os.path.join(tap.srcdir(), "examples", "ivr", "scenarios.xml"),
              encoding="utf-8") as f:
        text = f.read()
    text = re.sub(r'(?s)  <call name="the office is closed.*?</call>\n', "",
                  text)
    with open(path, "w", encoding="utf-8") as f:
        f.write(re.sub(r"    <stored [^\n]*\n", "", text))
    code, out, err = simulate(
        "test", "--url", s.url + "/voice", "--user", responder_site.USER,
        "--password-file", s.password_file, path)
    tap.same((code, err), (0, ""), "scenarios through nginx")
    tap.same(len(re.findall("(?m)^ok ", out)), 12, "all scenarios pass")


def load(s):
    code, out, err = call(s, "--digits", "1", "--calls", "100",
                          "--concurrency", "20", "--json")
    tap.same((code, err), (0, ""), "a hundred calls, twenty at a time")
    result = json.loads(out)
    tap.same((result["calls"], result["callbacks"], result["requests"],
              result["failed"], result["broken"], result["undone"]),
             (100, 400, 800, 0, 0, 0),
             "each call has its callbacks and no fault")


def last_call(s):
    done = subprocess.run(
        [responder.command(), "events", "list", "--config", s.config,
         "--json", "--type", "initiate"], capture_output=True, text=True,
        check=True)
    return json.loads(done.stdout.splitlines()[-1])["call"]


def faults(err):
    """Lines other than warnings: the hours that the test opens always hold."""
    return [line for line in err.splitlines() if ": warning: <on>: " not in line]


def from_log(s):
    call(s, "--digits", "2", "--callee", "+19195550102=busy")
    which = ["call", "--flow", s.config, "--from-log", last_call(s)]
    code, out, err = simulate(*which)
    tap.same((code, faults(err)), (0, []), "a stored call is replayed")
    has(out, r"gather at /voice/menu: 200, the same as then\n",
        "each callback is answered again")
    has(out, r"The call would be the same today\.\n$", "no answer differs")
    with open(s.config, encoding="utf-8") as f:
        text = f.read()
    with open(s.config, "w", encoding="utf-8") as f:
        f.write(text.replace("cannot take your call at the moment",
                             "is out to lunch"))
    code, out, err = simulate(*which)
    tap.same((code, faults(err)), (1, []), "changed flow: exit code 1")
    has(out, r"transferComplete at /voice/transferred: 200 then, 200 now\n"
        r"(?s:.*)\n +- <SpeakSentence[^\n]*cannot take your call"
        r"[^\n]*\n +\+ <SpeakSentence[^\n]*is out to lunch",
        "changed flow: the difference is printed")
    has(out, r'presses +\*\n(?s:.*)hears +"support is out to lunch',
        "changed flow: the call is simulated")
    code, out, err = simulate("call", "--flow", s.config, "--from-log", "c-0")
    tap.ok(code == 66 and "nothing of it is stored" in err,
           "a call that is not stored", err)


def main():
    responder_site.require()
    s = responder_site.Deployment(opened("00:00-24:00"))
    s.respond()
    plays(s)
    scenarios(s)
    load(s)
    from_log(s)
    s.responder.stop()
    code, out, _ = call(s)
    tap.same(code, 1, "no responder: something is wrong")
    tap.ok("We are sorry" in out, "nginx apologizes for the responder", out)
    has(out, "the web server's fallback answered", "which is told")
    code, out, _ = call(s, "--calls", "20")
    tap.same(code, 1, "no responder, under load: something is wrong")
    has(out, r"only a fallback answered: [1-9]", "which is counted")
    s.nginx.stop()
    code, out, _ = call(s)
    tap.ok(code == 1 and "callback-error" in out,
           "no web server: callback-error", out)
    closed = responder_site.Deployment(opened("Sun 00:00-00:01"))
    closed.respond()
    code, out, _ = call(closed)
    tap.same(code, 0, "closed: exit code 0")
    # Except in one minute of the week, when both are right.
    has(out, "Our office is closed|press 1", "closed: the caller hears that")


if __name__ == "__main__":
    tap.run(main)
