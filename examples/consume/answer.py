#!/usr/bin/env python3
"""Answer one text message. Started by bwcallback consume for each event, which
is one line of JSON on standard input; nothing but Python is needed."""

import base64
import json
import os
import re
import sys
import urllib.request

API = "https://messaging.bandwidth.com/api/v2"

# Nobody but you keeps a list of those who want no more messages, see README.md:
# the words by which they say so, and how they come back.
OUT = ("stop", "stop all", "stopall", "unsubscribe", "cancel", "end", "quit",
       "revoke", "opt out", "optout")
BACK = ("start", "unstop", "yes")
HELP = ("help", "info")

# For these numbers the network answers STOP and START itself, and lets nothing
# through afterwards. For local numbers and short codes it does neither.
TOLL_FREE = re.compile(r"\+1(800|833|844|855|866|877|888)")


def is_out(names, pair):
    """Whether the last line for these two numbers says "out"."""
    state = "in"
    if os.path.exists(names):
        with open(names, encoding="utf-8") as f:
            for line in f:
                if line.startswith(pair + " "):
                    state = line.split()[2]
    return state == "out"


def note(names, pair, state):
    """Lines are only added, so several programs may do it at once."""
    with open(names, "a", encoding="utf-8") as f:
        f.write(f"{pair} {state}\n")


def reply_to(text, pair):
    """What to say, or None to say nothing."""
    names = os.environ.get("OPT_OUTS", "opt-outs")
    word = " ".join(re.findall("[a-z]+", text.lower()))
    toll_free = TOLL_FREE.match(pair.split()[1])
    if word in OUT or word.startswith("stop "):
        note(names, pair, "out")
        return None if toll_free else \
            "You are unsubscribed and will get no more messages."
    if word in BACK and is_out(names, pair):
        note(names, pair, "in")
        return None if toll_free else "You will get messages again."
    if is_out(names, pair):
        return None
    if word in HELP:
        return "Example Ltd, help@example.com. Text STOP to unsubscribe."
    if word.startswith("hours"):
        return "We are open Monday to Friday, 9 am to 5 pm."
    return "Text HOURS for our opening hours."


def send(message):
    """Raises on anything but a 2xx: the exit status is then 1, and the event
    is tried again."""
    env = os.environ
    pair = f"{env['BANDWIDTH_USER']}:{env['BANDWIDTH_PASSWORD']}"
    url = env.get("BANDWIDTH_API", API)
    request = urllib.request.Request(
        f"{url}/users/{env['BANDWIDTH_ACCOUNT']}/messages",
        data=json.dumps(message).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization":
                "Basic " + base64.b64encode(pair.encode()).decode(),
        })
    urllib.request.urlopen(request, timeout=30).close()


def main():
    event = json.load(sys.stdin)
    if event["type"] != "message-received":
        return
    reply = reply_to(event["fields"]["message"].get("text") or "",
                     f"{event['from']} {event['to']}")
    if reply is None:
        return
    message = {
        "to": [event["from"]],  # who wrote to us
        "from": event["to"],  # our number
        "text": reply,
        "applicationId": os.environ.get("BANDWIDTH_APPLICATION", ""),
        # Comes back with every later event of this message.
        "tag": str(event["id"]),
    }
    if "BANDWIDTH_USER" in os.environ:
        send(message)
    else:
        print("would send:", json.dumps(message))


main()
