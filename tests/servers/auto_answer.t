#!/usr/bin/env python3
"""A text message comes in as the platform sends it, through nginx, is stored,
and the example program answers it."""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import responder  # noqa: E402
import responder_site  # noqa: E402
import tap  # noqa: E402

EXAMPLE = os.path.join(tap.srcdir(), "examples", "consume")
TEXTS = ("Hours, please", "STOP", "hello")
# Messages between two numbers are answered in order. STOP is confirmed, and
# after it nothing is sent until START.
ANSWERS = ("We are open Monday to Friday", "You are unsubscribed")


def run(*argv):
    return subprocess.run([responder.command(), *argv], capture_output=True,
                          text=True, check=False)


def send(s, text):
    done = run("simulate", "message", "--user", responder_site.USER,
               "--password-file", s.password_file, "--from", "+19195550142",
               "--to", "+19195550100", "--text", text, s.url + "/messages")
    tap.same((done.returncode, done.stderr), (0, ""),
             f"{text}: the message is accepted")


def consume(s):
    program = os.path.join(s.folder, "answer.py")
    shutil.copy(os.path.join(EXAMPLE, "answer.py"), program)
    os.chmod(program, 0o755)
    return process.Child(
        [responder.command(), "consume", "answers", "--config", s.config,
         "--since", "1d", "--type", "message-received", "--", program],
        os.path.join(s.folder, "consume.log"), cwd=s.folder)


def main():
    responder_site.require()
    s = responder_site.Deployment(EXAMPLE)
    s.respond()
    for text in TEXTS:
        send(s, text)
    consumer = consume(s)
    process.wait_until(lambda: ANSWERS[-1] in consumer.said())
    said = [line for line in consumer.said().splitlines()
            if "would send" in line]
    tap.same(len(said), len(ANSWERS), "each message up to STOP is answered")
    for line, reply in zip(said, ANSWERS):
        tap.ok(reply in line and '"to": ["+19195550142"]' in line,
               f"{reply}: is sent to the sender", line)
    tap.same(consumer.stop(), 0, "the consumer exits with 0")
    tap.same(s.responder.stop(), 0, "the responder exits with 0")


tap.run(main)
