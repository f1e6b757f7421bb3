#!/usr/bin/env python3
"""What forms of <inspector> do, and that only its own pages may send them."""

import base64
import json
import sqlite3
import subprocess
import urllib.parse

from inspected import FROM, Inspected, Page  # first: it sets the path
import tap
from process import wait_until
from responder import command, make_password

FORM = "application/x-www-form-urlencoded"
ORIGIN = "http://localhost"

site = Inspected()


def consume():
    """A consumer that gives up all events."""
    subprocess.run([command(), "consume", "crm", "--config", site.config,
                    "--family", "voice", "--tries", "1", "--since", "1h",
                    "--once", "--", "sh", "-c", "echo it broke >&2; exit 9"],
                   check=False, capture_output=True)


def dead():
    """How many dead letters there are, by the command."""
    out = subprocess.run([command(), "consume", "crm", "--config", site.config,
                          "--list-dead", "--json"], check=True,
                         capture_output=True).stdout
    return len(out.splitlines())


def forms(path, user="lead"):
    """The fields of each form that is sent by POST."""
    answer = site.page(path, user)
    found, fields = [], None
    for tag, attrs in Page(answer).tags:
        if tag == "form":
            fields = {} if attrs.get("method") == "post" else None
            if fields is not None:
                found.append(fields)
        elif tag == "input" and fields is not None:
            fields[attrs["name"]] = attrs.get("value", "")
    return found


def send(path, fields, user="lead", **more):
    more = {"HTTP_ORIGIN": ORIGIN, "HTTP_SEC_FETCH_SITE": "same-origin",
            "CONTENT_TYPE": FORM, **more}
    body = fields if isinstance(fields, bytes) else \
        urllib.parse.urlencode(fields).encode()
    return site.page(path, user, method="POST", body=body, **more)


def recorded():
    page = Page(site.page("/events?family=operator"))
    return len([a for a in page.all("tr") if "data-seq" in a])


# How a request is forged, and the answer to it.
FORGED = [
    ("another site", dict(HTTP_SEC_FETCH_SITE="cross-site",
                          HTTP_ORIGIN="https://evil.example"), 403),
    ("another site, by an old browser", dict(
        HTTP_SEC_FETCH_SITE=None, HTTP_ORIGIN="https://evil.example"), 403),
    ("a sister site", dict(HTTP_SEC_FETCH_SITE="same-site"), 403),
    ("an address typed in", dict(HTTP_SEC_FETCH_SITE="none"), 403),
    ("Origin: null", dict(HTTP_ORIGIN="null"), 403),
    ("no Origin", dict(HTTP_ORIGIN=None), 403),
    ("no Origin and no Sec-Fetch-Site", dict(
        HTTP_ORIGIN=None, HTTP_SEC_FETCH_SITE=None), 403),
    ("another scheme", dict(HTTP_ORIGIN="https://localhost"), 403),
    ("another port", dict(HTTP_ORIGIN="http://localhost:81"), 403),
    ("a longer host", dict(HTTP_ORIGIN="http://localhost.evil.example"), 403),
    ("Origin without a host", dict(HTTP_ORIGIN="http://"), 403),
    ("another port than that of the server", dict(
        HTTP_ORIGIN="http://localhost:81", SERVER_PORT="8081"), 403),
    ("another type of content", dict(CONTENT_TYPE="text/plain"), 403),
    ("no type of content", dict(CONTENT_TYPE=""), 403),
    ("JSON", dict(CONTENT_TYPE="application/json"), 403),
]


def refused(path, fields, name, status=403, user="lead", **more):
    before = dead(), recorded()
    answer = send(path, fields, user, **more)
    tap.same((answer.status, dead(), recorded()), (status, *before),
             f"{name}: refused, and nothing done")


def forgery(path):
    good = forms(path)[0]
    for name, how, status in FORGED:
        refused(path, good, name, status, **how)
    for name in good:
        less = {k: v for k, v in good.items() if k != name}
        refused(path, less, f"without {name}")
        refused(path, {**good, name: ""}, f"with an empty {name}")
    token = good["token"]
    flipped = ("B" if token[0] == "A" else "A") + token[1:]
    for name, value in (("no base64", "!" * len(token)), ("cut", token[:-1]),
                        ("longer", token + "A"), ("changed", flipped),
                        ("changed at its end", token[:-1] + (
                            "A" if token[-1] != "A" else "B"))):
        refused(path, {**good, "token": value}, f"a token that is {name}")
    refused(path, {**good, "object": "all"}, "a token of another object")
    refused(path, good, "a token of another user", user="ops")
    refused(path, b"&".join([b"a=1"] * 100), "too many fields", 400)
    refused(path, b"a=" + b"x" * 9000, "a long form", 413)
    refused("/consumers/other", good, "a token of another page")
    refused("/event/1", good, "a token of another kind of page")


def permission(path):
    tap.same(forms(path, "ops"), [], "who may only look has no form")
    for user in "ops", "lead":
        answer = site.page("/consumers", user, method="POST",
                           body=b"action=retry", HTTP_ORIGIN=ORIGIN)
        tap.same(answer.status, 405, f"{user}: a page without forms")
    tap.same(site.page(path, None, method="POST", body=b"x").status, 401,
             "nobody")


def retry(path):
    every = forms(path)
    tap.same([form["action"] for form in every], ["retry", "drop"] * 4,
             "two forms for each of three, and for all")
    answer = send(path, every[0])
    tap.same((answer.status, answer.fields["Location"], dead()),
             (303, "../consumers/crm?retried=1", 2), "one is tried again")
    page = Page(site.page(path + "?retried=1", "lead"))
    tap.ok("1 will be tried again" in page.text, "the page says so")
    answer = send(path, every[0])
    tap.same((answer.fields["Location"], dead()),
             ("../consumers/crm?retried=0", 2), "the same once more: nothing")
    consume()
    tap.same(dead(), 3, "it failed again")
    answer = send(path, every[-2])
    tap.same((answer.fields["Location"], dead()),
             ("../consumers/crm?retried=3", 0), "all are tried again")
    page = Page(site.page("/events?family=operator"))
    tap.ok("retry" in page.text, "each is recorded", page.text)
    tap.ok("lead" in Page(site.page("/event/4")).text, "with its user")


def drop(path):
    consume()
    every = forms(path)
    refused(path, {**every[0], "action": "drop"}, "a token of another act")
    answer = send(path, every[1])
    tap.same((answer.status, answer.fields["Location"], dead()),
             (303, "../consumers/crm?dropped=1", 2), "one is dropped")
    page = Page(site.page(path + "?dropped=1", "lead"))
    tap.ok("1 dropped" in page.text, "the page says so", page.text)
    tap.same((send(path, every[1]).fields["Location"], dead()),
             ("../consumers/crm?dropped=0", 2), "the same once more: nothing")
    send(path, every[-1])
    consume()
    tap.same(dead(), 0, "all are dropped, and not tried again")
    tap.ok(wait_until(lambda: acts()[0].get("answer", {}).get("status") == 200),
           "the result is recorded as the answer")


def acts():
    """The acts, newest first."""
    return json.loads(site.page("/events.json?family=operator").body)["events"]


def locked(path):
    """What cannot be recorded is not done."""
    site.call("c-4", "gather", digits="1")
    consume()
    form, n = forms(path)[1], dead()
    other = sqlite3.connect(site.path("events.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    tap.same(send(path, form).status, 503, "it is not recorded")
    other.execute("ROLLBACK")
    other.close()
    tap.same(dead(), n, "and not done")


def reveals(path, user="lead"):
    return [form for form in forms(path, user) if form["action"] == "reveal"]


def reveal():
    for path, words in (("/event/2", [FROM, "86421"]),
                        ("/call/c-2", [FROM, "86421"])):
        tap.same(reveals(path, "ops"), [], f"{path}: not for all")
        form = reveals(path)[0]
        before = recorded()
        refused(path, form, "reveal with a token of another user",
                user="ops")
        answer = send(path, form)
        text = Page(answer).text
        tap.same((answer.status, answer.fields["Cache-Control"]),
                 (200, "no-store"), f"{path}: shown, and not kept")
        for word in words:
            tap.ok(word in text, f"{path}: {word}")
        tap.same(recorded(), before + 1, f"{path}: recorded")
        plain = site.page(path, "lead").body.decode()
        tap.ok(not any(word in plain for word in words),
               f"{path}: masked again")
    form = reveals("/event/3")[0]
    text = Page(send("/event/3", form)).text
    tap.ok("hunter2" not in text and "****" in text,
           "no password is shown to anybody", text)


def port():
    """A web server may leave out the port of Host: Debian's fastcgi_params for
    nginx do."""
    form = forms("/consumers/crm")[0]
    answer = send("/consumers/crm", form, HTTP_ORIGIN="http://localhost:8081",
                  SERVER_PORT="8081")
    tap.same(answer.status, 303, "the port comes from SERVER_PORT")


def host():
    """With host=, Origin is compared with that, whatever Host says."""
    site.stop()
    site.inspector = site.inspector.replace(
        "/>", ' host="https://ops.example.com"/>')
    site.configure()
    site.start()
    for i in range(2):
        site.call(f"d-{i}")
    consume()
    form = forms("/consumers/crm")[0]
    n = dead()
    tap.same(send("/consumers/crm", form).status, 403, "another Origin")
    answer = send("/consumers/crm", form, HTTP_HOST="localhost",
                  HTTP_ORIGIN="https://ops.example.com")
    tap.same((answer.status, dead()), (303, n - 1), "the configured one")


def survives():
    """A form outlives the process, but not the password."""
    form = forms("/consumers/crm")[0]
    site.stop()
    site.start()
    n = dead()
    answer = send("/consumers/crm", form,
                  HTTP_ORIGIN="https://ops.example.com")
    tap.same((answer.status, dead()), (303, n - 1), "after a restart")
    consume()
    form = forms("/consumers/crm")[0]
    new = make_password(site.path("ops"), "lead")
    pair = base64.b64encode(f"lead:{new}".encode()).decode()
    answer = send("/consumers/crm", form, HTTP_AUTHORIZATION=f"Basic {pair}",
                  HTTP_ORIGIN="https://ops.example.com")
    tap.ok(answer.status in (401, 403), "not with another password", answer)


def main():
    site.start()
    site.call("c-1")
    site.call("c-2", "gather", digits="86421")
    site.call("c-3", "gather", digits="1",
              callUrl="https://user:hunter2@example.com/x")
    tap.ok(site.stored(3), "three events")
    tap.same(Page(site.page("/consumers")).text.count("There is no consumer"),
             1, "no consumer yet")
    tap.same(site.page("/consumers/crm").status, 404, "not this one")
    consume()
    tap.same(dead(), 3, "three dead letters")
    page = Page(site.page("/consumers"))
    tap.ok("gave up events" in page.text and "consumers/crm" in page.links(),
           "the list of consumers", page.text)
    page = Page(site.page("/consumers/crm"))
    tap.ok("it broke" in page.text and "exit status 9" in page.text,
           "why it gave up", page.text)
    permission("/consumers/crm")
    forgery("/consumers/crm")
    retry("/consumers/crm")
    drop("/consumers/crm")
    locked("/consumers/crm")
    reveal()
    port()
    host()
    survives()
    tap.same(site.stop(), 0, "ends well")


tap.run(main)
