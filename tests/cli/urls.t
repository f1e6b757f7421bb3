#!/usr/bin/env python3
"""bwcallback bxml, check and simulate say the same about a URL, wherever it
stands: one table for all of them, and doctor has the same ports."""

import html
import http.server
import os
import re
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

ROOM = process.folder()

NO_HOST = "no host, write %s"
PORT = "port %s: write a number from 1 to 65535, or no port"
NEVER = ("port %s is never called: Bandwidth calls 80, 443 and ports from 1024 "
         "on, write one of them")
PERCENT = ('"%s": two hex digits must follow "%%", write %%25 for a percent '
           "sign")
BACKSLASH = 'a backslash, write "/", or %5C if it is meant'
ITSELF = ("%s is the machine itself, which Bandwidth cannot call: write the "
          "host's public name")
PRIVATE = ("%s is in a private network, which Bandwidth cannot call: write the "
           "host's public name")
NO_VALUE = '"%s" is no value: a variable was not set, write its value'
LEFT = '"%s" was not replaced: write its value'
A_FILE = ("%s is read as the name of a file, relative to the URL of this "
          "document: write https://%s")

# URL, severity and text of its only finding; None: silence. All but those with
# "ws" stand for URLs of http.
URLS = (
    ("https:///next", "error", NO_HOST % "https://example.com/path"),
    ("https://:443/", "error", NO_HOST % "https://example.com/path"),
    ("https://cb.example.com:0/", "error", PORT % "0"),
    ("https://cb.example.com:65536/", "error", PORT % "65536"),
    ("https://cb.example.com:https/", "error", PORT % "https"),
    ("/a%zz", "error", PERCENT % "%zz"),
    ("/a%2", "error", PERCENT % "%2"),
    ("/a\\b", "error", BACKSLASH),
    ("https://%s/x", "error",
     '"%s" was not replaced: write its value, or %25 for a percent sign'),
    ("example.com:8080/x", "error",
     "no scheme before the host, write https://example.com:8080/x"),
    ("https://cb.example.com:81/", "warning", NEVER % "81"),
    ("//cb.example.com:1023/x", "warning", NEVER % "1023"),
    ("https://localhost:8443/x", "warning", ITSELF % "localhost"),
    ("https://[::1]/x", "warning", ITSELF % "[::1]"),
    ("https://172.16.3.4/x", "warning", PRIVATE % "172.16.3.4"),
    ("https://[fd12::3]/x", "warning", PRIVATE % "[fd12::3]"),
    ("https://pbx.internal/x", "warning", PRIVATE % "pbx.internal"),
    ("undefined/menu", "warning", NO_VALUE % "undefined"),
    ("null/menu", "warning", NO_VALUE % "null"),
    ("/menu/{callId}", "warning", LEFT % "{callId}"),
    ("/menu?id=${callId}", "warning", LEFT % "${callId}"),
    ("www.example.com/menu", "warning",
     A_FILE % ("www.example.com", "www.example.com/menu")),
    ("example.com/x", "warning", A_FILE % ("example.com", "example.com/x")),
    ("HTTPS://CB.example.com:443/a%2Fb?c#d", None, None),
    ("https://[2001:db8::7]:1024/", None, None),
    ("https://b\u00fccher.example/", None, None),
    ("greeting.mp3", None, None),
)

# Where URLs stand: a document with one, and the kind of its URL.
PLACES = (
    '<Redirect redirectUrl="@"/>',
    '<Redirect redirectUrl="/x" redirectFallbackUrl="@"/>',
    '<Gather gatherUrl="@"/>',
    '<Gather gatherUrl="/x" gatherFallbackUrl="@"/>',
    "<PlayAudio>@</PlayAudio>",
    '<Record recordCompleteUrl="@"/>',
    '<Record recordCompleteUrl="/x" recordingAvailableUrl="@"/>',
    '<Conference conferenceEventUrl="@">room</Conference>',
    '<Transfer transferCompleteUrl="@"><PhoneNumber>+19195550104'
    "</PhoneNumber></Transfer>",
    '<Transfer transferCompleteUrl="/x"><PhoneNumber transferAnswerUrl="@">'
    "+19195550104</PhoneNumber></Transfer>",
    '<Bridge bridgeCompleteUrl="@">c-1</Bridge>',
    '<StartGather dtmfUrl="@"/><Hangup/>',
    '<StartStream destination="wss://m.example.com/" streamEventUrl="@"/>'
    "<Hangup/>",
)

STREAMS = (
    ("wss:///x", "error", NO_HOST % "wss://example.com/path"),
    ("wss://m.example.com:70000/", "error", PORT % "70000"),
    ("wss://m.example.com:81/", "warning", NEVER % "81"),
    ("wss://10.0.0.7/", "warning", PRIVATE % "10.0.0.7"),
    ("WSS://m.example.com:443/?a=%2F", None, None),
)

CALLEES = (
    ("sip:bob@", "error", NO_HOST % "sip:user@example.com"),
    ("sip:bob@pbx.example.com:0", "error", PORT % "0"),
    ("sip:b%ob@pbx.example.com", "error", PERCENT % "%ob"),
    ("sip:bob@192.168.0.9", "warning",
     (PRIVATE % "192.168.0.9").replace("call:", "reach:")),
    ("sip:undefined@pbx.example.com", "warning", NO_VALUE % "undefined"),
    ("sips:+19195550104;x=1@pbx.example.com:5061;transport=tls", None, None),
)


def run(command, *argv):
    done = subprocess.run([responder.command(), command, *argv], cwd=ROOM,
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def write(name, text):
    with open(os.path.join(ROOM, name), "w", encoding="utf-8") as f:
        f.write(text)
    return name


def document(place, url):
    return f"<Response>{place.replace('@', html.escape(url))}</Response>"


def findings(text):
    """Severities and texts, without the attribute and its value."""
    found = []
    for line in text.splitlines():
        m = re.match(r'.*?(error|warning): (?:\S+: )?\S+[= ]".*?": '
                     r"(?:not allowed in <\w+>: )?(.*)", line)
        if m:
            found.append((m.group(1), m.group(2)))
    return found


def bxml(place, url):
    return findings(run("bxml", write("a.xml", document(place, url)))[1])


def check(place, url, doubled=True):
    if doubled:
        url = url.replace("{", "{{").replace("}", "}}")
    text = document(place, url)
    write("c.xml", f'<callbacks><voice path="/v"><on event="initiate">{text}'
          "</on></voice></callbacks>")
    return [f for f in findings(run("check", "c.xml")[1])
            if "no section has" not in f[1]]


class Answers(http.server.BaseHTTPRequestHandler):
    document = b""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(Answers.document)))
        self.end_headers()
        self.wfile.write(Answers.document)

    def log_message(self, *args):
        pass


def simulate(server, urls):
    """What simulate says about an answer with all these URLs."""
    body = "".join(f"<PlayAudio>{html.escape(u)}</PlayAudio>" for u in urls)
    Answers.document = f"<Response>{body}<Hangup/></Response>".encode()
    port = server.server_address[1]
    return findings(run("simulate", "call", f"http://127.0.0.1:{port}/")[1])


def want(row):
    return [(row[1], row[2])] if row[1] else []


def places():
    for row in URLS:
        for place in PLACES[:1]:
            tap.same(bxml(place, row[0]), want(row), f"bxml: {row[0]}")
            tap.same(check(place, row[0]), want(row), f"check: {row[0]}")
    for place in PLACES:
        for row in (URLS[0], URLS[10]):
            tap.same((bxml(place, row[0]), check(place, row[0])),
                     (want(row), want(row)), f"{row[0]} in {place}")
    for rows, place in (
            (STREAMS, '<StartStream destination="@"/><Hangup/>'),
            (CALLEES, "<Transfer><SipUri>@</SipUri></Transfer><Hangup/>"),
            (CALLEES, "<Refer><SipUri>@</SipUri></Refer><Hangup/>"),
            (CALLEES, '<Forward to="@"/>')):
        for row in rows:
            tap.same((bxml(place, row[0]), check(place, row[0])),
                     (want(row), want(row)), f"{row[0]} in {place}")


def simulated():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for severity in ("error", "warning"):
        rows = [r for r in URLS if r[1] == severity]
        tap.same(simulate(server, [r[0] for r in rows]),
                 [w for r in rows for w in want(r)], f"simulate: {severity}s")
    server.shutdown()


def placeholders():
    """Values that are not known yet are no mistake, what stands beside them
    may be one."""
    place = '<Redirect redirectUrl="@"/>'
    for url, found in (
            ("/menu?from={from}&step={tag|default:one}", []),
            ("https://cb.example.com/{callId}?a=%{from}", []),
            ("https://cb.example.com/a%2{from}", []),
            ("https:///{from}", [("error", URLS[0][2])]),
            ("https://cb.example.com:81/{from}", [("warning", NEVER % "81")]),
            ("https://10.1.1.1/{from}", [("warning", PRIVATE % "10.1.1.1")]),
            ("undefined/{from}", [("warning", NO_VALUE % "undefined")]),
            ("/{from}/%zz", [("error", PERCENT % "%zz")])):
        tap.same([f for f in check(place, url, doubled=False)
                  if "no section" not in f[1]], found, f"check: {url}")


def logins():
    write("password", "secret\n")
    for url, severity, text in (
            ("https://", "error", NO_HOST % "https://example.com/path"),
            ("https://cb.example.com:70000", "error", PORT % "70000"),
            ("https://cb.example.com/%zz", "error", PERCENT % "%zz"),
            ("https://cb.example.com:444", "warning", NEVER % "444"),
            ("http://localhost:8080", "warning", ITSELF % "localhost"),
            ("https://undefined", "warning", NO_VALUE % "undefined"),
            ("https://{host}/", "warning", LEFT % "{host}"),
            ("https://cb.example.com", None, None)):
        write("c.xml", f'<callbacks>\n<login url="{url}" user="u" '
              'password-file="password"/><voice path="/v">'
              '<on event="initiate"><Response><Hangup/></Response></on>'
              "</voice></callbacks>")
        code, out = run("check", "c.xml")
        line = f'c.xml:2: {severity}: <login>: url="{url}": {text}\n'
        tap.same((code, out), (78 if severity == "error" else 0,
                               line if severity else ""), f"<login>: {url}")


def command_lines():
    for argv, text in (
            (["call", "http://127.0.0.1:70000/"], PORT % "70000"),
            (["call", "http:///x"], NO_HOST % "https://example.com/path"),
            (["call", "http://127.0.0.1/%zz"], PERCENT % "%zz"),
            (["message", "http://127.0.0.1:abc/"], PORT % "abc"),
            (["test", "--url", "http://127.0.0.1:0", "a.xml"], PORT % "0"),
            (["explore", "http://127.0.0.1:65536/"], PORT % "65536")):
        code, out = run("simulate", *argv)
        tap.ok(code == 64 and text in out, f"simulate {argv}: 64", out)
    code, out = run("simulate", "call", "http://127.0.0.1:1/undefined")
    tap.ok(f"warning: http://127.0.0.1:1/undefined: {NO_VALUE % 'undefined'}\n"
           in out and "never called" not in out and "itself" not in out,
           "simulate: the host under test may be this one", out)


def main():
    places()
    simulated()
    placeholders()
    logins()
    command_lines()


tap.run(main)
