#!/usr/bin/env python3
"""Starts the example flow behind a real nginx on a free local port, plays a
call, a message, an order and a port-out request through it, and serves until
interrupted. Everything lives in one temporary folder and ends with it."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "pylib"))
import payload  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
from nginx import Nginx, program, shipped  # noqa: E402
from tap import builddir, srcdir  # noqa: E402

USER = "bandwidth"
OPERATOR = "ops"
HOURS = 'hours="Mon-Fri 09:00-17:00" dates="!holidays"'


# The pages of the operator, on this machine only.
INSPECTOR = """
  <credentials id="ops" realm="Operators" file="ops"/>
  <inspector path="/_inspector" credentials="ops"/>
"""
LOCATIONS = """\
include "%s";
location /_inspector {
    fastcgi_pass bwcallback;
    fastcgi_param REQUEST_METHOD $request_method;
    fastcgi_param REQUEST_URI $request_uri;
    fastcgi_param CONTENT_TYPE $content_type;
    fastcgi_param CONTENT_LENGTH $content_length;
    fastcgi_param REMOTE_ADDR $remote_addr;
}
"""


def example_flow(folder):
    """A copy of examples/ivr that is always open, with new passwords and the
    pages of the operator."""
    flow = os.path.join(folder, "ivr")
    shutil.copytree(os.path.join(srcdir(), "examples", "ivr"), flow)
    config = os.path.join(flow, "callbacks.xml")
    with open(config, encoding="utf-8") as f:
        text = f.read()
    if HOURS not in text:
        raise RuntimeError("examples/ivr: its business hours have changed")
    os.chmod(config, 0o644)
    with open(config, "w", encoding="utf-8") as f:
        f.write(text.replace(HOURS, 'hours="00:00-24:00"').replace(
            "</callbacks>", INSPECTOR + "</callbacks>"))
    password = responder.make_password(os.path.join(flow, "passwd"), USER)
    secret = os.path.join(flow, "password")
    with open(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
        f.write(password + "\n")
    operator = responder.make_password(os.path.join(flow, "ops"), OPERATOR)
    return config, secret, operator


def locations(folder):
    """The shipped ones, and the pages."""
    path = os.path.join(folder, "locations.conf")
    with open(path, "w", encoding="utf-8") as f:
        f.write(LOCATIONS % shipped("bwcallback.conf"))
    return path


def look(url, operator):
    """Read one of the pages; the exit code."""
    print("\nThe flow, as a page shows it:\n", flush=True)
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, url, OPERATOR, operator)
    opener = urllib.request.build_opener(
        urllib.request.HTTPBasicAuthHandler(passwords))
    try:
        with opener.open(url + "/_inspector/flow") as answer:
            good = b"<svg" in answer.read()
    except OSError as e:
        print(e, file=sys.stderr)
        return 1
    print(f"    {url}/_inspector/flow", flush=True)
    return 0 if good else 1


def example_payloads(folder):
    """Callbacks to try by hand."""
    call = payload.Call()
    events = {
        "initiate.json": payload.post(call.event("initiate")),
        "gather.json": payload.post(call.event("gather", digits="1",
                                               terminatingDigit="")),
        "message.json": payload.post([payload.message()]),
        "order.xml": payload.order(),
    }
    for name, body in events.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(body)


PLAYS = [
    ("A call comes in; the caller presses 2, and nobody is there",
     "/voice", ["call", "--digits", "2", "--callee", "+19195550102=absent"]),
    ("A text message comes in", "/messages",
     ["message", "--text", "Are you open on Saturday?"]),
    ("An order for numbers is complete", "/orders", ["order"]),
    ("Another carrier asks for a number", "/portout", ["portout"]),
]


def play(url, secret):
    """Run all callbacks; the exit code of the first that failed."""
    worst = 0
    for title, path, arguments in PLAYS:
        print(f"\n{title}:\n", flush=True)
        code = subprocess.run(
            [responder.command(), "simulate", *arguments, "--user", USER,
             "--password-file", secret, url + path], check=False).returncode
        worst = worst or code
    return worst


def show_events(config):
    """Print the stored events; the exit code."""
    print("\nOn disk before each was acknowledged:\n", flush=True)
    return subprocess.run(
        [os.path.join(builddir(), "cli", "bwcallback"), "events", "list",
         "--config", config], check=False).returncode


def how_to_go_on(nginx, answerer, config, secret, operator, log):
    folder = nginx.folder
    where = shipped("bwcallback.conf")
    print(f"""
Serving until you press Ctrl-C. Everything is in {folder}
and goes with it.

    URL         {nginx.url}
    user        {USER}
    password    {secret}
    flow        {config}
                (a copy of examples/ivr, open around the clock; edit it, then
                kill -HUP {answerer.pid})
    log         {log}
    callbacks   {os.path.join(builddir(), "cli", "bwcallback")} events list \\
                    --config {config}
    nginx       {where}
                (what an nginx of your own includes)

By hand, first as Bandwidth's first request, then as its second:

    curl -i -d @{folder}/initiate.json \\
        -H 'Content-Type: application/json' {nginx.url}/voice
    curl -i -d @{folder}/gather.json -u "{USER}:$(cat {secret})" \\
        -H 'Content-Type: application/json' {nginx.url}/voice/menu

The call again, with you as the caller:

    {responder.command()} simulate call --interactive \\
        --user {USER} --password-file {secret} {nginx.url}/voice

Your own flow: "bwcallback init ivr", then "bwcallback dev ivr/callbacks.xml".

In a browser: the events, the flow, and a telephone to call it:

    http://{OPERATOR}:{operator}@{nginx.url[7:]}/_inspector/play
""", flush=True)


def serve(children):
    """Wait for a signal, or until one of the servers ends by itself."""
    wanted = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, wanted)
    while all(child.running() for child in children):
        if signal.sigtimedwait(wanted, 1):
            print("\nStopped; nothing is left running.", flush=True)
            return 0
    for child in children:
        if not child.running():
            print(f"{child.argv[0]} ended by itself:\n{child.said()}",
                  file=sys.stderr)
    return 1


def interrupted(_number, _frame):
    sys.exit(130)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("--once", action="store_true",
                   help="end after the demonstration")
    args = p.parse_args()
    signal.signal(signal.SIGINT, interrupted)
    if program() is None:
        sys.exit("demonstration: nginx is not installed")

    folder = process.folder()
    config, secret, operator = example_flow(folder)
    example_payloads(folder)
    subprocess.run([responder.fcgi(), "--check", config], check=True)
    log = os.path.join(folder, "bwcallback.log")
    # The telephone's program is looked for there.
    os.environ["PATH"] = (os.path.dirname(responder.command()) + ":" +
                          os.environ["PATH"])
    socket = os.path.join(folder, "bwcallback.sock")
    answerer = responder.Responder(config, log, socket)
    nginx = Nginx(folder, socket, locations(folder))
    print(f"bwcallback.fcgi answers behind nginx on {nginx.url}", flush=True)

    played = play(nginx.url, secret)
    if played != 0:
        print(f"\nWhat bwcallback.fcgi said:\n{answerer.child.said()}",
              file=sys.stderr)
    shown = show_events(config) or look(nginx.url, operator)
    if args.once or played != 0 or shown != 0:
        return played or shown
    how_to_go_on(nginx, answerer, config, secret, operator, log)
    return serve([answerer.child, nginx.child])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, RuntimeError, subprocess.CalledProcessError) as e:
        sys.exit(f"demonstration: {e}")
