#!/usr/bin/env python3
"""The list of messages, and what became of one."""

import json

from inspected import Inspected, Page  # first: it sets the path
import tap

site = Inspected()


def messages(query=""):
    page = Page(site.page("/messages" + query))
    return [u.split("/", 1)[1] for u in page.links()
            if u.startswith("message/")]


def lists():
    for name, kind in (("m-1", "message-received"), ("m-2", "message-sending"),
                       ("m-3", "message-sending"), ("m-2", "message-failed"),
                       ("m-3", "message-delivered")):
        site.message(name, kind)
    site.call("c-1")
    tap.ok(site.stored(6), "events of three messages")
    tap.same(messages(), ["m-3", "m-2", "m-1"], "newest first")
    for query, want in (("?state=failed", ["m-2"]), ("?number=9999", []),
                        ("?number=0142", ["m-3", "m-2", "m-1"]),
                        ("?before=5", ["m-2", "m-1"])):
        tap.same(messages(query), want, f"messages {query}")
    tap.same(site.page("/messages?state=odd").status, 400, "no such state")
    text = Page(site.page("/messages")).text
    for words in ("received", "failed", "delivered", "+*******0142"):
        tap.ok(words in text, f"the list has {words}", text)
    tap.ok("hello" not in text, "and no text of a message")


def one():
    page = Page(site.page("/message/m-2"))
    tap.ok(page.text.find("message-sending") <
           page.text.find("message-failed"), "in order", page.text)
    tap.same([u for u in page.links() if "event/" in u],
             ["../event/2", "../event/4"], "with links to the events")
    data = json.loads(site.page("/message/m-2.json").body)
    tap.same([e["id"] for e in data["events"]], [2, 4], "as JSON")
    tap.same(site.page("/message/m-9").status, 404, "no such message")
    tap.same(site.page("/message/m-9.json").status, 404, "nor as JSON")


def main():
    site.start()
    tap.ok("No message has come yet" in Page(site.page("/messages")).text,
           "none")
    lists()
    one()
    tap.same(site.stop(), 0, "ends well")


tap.run(main)
