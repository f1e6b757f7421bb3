"""The tests that every web server must pass with its shipped files. Tests in
this folder call play_all() with the kinds of servers."""

import os
import socket
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import client  # noqa: E402
import web_server  # noqa: E402
import payload  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import responder_site  # noqa: E402
import tap  # noqa: E402

FLOW = os.path.join(HERE, "flow")
BXML = "application/xml; charset=utf-8"
CHALLENGE = 'Basic realm="Test callbacks", charset="UTF-8"'
CHUNKED = ("Transfer-Encoding", "chunked")
SIZES = (100, 1000, 60000, 200000)
EACH = 15
CALLERS = 4
call = payload.Call()
INITIATE = payload.post(call.event("initiate"))
GATHER = payload.post(call.event("gather", digits="2"))
MESSAGE = payload.post([payload.message()])
QUERY = payload.query(call.event("initiate"))


def is_menu(a):
    return (a.status == 200 and a.whole and a["Content-Type"] == BXML
            and b'<Gather gatherUrl="/voice/menu"' in a.body)


def is_transfer(a):
    return a.status == 200 and a.whole and b"<Transfer" in a.body


def is_challenge(a):
    return (a.status == 401 and a.whole and a.text.startswith("missing")
            and a["WWW-Authenticate"] == CHALLENGE)


def is_empty(a):
    return a.status in (200, 204) and a.whole and a.body == b""


def is_verdict(a):
    return (a.status == 200 and a.whole
            and b"<Portable>false</Portable>" in a.body)


def is_status(status):
    return lambda a: a.status == status and a.whole


J, X = payload.JSON, payload.XML
WRONG = ("Authorization", client.basic(responder_site.USER, "guess"))

# name, path, fields, body, way of sending, expected answer
ANSWERS = [
    ("a call", "/voice", [J], INITIATE, {}, is_menu),
    ("a path below", "/voice/menu", [J], GATHER, {}, is_transfer),
    ("a query", "/voice?" + QUERY, [], b"", {"method": "GET"}, is_menu),
    ("a query beside a body", "/voice?site=a%20b&n=2", [J], INITIATE, {},
     is_menu),
    ("words for a query", "/voice?--version+--help", [J], INITIATE, {},
     is_menu),
    ("no body", "/voice", [J], payload.post(call.event("disconnect")), {},
     is_empty),
    ("a message", "/messages", [payload.JSON_UTF8], MESSAGE, {}, is_empty),
    ("a long message", "/messages", [payload.JSON_UTF8],
     payload.post([payload.message("z" * 60000)]), {}, is_empty),
    ("an order", "/orders", [X], payload.order(), {}, is_empty),
    ("a port-out", "/portout", [X], payload.portout(), {}, is_verdict),
    ("chunked", "/voice", [J, CHUNKED], INITIATE, {}, is_menu),
    ("slow", "/voice", [J], INITIATE, {"pace": 0.2}, is_menu),
    ("slow and chunked", "/voice", [J, CHUNKED], INITIATE, {"pace": 0.2},
     is_menu),
    ("chunked, long", "/messages", [payload.JSON_UTF8, CHUNKED],
     payload.post([payload.message("z" * 60000)]), {}, is_empty),
    ("an unknown path", "/voice/nowhere", [J], INITIATE, {}, is_status(404)),
    ("not JSON", "/messages", [J], b"Hello", {}, is_status(400)),
    ("half of JSON", "/voice", [J], INITIATE[:-20], {}, is_status(400)),
    ("nothing", "/messages", [J], b"", {}, is_status(400)),
    ("NUL bytes", "/messages", [J], b"\0" * 500, {}, is_status(400)),
    ("not XML", "/orders", [X], b"<Notification><Status>", {},
     is_status(400)),
    ("half a port-out", "/portout", [X], b"<PortOutVal", {}, is_verdict),
]


def answers(s, name):
    for what, path, fields, body, how, good in ANSWERS:
        a = s.send(path, body, fields, **how)
        tap.ok(good(a), f"{name}: {what}", repr(a))
        tap.ok(not 300 <= a.status < 400, f"{name}: {what}: no redirect")
    a = s.send("/messages", payload.post([payload.message("z" * 300000)]), [J])
    want = 413 if s.front.limit > 300000 else s.front.over
    tap.ok(a.status == want and a.whole, f"{name}: 300 kB: {want}", repr(a))


def challenges(s, name):
    """Bandwidth's first request. The responder must read the body although it
    does not use it: with some servers an unread body loses the answer."""
    for path in ("/voice", "/messages", "/orders", "/portout"):
        a = s.send(path, INITIATE, [J], auth=False)
        tap.ok(is_challenge(a), f"{name}: {path} is challenged", repr(a))
    a = s.send("/voice", INITIATE, [J, WRONG], auth=False)
    tap.ok(a.status == 401 and a.text.startswith("rejected"),
           f"{name}: a wrong password is rejected", repr(a))
    a = s.send("/voice", INITIATE, [J, ("Authorization", "")], auth=False)
    tap.ok(is_challenge(a),
           f"{name}: empty credentials are challenged", repr(a))
    for how, fields in [("", [J]), (" chunked", [J, CHUNKED])]:
        a = s.send("/voice", INITIATE, fields, auth=False, pace=0.1)
        tap.ok(is_challenge(a), f"{name}: slow{how}, challenged", repr(a))
    for size in SIZES:
        good = is_challenge
        if size > s.front.limit:
            good = is_status(s.front.over)
        bad = wrong([s.send("/messages", b"x" * size, [J], auth=False)
                     for _ in range(EACH)], good)
        tap.same(bad, [], f"{name}: {EACH} of {size} bytes are challenged")


def wrong(results, good):
    return [r for r in results
            if not isinstance(r, client.Answer) or not good(r)]


class Callers:
    """Threads that send calls until they are stopped."""

    def __init__(self, s):
        self.stop = threading.Event()
        self.calls, self.messages = [], []
        self.threads = [threading.Thread(target=self.run, args=(s,))
                        for _ in range(CALLERS)]
        for t in self.threads:
            t.start()

    def run(self, s):
        while not self.stop.wait(0.01):
            for results, path, body in [
                    (self.calls, "/voice/menu", GATHER),
                    (self.messages, "/messages", MESSAGE)]:
                try:
                    results.append(s.send(path, body, [J]))
                except OSError as e:
                    results.append(e)

    def wait_for(self, more):
        goal = len(self.messages) + more
        return process.wait_until(lambda: len(self.messages) >= goal)

    def end(self):
        self.stop.set()
        for t in self.threads:
            t.join()
        return (wrong(self.calls, is_transfer), wrong(self.messages, is_empty))


def inherit(s, shared):
    """A responder on an inherited socket, as a service manager starts it."""
    r = responder.Responder(s.config, s.log, inherited=shared,
                            workers=s.workers)
    count = s.ready = getattr(s, "ready", 0) + 1
    process.wait_until(lambda: r.child.said().count("event=start") >= count)
    return r


def listening(address):
    """A listening socket like that of a service manager."""
    if not isinstance(address, str):
        return socket.create_server(address, backlog=1024)
    if os.path.exists(address):
        os.unlink(address)
    shared = socket.socket(socket.AF_UNIX)
    shared.bind(address)
    os.chmod(address, 0o666)
    shared.listen(1024)
    return shared


def replaced(s, name):
    """The responder is replaced under load of calls and messages."""
    with listening(s.socket) as shared:
        old = inherit(s, shared)
        # lighttpd retries only after up to a second.
        back = process.wait_until(
            lambda: is_transfer(s.send("/voice/menu", GATHER, [J])))
        tap.ok(back, f"{name}: it uses the new responder")
        callers = Callers(s)
        for _ in range(2):
            callers.wait_for(20)
            new = inherit(s, shared)
            tap.same(old.stop(), 0, f"{name}: the predecessor ends with 0")
            old = new
        callers.wait_for(20)
        tap.same(callers.end(), ([], []),
                 f"{name}: no request is lost when the responder is replaced")
        reloaded(s, name)
        tap.same(old.stop(), 0, f"{name}: the last responder exits with 0")


def reloaded(s, name):
    """The server reloads its configuration under load."""
    if not s.front.lossless:
        return
    # A CGI program hashes the password for every request.
    some = 4 if s.front.starts else 20
    callers = Callers(s)
    callers.wait_for(some)
    if s.front.reload():
        callers.wait_for(some)
        s.front.reload()
        callers.wait_for(2 * some)
    tap.same(callers.end(), ([], []),
             f"{name}: no request is lost when the server reloads")


def nobody(s, name):
    """Without a responder, only calls may get a 2xx from the server.
    mod_fcgid tries for half a minute, longer on a busy machine."""
    a = s.send("/voice", INITIATE, [J])
    if s.front.fallback:
        tap.ok(a.status == 200 and a.whole and a["Content-Type"] == BXML and
               b"<Response><SpeakSentence>" in a.body,
               f"{name}: no responder: a call gets BXML", repr(a))
        a = s.send("/voice/menu", GATHER, [J], auth=False)
        tap.same(a.status, 200, f"{name}: no responder: a path below gets a 200")
    else:
        tap.ok(a.status >= 500,
               f"{name}: no responder: a call gets an error", repr(a))
    for path, body in [("/messages", MESSAGE), ("/portout", payload.portout()),
                       ("/voicemail", INITIATE)]:
        a = s.send(path, body, [J])
        tap.ok(a.status >= (400 if path == "/voicemail" else 500),
               f"{name}: no responder: {path} gets an error", repr(a))


def crash(s):
    """The program replaced by one that does not answer."""
    os.unlink(s.front.program)
    with open(s.front.program, "w") as f:
        f.write("#!/bin/sh\nexit 1\n")
    os.chmod(s.front.program, 0o755)


def play_all(rows):
    """Run each (name, kind of server), or only the one whose name is the
    argument."""
    missing = {n for _, kind in rows for n in kind.needs
               if web_server.find(n) is None and not os.path.exists(n)}
    if missing:
        tap.skip_all(f"{min(missing)} is not installed")
    for name, kind in rows:
        if name in sys.argv[1:] or len(sys.argv) < 2:
            play(name, kind)


def play(name, kind):
    """All tests for one kind of server."""
    s = responder_site.Deployment(FLOW, front=kind)
    if not s.front.starts:
        s.respond()
    challenges(s, name)
    answers(s, name)
    if s.front.starts:
        reloaded(s, name)
        crash(s)
        s.front.stop()  # with its kept processes
        s.front.start()
        nobody(s, name)
    else:
        tap.same(s.responder.stop(), 0, f"{name}: ends with 0")
        nobody(s, name)
        replaced(s, name)
    tap.ok(s.front.stop() is not None, f"{name}: the server ends")
    return s
