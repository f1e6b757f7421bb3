#!/usr/bin/env python3
"""The pages of <inspector> in Chromium, behind nginx, with calls and messages
that the simulator has played. Everywhere: nothing is said on the console, nothing
refused by the policy, nothing scrolls sideways, and axe-core finds nothing."""

import json
import os
import re
import signal
import subprocess

from browsing import Browser, install, process  # first: it sets the path
from shown import Shown
import responder
import responder_site
import tap

# The responder looks for the telephone's program in its PATH, and so do copied
# commands.
os.environ["PATH"] = os.path.dirname(responder.command()) + ":" + \
    os.environ["PATH"]

ROWS = "table.events tbody tr"
# A folder for pictures of the pages; "make pictures" puts them into docs/.
PICTURES = os.environ.get("BW_PICTURES")

site = browser = None


def url(path, user=None):
    host = site.url.split("//")[1]
    if user:
        host = f"{user}:{site.passwords[user]}@{host}"
    return f"http://{host}/_inspector{path}"


def until_read(load):
    """Load until the store was read in time: on a busy machine a page says that
    it was not, and asks to be loaded again."""
    result = None

    def good():
        nonlocal result
        browser.said.clear()
        result = load()
        return "store does not answer" not in browser.texts(what="main")[0]
    process.wait_until(good)
    return result


def go(path):
    return until_read(lambda: browser.go(url=url(path)))


def enter(user, path, **how):
    """Open a page as a user, in a browser of its own."""
    browser.open(user=user, password=site.passwords[user], **how)
    return go(path)


def post(path, words):
    """Send a form of a page that changes nothing."""
    def load():
        browser.go(url=url(path))
        browser.send(what="button", text=words)
    until_read(load)


def callback(call, kind, path="/voice", **more):
    members = {"eventType": kind, "accountId": "9900100", "callId": call,
               "from": "+19195550155", "to": "+19195550100",
               "direction": "inbound",
               "eventTime": "2026-03-04T15:00:00.000Z", **more}
    return site.send(path, json.dumps(members).encode(),
                     [("Content-Type", "application/json")])


def events(query=""):
    return json.loads(site.page("/events.json" + query).body)["events"]


def nothing_yet():
    """The store has no file yet: the first event must come by itself."""
    enter("ops", "/")
    browser.wait(what="#live", text="Live")
    site.simulate("message", "/messages")
    browser.wait(what=ROWS, text="message-received")
    browser.quiet("the first event of a new store")
    tap.ok(True, "the first event is followed")


def followed():
    """A call while it goes on, from an address that has a password in it."""
    callback("c-live", "initiate")
    browser.open()
    browser.go(url=url("/call/c-live", "ops"))
    browser.wait(what=".ladder", text="In progress")
    browser.wait(what="#live", text="Live")
    callback("c-live", "gather", "/voice/menu", digits="7")
    browser.wait(what=".ladder", text="presses 7")
    # The content was replaced once: it must still be followed.
    browser.wait(what="#live", text="Live")
    callback("c-live", "redirect")
    browser.wait(what=".ladder", text="redirect")
    callback("c-live", "disconnect", cause="hangup")
    browser.wait(what=".ladder", text="The call ends: hangup")
    tap.same(browser.count(what="#live"), 0, "it is over: nothing is followed")
    browser.quiet("a call that goes on")
    browser.go(url=url("/events", "ops"))
    browser.wait(what="#live", text="Live")
    site.simulate("call", "/voice", "--digits", "silence", "--from",
                  "+19195550166")
    browser.wait(what=ROWS, text="0166")
    browser.click(what="#live button", text="Pause")
    browser.wait(what="#live button", text="Go on")
    browser.quiet("a list that is followed")


def paths():
    """Every page, with what happened."""
    bad = events("?state=fallback")[0]
    message = events("?family=messaging")[0]
    order = re.search(rb'href="[^"]*(order/[^"]+)"', site.page("/orders").body)
    return ["/", "/calls", f"/call/{bad['call']}", "/messages",
            f"/message/{message['message']}", "/orders",
            "/" + order[1].decode(), "/portouts", "/events",
            f"/event/{bad['id']}", "/consumers", "/consumers/crm", "/flow",
            "/play", "/event/999999"]


def picture(name, width, scheme):
    if PICTURES:
        browser.picture(path=os.path.join(
            PICTURES, f"{name}-{width}-{scheme}.png"))


def name_of(path):
    """That of a page's pictures."""
    name = path.strip("/").split("/")[0] or "now"
    return "consumer" if path.startswith("/consumers/") else name


def looks(all_paths):
    """axe-core takes most of the time: each scheme and each width once."""
    for scheme, width, axe in (("light", 1280, True), ("light", 390, False),
                               ("dark", 1280, False), ("dark", 390, True)):
        enter("ops", "/", scheme=scheme, width=width)
        for path in all_paths:
            name = f"{path[:20]} {scheme} {width}"
            missing = path == "/event/999999"
            status = go(path)
            if missing:  # the browser itself says so
                browser.said.clear()
            found = browser.axe() if axe else []
            tap.same((status, browser.said, browser.width(), found),
                     (404 if missing else 200, [], 0, []), name)
            if not missing:
                picture(name_of(path), width, scheme)


def without_script(all_paths):
    """The same facts."""
    facts = "main h1, main h2, main td, main dd, main li, main .why"

    def texts(path):
        go(path)
        # Without what depends on the time, or on how often one asks.
        return [re.sub(r"\d+ ((s|min) ago|without credentials)", "", text)
                for text in browser.texts(what=facts)]

    enter("ops", "/")
    with_it = {path: texts(path) for path in all_paths}
    enter("ops", "/", script=False)
    browser.said.clear()  # that scripts are off
    for path in all_paths:
        tap.same(texts(path), with_it[path], f"{path[:20]} without the script")
    browser.said.clear()


def keys():
    enter("ops", "/")
    for key in "g", "c":
        browser.press(key=key)
    browser.wait(what="nav [aria-current]", text="Calls")
    browser.press(key="j")
    browser.press(key="Enter")
    browser.wait(what="h1", text="Call from")
    browser.press(key="?")
    browser.wait(what="dialog", text="press a key of the telephone")
    browser.press(key="Escape")
    browser.wait(what="dialog", state="detached")
    browser.press(key="u")
    browser.wait(what="h1", text="Calls")
    browser.press(key="/")
    browser.type(what="[type=search]", text="+1 (919) 555-0187")
    browser.press(key="Enter")
    browser.wait(what="table", text="0187")
    tap.same(browser.count(what="tbody tr"), 1, "a number finds its call")
    browser.quiet("keys")


def retried():
    """Dead letters, one and then all."""
    enter("ops", "/consumers/crm")
    tap.same(browser.count(what="form[method=post] button"), 0,
             "ops may not try again")
    enter("lead", "/consumers/crm")
    letters = ROWS + " button:has-text('Try again')"
    before = browser.count(what=letters)
    browser.send(what=ROWS + " button", text="Try again")
    browser.wait(what="[role=status]", text="1 will be tried again.")
    tap.same(browser.count(what=letters), before - 1, "one less")
    browser.send(what="div.more button", text="Try all again")
    browser.wait(what="[role=status]",
                 text=f"{before - 1} will be tried again.")
    browser.wait(what="main", text="It has given up no event.")
    site.consume("crm", "true")
    go("/consumers/crm")
    tap.same(browser.texts(what=ROWS + " td:nth-child(5)"), ["0"],
             "they were handled")
    go("/events?family=operator")
    tap.ok(browser.count(what=ROWS) >= 2, "both are recorded")
    browser.quiet("dead letters")


def ids(name):
    return set(browser.texts(what=f".flow g.{name} text:first-of-type"))


def telephone():
    """Through the example's flow to its voicemail."""
    enter("ops", "/play")
    # The first form is sent without the script's help, too.
    browser.send(what="form.filter button")
    browser.wait(what=".telephone h2", text="Press a key")
    tap.ok("Thank you for calling." in ids("now"), "the greeting is lit",
           ids("now"))
    browser.axe()
    browser.press(key="5")
    browser.wait(what="main", text="is not a choice")
    browser.wait(what=".telephone h2", text="Press a key")
    browser.click(what=".telephone button[value='9']")
    browser.wait(what=".telephone h2", text="Recording")
    tap.ok("Please leave a message." in ids("now"), "voicemail is lit",
           ids("now"))
    tap.ok({"Thank you for calling.", "For sales, press 1.",
            "… is not a choice."} <= ids("lit"), "and the way to it",
           ids("lit"))
    browser.type(what=".telephone input[name=text]",
                 text="The <s>lamp</s> is broken")
    browser.click(what=".telephone button", text="Say")
    browser.wait(what=".said", text="The <s>lamp</s> is broken")
    browser.press(key="#")
    browser.wait(what=".telephone h2", text="The call is over")
    browser.wait(what=".said", text="Thank you")
    tap.same((browser.axe(), browser.width(), browser.count(what="main s")),
             ([], 0, 0), "the page of a played call")
    enter("ops", "/play", script=False)
    browser.send(what="form.filter button")
    browser.send(what=".telephone button[value='9']")
    browser.wait(what="main", text="Please leave a message")
    browser.said.clear()
    tap.ok(True, "the telephone works without the script")


def telephone_pictures():
    """A call that is waiting for a message to be left."""
    for width in 1280, 390:
        for scheme in "light", "dark":
            enter("ops", "/play", width=width, scheme=scheme)
            browser.send(what="form.filter button")
            for key in "5", "9":
                browser.wait(what=".telephone h2", text="Press a key")
                browser.click(what=f".telephone button[value='{key}']")
                browser.wait(what=".said kbd", text=key)
            browser.wait(what=".telephone h2", text="Recording")
            picture("telephone", width, scheme)


def shell(command, home):
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, cwd=home,
        env={**process.surroundings(), "HOME": home}, check=False)


def copied(what):
    """The text that a button copies, of the part that has these words."""
    browser.click(what=f"p.note:has-text('{what}') + button")
    browser.wait(what=f"p.note:has-text('{what}') + button", text="Copied")
    return browser.copied()


def revealed(path):
    enter("lead", path)
    post(path, "Show numbers and texts")


def copies():
    """What is copied is run."""
    home = process.folder()
    with open(os.path.join(home, ".netrc"), "w", encoding="utf-8") as f:
        f.write("machine 127.0.0.1\n"
                f"login {responder_site.USER}\npassword {site.password}\n")
    os.chmod(f.name, 0o600)
    one = events("?type=gather&number=0163")[0]
    revealed(f"/event/{one['id']}")
    browser.click(what="summary", text="As a command")
    done = shell(copied("Send it again"), home)
    tap.ok("We did not hear anything" in done.stdout,
           "as curl: it is answered", done)
    tap.same(events(f"?call={one['call']}&type=gather")[0]["deliveries"], 2,
             "and known to have come before")
    done = shell(copied("Play its call again"), home)
    tap.same(done.returncode, 0, "as simulate: it plays")
    tap.ok("The call would be the same today." in done.stdout,
           "and is the same call", done)
    done = shell(copied("Answer it again"), home)
    tap.ok("200, the same as before" in done.stdout, "as replay", done)
    browser.quiet("copies of an event")
    for number, what in (("0163", "is silent"), ("0118", "is transferred"),
                         ("0190", "hangs up"), ("0171", "leaves a message")):
        one = events(f"?type=initiate&number={number}")[0]
        revealed(f"/call/{one['call']}")
        browser.click(what="summary", text="As a scenario")
        with open(os.path.join(home, "s.xml"), "w", encoding="utf-8") as f:
            f.write(copied("A test of the flow"))
        done = shell("bwcallback simulate test s.xml", home)
        tap.ok(done.returncode == 0 and one["call"] in done.stdout,
               f"as a scenario: a caller who {what}", done)
    browser.quiet("copies of calls")


def replayed():
    """What today's flow would answer, before and after a change of it."""
    one = events("?type=gather&number=0163")[0]
    enter("ops", f"/event/{one['id']}")
    post(f"/event/{one['id']}", "Answer it with today's flow")
    browser.wait(what="main", text="the same as then")
    with open(site.config, encoding="utf-8") as f:
        text = f.read()
    with open(site.config, "w", encoding="utf-8") as f:
        f.write(text.replace("We did not hear anything.", "Call again."))
    site.responder.child.signal(signal.SIGHUP)

    def changed():
        post(f"/event/{one['id']}", "Answer it with today's flow")
        return "not the same as then" in browser.texts(what="main")[0]
    tap.ok(process.wait_until(changed), "a changed flow answers differently")
    words = browser.texts(what="main")[0]
    tap.ok("Call again. Goodbye." in words and
           "We did not hear anything. Goodbye." in words,
           "both answers are there", words)
    browser.quiet("a replay")


HOSTILE = ("<s>bold</s><img src=x onerror=alert(1)>", "\u202eevil\u2066",
           "A" * 10240, "nul \0 bell \7 del \x7f", "&lt;s&gt;", "']]>\"--><")


def hostile():
    """Names and texts are text."""
    for i, text in enumerate(HOSTILE):
        site.send("/messages", json.dumps([
            {"type": "message-received", "time": "2026-03-01T10:00:00Z",
             "to": "+19195550100", "description": text,
             "message": {"id": f"h-{i}", "time": "2026-03-01T10:00:00Z",
                         "from": text[:100], "to": ["+19195550100"],
                         "text": text}}]).encode(),
            [("Content-Type", "application/json")])
        callback(f"c-h{i}", text[:500], tag=text, cause=text)
    first = events("?family=messaging")
    for i, text in enumerate(HOSTILE):
        one = next(e for e in first if e["message"] == f"h-{i}")
        revealed(f"/event/{one['id']}")
        words = browser.texts(what="main")[0]
        if i == 0:
            tap.ok("<s>bold</s><img src=x" in words, "markup is text", words)
        elif i == 1:
            tap.ok("⟨U+202E⟩" in words and "\u202e" not in words,
                   "what turns the direction is named", words)
        tap.same((browser.count(what="main s, main img"), browser.width()),
                 (0, 0), f"hostile text {i}")
    enter("lead", "/", width=390)
    for path in ("/", "/events", "/calls", "/messages", "/call/c-h0",
                 "/message/h-2"):
        go(path)
        tap.same((browser.count(what="main s, main img"), browser.width()),
                 (0, 0), f"{path}: hostile names")
    browser.quiet("hostile texts")


def main():
    global site, browser
    room = install()
    site = Shown()
    browser = Browser(room)
    try:
        nothing_yet()
        site.consume("crm", "true")  # it has what comes from now on
        site.traffic()
        followed()
        site.consume("crm", "sh", "-c", "echo crm.example.com: 503 >&2; exit 9")
        all_paths = paths()
        looks(all_paths)
        without_script(all_paths[:-1])
        keys()
        retried()
        telephone()
        if PICTURES:
            telephone_pictures()
        copies()
        replayed()
        hostile()
    finally:
        browser.stop()
        site.stop()


tap.run(main)
