#!/usr/bin/env python3
"""Pages that follow what comes in: "stream" and "poll"."""

import itertools
import json
import os
import select
import subprocess

from inspected import Inspected, Page, f  # first: it sets the path
from process import wait_until
import tap

site = Inspected()


class Stream(f.Connection):
    """A reader of /stream, by the records of its connection."""

    def __init__(self, query="", user="ops", **more):
        super().__init__(site.socket)
        more.setdefault("REMOTE_ADDR", "127.0.0.1")
        self.send(f.request("/_inspector/stream" + query, method="GET",
                            HTTP_AUTHORIZATION=site.basic(user), **more))
        self.text = b""
        self.ended = False
        self.more()

    def more(self):
        """Wait for the next part."""
        r = self.record()
        if r is None or r[0] == f.END:
            self.ended = True
        elif r[0] == f.STDOUT:
            self.text += r[2]

    @property
    def head(self):
        return f.Answer(self.text)

    def events(self):
        """The events so far: name, id, data."""
        found = []
        for block in self.head.body.decode().split("\n\n")[:-1]:
            lines = dict(line.split(": ", 1) for line in block.split("\n")
                         if ": " in line)
            if "event" in lines:
                found.append((lines["event"], lines.get("id"),
                              json.loads(lines["data"])))
        return found

    def until(self, n, name="row"):
        """Wait until there are so many events of a name; all of them."""
        while not self.ended and \
                len([e for e in self.events() if e[0] == name]) < n:
            self.more()
        return [e for e in self.events() if e[0] == name]


def texts(tree):
    """The texts of a tree, in order."""
    return [text for part in tree[2:]
            for text in ([part] if isinstance(part, str) else texts(part))]


def poll(query="", user="ops"):
    return site.page("/poll" + query, user)


def rows():
    """A row goes to each reader that wants it."""
    site.call("c-1")
    site.stored(1)
    everything, after, calls = (Stream(), Stream("?after=1"),
                                Stream("?family=voice&after=1"))
    tap.same((everything.head.status,
              everything.head.fields.get("Content-Type"),
              everything.head.fields.get("X-Accel-Buffering"),
              everything.head.fields.get("Content-Length")),
             (200, "text/event-stream", "no", None), "the head of a stream")
    tap.same([e[1] for e in everything.until(1)], ["1"],
             "from the beginning, if it has nothing")
    site.message("m-2")
    site.call("c-3")
    tap.same([e[1] for e in everything.until(3)], ["1", "2", "3"],
             "all that comes")
    tap.same([e[1] for e in after.until(2)], ["2", "3"],
             "what comes after an event")
    tap.same([e[1] for e in calls.until(1)], ["3"], "what a filter selects")
    tree = calls.until(1)[0][2]
    tap.same((tree[0], tree[1]), ("tr", {"data-seq": "3"}), "a row is a tree")
    words = texts(tree)
    tap.ok("initiate" in words and "+*******0142" in words and
           "/voice" in words, "its texts, masked", words)
    again = Stream(HTTP_LAST_EVENT_ID="2")
    tap.same([e[1] for e in again.until(1)], ["3"],
             "a stream that is continued goes on")
    for s in (everything, after, calls, again):
        s.close()


def later():
    """The answer of a program comes later, and the row again."""
    with open(site.path("bad"), "w") as out:
        out.write("#!/bin/sh\nwhile [ ! -e '%s' ]; do sleep 0.05; done\n"
                  "exit 3\n" % site.path("gate"))
    stream = Stream("?after=3&call=c-4")
    with f.Connection(site.socket) as c:
        c.send(f.request("/voice", json.dumps(
            {"eventType": "gather", "accountId": "1", "callId": "c-4",
             "from": "+19195550142", "to": "+19195550100", "digits": "4",
             "direction": "inbound"}).encode()))
        first = stream.until(1)[0]
        tap.ok("no answer" in texts(first[2]), "while a program runs",
               texts(first[2]))
        site.open_gate()
        c.answer()
    both = stream.until(2)
    tap.same([e[1] for e in both], ["4", "4"], "the row comes again")
    tap.ok("200 fallback" in texts(both[1][2]), "with its answer",
           texts(both[1][2]))
    stream.close()


def polls():
    got = json.loads(poll("?after=2").body)
    tap.same(([r[1]["data-seq"] for r in got["rows"]], got["after"],
              got["gap"]), (["3", "4"], 4, False), "a poll has what came")
    with f.Connection(site.socket) as c:
        c.send(f.request("/_inspector/poll?after=4&now=1", method="GET",
                         REMOTE_ADDR="127.0.0.1",
                         HTTP_AUTHORIZATION=site.basic("ops")))
        site.call("c-5")
        got = json.loads(c.answer().body)
    tap.same([r[1]["data-seq"] for r in got["rows"]], ["5"],
             "a poll waits for what comes")
    tap.ok("Needs you" in texts(got["state"]), "and has the state of Now")


def states():
    stream = Stream("?now=1&after=5")
    state = stream.until(1, "state")[0][2]
    tap.same(state[:2], ["div", {"class": "cols"}], "the state of Now")
    tap.ok("Callers hear the fallback" in texts(state), "what needs somebody",
           texts(state))
    stream.close()


def hostile():
    site.call("c-6", kind="<b>\"\\'\u202e\x01\n\U0001f600")
    stream = Stream("?after=5")
    words = texts(stream.until(1)[0][2])
    tap.ok(any("U+202E" in w for w in words) and "\u202e" not in
           "".join(words), "what is unseen is written out", words)
    stream.close()


def refused():
    def status(path, user="ops", **more):
        return site.page(path, user, **more).status
    tap.same([status(p, None) for p in ("/stream", "/poll")], [401, 401],
             "without a password")
    tap.same([status(p + q) for p in ("/stream", "/poll") for q in
              ("?since=x", "?after=x", "?before=1", "?state=odd")], [400] * 8,
             "what is not understood")
    tap.same(status("/poll?after=0", HTTP_HOST="ops",
                    REMOTE_ADDR="192.0.2.1"), 403, "not in the clear")
    tap.same([site.page("/stream", method=m).status for m in
              ("HEAD", "POST")], [204, 405], "other methods")


def pages():
    """Pages say what their script may follow."""
    def mark(path, name="data-how"):
        found = [a for a in Page(site.page(path)).all("p")
                 if a.get("id") == "live"]
        return found[0].get(name) if found else None
    tap.same([mark(p) for p in ("/", "/events", "/events?family=voice",
                                "/events?before=3", "/call/c-5", "/calls")],
             ["now", "rows", "rows", None, "page", None], "what is live")
    tap.same([mark(p, "data-after") for p in ("/events", "/call/c-5")],
             ["6", "5"], "after the newest event, or the last of the call")


def many():
    """A hundred readers, more than workers, hold up nobody."""
    last = 6

    def admitted(after):
        """A reader; the places of those who left are free a little later."""
        found = []

        def begin():
            found.append(Stream(f"?after={after}"))
            return found[-1].head.status == 200
        tap.ok(wait_until(begin), "a reader")
        return found[-1]
    streams = [admitted(last) for _ in range(100)]
    other = site.page("/stream")
    tap.same((other.status, other.fields.get("Retry-After")), (503, "10"),
             "no more than that")
    tap.same((site.call("c-7").status, site.page("/events").status,
              site.page("/call/c-7").status), (200, 200, 200),
             "calls and pages are answered")
    verdict = f.ask(site.socket, "/portout", b"<PortOutValidationRequest>"
                    b"<PON>P1</PON></PortOutValidationRequest>",
                    CONTENT_TYPE="application/xml")
    tap.ok(verdict.status == 200 and b"<PortOutValidationResponse>" in
           verdict.body, "a port-out too", verdict)
    site.message("m-9")
    got = [[e[1] for e in s.until(3)] for s in streams]
    tap.same(got, [["7", "8", "9"]] * 100, "each gets each row")
    for s in streams[:50]:
        s.close()
    site.call("c-10")
    tap.same([[e[1] for e in s.until(4)][-1] for s in streams[50:]],
             ["10"] * 50, "who stays gets more")
    return streams[50:] + [admitted(10) for _ in range(10)]


def unread(streams):
    """One that reads nothing holds up nobody, and is closed at last."""
    slow = Stream("?after=10")
    sent = itertools.count()

    def is_closed():
        site.message(f"u-{next(sent)}", kind="x" * 2000)
        peer = select.poll()
        peer.register(slow.socket, 0)
        return any(what & select.POLLHUP for _, what in peer.poll(0))
    tap.ok(wait_until(is_closed), "one that does not read is closed")
    tap.same(site.call("c-11").status, 200, "calls are answered meanwhile")
    got = slow.until(next(sent))
    tap.ok(slow.ended and got, "it had some rows", len(got))
    slow.close()
    for s in streams:
        s.close()


def burst():
    """More at once than a page shows: the newest are sent, and how many are
    left out. A reader of few events gets all of these."""
    last = site.last()
    queries = (f"?after={last}", f"?message=b-3&after={last}",
               f"?after={last}&message=b-3")
    streams = [Stream(q) for q in queries]
    site.message("b-3")
    tap.same([s.until(1)[0][1] for s in streams], [str(last + 1)] * 3,
             "readers that have begun")
    begun = [len(s.events()) for s in streams]
    site.messages([("b-3" if n == 20 else f"b-{n}x", "message-delivered")
                   for n in range(120)])
    everything = streams[0]
    while [e[1] for e in everything.events()][-1] != str(last + 121):
        everything.more()
    came = everything.events()[begun[0]:]
    left = [e[2]["rows"] for e in came if e[0] == "gap"]
    ids = [int(e[1]) for e in came if e[0] == "row"]
    tap.same(len(ids) + sum(left), 120, "each row is sent or counted")
    tap.same(ids, sorted(set(ids)), "in order, and once")
    tap.ok(sum(left) > 0, "not all are sent", left)
    tap.same([[e[1] for e in s.until(2)] for s in streams[1:]],
             [[str(last + 1), str(last + 22)]] * 2, "few of them are")
    for s in streams:
        s.close()


def gap():
    stream = Stream("?after=1")
    tap.same([e[0] for e in stream.until(1, "gap")], ["gap"],
             "rows that are no more here")
    stream.close()


def ends():
    """A process that ends, or loads its configuration, ends its streams."""
    stream = Stream("?after=1")
    site.configure('<voice path="/more"><on event="initiate"><Response/></on>'
                   "</voice>")
    site.child.signal(1)
    while not stream.ended:
        stream.more()
    tap.ok(True, "a reload ends a stream")
    stream = Stream("?after=1")
    tap.same(site.stop(), 0, "the process ends")
    while not stream.ended:
        stream.more()
    tap.ok(stream.events(), "and so does its stream")


def one_request():
    def run(path):
        done = subprocess.run(
            site.argv()[:1], stdin=subprocess.DEVNULL, capture_output=True,
            env={"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
                 "REQUEST_URI": "/_inspector" + path,
                 "REMOTE_ADDR": "127.0.0.1",
                 "HTTP_AUTHORIZATION": site.basic("ops"),
                 "BWCALLBACK_CONFIG": site.config,
                 "LD_LIBRARY_PATH": os.environ["LD_LIBRARY_PATH"]},
            check=False)
        return f.Answer(done.stdout)
    tap.same(run("/stream").status, 204, "by CGI there is no stream")
    answer = run("/poll?family=voice&after=0&now=1")
    got = json.loads(answer.body)
    tap.ok(got["rows"] and got["state"], "a poll is answered at once")
    answer = run("/poll?after=%d" % got["after"])
    tap.same(json.loads(answer.body)["rows"], [], "also with nothing new")


def main():
    site.start(workers=2)
    rows()
    later()
    polls()
    states()
    hostile()
    refused()
    pages()
    unread(many())
    burst()
    gap()
    ends()
    one_request()


tap.run(main)
