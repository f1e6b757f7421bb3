#!/usr/bin/env python3
"""examples/ivr played through nginx, and the player itself: it must notice
every answer that would end a call or lose an event."""

import http.server
import os
import shutil
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import stage  # noqa: E402
import tap  # noqa: E402

PLAYER = os.path.join(HERE, "..", "player.py")
HOURS = 'hours="Mon-Fri 09:00-17:00"'


def play(url, password_file, *arguments):
    return subprocess.run(
        [sys.executable, PLAYER, "--password-file", password_file,
         *arguments, "--", url], capture_output=True, text=True, timeout=120)


def opened(folder, hours):
    """The example with other business hours, as a folder."""
    flow = os.path.join(folder, "ivr")
    shutil.copytree(os.path.join(tap.srcdir(), "examples", "ivr"), flow)
    path = os.path.join(flow, "callbacks.xml")
    os.chmod(flow, 0o755)
    os.chmod(path, 0o644)
    with open(path) as f:
        text = f.read()
    tap.ok(HOURS in text, "the example has business hours")
    with open(path, "w") as f:
        f.write(text.replace(HOURS, f'hours="{hours}"'))
    # The flow wants both files; the stage makes its own.
    for name in ("passwd", "password"):
        open(os.path.join(flow, name), "w").close()
    return flow


def heard(run, text, name):
    tap.ok(text in run.stdout, name, run.stdout)


def plays_example():
    s = stage.Stage(opened(stage.process.folder(), "00:00-24:00"))
    s.respond()
    run = play(s.url, s.password_file)
    tap.same(run.returncode, 0, "the example plays, with 2 pressed")
    heard(run, "Connecting you to", "it connects")
    heard(run, "cannot take your call", "nobody answers")
    heard(run, "leave a message", "voicemail asks for a message")
    heard(run, "recordingAvailable", "the recording is announced")
    heard(run, "verdict   stays", "the number stays")
    run = play(s.url, s.password_file, "--play", "call", "--digits", "5", "9")
    tap.same(run.returncode, 0, "5, then 9")
    heard(run, "is not a choice", "5 is not a choice")
    heard(run, "leave a message", "9 is voicemail")
    run = play(s.url, s.password_file, "--play", "call", "--digits")
    tap.same(run.returncode, 0, "nothing pressed")
    heard(run, "Goodbye", "it says goodbye")
    bad = os.path.join(s.folder, "bad")
    with open(bad, "w") as f:
        f.write("guess\n")
    run = play(s.url, bad)
    tap.same(run.returncode, 1, "a wrong password fails")
    heard(run, "rejected", "and it says so")
    s.responder.stop()
    run = play(s.url, s.password_file, "--play", "message")
    tap.same(run.returncode, 1, "no responder fails")


def plays_closed():
    s = stage.Stage(opened(stage.process.folder(), "Sun 00:00-00:01"))
    s.respond()
    run = play(s.url, s.password_file, "--play", "call", "--digits")
    # But for one minute of the week, in which both are right.
    tap.same(run.returncode, 0, "the example plays outside business hours")
    tap.ok("office is closed" in run.stdout or "press 1" in run.stdout,
           "the office is closed", run.stdout)


GOOD_BXML = b"<Response><Hangup/></Response>"
BXML_TYPE = "application/xml; charset=utf-8"
CHALLENGE = 'Basic realm="x"'

# What is wrong; challenge, its body; status, type and body of the answer.
WRONG = [
    ("nothing", CHALLENGE, b"missing\n", 200, BXML_TYPE, GOOD_BXML),
    ("no challenge", None, b"missing\n", 200, BXML_TYPE, GOOD_BXML),
    ("another word", CHALLENGE, b"rejected\n", 200, BXML_TYPE, GOOD_BXML),
    ("404", CHALLENGE, b"missing\n", 404, "text/plain", b"no\n"),
    ("500", CHALLENGE, b"missing\n", 500, "text/plain", b"no\n"),
    ("redirect", CHALLENGE, b"missing\n", 301, "text/plain", b"no\n"),
    ("HTML", CHALLENGE, b"missing\n", 200, "text/html", GOOD_BXML),
    ("broken BXML", CHALLENGE, b"missing\n", 200, BXML_TYPE, b"<Response>"),
    ("no BXML", CHALLENGE, b"missing\n", 200, BXML_TYPE, b"<html/>"),
    ("no verb", CHALLENGE, b"missing\n", 200, BXML_TYPE, b"<Response/>"),
    ("unknown verb", CHALLENGE, b"missing\n", 200, BXML_TYPE,
     b"<Response><Dial/></Response>"),
    ("going round", CHALLENGE, b"missing\n", 200, BXML_TYPE,
     b'<Response><Redirect redirectUrl="/voice"/></Response>'),
]


def handler(challenge, word, status, content_type, body):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            known = "Authorization" in self.headers
            answer = body if known else word
            self.send_response(status if known else 401)
            if not known and challenge:
                self.send_header("WWW-Authenticate", challenge)
            self.send_header("Content-Type",
                             content_type if known else "text/plain")
            self.send_header("Content-Length", len(answer))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    return Handler


def notices(folder):
    secret = os.path.join(folder, "password")
    with open(secret, "w") as f:
        f.write("word\n")
    for name, *answer in WRONG:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                 handler(*answer))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        run = play(url, secret, "--play", "call", "--digits")
        tap.same(run.returncode, 0 if name == "nothing" else 1,
                 f"player: wrong is {name}")
        if name == "nothing":
            run = play(url, secret, "--play", "call", "--digits", "2")
            tap.same(run.returncode, 1, "player: never asked for digits")
        server.shutdown()
        server.server_close()
    run = play(url, secret, "--play", "message")
    tap.same(run.returncode, 1, "player: nobody there")


def main():
    stage.require()
    notices(stage.process.folder())
    plays_example()
    plays_closed()


if __name__ == "__main__":
    tap.run(main)
