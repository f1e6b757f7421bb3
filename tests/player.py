#!/usr/bin/env python3
"""Plays Bandwidth: a whole call, a message, an order and a port-out request
against a callback server, and prints what happened.

Each callback goes out without credentials first, as Bandwidth does, and again
with them when the challenge comes. BXML is followed verb by verb: the digits
given are pressed at a Gather, a Transfer is not answered, a Record is spoken
to. Exit status 0 only when every answer was as it must be."""

import argparse
import os
import sys
import time
import xml.etree.ElementTree as ET
from urllib.parse import urljoin

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "lib"))
import client  # noqa: E402
import payload  # noqa: E402

MAX_CALLBACKS = 30  # of one call: a flow that goes round must end


class Wrong(Exception):
    """An answer that would have ended the call or lost the event."""


class Transcript:
    """What a person reads: plain lines, coloured only on a terminal."""

    def __init__(self, out):
        self.out = out
        self.colour = out.isatty() and "NO_COLOR" not in os.environ

    def paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def title(self, text):
        print("\n" + self.paint("1", text), file=self.out)

    def callback(self, name, method, path, detail=""):
        if detail:
            name = f"{name} ({detail})"
        print("\n  " + self.paint("36", f"{name:<40}") + f" {method} {path}",
              file=self.out, flush=True)

    def answer(self, how, answer, text, good=True):
        took = f"{answer.seconds * 1000:6.1f} ms"
        status = self.paint("32" if good else "31", str(answer.status))
        print(f"    {how:<20} {status}  {text:<28} {took}", file=self.out,
              flush=True)

    def heard(self, what, text):
        print(f"      {what:<9} {text}", file=self.out, flush=True)

    def wrong(self, text):
        print("    " + self.paint("1;31", "WRONG: ") + text, file=self.out,
              flush=True)


class Bandwidth:
    """Sends callbacks the way Bandwidth does, and insists on good answers."""

    def __init__(self, credentials, transcript):
        self.credentials = credentials
        self.say = transcript
        self.sent = 0

    def challenge(self, url, method, body, fields):
        a = client.send(url, method, body, fields)
        challenge = a["WWW-Authenticate"]
        word = a.text.split(":")[0].strip()
        self.say.answer("without credentials", a, word[:28], a.status == 401)
        if a.status != 401:
            raise Wrong(f"{a.status} without credentials: it must be 401")
        if not challenge.startswith("Basic realm="):
            raise Wrong("a 401 without a Basic challenge in WWW-Authenticate: "
                        "Bandwidth would not try again")
        if "missing" not in a.text:
            raise Wrong(f"the 401 says {a.text.strip()!r} and not 'missing'")

    def send(self, name, url, body, fields, want, method="POST", detail="",
             credentials=None):
        """One callback, twice; the second answer. want: the statuses that are
        right."""
        credentials = credentials or self.credentials
        tls, host, port, target = client.split(url)
        self.sent += 1
        self.say.callback(name, method, target, detail)
        self.challenge(url, method, body, fields)
        user, password = credentials
        fields = list(fields) + [("Authorization",
                                  client.basic(user, password))]
        a = client.send(url, method, body, fields)
        good = a.status in want
        kind = a["Content-Type"].split(";")[0]
        size = f"{kind} {len(a.body)} bytes" if a.body else "empty"
        self.say.answer(f"as {user}", a, size, good)
        if not good:
            raise Wrong(f"{a.status} {a.text.strip()[:200]!r}: it must be "
                        + " or ".join(map(str, want)))
        if a.status != 204 and a["Content-Length"] != str(len(a.body)):
            raise Wrong(f"Content-Length {a['Content-Length']!r} for "
                        f"{len(a.body)} bytes")
        return a


class CallPlayer:
    """One call from its first callback to its last."""

    def __init__(self, bandwidth, transcript, url, digits):
        self.bandwidth = bandwidth
        self.say = transcript
        self.url = url
        self.digits = list(digits)
        self.call = payload.Call()
        self.later = []  # asynchronous events, sent when the call is over
        self.next = None
        self.verbs = 0

    def ask(self, url, event, detail="", credentials=None):
        """A synchronous event: its BXML, as an element."""
        a = self.bandwidth.send(event["eventType"], url, payload.post(event),
                                [payload.JSON], (200,), detail=detail,
                                credentials=credentials)
        if a["Content-Type"] != "application/xml; charset=utf-8":
            raise Wrong(f"Content-Type {a['Content-Type']!r} for BXML")
        if len(a.body) > 64000:
            raise Wrong(f"BXML of {len(a.body)} bytes")
        try:
            root = ET.fromstring(a.body)
        except ET.ParseError as e:
            raise Wrong(f"BXML is not well-formed: {e}") from e
        if root.tag not in ("Response", "Bxml"):
            raise Wrong(f"BXML begins with <{root.tag}>")
        return root

    def tell(self, event, url, credentials=None, **detail):
        """An asynchronous event: only the status counts."""
        self.bandwidth.send(event["eventType"], url, payload.post(event),
                            [payload.JSON], (200, 201, 204),
                            credentials=credentials, **detail)

    # The verbs. Each says what a caller would notice; one that leads to a
    # callback sets self.next and ends the document.

    def go_on(self, verb, attribute, event_type, detail="", **fields):
        """The next callback, with the credentials that the verb carries."""
        user, password = verb.get("username"), verb.get("password")
        own = (user, password) if user and password else None
        url = urljoin(self.url, verb.get(attribute))
        if verb.get("tag") is not None:
            self.call.tag = verb.get("tag")
        self.next = (url, self.call.event(event_type, **fields), detail, own)
        return url, own

    def speak(self, verb):
        self.call.answered = self.call.answered or payload.now()
        text = " ".join("".join(verb.itertext()).split())
        self.say.heard("speaks", f'"{text}"')

    def play_audio(self, verb):
        self.say.heard("plays", (verb.text or "").strip())

    def pause(self, verb):
        self.say.heard("waits", f"{verb.get('duration', '1')} s")

    def ring(self, verb):
        self.say.heard("rings", f"{verb.get('duration', '5')} s")

    def tag(self, verb):
        self.call.tag = verb.text or ""

    def hangup(self, verb):
        self.say.heard("hangs up", "")
        self.next = ()

    def gather(self, verb):
        for child in verb:
            self.play(child)
        keys = self.digits.pop(0) if self.digits else ""
        self.say.heard("caller", f"presses {' '.join(keys)}" if keys
                       else "presses nothing")
        if verb.get("gatherUrl"):
            self.go_on(verb, "gatherUrl", "gather", f"digits: {keys or '-'}",
                       digits=keys, terminatingDigit="")

    def redirect(self, verb):
        self.go_on(verb, "redirectUrl", "redirect")

    def transfer(self, verb):
        to = [child.text or "" for child in verb]
        self.say.heard("transfers", ", ".join(to) + ": nobody answers")
        if verb.get("transferCompleteUrl"):
            self.go_on(verb, "transferCompleteUrl", "transferComplete",
                       "cause: timeout", cause="timeout",
                       transferCallerId=self.call.caller, transferTo=to[0],
                       errorMessage="Call was not answered in time",
                       errorId=payload.new_id("e")[2:])

    def record(self, verb):
        self.say.heard("records", "\"Hello, please call me back.\"")
        media = {
            "recordingId": payload.new_id("r"), "channels": 1,
            "endTime": payload.now(), "duration": "PT8.4S",
            "fileFormat": "wav",
            "mediaUrl": "https://voice.bandwidth.com/api/v2/accounts/"
                        f"{payload.ACCOUNT}/recordings/1/media",
        }
        own = None
        if verb.get("recordCompleteUrl"):
            _, own = self.go_on(verb, "recordCompleteUrl", "recordComplete",
                                **media)
        if verb.get("recordingAvailableUrl"):
            self.later.append((
                urljoin(self.url, verb.get("recordingAvailableUrl")),
                self.call.event("recordingAvailable", status="complete",
                                **media), own))
        if verb.get("transcriptionAvailableUrl"):
            text = {"id": payload.new_id("t"), "status": "available",
                    "url": media["mediaUrl"], "completedTime": payload.now()}
            self.later.append((
                urljoin(self.url, verb.get("transcriptionAvailableUrl")),
                self.call.event("transcriptionAvailable", transcription=text,
                                **media), own))

    PLAYS = {
        "SpeakSentence": speak, "PlayAudio": play_audio, "Pause": pause,
        "Ring": ring, "Tag": tag, "Hangup": hangup, "Gather": gather,
        "Redirect": redirect, "Transfer": transfer, "Record": record,
    }

    def play(self, verb):
        if verb.tag not in self.PLAYS:
            raise Wrong(f"<{verb.tag}> is a verb this player does not play")
        self.verbs += 1
        self.PLAYS[verb.tag](self, verb)

    def run(self):
        self.next = (self.url, self.call.event("initiate"), "", None)
        callbacks = 0
        while self.next:
            url, event, detail, own = self.next
            callbacks += 1
            if callbacks > MAX_CALLBACKS:
                raise Wrong("the call never ends")
            self.next = None
            self.url = url
            for verb in self.ask(url, event, detail, own):
                self.play(verb)
                if self.next is not None:
                    break
        if self.digits:
            raise Wrong(f"never asked for digits {' '.join(self.digits)}")
        if self.verbs == 0:
            raise Wrong("the call was given nothing to do")

    def finish(self, status_url):
        now = payload.now()
        self.tell(self.call.event("disconnect", cause="hangup", endTime=now),
                  status_url)
        for url, event, own in self.later:
            self.tell(event, url, own)


def number(e164):
    return f"+1 {e164[2:5]} {e164[5:8]} {e164[8:]}"


def play_call(args, bandwidth, say):
    url = args.url + args.voice
    say.title(f"A call: {number(payload.CALLER)} rings "
              f"{number(payload.OFFICE)}")
    player = CallPlayer(bandwidth, say, url, args.digits)
    player.run()
    player.finish(url)


def play_message(args, bandwidth, say):
    say.title("A text message comes in")
    event = payload.message()
    say.heard("text", f'"{event["message"]["text"]}"')
    a = bandwidth.send("message-received", args.url + args.messages,
                       payload.post([event]), [payload.JSON_UTF8],
                       (200, 202, 204))
    if a.body:
        raise Wrong("a message callback wants no body")


def play_order(args, bandwidth, say):
    say.title("An order for numbers is complete")
    bandwidth.send("order", args.url + args.orders, payload.order(),
                   [payload.XML], (200,))


def play_portout(args, bandwidth, say):
    say.title("Another carrier asks for a number")
    a = bandwidth.send("validation", args.url + args.portout,
                       payload.portout(), [payload.XML], (200,))
    try:
        root = ET.fromstring(a.body)
    except ET.ParseError as e:
        raise Wrong(f"the verdict is not well-formed: {e}") from e
    portable = root.findtext("Portable")
    if root.tag != "PortOutValidationResponse" or \
            portable not in ("true", "false"):
        raise Wrong("no verdict in the answer: the number would go")
    say.heard("verdict", "may go" if portable == "true" else "stays: " +
              (root.findtext("Errors/Error/Description") or "no reason given"))


PLAYS = {"call": play_call, "message": play_message, "order": play_order,
         "portout": play_portout}


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("url", help="where the paths below begin, "
                   "https://your.host")
    p.add_argument("--user", default="bandwidth")
    p.add_argument("--password-file", required=True,
                   help="a file with the password in its first line")
    p.add_argument("--digits", nargs="*", default=["2"],
                   help="what is pressed at each Gather in turn (default 2)")
    p.add_argument("--play", nargs="+", choices=PLAYS, default=list(PLAYS))
    p.add_argument("--voice", default="/voice")
    p.add_argument("--messages", default="/messages")
    p.add_argument("--orders", default="/orders")
    p.add_argument("--portout", default="/portout")
    args = p.parse_args()
    args.url = args.url.rstrip("/")
    return args


def main():
    args = arguments()
    with open(args.password_file, encoding="utf-8") as f:
        password = f.readline().rstrip("\r\n")
    say = Transcript(sys.stdout)
    bandwidth = Bandwidth((args.user, password), say)
    started = time.monotonic()
    failed = 0
    for name in args.play:
        try:
            PLAYS[name](args, bandwidth, say)
        except Wrong as e:
            say.wrong(str(e))
            failed += 1
        except OSError as e:
            say.wrong(f"{args.url}: {e}")
            failed += 1
    seconds = time.monotonic() - started
    verdict = f"{failed} of {len(args.play)} went wrong" if failed else \
        "every answer was as it must be"
    say.title(f"{bandwidth.sent} callbacks, each challenged first, in "
              f"{seconds:.2f} s: {verdict}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
