#!/usr/bin/env python3
"""No output shows speech, digits or passwords: every member of every type of
event gets a known number, PIN or sentence, and the test searches the output of
every command for them."""

import base64
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "pylib"))
import stored_site  # noqa: E402
import tap  # noqa: E402

PROGRAM = tap.program("cli", "bwcallback")
PASSWORD = "Zebra-Crossing-9"
LOGIN = "Yellow-Submarine-3"
CONFIG = f"""<callbacks>
<credentials id="c" realm="r" file="passwd"/>
<login url="https://localhost" user="loginuser" password-file="password"/>
<store url="sqlite:events.db"/>
<voice path="/voice" credentials="c">
<on event="gather"><Response>
<SpeakSentence>You typed {{digits|default:none}} of {{from|default:none}}</SpeakSentence>
<Redirect redirectUrl="/voice?pin=86*42" tag="{{digits|default:none}}"/>
</Response></on>
<on event="initiate"><Response>
<Gather gatherUrl="/voice" maxDigits="5" firstDigitTimeout="5"/></Response></on>
<fallback><Response><Redirect redirectUrl="/voice"/></Response></fallback></voice>
<messaging path="/messaging"/><mfa path="/mfa"/><numbers path="/numbers"/>
<portout path="/portout" on-error="deny"><subscribers file="s.csv"/></portout>
<porting path="/porting"/><enduser path="/enduser"/>
<tollfree path="/tollfree"/><brtc path="/brtc"/>
</callbacks>"""

# The section of a family; the others go to /voice.
PATHS = {"messaging": "messaging", "messaging-intl": "messaging",
         "mfa": "mfa", "numbers": "numbers", "numbers-v2": "numbers",
         "portout": "portout", "porting-global": "porting",
         "enduser": "enduser", "tfv": "tollfree", "brtc": "brtc"}

# These digits occur in no identifier, time or count.
NUMBERS = ["+19195550142", "9195550142", "+1 (919) 555-0142", "919.555.0142",
           "sip:+19195550142@192.0.2.9;user=phone"]
PIN = "86*42"
SENTENCE = "Xylophone secret"
USERINFO = "wss://streamer:Willow-Tree-7@stream.example/a?token=Vanilla-Key"

SECRETS = {
    "a telephone number": re.compile(r"5\D{0,4}5\D{0,4}5\D{0,4}0\D{0,4}1\D{0,4}4"
                                     r"\D{0,4}2"),
    "pressed keys": re.compile(r"86\*42|86%2A42"),
    "text": re.compile("Xylophone|Vanilla"),
}
PASSWORDS = {
    "a caller's password": re.compile(PASSWORD),
    "the password of <login>": re.compile(LOGIN),
    "the password of a URL": re.compile("Willow-Tree"),
}


def kinds():
    with open(os.path.join(tap.srcdir(), "lib", "mask", "members.def")) as f:
        text = f.read()
    return dict(re.findall(r'^MEMBER\("([^"]+)", (\w+)\)$', text, re.MULTILINE))


class KnownValues:
    """Put a known value into each member, by the member's kind."""

    def __init__(self):
        self.kinds = kinds()
        self.count = 0
        self.put = set()

    def kind(self, name):
        parts = [p for p in name.split(".") if not p.isdigit()]
        name = ".".join(parts)
        for stem in (name, ".".join(parts[1:])):
            if stem in self.kinds:
                return self.kinds[stem]
            while "." in stem:
                stem = stem.rpartition(".")[0]
                if stem + ".*" in self.kinds:
                    return self.kinds[stem + ".*"]
        return "HIDDEN"

    def value(self, name, old):
        kind = self.kind(name)
        if kind == "WORD" or name in ("type", "eventType", "EventType",
                                      "event", "Notification.EventType"):
            return old
        self.count += 1
        self.put.add(kind)
        number = NUMBERS[self.count % len(NUMBERS)]
        return {"NUMBER": number, "KEYS": PIN, "URL": USERINFO,
                "REMARK": f"Call {NUMBERS[self.count % 3]} today, ask at "
                          f"https://me:Willow-Tree-7@h/",
                "HIDDEN": f"{SENTENCE} {number} {PIN}"}[kind]

    def tree(self, node, name=""):
        if isinstance(node, dict):
            return {k: self.tree(v, f"{name}.{k}" if name else k)
                    for k, v in node.items()}
        if isinstance(node, list):
            return [self.tree(v, name) for v in node]
        return node if node is None else self.value(name, node)

    def xml(self, text):
        """Leaf elements, by their path."""
        path, out, at = [], [], 0
        for m in re.finditer(r"<(/?)(?:\w+:)?(\w+)[^>]*?(/?)>([^<]*)", text):
            out.append(text[at:m.start(4)])
            at = m.end()
            value = m.group(4)
            if m.group(1):
                path.pop()
            elif not m.group(3):
                path.append(m.group(2))
                if value.strip():
                    value = self.value(".".join(path), value)
            out.append(value)
        return "".join(out) + text[at:]

    def query(self, text):
        pairs = urllib.parse.parse_qsl(text.strip(), keep_blank_values=True)
        return urllib.parse.urlencode(
            [(k, self.value(k, v)) for k, v in pairs])


def payloads():
    for name in sorted(os.listdir(os.environ["BW_TEST_DATA"])):
        if name.startswith(("emergency", "other")):
            continue
        if re.search(r"\.(json|xml|query)$", name):
            with open(os.path.join(os.environ["BW_TEST_DATA"], name),
                      encoding="utf-8") as f:
                yield name, f.read()


def fill(k, known):
    right = base64.b64encode(f"bandwidth:{PASSWORD}".encode()).decode()
    logs, taken, answers = [], 0, []
    for name, text in payloads():
        family, kind = name.split(".")[0], name.rpartition(".")[2]
        path = "/" + PATHS.get(family, "voice")
        more = {}
        if kind == "json":
            try:
                body = json.dumps(known.tree(json.loads(text)))
            except ValueError:
                continue
        elif kind == "xml":
            body = known.xml(text)
        else:
            path += "?" + known.query(text)
            body = ""
            more["REQUEST_METHOD"] = "GET"
        status, _, answer = k.send(
            path, body, f"application/{'xml' if kind == 'xml' else 'json'}",
            HTTP_AUTHORIZATION=f"Basic {right}", **more)
        logs.append(k.log)
        answers.append(answer)
        taken += status // 100 == 2
    for path in ("/voice/+1%20(919)%20555-0142", "/voice?digits=86*42"):
        k.send(path, "{}", "text/plain; x=9195550142", HTTP_AUTHORIZATION="x")
        logs.append(k.log)
    tap.ok(taken > 120, "payloads are taken", str(taken))
    tap.same(known.put, {"NUMBER", "KEYS", "URL", "REMARK", "HIDDEN"},
             "with members of every kind")
    tap.ok(any(LOGIN in a for a in answers), "answers have <login>'s password")
    return "".join(logs)


def program(k, *argv, seconds=None):
    command = [PROGRAM, *argv]
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              check=False, cwd=k.folder, timeout=seconds)
        return done.stdout + done.stderr
    except subprocess.TimeoutExpired as e:
        return ((e.stdout or b"") + (e.stderr or b"")).decode()


def events(k):
    text = k.run("events list", "--limit", "1000", "--json").stdout
    return [json.loads(line) for line in text.splitlines()]


def consume_until_dead(k, ids):
    """A consumer whose program fails and quotes nothing."""
    child = subprocess.Popen(
        [tap.program("cli", "bwcallback"), "consume", "x", "--config",
         k.config, "--since", "1d", "--tries", "1", "--", "false"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=k.folder)
    lines = []
    while sum("given up" in line for line in lines) < len(ids):
        line = child.stderr.readline()
        if not line:
            break
        lines.append(line)
    child.terminate()
    out, err = child.communicate()
    return "".join(lines) + out + err


def outputs(k, rows):
    """Every command that reads the store, as a list of words."""
    conf = ["--config", k.config]
    found = {}

    def add(*argv):
        found[" ".join(argv)] = program(k, *argv[:2], *conf, *argv[2:])

    for argv in (["events", "list", "--limit", "1000"],
                 ["events", "list", "--limit", "1000", "--json"],
                 ["events", "export"], ["events", "count"],
                 ["events", "count", "--json"]):
        add(*argv)
    for row in rows:
        add("events", "show", str(row["id"]))
        if row["id"] % 10 == 0:
            add("events", "show", str(row["id"]), "--json")
    for message in sorted({r["message"] for r in rows if "message" in r}):
        add("events", "thread", message)
        add("events", "thread", message, "--json")
    found["orders"] = program(k, "orders", *conf)
    found["orders --json"] = program(k, "orders", *conf, "--json")
    for line in found["orders --json"].splitlines():
        order = json.loads(line).get("order")
        if order:
            found[f"orders {order}"] = program(k, "orders", order, *conf)
    return found


def replays(k, rows, *options):
    """Stored calls replayed with a changed flow."""
    return {f"simulate {row['id']}": program(
        k, "simulate", "call", "--flow", k.config, "--from-log", row["call"],
        *options) for row in rows
            if row["type"] in ("gather", "transferComplete", "recordComplete")
            and "call" in row}


class Front(http.server.BaseHTTPRequestHandler):
    """An application with private data in its answers."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "away" in self.path:
            self.send_response(302)
            self.send_header("Location", USERINFO)
        else:
            self.send_response(500)
            self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"cannot reach +1 (919) 555-0142 at "
                         b"https://me:Willow-Tree-7@h/")

    def log_message(self, *_):
        pass


def others(k, row):
    """Messages that quote a URL, a request in a file, or a server's answer."""
    conf = ["--config", k.config]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"127.0.0.1:{server.server_port}"
    login = "me:Willow-Tree-7@"
    with open(os.path.join(os.environ["BW_TEST_DATA"],
                           "portout.validation.xml"), encoding="utf-8") as f:
        k.write("request.xml", KnownValues().xml(f.read()))
    k.write("answer.bxml", f'<Response><Redirect redirectUrl="http://{login}'
            f'h/" username="a" password="{LOGIN}"/><Bridge password="{LOGIN}">'
            "</Bridge></Response>")
    k.write("twice.xml", '<callbacks><portout path="/p"><subscribers '
            'file="twice.csv"/></portout></callbacks>')
    k.write("twice.csv", "number,account,pin,zip\n9195550142,a,1,2\n"
            "+1 919-555-0142,a,1,2\n")
    runs = [
        ["events", "replay", str(row), *conf, "--url", f"http://{login}{here}"],
        ["events", "replay", str(row), *conf, "--url", f"http://{login}h:x"],
        ["events", "replay", str(row), *conf],
        ["consume", "y", *conf, "--url", f"ftp://{login}{here}/?Vanilla",
         "--since", "1d"],
        ["simulate", "call", f"ftp://{login}h/"],
        ["simulate", "message", f"ftp://{login}h/"],
        ["simulate", "call", f"http://{login}{here}/"],
        ["simulate", "call", f"http://{login}{here}/away"],
        ["simulate", "call", f"http://{login}{here}/", "--json", "--from",
         "+19195550100"],
        ["doctor", f"http://{here}/"], ["doctor", f"http://{here}/away"],
        ["doctor", f"http://{login}{here}/"],
        ["doctor", f"http://{here}/", "--json"],
        ["portout", "test", *conf, "request.xml"],
        ["portout", "test", *conf, "--json", "request.xml"],
        ["portout", "test", "--config", "twice.xml", "request.xml"],
        ["check", "twice.xml"],
        ["bxml", "answer.bxml"], ["bxml", "--json", "answer.bxml"],
    ]
    found = {" ".join(argv): program(k, *argv) for argv in runs}
    server.shutdown()
    return found


def clean(found, patterns, what):
    bad = []
    for name, text in found.items():
        for label, pattern in patterns.items():
            hit = pattern.search(text)
            if hit:
                begin = max(0, hit.start() - 60)
                bad.append(f"{name}: {label}: "
                           f"{text[begin:hit.end() + 10]!r}")
    tap.ok(not bad, what, f"{len(bad)}\n" + "\n".join(bad[:12]))


def main():
    with tempfile.TemporaryDirectory() as folder:
        k = stored_site.StoredSite(folder, CONFIG)
        k.write("password", LOGIN + "\n")
        k.write("s.csv", "number,account,pin,zip\n9195550142,a,1,2\n")
        subprocess.run([tap.program("cli", "bwcallback"), "passwd",
                        os.path.join(folder, "passwd"), "bandwidth"],
                       input=PASSWORD + "\n", text=True, check=True)
        known = KnownValues()
        log = fill(k, known)
        clean({"the log": log}, {**SECRETS, **PASSWORDS}, "the log")
        rows = events(k)
        families = {r["family"] for r in rows}
        tap.ok(len(families) > 11, "families are stored", str(families))
        dead = consume_until_dead(k, rows)
        everything = {**SECRETS, **PASSWORDS}
        clean({"consume": dead}, everything, "consume's messages")
        for json_too in ([], ["--json"]):
            found = k.run("consume x", "--list-dead", *json_too)
            tap.ok(len(found.stdout.splitlines()) >= len(rows),
                   "dead letters are listed")
            clean({"--list-dead": found.stdout}, everything, "dead letters")
        found = outputs(k, rows)
        clean(found, everything, f"{len(found)} outputs")
        revealed = {}
        for argv in (["list", "--limit", "1000", "--json"],
                     ["list", "--limit", "1000"], ["export"]):
            revealed[argv[0]] = k.run("events " + argv[0], "--reveal",
                                      *argv[1:]).stdout
        for row in rows[::5]:
            revealed[f"show {row['id']}"] = k.run(
                "events show", str(row["id"]), "--reveal").stdout
        for label, pattern in SECRETS.items():
            tap.ok(pattern.search(revealed["export"]),
                   f"--reveal shows {label}")
        clean(revealed, PASSWORDS, "--reveal shows no password")
        found = others(k, rows[0]["id"])
        silent = [name for name, text in found.items() if not text]
        tap.ok(not silent, "the others say something", str(silent))
        clean(found, everything, "and nothing too much")
        k.write("callbacks.xml", CONFIG.replace("You typed", "You entered"))
        found = replays(k, rows)
        tap.ok(any(re.search(r"\+ <SpeakSentence>You entered", text) and
                   "presses" in text for text in found.values()),
               "calls are compared and played again",
               "\n".join(found.values()))
        clean(found, everything, "simulate --from-log")
        found = replays(k, rows, "--reveal")
        tap.ok(any(SECRETS["pressed keys"].search(text)
                   for text in found.values()), "--reveal shows what differs")
        clean(found, PASSWORDS, "and no password")


tap.run(main)
