#!/usr/bin/env python3
"""Callbacks through a real nginx with the shipped configuration: the answer to
each, in some cases compared byte by byte."""

import os
import sys
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import client  # noqa: E402
import payload  # noqa: E402
import responder_site  # noqa: E402
import tap  # noqa: E402
from nginx import shipped  # noqa: E402

BXML = "application/xml; charset=utf-8"
VERDICT = "application/xml"
CHALLENGE = 'Basic realm="Test callbacks", charset="UTF-8"'
call = payload.Call()


def event(event_type, **fields):
    return payload.post(call.event(event_type, **fields))


def check(name, answer, status, content_type=None, body=None):
    """Status, type, exact length and (a part of) the body of one answer."""
    tap.same(answer.status, status, f"{name}: status")
    tap.ok(not 300 <= answer.status < 400, f"{name}: no redirect")
    if answer.status != 204:
        tap.same(answer["Content-Length"], str(len(answer.body)),
                 f"{name}: exact length")
    if content_type is not None:
        tap.same(answer["Content-Type"], content_type, f"{name}: type")
    if body is None:
        return
    if isinstance(body, str):
        tap.ok(body in answer.text, f"{name}: body",
               f" got: {answer.text}\nwant: {body}")
    else:
        tap.same(answer.body, body, f"{name}: body")


def one_line(name, answer):
    """The body of an error is one line of plain text with the reason."""
    text = answer.text
    tap.ok(answer["Content-Type"].startswith("text/plain") and
           text.endswith("\n") and text.count("\n") == 1 and len(text) > 3,
           f"{name}: one line of text", repr(answer))


MENU = '<Gather gatherUrl="/voice/menu" maxDigits="1" tag="+19195550142">'
TRANSFER = "<PhoneNumber>+1919555010%d</PhoneNumber>"

# name, path, fields, body, status, content type, (part of the) body
GOOD = [
    ("initiate", "/voice", payload.JSON, event("initiate"), 200, BXML, MENU),
    ("gather 1", "/voice/menu", payload.JSON, event("gather", digits="1"),
     200, BXML, TRANSFER % 1),
    ("gather 2", "/voice/menu", payload.JSON, event("gather", digits="2"),
     200, BXML, TRANSFER % 2),
    ("gather 7", "/voice/menu", payload.JSON, event("gather", digits="7"),
     200, BXML, '<Redirect redirectUrl="/voice"/>'),
    ("gather nothing", "/voice/menu", payload.JSON,
     event("gather", digits=""), 200, BXML, "<Redirect"),
    ("byte-order mark", "/voice", payload.JSON,
     b"\xef\xbb\xbf" + event("initiate"), 200, BXML, MENU),
    ("disconnect", "/voice", payload.JSON, event("disconnect"), 204, "", b""),
    ("recordingAvailable", "/voice", payload.JSON,
     event("recordingAvailable", recordingId="r-1", status="complete"),
     204, "", b""),
    ("no rule for it", "/voice/menu", payload.JSON, event("initiate"), 200,
     BXML, "<Response>"),
    ("unknown voice event", "/voice", payload.JSON, event("levitate"), 200,
     None, None),
    ("message", "/messages", payload.JSON_UTF8,
     payload.post([payload.message()]), 200, "", b""),
    ("two messages", "/messages", payload.JSON_UTF8,
     payload.post([payload.message("a"), payload.message("b")]), 200, "", b""),
    ("bare message", "/messages", payload.JSON_UTF8,
     payload.post(payload.message()), 200, "", b""),
    ("no message", "/messages", payload.JSON_UTF8, b"[]", 200, "", b""),
    ("unknown message", "/messages", payload.JSON_UTF8,
     payload.post([dict(payload.message(), type="message-imagined")]), 200,
     "", b""),
    ("order", "/orders", payload.XML, payload.order(), 200, None, b""),
    ("unknown order", "/orders", payload.XML,
     payload.order().replace(b">orders<", b">raffles<"), 200, None, b""),
    ("port-out", "/portout", payload.XML, payload.portout(), 200, VERDICT,
     "<Portable>false</Portable>"),
]

DEEP = b"[" * 400 + b"]" * 400
BAD = [
    ("not JSON", "/messages", payload.JSON, b"Hello", 400),
    ("ends early", "/messages", payload.JSON, b'[{"type":"message-rec', 400),
    ("more behind it", "/voice", payload.JSON, event("initiate") + b"}", 400),
    ("too deep", "/messages", payload.JSON, DEEP, 400),
    ("empty", "/messages", payload.JSON, b"", 400),
    ("NUL bytes", "/messages", payload.JSON, b"\0" * 500, 400),
    ("broken UTF-8", "/voice", payload.JSON,
     event("initiate").replace(b"inbound", b"in\xc3\x28ound"), 400),
    ("not XML", "/orders", payload.XML, b"<Notification><Status>", 400),
    ("document type", "/orders", payload.XML,
     b'<!DOCTYPE a [<!ENTITY b "c">]><Notification>&b;</Notification>', 400),
    ("300 kB", "/messages", payload.JSON,
     payload.post([payload.message("x" * 300000)]), 413),
]

INJECTIONS = [
    "</SpeakSentence><Transfer><PhoneNumber>+19195550199</PhoneNumber>"
    "</Transfer><SpeakSentence>",
    '"/><Hangup/><Tag a="', "]]>", "<![CDATA[", "<!--", "&lt;Hangup/&gt;",
    "&#60;Hangup/&#62;", "a&b;c", "{digits}", "\u0001\u0000\u001f\u007f",
    "\ud800", "\ufffe", "%3CHangup/%3E", "' onload='", "\r\n\t ",
    "/../voice?x=1&y=2#z", "//elsewhere.example/", "\U0001f4de",
]


def challenges(s):
    body = event("initiate")
    for name, fields in [
            ("no credentials", []),
            ("empty Authorization", [("Authorization", "")])]:
        a = s.send("/voice", body, [payload.JSON, *fields], auth=False)
        check(name, a, 401, None, "missing")
        tap.same(a["WWW-Authenticate"], CHALLENGE, f"{name}: challenge")
        one_line(name, a)
    for name, value in [
            ("wrong password", client.basic(responder_site.USER, "guess")),
            ("unknown user", client.basic("somebody", s.password)),
            ("not base64", "Basic ?????"),
            ("no colon", "Basic YWJj"),
            ("another scheme", "Bearer abc"),
            ("two schemes", s.authorization()[1] + ", Bearer abc")]:
        a = s.send("/voice", body, [payload.JSON, ("Authorization", value)],
                   auth=False)
        check(name, a, 401, None, "rejected")
        tap.same(a["WWW-Authenticate"], CHALLENGE, f"{name}: challenge")
    # nginx itself refuses two of them. None may be accepted.
    a = s.send("/voice", body, [s.authorization(), s.authorization()],
               auth=False)
    tap.ok(a.status in (400, 401), "two Authorization headers", repr(a))
    a = s.send("/messages", b"x" * 300000, [payload.JSON], auth=False)
    check("300 kB without credentials", a, 401, None, "missing")
    for path in ("/messages", "/orders", "/portout"):
        a = s.send(path, b"x", [payload.JSON], auth=False)
        check(f"{path} without credentials", a, 401, None, "missing")


def answers(s):
    for name, path, fields, body, status, kind, want in GOOD:
        a = s.send(path, body, [fields])
        check(name, a, status, kind, want)
        if status == 200 and a.body:
            tap.ok(ET.fromstring(a.body) is not None, f"{name}: well-formed")
    for name, path, fields, body, status in BAD:
        a = s.send(path, body, [fields])
        check(name, a, status)
        one_line(name, a)
    a = s.send("/portout", b"<PortOutValidationReq", [payload.XML])
    check("broken port-out", a, 200, VERDICT, "<Portable>false</Portable>")


def methods(s):
    query = payload.query(call.event("initiate"))
    a = s.send("/voice?" + query, method="GET")
    check("GET initiate", a, 200, BXML, MENU)
    query = payload.query(call.event("gather", digits="2"))
    a = s.send("/voice/menu?" + query, method="GET")
    check("GET gather", a, 200, BXML, TRANSFER % 2)
    a = s.send("/voice?" + query, method="GET", auth=False)
    check("GET without credentials", a, 401, None, "missing")
    for method in ("PUT", "DELETE", "PATCH"):
        a = s.send("/voice", b"{}", [payload.JSON], method=method)
        check(method, a, 405)
        tap.ok("POST" in a["Allow"], f"{method}: Allow", repr(a))
    a = s.send("/messages", method="GET")
    check("GET messages", a, 405)
    tap.ok("POST" in a["Allow"] and "GET" not in a["Allow"],
           "GET messages: Allow", repr(a))
    a = s.send("/voice", method="OPTIONS")
    tap.ok(a.status in (200, 204), "OPTIONS", repr(a))
    tap.ok("POST" in a["Allow"], "OPTIONS: Allow", repr(a))
    for path in ("/voice", "/messages"):
        a = s.send(path, method="HEAD")
        tap.ok(a.status < 500 and not 300 <= a.status < 400,
               f"HEAD {path}", repr(a))
        tap.same(a.body, b"", f"HEAD {path}: no body")
    a = s.send("/voice", method="HEAD", auth=False)
    check_head = a.status == 401 and a["WWW-Authenticate"] == CHALLENGE
    tap.ok(check_head, "HEAD without credentials is challenged", repr(a))
    a = s.send("/voice/nowhere", event("initiate"), [payload.JSON])
    check("unknown path", a, 404)
    one_line("unknown path", a)
    a = s.send("/elsewhere", event("initiate"), [payload.JSON])
    tap.same(a.status, 404, "a path that is not ours")


def framing(s, name):
    chunked = ("Transfer-Encoding", "chunked")
    body = event("initiate")
    a = s.send("/voice", body, [payload.JSON, chunked])
    check(f"{name}: chunked", a, 200, BXML, MENU)
    a = s.send("/voice", body, [payload.JSON, chunked], pace=0.2)
    check(f"{name}: slow and chunked", a, 200, BXML, MENU)
    a = s.send("/voice", body, [payload.JSON], pace=0.2)
    check(f"{name}: slow", a, 200, BXML, MENU)
    a = s.send("/voice", body, [payload.JSON, chunked], auth=False, pace=0.1)
    check(f"{name}: slow without credentials", a, 401, None, "missing")
    a = s.send("/messages", b"x" * 300000, [payload.JSON, chunked])
    check(f"{name}: 300 kB in chunks", a, 413)
    text = "\u00e9" * 50000
    a = s.send("/messages", payload.post([payload.message(text)]),
               [payload.JSON_UTF8, chunked])
    check(f"{name}: 300 kB escaped", a, 413)
    a = s.send("/messages", payload.post([payload.message("z" * 200000)]),
               [payload.JSON_UTF8, chunked])
    check(f"{name}: 200 kB in chunks", a, 200, None, b"")


def skeleton(bxml):
    """The verbs and attribute names of a document, without the text."""
    return [(e.tag, sorted(e.attrib)) for e in ET.fromstring(bxml).iter()]


def injections(s):
    plain = s.send("/voice", event("answer"), [payload.JSON])
    check("answer", plain, 200, BXML, "<SpeakSentence>+19195550142")
    want = skeleton(plain.body)
    for text in INJECTIONS:
        shown = ascii(text)
        hostile = payload.post(call.event("answer", **{"from": text}))
        a = s.send("/voice", hostile, [payload.JSON])
        try:
            got = skeleton(a.body)
        except ET.ParseError as e:
            got = str(e)
        # Half a surrogate pair is invalid in any encoding: it may be refused.
        good = got == want or (text == "\ud800" and a.status == 400)
        if text.isspace():  # an empty answer would end the call
            good = b"This is the fallback." in a.body
        tap.ok(good, f"from {shown} stays text", repr(a))


def main():
    responder_site.require()
    s = responder_site.Deployment(os.path.join(HERE, "flow"))
    s.respond()
    challenges(s)
    answers(s)
    methods(s)
    framing(s, "buffered")
    injections(s)
    tap.same(s.responder.stop(), 0, "ends with 0 on SIGTERM")
    log = s.responder.child.said()
    tap.ok(s.password not in log and "+19195550142" not in log,
           "no password and no full number in the log")

    # With request buffering off, nginx passes on a body as it arrives. The
    # answers are the same.
    with open(shipped("bwcallback.conf")) as f:
        text = f.read()
    tempting = text.replace("fastcgi_request_buffering on;",
                            "fastcgi_request_buffering off;")
    tap.ok(tempting != text, "request buffering is on as shipped")
    s.nginx.stop()
    t = responder_site.Deployment(
        os.path.join(HERE, "flow"),
        locations=write(s.folder, "tempting.conf", tempting))
    t.respond()
    framing(t, "unbuffered")


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text)
    return path


if __name__ == "__main__":
    tap.run(main)
