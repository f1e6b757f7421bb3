#!/usr/bin/env python3
"""The pages "Flow" and "Play": the picture, and a telephone in the browser."""

import json
import os
import re
import subprocess
import urllib.parse

from inspected import Inspected, Page, f  # first: it sets the path
import process
import tap
from responder import command

# The responder looks for the telephone's program in its PATH.
os.environ["PATH"] = os.path.dirname(command()) + ":" + os.environ["PATH"]

OPEN = "2026-03-04T15:00:00Z"
site = Inspected()


def use(flow, more="", **how):
    """Answer with another configuration."""
    with open(site.config, "w", encoding="utf-8") as out:
        out.write(flow.replace("</callbacks>", site.inspector + more +
                               "</callbacks>"))
    if site.child:
        site.stop()
    site.start(**how)


def post(address, user="ops", origin="http://localhost", **form):
    more = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
    if origin:
        more["HTTP_ORIGIN"] = origin
    more.update({name: form.pop(name) for name in list(form)
                 if name.isupper()})
    return site.page(address, user, "POST", urllib.parse.urlencode(form).encode(),
                     **more)


class Call:
    """A call that is played."""

    def __init__(self, user="ops", **form):
        self.user = user
        answer = post("/play", user, do="call", path="/voice", **form)
        tap.same(answer.status, 303, "a new call")
        self.at = "/" + re.search(r"play/[0-9a-f]{32}$",
                                  answer.fields["Location"])[0]
        self.page()

    def do(self, what, **form):
        answer = post(self.at, self.user, do=what, **form)
        assert answer.status == 303, answer.status
        self.page()
        return self

    def page(self):
        """The page, when the player has come to a question or to the end: on a
        busy machine that takes longer than a form waits."""
        answer = None

        def rests():
            nonlocal answer
            answer = site.page(self.at, self.user)
            return b"Something still runs" not in answer.body

        process.wait_until(rests)
        return Page(answer)

    def lines(self):
        body = site.page(self.at + ".json", self.user).body
        return [json.loads(line) for line in body.splitlines()]

    def until(self, kind):
        """Wait for a line: a program takes its time."""
        process.wait_until(lambda: any(e["kind"] == kind
                                       for e in self.lines()))
        return self.lines()


def classes(page, name):
    """The ids of elements with a class."""
    return [a["id"] for a in page.all("g")
            if name in a["class"].split() and "id" in a]


def asked(page):
    found = [i for i, (tag, a) in enumerate(page.tags)
             if tag == "section" and a.get("class") == "telephone"]
    return page.tags[found[0]:]


def telephone():
    call = Call(at=OPEN)
    page = call.page()
    tap.same(page.faults, [], "the page is well-formed")
    tap.ok("Thank you for calling. For sales, press 1" in page.text,
           "what is heard", page.text)
    keys = [a["value"] for tag, a in page.tags
            if tag == "button" and a.get("name") == "keys"]
    tap.same(sorted(keys), sorted("0123456789*#"), "the keypad")
    tap.same(len(classes(page, "now")), 2, "where it is: a box, an arrow")
    page = call.do("press", keys="2").page()
    tap.ok("It rings at +19195550102" in page.text, "support is called")
    page = call.do("callee", does="busy").page()
    tap.ok("support cannot take your call" in page.text and
           "Recording" in page.text, "nobody answers", page.text)
    page = call.do("say", text="The <b>lamp</b>").page()
    tap.ok("The <b>lamp</b>" in page.text and not page.all("b"),
           "what was said is text")
    page = call.do("press", keys="#").page()
    tap.ok("Thank you. We will call you back." in page.text and
           "The call is over" in page.text, "to voicemail", page.text)
    lit = classes(page, "lit")
    nodes = [e["node"] for e in call.lines() if "edge" in e]
    tap.same((set(nodes[:-1]) <= set(lit), classes(page, "now")[-1]),
             (True, nodes[-1]), "the way through the picture")
    tap.same([a for a in page.all("button") if a.get("name") == "keys"], [],
             "and no keys any more")


def access():
    call = Call(at=OPEN)
    tap.same(site.page(call.at, "lead").status, 404, "another user's call")
    tap.same(post(call.at, "lead", do="wait").status, 404, "nor by a form")
    tap.same(site.page(call.at, None).status, 401, "without a password")
    for name, more in (
            ("another origin", {"origin": "http://evil.example"}),
            ("no origin", {"origin": None}),
            ("a null origin", {"origin": "null"}),
            ("another site", {"HTTP_SEC_FETCH_SITE": "cross-site"}),
            ("a type that needs no leave",
             {"CONTENT_TYPE": "text/plain"})):
        before = call.lines()
        tap.same((post(call.at, do="wait", **more).status,
                  post("/play", do="call", **more).status), (403, 403), name)
        tap.same(call.lines(), before, f"{name}: nothing happens")
    tap.same(post(call.at, do="wait",
                  HTTP_SEC_FETCH_SITE="same-origin").status, 303, "our own")
    tap.same(post("/flow", do="x").status, 405, "the flow takes no form")
    tap.same(post(call.at, do="x" * 9000).status, 413, "too large a form")
    tap.same(site.page("/play/" + "0" * 32).status, 404, "no such call")
    call.do("dance")
    tap.same([e["kind"] for e in call.lines()][-2:], ["refused", "want"],
             "what is not possible is refused")


def number():
    """The number of processes is limited: a user's oldest call is ended."""
    calls = [Call(at=OPEN) for _ in range(5)]
    live = process.programs_of(site.child.pid)
    tap.same(len(live), 4, "at most four processes")
    tap.same(post("/play", "lead", do="call").status, 503,
             "nor does another user get more")
    for call in calls[1:]:
        call.do("hangup")
    tap.same(Call("lead", at=OPEN).page().faults, [],
             "until some have ended")


PROGRAM = """<callbacks>
<credentials id="ops" file="ops" realm="Operators"/>
<voice path="/voice">
<on event="initiate"><exec program="answers"/></on>
<fallback><Response><SpeakSentence>Sorry.</SpeakSentence></Response></fallback>
</voice></callbacks>"""


def programs():
    with open(site.path("answers"), "w", encoding="utf-8") as out:
        out.write("#!/bin/sh\ntouch %s\necho '<Response><SpeakSentence>It ran."
                  "</SpeakSentence></Response>'\n" % site.path("mark"))
    os.chmod(site.path("answers"), 0o755)
    use(PROGRAM)
    page = Call().page()
    tap.ok("This program would run" in page.text, "a program would run")
    call = Call()
    call.do("program", does="run")
    tap.same([e["kind"] for e in call.lines()][-2:], ["refused", "want"],
             "who may not act may not run it")
    page = call.do("program", does="fallback").page()
    tap.ok("Sorry." in page.text and not os.path.exists(site.path("mark")),
           "the fallback answers", page.text)
    call = Call("lead").do("program", does="run")
    tap.ok("It ran." in [e.get("text") for e in call.until("bye")] and
           os.path.exists(site.path("mark")), "who may, may")


WAITING = """<callbacks>
<store url="sqlite:waiting.db"/>
<credentials id="ops" file="ops" realm="Operators"/>
<voice path="/voice">
<on event="initiate" from="+19195550142"><exec program="waits"/></on>
<on event="initiate"><Response><Hangup/></Response></on>
</voice></callbacks>"""


def waiting():
    """A form that waits for a program occupies no worker."""
    with open(site.path("waits"), "w", encoding="utf-8") as out:
        out.write("#!/bin/sh\nwhile [ ! -e '%s' ]; do sleep 0.05; done\n"
                  "echo '<Response/>'\n" % site.path("open"))
    os.chmod(site.path("waits"), 0o755)
    use(WAITING, workers=1)
    call = Call("lead")
    body = b"do=program&does=run"

    def overtaken():
        """Is a call answered before the form? Its wait ends after 2 s."""
        with f.Connection(site.socket) as c:
            c.send(f.request("/_inspector" + call.at, body,
                             HTTP_AUTHORIZATION=site.basic("lead"),
                             REMOTE_ADDR="127.0.0.1", HTTP_HOST="localhost",
                             HTTP_ORIGIN="http://localhost", CONTENT_TYPE=
                             "application/x-www-form-urlencoded"))
            site.call("c-w", number="+19195550199")
            c.socket.setblocking(False)
            try:
                first = c.socket.recv(1) == b""
            except BlockingIOError:
                first = True
            c.socket.settimeout(process.PATIENCE)
            c.answer()
        return first
    tap.ok(any(overtaken() for _ in range(5)), "a call is answered first")
    with open(site.path("open"), "w", encoding="utf-8"):
        pass
    tap.ok(call.until("bye"), "and the program answers at last")


TRAFFIC = """<callbacks>
<credentials id="ops" file="ops" realm="Operators"/>
<store url="sqlite:traffic.db"/>
<voice path="/voice">
<on event="initiate"><Response><Gather gatherUrl="/voice"/></Response></on>
<on event="gather" digits="1|"><Response><Hangup/></Response></on>
<on event="gather" digits="2"><exec program="bad"/></on>
<on event="gather"><Response><Redirect redirectUrl="/voice"/></Response></on>
<on event="redirect"><Response><Gather gatherUrl="/voice"/></Response></on>
<fallback><Response><Hangup/></Response></fallback>
</voice></callbacks>"""


def edge(body, name):
    """What the picture says of a line: its class, its width, its number."""
    found = re.search(r'<g class="([^"]*)" id="%s"><path d="[^"]*"'
                      r'(?: stroke-width="(\d+)")?>.*?</g>' % name, body)
    number = re.search(r"<text[^>]*>(\d+)</text>", found[0])
    return found[1], found[2], number and number[1]


def traffic():
    use(TRAFFIC)
    for call, events in (("c-a", ["1"]), ("c-b", ["2"]), ("c-c", ["5", "1"])):
        site.call(call)
        for digits in events:
            site.call(call, "gather", digits=digits)
            if digits == "5":
                site.call(call, "redirect")
    process.wait_until(lambda: b"3 calls in the" in site.page("/flow").body)
    process.wait_until(lambda: edge(site.page("/flow").body.decode(),
                                    "e9-6")[2] == "1")
    page = site.page("/flow").body.decode()
    tap.same(edge(page, "einitiate-5"), ("way", "2", "3"), "three calls")
    tap.same(edge(page, "e5-6"), ("way", "1", "1"), "one presses 1")
    tap.same(edge(page, "e5-7"), ("way wrong", "1", "1"),
             "one gets the fallback")
    tap.same(edge(page, "e5-9"), ("way", "1", "1"),
             "one goes on by a rule that only redirects")
    tap.same(edge(page, "e7-10"), ("way else", None, None),
             "a way that nobody took")
    words = Page(site.page("/flow")).text.split("As a list")[1]
    tap.ok("lookup" not in words and ", 2 times" in words and
           ", 1 times, 1 failed" in words, "the same in words", words)
    tap.ok("0 calls" not in page and "flow?since=24h" in page, "other times")
    tap.same([len(rows(f"/events?node=callbacks.xml%3A{line}"))
              for line in (5, 6, 7, 9, 99)], [3, 2, 1, 1, 0],
             "the events of each rule")


def rows(path):
    return [a for a in Page(site.page(path)).all("tr") if "data-seq" in a]


def flow():
    page = Page(site.page("/flow"))
    tap.ok("0 calls in the last hour" in page.text, "no traffic yet",
           page.text)
    tap.same(site.page("/flow?since=1y").status, 400, "no such time")
    tap.same(site.page("/flow?since=7d").status, 200, "a week")
    tap.same(page.faults, [], "Flow is well-formed")
    boxes = classes(page, "rule") + classes(page, "start")
    tap.ok(len(boxes) > 10, "its picture", boxes)
    tap.ok(any(re.fullmatch(r"events\?node=callbacks\.xml%3A\d+", a)
               for a in page.links()), "a rule opens its events",
           page.links())
    tap.ok("As a list" in page.text, "and it is there in words")
    tap.same(post("/play", do="call", path="voice").status, 303, "a bad path")


HOSTILE = """<callbacks>
<credentials id="ops" file="ops" realm="Operators"/>
<voice path="/voice"><on event="initiate" from="&lt;b&gt;*|*"><Response>
<Gather gatherUrl="/voice"><SpeakSentence>&lt;script&gt;\u202e</SpeakSentence>
</Gather></Response></on>
<on event="gather"><Response><Hangup/></Response></on></voice></callbacks>"""


def hostile():
    use(HOSTILE)
    for page in (Page(site.page("/flow")), Call().page()):
        tap.same((page.faults, len(page.all("script")), page.all("b")),
                 ([], 1, []), "hostile texts are text")
    with open(site.config, "w", encoding="utf-8") as out:
        out.write("<callbacks>")
    tap.ok("cannot be loaded now" in Page(site.page("/flow")).text,
           "a file that is being edited")
    call = Call()
    tap.ok("The call is over" in call.page().text and
           call.lines()[-1] == {"kind": "bye", "reason": "error"},
           "cannot be called", call.lines())


def missing():
    """Without the program a sentence says so."""
    other = Inspected()
    os.environ["PATH"] = "/nonexistent"
    other.start()
    answer = other.page("/play", "ops", "POST", b"do=call",
                        CONTENT_TYPE="application/x-www-form-urlencoded",
                        HTTP_ORIGIN="http://localhost")
    tap.ok(answer.status == 503 and b"cannot be started" in answer.body,
           "no such program", answer.body)


def main():
    subprocess.run([command(), "init", "ivr", site.path("ivr")], check=True,
                   stdout=subprocess.DEVNULL)
    with open(site.path("ivr/callbacks.xml"), encoding="utf-8") as f:
        ivr = f.read()
    for name in ("passwd", "password", "staff.csv", "holidays.ics"):
        os.link(site.path("ivr/" + name), site.path(name))
    ivr = ivr.replace("<callbacks>", '<callbacks>\n<credentials id="ops" '
                      'file="ops" realm="Operators"/>', 1)
    use(ivr)
    flow()
    telephone()
    access()
    number()
    waiting()
    traffic()
    programs()
    hostile()
    missing()


tap.run(main)
