#!/usr/bin/env python3
"""The lists and pages of events: what they show, what they hide, and that text
from outside stays text."""

import json
import os
import subprocess

from inspected import FROM, Inspected, Page  # first: it sets the path
import fastcgi as f
import tap
from responder import command

HOSTILE = ("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
           "</title></pre><b>", "'--><!--", "\u202egnp.exe", "\u2066x\u2069",
           "nul\0and\x1b[2J", "\x85\x9f", "\ufeff\u200b",
           "{from}${from}{{from}}", "&lt;b&gt;", "x" * 10240, "\ud800")

site = Inspected()


def rows(path):
    answer = site.page(path)
    return [a["data-seq"] for a in Page(answer).all("tr") if "data-seq" in a]


def shows():
    site.call("c-1")
    site.call("c-1", "gather", digits="4", tag="secret-tag")
    site.call("c-1", "gather", digits="8642")
    site.message("m-1", text="a private text")
    site.call("c-1")
    tap.ok(site.stored(4), "four events")
    tap.same(rows("/events"), ["4", "3", "2", "1"], "newest first")
    page = Page(site.page("/events"))
    tap.ok("200 fallback" in page.text, "a fallback is one")
    tap.ok("200, sent again" in page.text, "a second delivery")
    tap.ok("key 4" in page.text, "the key of a menu")
    tap.ok("8642" not in page.text, "not several keys")
    tap.ok("+*******0142" in page.text, "the end of a number")
    page = Page(site.page("/event/2"))
    for word in ("PROGRAM", "exit status 3", "it broke", "callbacks.xml:6",
                 "Where the time went", "200 fallback", "gather", "c-1", "application/json",
                 "POST", "We are sorry"):
        tap.ok(word in page.text, f"an event shows {word}")


def hides():
    """A masked page holds nothing that is hidden, in any form."""
    for path in ("/events", "/events.json", "/event/1", "/event/2", "/event/3",
                 "/event/4", "/event/4.json"):
        body = site.page(path).body.decode()
        for word in (FROM, FROM[1:], "8642", "secret-tag", "private text"):
            tap.ok(word not in body, f"{path} hides {word}")


def filters():
    rows_of = [
        ("?type=gather", ["3", "2"]), ("?family=messaging", ["4"]),
        ("?section=/messages", ["4"]), ("?state=fallback", ["2"]),
        ("?state=again", ["1"]), ("?state=slow", []), ("?status=200",
                                                       ["4", "3", "2", "1"]),
        ("?status=503", []), ("?number=0142", ["4", "3", "2", "1"]),
        ("?number=%28919%29+555-0142", ["4", "3", "2", "1"]),
        ("?number=9999", []), ("?call=c-1", ["3", "2", "1"]),
        ("?message=m-1", ["4"]), ("?since=1h", ["4", "3", "2", "1"]),
        ("?until=2026-03-01", []), ("?before=3", ["2", "1"]),
        ("?type=gather&state=fallback&since=&number=", ["2"]),
    ]
    for query, want in rows_of:
        tap.same(rows("/events" + query), want, f"filter {query}")
    for query in ("?x=1", "?type=a&y=", "?since=yesterday", "?status=abc",
                  "?state=odd", "?number=123", "?number=12345678",
                  "?before=x", "?before=-1", "?" + "type=a&" * 40):
        tap.same(site.page("/events" + query).status, 400, f"not {query[:40]}")
    page = Page(site.page("/events?x=%3Cb%3E&type=a"))
    tap.ok("x" in page.text and "family" in page.text,
           "an unknown filter: it is named, and those that there are")
    page = Page(site.page("/events?type=none&number=0142"))
    tap.ok("events?number=0142" in page.links() and
           "events?type=none" in page.links(),
           "an empty list: links that remove a part", page.links())


def missing():
    for path in "/event/999", "/event/0", "/event/x", "/event/-1":
        answer = site.page(path)
        tap.same(answer.status, 404, f"no {path}")
        tap.ok("sqlite" not in answer.body.decode().lower() and
               site.folder not in answer.body.decode(),
               f"{path}: nothing of the inside")


def found():
    for query, where in (("3", "event/3"), ("c-1", "call/c-1"),
                         ("919-555-0142", "calls?number=919-555-0142"),
                         ("m-1", "message/m-1"), ("", "events")):
        answer = site.page(f"/find?q={query}")
        tap.same((answer.status, answer.fields.get("Location"), answer.body),
                 (303, where, b""), f"find {query!r}")
    answer = site.page("/find?q=a%0d%0aSet-Cookie:x%3d1")
    tap.same(answer.fields.get("Location"),
             "message/a%0D%0ASet-Cookie%3Ax%3D1",
             "no header can be added")


def cursors():
    for i in range(120):
        site.call(f"p-{i}")
    tap.ok(site.stored(124), "many events")
    seen, path = [], "/events?family=voice"
    while path and len(seen) < 500:
        page = Page(site.page(path))
        seen += [a["data-seq"] for a in page.all("tr") if "data-seq" in a]
        older = [a["href"] for a in page.all("a") if a.get("rel") == "next"]
        path = "/" + older[0] if older else None
    want = [str(n) for n in range(124, 0, -1) if n != 4]
    tap.same(seen, want, "page by page, each event once")
    data = json.loads(site.page("/events.json?family=voice").body)
    tap.same((len(data["events"]), data["before"]), (50, 75),
             "the same as JSON")
    data = json.loads(site.page("/events.json?before=3").body)
    tap.same(([e["id"] for e in data["events"]], data["before"]),
             ([2, 1], None), "the last page")


def same_as_command():
    """The page and the command have the same members."""
    for n in "1", "2":
        out = subprocess.run(
            [command(), "events", "show", n, "--json", "--config",
             site.config], capture_output=True, check=True).stdout
        tap.same(json.loads(site.page(f"/event/{n}.json").body),
                 json.loads(out), f"event {n} as JSON")


def hostile():
    """Whatever it says, no event adds an element or an attribute."""
    first = 125
    for i, text in enumerate(HOSTILE):
        body = {"eventType": text, "callId": f"h-{i}", "from": text,
                "to": text, "direction": text, "accountId": "9900100",
                "digits": text, "tag": text, text: text, "cause": text}
        f.ask(site.socket, "/voice", json.dumps(body).encode())
    tap.ok(site.stored(first + len(HOSTILE) - 1), "hostile ones")
    for path in ("/events", "/events?number=" + "%3Cb%3E0142",
                 *(f"/event/{first + i}" for i in range(len(HOSTILE)))):
        answer = site.page(path)
        page = Page(answer)
        tap.same((answer.status, page.faults), (200, []), f"{path} is whole")
        names = {tag for tag, _ in page.tags}
        tap.same(names & {"img", "b", "object", "iframe"}, set(),
                 f"{path}: no element of a text")
        tap.same(len(page.all("script")), 1, f"{path}: one script")
        text = answer.body.decode()
        tap.ok(not any(c in text for c in
                       "\u202e\u2066\u2069\ufeff\u200b\0\x1b\x85\x9f"),
               f"{path}: no character that cannot be seen")


def without_store():
    with open(site.config) as fin:
        text = fin.read()
    with open(site.config, "w") as out:
        out.write(text.replace('<store url="sqlite:events.db"/>', ""))
    site.start()
    page = Page(site.page("/events"))
    tap.ok("no <store>" in page.text, "without a store")
    tap.same(site.page("/event/1").status, 404, "no event")
    tap.same(site.stop(), 0, "ends well")


def main():
    site.start()
    page = Page(site.page("/events"))
    tap.ok("Nothing has come yet" in page.text, "nothing yet")
    shows()
    hides()
    filters()
    missing()
    found()
    same_as_command()
    cursors()
    hostile()
    tap.same(site.stop(), 0, "ends well")
    os.unlink(site.config)
    site.configure()
    without_store()


tap.run(main)
