#!/usr/bin/env python3
"""Answer one text message. Started by bwcallback consume for each event, which
is one line of JSON on standard input; nothing but Python is needed."""

import base64
import json
import os
import sys
import urllib.request

API = "https://messaging.bandwidth.com/api/v2"

# The network answers these itself; a reply to STOP would be unlawful.
NOT_OURS = ("stop", "unsubscribe", "help")


def reply_to(text):
    """What to say, or None to say nothing."""
    word = text.strip().lower()
    if word.startswith(NOT_OURS):
        return None
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
    reply = reply_to(event["fields"]["message"].get("text") or "")
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
