#!/usr/bin/env python3
"""The first page lists each kind of problem."""

import os
import signal
import sqlite3
import subprocess

from inspected import Inspected, Page, f, wait_until  # first: it sets the path
import tap
from responder import command

site = Inspected()


def text(path="/"):
    return Page(site.page(path)).text


def tells(words, name):
    """Wait until the page says so: a busy machine may cut its reading."""
    if not tap.ok(wait_until(lambda: words in text()), name):
        tap.diag(text())


def sections():
    """The links of the sections' rows."""
    return sorted(u for u in Page(site.page("/")).links()
                  if u.startswith("events?section="))


def quiet():
    tells("Nothing needs you", "nothing")
    tells("Nothing has come yet", "and nothing came")
    tap.same(sections(), ["events?section=%2Fmessages",
                                "events?section=%2Forders",
                                "events?section=%2Fportout",
                                "events?section=%2Fvoice"],
             "a row for each section that takes callbacks")


def fallbacks():
    site.call("c-1")
    site.call("c-1", "gather", digits="4")
    tap.ok(site.stored(2), "an answer that failed")
    tells("Callers hear the fallback", "it is told")
    page = Page(site.page("/"))
    tap.ok("1 fallback, 0 errors" in page.text, "how often", page.text)
    tap.ok("event/2" in page.links(), "with a link")
    tap.ok("wrong" in [a.get("class") for a in page.all("rect")],
           "and a bar that is red")
    tells("key 4", "what came in is below")


def consumers():
    subprocess.run([command(), "consume", "crm", "--config", site.config,
                    "--tries", "1", "--since", "1h", "--once", "--", "false"],
                   check=False, capture_output=True)
    tells("A consumer gave up events", "dead letters")
    tap.ok("consumers/crm" in Page(site.page("/")).links(), "with a link")


def configuration():
    with open(site.config, encoding="utf-8") as fin:
        good = fin.read()
    with open(site.config, "w", encoding="utf-8") as out:
        out.write("<callbacks>")
    site.child.signal(signal.SIGHUP)
    tells("The configuration does not load", "a refused configuration")
    with open(site.config, "w", encoding="utf-8") as out:
        out.write(good.replace("<portout", "<!-- --><portout"))
    site.child.signal(signal.SIGHUP)
    tap.ok(wait_until(lambda: "does not load" not in text()), "a good one")


def store():
    """Another program has the store locked: the page still comes."""
    other = sqlite3.connect(site.path("events.db"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    tap.same(site.page("/").status, 200, "a locked store")
    site.call("c-9")
    tells("Events wait in the spool", "what waits is told")
    other.execute("COMMIT")
    other.close()
    tap.ok(wait_until(lambda: "in the spool" not in text()), "until it is not")


def one_request():
    """By CGI."""
    def run(path):
        done = subprocess.run(
            site.argv()[:1], stdin=subprocess.DEVNULL, capture_output=True,
            env={"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
                 "REQUEST_URI": path, "REMOTE_ADDR": "127.0.0.1",
                 "HTTP_AUTHORIZATION": site.basic("ops"),
                 "BWCALLBACK_CONFIG": site.config,
                 "LD_LIBRARY_PATH": os.environ["LD_LIBRARY_PATH"]},
            check=False)
        return f.Answer(done.stdout)
    for path in ("", "/", "/events", "/calls", "/call/c-1", "/event/1",
                 "/consumers", "/consumers/crm"):
        answer = run("/_inspector" + path)
        tap.same((answer.status, Page(answer).faults), (200, []),
                 f"{path or 'the path itself'} by CGI")
    tap.same(run("/_inspectors").status, 404, "nothing beside it")


def main():
    site.start()
    quiet()
    fallbacks()
    consumers()
    configuration()
    store()
    tap.same(site.stop(), 0, "ends well")
    one_request()


tap.run(main)
