#!/usr/bin/env python3
"""bwcallback simulate: output and exit codes of calls, scenarios and load."""

import http.server
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

ROOM = process.folder()
OPEN = ["--at", "2026-03-04T15:00:00Z"]  # ten in the morning in New York


def simulate(*argv, typed=None, env=None):
    done = subprocess.run(
        [responder.command(), "simulate", *argv], cwd=ROOM, input=typed,
        capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr


def call(*argv, **options):
    return simulate("call", "--flow", "ivr/callbacks.xml", *OPEN, *argv,
                    **options)


def write(name, text):
    with open(os.path.join(ROOM, name), "w", encoding="utf-8") as f:
        f.write(text)


def has(text, pattern, name):
    tap.ok(re.search(pattern, text) is not None, name,
           f"no {pattern!r} in\n{text}")


def make_example():
    folder = os.path.join(ROOM, "ivr")
    shutil.copytree(os.path.join(tap.srcdir(), "examples", "ivr"), folder)
    os.chmod(folder, 0o755)
    password = responder.make_password(os.path.join(folder, "passwd"),
                                       "bandwidth")
    write("ivr/password", password + "\n")
    return password


def tells(password):
    code, out, err = call("--digits", "2", "--callee", "+19195550102=busy")
    tap.same((code, err), (0, ""), "a call")
    for pattern in (
            r"0:00\.0 +initiate .* POST /voice  401 200 ",
            r'hears +"Thank you for calling\.',
            r"presses +2\n",
            r"gather \(digits 2\) +POST /voice/menu  401 200 ",
            r"Transfer +\+19195550102",
            r"transferComplete \(cause busy, errorMessage Callee is busy, "
            r"tag support",
            r'hears +"support cannot take',
            r"recordComplete",
            r"the call ends: hangup",
            r"disconnect .* 401 204 ",
            r"recordingAvailable .*status complete",
            r"8 callbacks in 16 requests: nothing was wrong\.\n$"):
        has(out, pattern, "it tells " + pattern)
    tap.ok("\033" not in out, "without colour where nobody looks")
    tap.ok(password not in out, "and without a secret")
    again = call("--digits", "2", "--callee", "+19195550102=busy",
                 "--seed", "7")
    same = call("--digits", "2", "--callee", "+19195550102=busy",
                "--seed", "7")
    took = re.compile(r"[0-9.]+ ms")
    tap.same(took.sub("", again[1]), took.sub("", same[1]),
             "the same seed, the same call")


def undone():
    code, out, _ = call("--digits", "1,2,3")
    tap.same(code, 1, "keys that no Gather waits for are an error")
    has(out, r'unused --digits "2": no Gather waited for it\.\n$',
        "and reported")
    code, out, _ = call("--digits", "hangup@2")
    tap.same(code, 0, "hangs up in the greeting")
    has(out, r"0:02\.0 +hangs up", "after two seconds")
    code, out, _ = simulate("call", "--flow", "ivr/callbacks.xml", "--at",
                            "2026-03-08", "--digits", "hangup")
    has(out, "office is closed", "on a Sunday")


def as_json():
    code, out, err = call("--json", "--digits", "1")
    tap.same((code, err), (0, ""), "JSON")
    notes = [json.loads(line) for line in out.splitlines()]
    kinds = [n["kind"] for n in notes]
    tap.ok(kinds[0] == "call" and "end" in kinds, "all of the call", out)
    asked = [n for n in notes if n["kind"] == "asked"]
    tap.same([n["reply"]["status"] for n in asked],
             [401, 200, 401, 200, 401, 200, 401, 204], "what was asked")
    has(asked[1]["reply"]["file"], r"callbacks\.xml$", "the rule's file")
    tap.ok(asked[1]["reply"]["line"] > 1, "and its line")
    last = [n for n in notes if n["kind"] == "callback"][-1]["delivery"]
    tap.same((last["event"], last["delivered"], last["attempts"]),
             ("disconnect", True, 1), "and the last callback")
    tap.same(json.loads(last["payload"])["cause"], "hangup", "as it went")


def colours():
    """Run on a new terminal."""
    for env, want in (({}, True), ({"NO_COLOR": "1"}, False)):
        main, other = pty.openpty()
        environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        done = subprocess.Popen(
            [responder.command(), "simulate", "call", "--flow",
             "ivr/callbacks.xml", *OPEN, "--digits", "hangup@1"], cwd=ROOM,
            stdout=other, stdin=subprocess.DEVNULL, env={**environment, **env})
        os.close(other)
        out = b""
        while True:
            try:
                part = os.read(main, 65536)
            except OSError:
                break
            if not part:
                break
            out += part
        os.close(main)
        tap.same(done.wait(60), 0, "on a terminal")
        tap.same(b"\033[36m" in out, want, f"colour with {env}")


def hostile():
    write("hostile.xml", """<callbacks><voice path="/voice">
<on event="answer"><Response><SpeakSentence>&#x202e;x {tag}&#xa;y&#x9b;z</SpeakSentence>
<Redirect redirectUrl="/voice"/></Response></on>
<on event="redirect"><Response/></on></voice></callbacks>""")
    code, out, _ = simulate("call", "--flow", "hostile.xml", "--outbound",
                            "--tag", "\033]0;evil\a\u202e")
    tap.same(code, 0, "hostile text")
    tap.ok("\033" not in out and "\u202e" not in out and "\x9b" not in out
           and "\\u{202e}" in out, "reaches no terminal", repr(out))


def interactive():
    code, out, err = call("--interactive", "--callee", "+19195550102=busy",
                          typed="2\nIt is dark here\n#\n")
    tap.same((code, err), (0, ""), "somebody types")
    has(out, r'says +"It is dark here"', "words")
    has(out, r"presses +#\n", "keys")
    code, out, _ = call("--interactive", typed="\n\n\n")
    has(out, "did not hear anything", "Enter lets time pass, in each round")
    code, out, _ = call("--interactive", typed="h\n")
    has(out, "hangs up", "h hangs up")
    code, out, _ = call("--interactive", typed="")
    tap.same(code, 0, "and so does the end of input")
    has(out, "hangs up", "at once")


def outbound():
    write("out.xml", """<callbacks><voice path="/voice">
<on event="answer"><Response><SpeakSentence>Hello.</SpeakSentence></Response></on>
</voice></callbacks>""")
    code, out, _ = simulate("call", "--flow", "out.xml", "--outbound")
    tap.same(code, 0, "the application calls")
    has(out, r"answer +.*POST /voice", "answered")
    code, out, _ = simulate("call", "--flow", "out.xml", "--outbound",
                            "--digits", "busy")
    tap.same(code, 0, "busy")
    has(out, r"disconnect \(cause busy", "is told")
    tap.ok("answer " not in out, "and nothing is answered", out)


def load():
    code, out, err = call("--calls", "40", "--concurrency", "4", "--digits",
                          "1")
    tap.same((code, err), (0, ""), "many calls")
    has(out, r"^40 calls in [0-9.]+ s, \d+ a second; 160 callbacks in 320 "
        r"requests", "all of them")
    has(out, r"took [0-9.]+ ms \(50 %\)", "percentiles")
    code, out, _ = call("--calls", "7", "--json", "--digits", "1,2")
    result = json.loads(out)
    tap.same((code, result["calls"], result["undone"]), (1, 7, 7),
             "as JSON, and what is left undone")
    tap.ok(result["microseconds"]["p50"] <= result["microseconds"]["max"],
           "percentiles in order", out)


def scenarios():
    code, out, err = simulate("test", "ivr")
    tap.same((code, err), (0, ""), "the example's scenarios")
    has(out, r"^ok 1 - sales answers\n", "TAP")
    has(out, r"\n1\.\.15\n", "with a plan")
    has(out, r"# ivr/callbacks\.xml: 13 of 13 rules tried\n", "coverage")
    tap.ok("never tried" not in out, "of all", out)
    write("one.xml", """<scenarios flow="ivr/callbacks.xml">
<message name="kept"><callback event="message-received"/>
<stored type="message-*" count="2"/>
<stored type="gather" count="0"/></message></scenarios>""")
    code, out, _ = simulate("test", "one.xml")
    tap.same(code, 1, "less than wanted is stored")
    has(out, r'(?m)^# one\.xml:3: <stored> message-\* count="2": found 1$',
        "and reported")
    tap.same(out.count("<stored>"), 1, "but once")
    has(out, r"# never tried: ivr/callbacks\.xml:\d+: validation at /portout",
        "and what nobody tried")
    write("nostore.xml", """<scenarios flow="hostile.xml">
<call name="unseen"><stored type="initiate"/></call></scenarios>""")
    code, out, _ = simulate("test", "nostore.xml")
    tap.ok(code == 1 and "the flow has no <store>" in out,
           "a flow without a store", out)
    write("bad.xml", """<scenarios flow="ivr/callbacks.xml" at="2026-03-04T15:00:00Z">
<call name="sales # is right"><presses keys="1"/><hears>sales</hears></call>
<call name="support is wrong">
  <presses keys="2"/>
  <hears>Connecting you to sales</hears>
</call></scenarios>""")
    code, out, _ = simulate("test", "--jobs", "1", "bad.xml")
    tap.same(code, 1, "one fails")
    has(out, r"(?m)^ok 1 - sales \\# is right$", "one does not")
    has(out, r"(?m)^not ok 2 - support is wrong$", "it is named")
    has(out, r"(?m)^# bad\.xml:5: <hears> Connecting you to sales: did not "
        r"happen after line 4$", "and why")
    has(out, r"(?m)^# .*Connecting you to support", "and the story")
    code, again, _ = simulate("test", "--jobs", "8", "bad.xml")
    cut = re.compile(r"[0-9.]+ ms")
    tap.same(cut.sub("", again), cut.sub("", out), "in the same order")


def rest():
    write("rest.xml",
          """<scenarios flow="ivr/callbacks.xml" at="2026-03-04T15:00:00Z">
<call name="redirected">
  <rest does="redirect" after="3" url="/voice/voicemail" tag="api"/>
  <verb name="Gather"/>
  <callback event="redirect" tag="api"/>
  <hears>leave a message</hears>
</call>
<call name="completed">
  <rest does="complete" after="3"/>
  <ends cause="hangup"/>
  <never><callback event="gather"/></never>
</call>
<call name="nothing to pause">
  <rest does="pause-recording" after="1"/>
</call></scenarios>""")
    code, out, _ = simulate("test", "rest.xml")
    tap.same(code, 1, "actions over the REST API")
    has(out, r"(?m)^ok 1 - redirected$", "a call is redirected")
    has(out, r"(?m)^ok 2 - completed$", "a call is completed")
    has(out, r"(?m)^not ok 3 - nothing to pause$", "an error is a fault")
    has(out, r"rest: pause-recording, of line 14: 404", "which is told")


def queries():
    """The query of URLs in a flow, by POST and GET."""
    write("query.xml", """<callbacks><store url="mem:"/>
<voice path="/voice">
  <on event="initiate"><Response>
    <Gather gatherUrl="/menu?step=pin&amp;who=A%26B" maxDigits="2"/></Response></on>
</voice>
<voice path="/menu">
  <on event="gather" query.step="pin"><Response>
    <SpeakSentence>Hello {query.who}.</SpeakSentence>
    <Gather gatherUrl="?step=last" gatherMethod="GET" maxDigits="1"/>
  </Response></on>
  <on event="gather" step="last" query.digits="3"><Response>
    <SpeakSentence>Goodbye.</SpeakSentence></Response></on>
</voice></callbacks>""")
    code, out, _ = simulate("call", "--flow", "query.xml", "--digits", "12",
                            "--digits", "3")
    has(out, r'hears     "Hello A&B."(?s:.*)hears     "Goodbye."',
        "both are answered by their rules")
    tap.same(code, 0, "and nothing is wrong")
    write("query-test.xml", """<scenarios flow="query.xml"><call name="asked">
<presses keys="12"/>
<callback event="gather" query.step="pin" query.who="A&amp;B" digits="12"/>
<presses keys="3"/>
<callback event="gather" step="last" query.step="last" query.digits="3"/>
<stored type="gather" query.step="pin" count="1"/>
<stored type="gather" query.step="last" count="1"/>
</call></scenarios>""")
    code, out, _ = simulate("test", "query-test.xml")
    tap.ok(code == 0, "a scenario compares the query", out)


class Application(http.server.BaseHTTPRequestHandler):
    paths = []

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        Application.paths.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.end_headers()
        self.wfile.write(b"<Response><Hangup/></Response>")

    def log_message(self, *_):
        pass


def first_urls():
    """Where a scenario's call begins when an application is tested."""
    write("first.xml", """<scenarios>
<call name="default"/><call name="own" url="/own"/></scenarios>""")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for path, want in (("", "/voice"), ("/", "/voice"), ("/x/y", "/x/y"),
                       ("?a=1", "/?a=1")):
        Application.paths.clear()
        code, out, _ = simulate(
            "test", "--jobs", "1", "first.xml", "--url",
            f"http://127.0.0.1:{server.server_port}{path}")
        tap.same((code, Application.paths[:1], "/own" in Application.paths),
                 (0, [want], True), f"--url with the path \"{path}\"")
    server.shutdown()
    server.server_close()


def coverage():
    code, _, _ = simulate("test", "--coverage", "tried", "ivr/scenarios.xml")
    tap.same(code, 0, "coverage to a file")
    done = subprocess.run(
        [responder.command(), "graph", "--format", "dot", "--coverage",
         "tried", "ivr/callbacks.xml"], cwd=ROOM, capture_output=True,
        text=True, check=False)
    tap.same((done.returncode, done.stderr), (0, ""), "shades the picture")
    tap.ok("tried 8 times" in done.stdout, "with counts", done.stdout)
    tap.ok("never tried" not in done.stdout, "all of the calls are tried")
    write("nothing", "".join(
        re.sub(r"^\d+", "0", line) for line in
        open(os.path.join(ROOM, "tried"), encoding="utf-8")))
    done = subprocess.run(
        [responder.command(), "graph", "--format", "dot", "--coverage",
         "nothing", "ivr/callbacks.xml"], cwd=ROOM, capture_output=True,
        text=True, check=False)
    tap.ok("never tried" in done.stdout and "#d9d9d9" in done.stdout,
           "and what nobody tried")
    for text in ("x\n", "1 callbacks.xml\n", "1 callbacks.xml:0\n",
                 "callbacks.xml:3\n", "-1 a:1\n", "1 a:-1\n", "99999999999999999999999 a:1\n"):
        write("nonsense", text)
        done = subprocess.run(
            [responder.command(), "graph", "--format", "dot", "--coverage",
             "nonsense", "ivr/callbacks.xml"], cwd=ROOM, capture_output=True,
            text=True, check=False)
        tap.ok(done.returncode == 65 and "not what simulate" in done.stderr,
               f"is no coverage: {text!r}", done.stderr)


GOOD_BXML = b"<Response><Hangup/></Response>"
BXML_TYPE = "application/xml; charset=utf-8"
CHALLENGE = 'Basic realm="x"'

# Fault; challenge; status, type and body of the answer.
WRONG = [
    ("nothing", CHALLENGE, 200, BXML_TYPE, GOOD_BXML),
    ("no challenge", None, 200, BXML_TYPE, GOOD_BXML),
    ("404", CHALLENGE, 404, "text/plain", b"no\n"),
    ("500", CHALLENGE, 500, "text/plain", b"no\n"),
    ("redirect", CHALLENGE, 301, "text/plain", b"no\n"),
    ("broken BXML", CHALLENGE, 200, BXML_TYPE, b"<Response>"),
    ("no BXML", CHALLENGE, 200, BXML_TYPE, b"<html/>"),
    ("unknown verb", CHALLENGE, 200, BXML_TYPE,
     b"<Response><Dial/></Response>"),
    ("going round", CHALLENGE, 200, BXML_TYPE,
     b'<Response><Redirect redirectUrl="/voice"/></Response>'),
]


def handler(challenge, status, content_type, body):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            known = "Authorization" in self.headers
            self.send_response(status if known else 401)
            if not known and challenge:
                self.send_header("WWW-Authenticate", challenge)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", len(body) if known else 0)
            self.end_headers()
            if known:
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


SHIPPED = open(os.path.join(tap.srcdir(), "apache", "bwcallback-fallback.asis"),
               "rb").read().split(b"\n\n", 1)[1]
WEB_SERVER = "the web server's fallback answered: no responder"
FLOW = "the flow's fallback answered: the responder's log has the reason"
WITHOUT = "answered without asking for credentials"

# Answer; asks for credentials; value of the header or None; body; what is said.
UNSOUND = [
    ("no challenge", False, None, GOOD_BXML, WITHOUT),
    ("no challenge, no body", False, None, b"", WITHOUT),
    ("a web server's fallback", False, "web-server", GOOD_BXML, WEB_SERVER),
    ("the shipped document", False, None, SHIPPED, WEB_SERVER),
    ("a limit after the challenge", True, "web-server", GOOD_BXML, WEB_SERVER),
    ("the shipped document after it", True, None, SHIPPED, WEB_SERVER),
    ("a fallback of the flow", True, "responder", GOOD_BXML, FLOW),
]


def unsound_handler(asks, header, body):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            if asks and "Authorization" not in self.headers:
                self.send_response(401)
                self.send_header("WWW-Authenticate", CHALLENGE)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(200)
            if header is not None:
                self.send_header("Bwcallback-Fallback", header)
            self.send_header("Content-Type", BXML_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


def remote():
    """What only a flow in this process can do is said with a URL."""
    write("remote.xml", '<scenarios at="2026-03-04T15:00:00Z">'
          '<call name="stored" url="/voice"><stored type="initiate"/></call>'
          '<call name="again" url="/voice"/></scenarios>')
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), unsound_handler(False, None, GOOD_BXML))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/voice"
    code, out, _ = simulate("test", "--url", url, "remote.xml")
    tap.same(code, 1, "<stored> with a URL fails")
    has(out, "<stored> initiate: the store behind a URL cannot be read",
        "and why")
    tap.same(out.count('remote.xml:1: "at" sets the times of the events'), 1,
             "the clock of a server is not moved: told once")
    code, out, _ = simulate("test", "--flow", "ivr/callbacks.xml",
                            "remote.xml")
    tap.ok('"at" sets' not in out, "that of a flow is", out)
    server.shutdown()


def unsound():
    """A 200 that is not the application's answer is never "nothing wrong"."""
    write("secret", "w0rd-4711\n")
    write("ends.xml", '<scenarios><call name="ends" url="/voice">'
          '<callback event="initiate"/></call></scenarios>')
    who = ["--user", "u", "--password-file", "secret"]
    for name, asks, header, body, says in UNSOUND:
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), unsound_handler(asks, header, body))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/voice"
        code, out, err = simulate("call", *who, url)
        tap.same((code, err), (1, ""), f"{name}: wrong")
        tap.ok(says in out and "nothing was wrong" not in out,
               f"{name}: told", out)
        count = WITHOUT if says == WITHOUT else "only a fallback answered"
        tap.ok(f", {count}: 2" in out, f"{name}: counted", out)
        code, out, _ = simulate("call", *who, "--calls", "20", url)
        tap.same(code, 1, f"{name}, under load: wrong")
        has(out, f"{count}: 40\\b", f"{name}, under load: counted")
        code, out, _ = simulate("test", *who, "--url", url, "ends.xml")
        tap.same(code, 1, f"{name}: a scenario fails")
        has(out, "went wrong: initiate to [^\n]*: " + count,
            f"{name}: the scenario tells it")
        code, out, _ = simulate("explore", *who, "--callers", "20", "--json",
                                url)
        fault = "unasked" if says == WITHOUT else "fallback"
        tap.ok(code == 1 and f'"{fault}"' in out, f"{name}: a fault", out)
        server.shutdown()


def notices():
    write("secret", "w0rd-4711\n")
    for name, *answer in WRONG:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                 handler(*answer))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/voice"
        code, out, err = simulate("call", "--user", "u", "--password-file",
                                  "secret", url)
        tap.ok(code == (0 if name == "nothing" else 1) and err == "",
               f"wrong is {name}", out + err)
        tap.ok("w0rd" not in out, "no password is shown")
        server.shutdown()
        server.server_close()
    code, out, _ = simulate("call", "--user", "u", "--password-file",
                            "secret", url)
    tap.ok(code == 1 and "callback-error" in out, "nobody there", out)


def misuse():
    write("broken.xml", "<callbacks>\n<voise/></callbacks>")
    write("other.xml", "<html/>")
    write("scenario.xml", "<scenarios>\n<call/></scenarios>")
    write("homeless.xml", '<scenarios><call name="x"/></scenarios>')
    os.mkdir(os.path.join(ROOM, "empty"))
    for argv, want, says in (
            ([], 64, "what to do is missing: call, "),
            (["dance"], 64, 'no action "dance"'),
            (["call"], 64, "URL, or --flow, is missing"),
            (["call", "--flow"], 64, "--flow: its value is missing"),
            (["call", "http://a", "http://b"], 64, '"http://b" is too much'),
            (["call", "--nonsense", "http://a"], 64, 'no option "--nonsense"'),
            (["call", "ftp://a/"], 64, "not a URL"),
            (["call", "voice"], 64, "not a URL"),
            (["call", "--user", "x", "http://a"], 64,
             "--user needs --password-file"),
            (["call", "--password-file", "x", "http://a"], 64,
             "--password-file needs --user"),
            (["call", "--digits", "1x", "http://a"], 64, "1x: neither"),
            (["call", "--callee", "+1", "http://a"], 64, "NUMBER=WORDS"),
            (["call", "--callee", "+1=x", "http://a"], 64, "x: neither"),
            (["call", "--at", "soon", "http://a"], 64, "not a time"),
            (["call", "--calls", "0", "http://a"], 64, "number above 0"),
            (["call", "--calls", "2", "--interactive", "http://a"], 64,
             "--interactive does not go with --calls"),
            (["call", "--json", "--interactive", "http://a"], 64,
             "--interactive does not go with --json"),
            (["call", "--concurrency", "9999", "http://a"], 64,
             "--concurrency 9999: not a number from 1 to 2000"),
            (["call", "--user", "x", "--password-file", "none", "http://a"],
             66, "none: No such file"),
            (["call", "--from-log", "c-1", "http://a"], 64,
             "--from-log needs --flow"),
            (["call", "--flow", "none.xml"], 78, "none.xml: error: No such file"),
            (["call", "--flow", "broken.xml"], 78, "broken.xml:2: "),
            (["test"], 64, "an argument is missing"),
            (["test", "--url", "http://a", "--flow", "b", "c"], 64,
             "--url does not go with --flow"),
            (["test", "none.xml"], 66, "none.xml: No such file"),
            (["test", "empty"], 66, "empty: no scenario file in the folder"),
            (["test", "other.xml"], 66, "other.xml: not a scenario file: expected <scenarios>, found <"),
            (["test", "scenario.xml"], 66,
             'scenario.xml:2: error: <call>: the attribute "name"'),
            (["test", "--coverage", "no/such", "ivr/scenarios.xml"], 74,
             "no/such: No such file")):
        code, _, err = simulate(*argv)
        tap.ok(code == want and says in err, f"misuse: {argv}",
               f"{code}: {err}")
    _, _, err = simulate("call", "--flow", "broken.xml", "--calls", "50")
    tap.same(err.count("broken.xml:2: "), 1, "told once, not by each thread")
    code, out, _ = simulate("test", "homeless.xml")
    tap.ok(code == 1 and "--flow or --url says who answers" in out,
           "a scenario without a flow", out)


def main():
    password = make_example()
    tells(password)
    undone()
    as_json()
    colours()
    hostile()
    interactive()
    outbound()
    load()
    scenarios()
    rest()
    queries()
    first_urls()
    coverage()
    notices()
    unsound()
    remote()
    misuse()


if __name__ == "__main__":
    tap.run(main)
