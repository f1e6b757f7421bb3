"""A folder with a store of events, and consumers of it."""

import json
import os
import subprocess

import process
from responder import command, fcgi

CONFIG = """<callbacks>
  <store url="sqlite:events.db"/>
  <voice path="/voice">
    <on event="answer"><Response><Hangup/></Response></on>
    <fallback><Response><Hangup/></Response></fallback>
  </voice>
  <messaging path="/messages"/>
</callbacks>
"""

# Logs its worker and event, and fails the requested number of times.
PROGRAM = """#!/bin/sh
echo "begin $BW_ID $BW_FROM $BW_TRY" >>"$OUT"
cat >"$OUT.$BW_ID"
sleep "${SLOW:-0}"
[ "$BW_TRY" -gt "${FAIL:-0}" ] || exit 3
echo "end $BW_ID $BW_FROM $BW_TRY" >>"$OUT"
"""


class Site:
    """A folder with a store and its consumers."""

    def __init__(self):
        self.folder = process.folder()
        self.config = self.path("callbacks.xml")
        self.out = self.path("out")
        self.program = self.path("program")
        self.sent = 0
        self.text = "hi"
        self.to = "+19195550100"
        with open(self.config, "w") as f:
            f.write(CONFIG)
        with open(self.program, "w") as f:
            f.write(PROGRAM)
        os.chmod(self.program, 0o755)

    def path(self, name):
        return os.path.join(self.folder, name)

    def message(self, number):
        self.sent += 1
        return {"type": "message-received", "to": self.to,
                "message": {"id": f"m-{self.sent}", "from": number,
                            "text": self.text}}

    def send(self, numbers, path="/messages"):
        """All events in one request, by one CGI process."""
        body = json.dumps([self.message(n) for n in numbers]).encode()
        env = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST",
               "REQUEST_URI": path, "SCRIPT_NAME": "",
               "SERVER_PROTOCOL": "HTTP/1.1",
               "CONTENT_TYPE": "application/json",
               "CONTENT_LENGTH": str(len(body)), **process.surroundings()}
        done = subprocess.run([fcgi(), "--config", self.config], input=body,
                              env=env, capture_output=True, check=False)
        if not done.stdout.startswith(b"Status: 200"):
            raise RuntimeError(repr(done))

    def run(self, *argv):
        return subprocess.run(
            [command(), "consume", *argv[:1], "--config", self.config,
             *argv[1:]],
            capture_output=True, text=True, check=False, timeout=60)

    def states(self):
        return {x["consumer"]: x for x in map(
            json.loads, self.run("list", "--json").stdout.splitlines())}

    def start(self, name, *options, env=None, what=None, before=()):
        """A running consumer."""
        argv = [*before, command(), "consume", name, "--config", self.config,
                "--delay", "1s", *options]
        argv += what or ["--", self.program]
        return process.Child(argv, self.path("log"), env=dict(
            os.environ, OUT=self.out, **(env or {})))

    def lines(self, word):
        if not os.path.exists(self.out):
            return []
        with open(self.out) as f:
            return [x.split() for x in f if x.startswith(word + " ")]

    def ended(self):
        return [int(x[1]) for x in self.lines("end")]

    def clear(self):
        if os.path.exists(self.out):
            os.unlink(self.out)
