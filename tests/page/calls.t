#!/usr/bin/env python3
"""The list of calls, and one call as a ladder."""

import json

from inspected import Inspected, Page  # first: it sets the path
import fastcgi as f
import tap

site = Inspected()


def at(seconds):
    minutes, seconds = divmod(seconds, 60)
    return f"2026-03-01T10:{int(minutes):02d}:{seconds:06.3f}Z"


def play(call, *events, number="+19195550142"):
    for when, kind, more in events:
        site.call(call, kind, number=number, eventTime=at(when), **more)


def calls(query=""):
    page = Page(site.page("/calls" + query))
    return [u.split("/", 1)[1] for u in page.links() if u.startswith("call/")]


def lists():
    play("c-good", (0, "initiate", {}), (5, "gather", {"digits": "1"}),
         (6, "disconnect", {"cause": "hangup"}))
    play("c-bad", (0, "initiate", {}), (16.8, "gather", {"digits": "4"}),
         (22.8, "disconnect", {"cause": "hangup"}), number="+19195550187")
    play("c-now", (0, "initiate", {}))
    site.message("m-1")
    tap.ok(site.stored(8), "events of three calls")
    tap.same(calls(), ["c-now", "c-bad", "c-good"], "newest first")
    for query, want in (("?state=fallback", ["c-bad"]),
                        ("?state=active", ["c-now"]),
                        ("?state=slow", []), ("?state=again", []),
                        ("?number=0187", ["c-bad"]),
                        ("?number=9195550187", ["c-bad"]),
                        ("?number=1111", []), ("?before=4", ["c-good"]),
                        ("?before=7", ["c-bad", "c-good"])):
        tap.same(calls(query), want, f"calls {query}")
    for query in "?state=odd", "?family=voice", "?before=x":
        tap.same(site.page("/calls" + query).status, 400, f"not {query}")
    text = Page(site.page("/calls")).text
    for words in ("heard the fallback", "in progress", "hangup", "22.8 s",
                  "/voice \u203a key 4", "+*******0187"):
        tap.ok(words in text, f"the list has {words}")


def ladder():
    page = Page(site.page("/call/c-bad"))
    rows = page.text.split("What happened")[1]
    place = -1
    for words in ("initiate", "200", "Gather", "Hello", "0:16.8", "presses 4",
                  "gather", "fallback", "We are sorry", "Hangup", "0:22.8",
                  "disconnect", "204", "The call ends: hangup"):
        found = rows.find(words, place + 1)
        tap.ok(found > place, f"then {words}", rows)
        place = max(place, found)
    tap.ok("The caller heard the fallback after 16.8 s: event 5" in
           page.text, "first of all, what went wrong")
    tap.ok("exit status 3" in page.text and "it broke" in page.text,
           "and why", page.text)
    tap.ok("../event/5" in page.links(), "with a link to it")
    tap.ok("why" not in [a.get("class") for a in
                         Page(site.page("/call/c-good")).all("div")],
           "nothing went wrong in the other")
    data = json.loads(site.page("/call/c-bad.json").body)
    tap.same([e["id"] for e in data["events"]], [4, 5, 6], "as JSON")
    tap.same(site.page("/call/c-none").status, 404, "no such call")


def odd():
    """Answers that are no BXML, ids that are no ids."""
    for name in ("a/b?c#d", "\u202e<b>", "x" * 200, "c-1.json"):
        site.call(name)
    tap.ok(site.stored(12), "odd ids")
    for link in calls()[:3]:
        answer = site.page("/call/" + link)
        page = Page(answer)
        tap.same((answer.status, page.faults), (200, []), f"{link[:20]}")
    f.ask(site.socket, "/voice", b'{"eventType":"initiate"}')
    tap.ok(site.stored(13), "a call without an id")
    tap.same(len(calls()), 7, "is in no list of calls")


def pages():
    """Every call once, however pages are cut."""
    for i in range(60):
        site.call(f"p-{i}")
    for i in range(0, 60, 2):
        site.call(f"p-{i}", "disconnect", cause="hangup")
    tap.ok(site.stored(103), "many calls")
    seen, path = [], "/calls"
    while path and len(seen) < 500:
        page = Page(site.page(path))
        seen += [u for u in page.links() if u.startswith("call/")]
        older = [a["href"] for a in page.all("a") if a.get("rel") == "next"]
        path = "/" + older[0] if older else None
    tap.same((len(seen), len(set(seen))), (67, 67), "each call once")


def main():
    site.start()
    tap.ok("No call has come yet" in Page(site.page("/calls")).text, "none")
    lists()
    ladder()
    odd()
    pages()
    tap.same(site.stop(), 0, "ends well")


tap.run(main)
