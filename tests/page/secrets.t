#!/usr/bin/env python3
"""No page for the operator, whoever asks for it, contains a password, a key or
its hash; every page needs credentials, and a permission where it has one."""

import glob
import os
import re
import urllib.parse

from inspected import Inspected, Page, as_json, f  # first: it sets the path
import tap

FORM = "application/x-www-form-urlencoded"
MORE = """\
  <login url="https://callbacks.example.com" user="bw-user"
         password-file="password"/>
  <tollfree path="/tollfree" hmac-key-file="key"/>
  <metrics path="/metrics" credentials="ops"/>
  <health path="/health"/>
  <voice path="/login">
    <on event="initiate"><Response><Gather
      gatherUrl="https://callbacks.example.com/voice"><SpeakSentence>Hi</SpeakSentence></Gather></Response></on>
  </voice>
"""
PASSWORD, KEY = "hunter2-of-login", "key-of-hmac-0123456789"

site = Inspected(' play="lead"')


def pages():
    """(name, has an id, has JSON, takes a POST) of each page, from the table
    of the inspector."""
    with open(os.path.join(tap.srcdir(), "lib", "page", "inspector.c"),
              encoding="utf-8") as source:
        rows = re.findall(r"\{\s*\.name = \"(\w*)\",(.*?)\n    \},",
                          source.read(), re.DOTALL)
    return [(name, "has_id" in row, "has_json" in row, ".post" in row)
            for name, row in rows]


def paths(ids):
    for name, has_id, has_json, _ in pages():
        for one in (ids[name] if has_id else [""]):
            path = f"/{name}/{one}" if has_id else "/" + name
            yield path
            if has_json:
                yield path + ".json"


IDS = {"call": ["c-1", "c-2"], "message": ["m-1"], "order": ["o-1"],
       "event": [str(i) for i in range(1, 5)], "consumers": ["crm"],
       "play": ["x"]}


def set_up():
    for name, text in (("password", PASSWORD), ("key", KEY)):
        with open(site.path(name), "w") as out:
            out.write(text + "\n")
        os.chmod(site.path(name), 0o600)
    site.configure(MORE)
    site.start()
    site.call("c-1")
    answer = f.ask(site.socket, "/login", as_json({
        "eventType": "initiate", "accountId": "9900100", "callId": "c-2",
        "from": "+19195550142", "to": "+19195550100",
        "direction": "inbound"}))
    tap.ok(PASSWORD.encode() in answer.body,
           "Bandwidth gets the password of <login>")
    site.call("c-1", "gather", digits="4")
    site.message("m-1")
    site.stored(4)


def secrets():
    """What nobody may see: passwords, what they were hashed to, keys."""
    with open(site.path("ops")) as hashes:
        found = [line.split(":", 1)[1].strip() for line in hashes]
    found += [PASSWORD, KEY, *site.users.values()]
    for path in glob.glob(site.path("*.key")):
        with open(path, "rb") as raw:
            found += [raw.read().hex(), raw.read().decode("latin-1")]
    return [x.encode() for x in found if len(x) > 4]


def shown(name, body, hidden):
    tap.same([x for x in hidden if x in body or
              urllib.parse.quote(x).encode() in body], [],
             f"{name}: no secret")


def hidden_fields(path, user):
    """The fields of its first form that is sent by POST; None: it has none."""
    fields = None
    for tag, attrs in Page(site.page(path, user)).tags:
        if tag == "form":
            if fields:
                break
            fields = {} if attrs.get("method") == "post" else None
        elif tag == "input" and fields is not None:
            fields[attrs["name"]] = attrs.get("value", "")
    return fields


def post(path, user, fields):
    return site.page(path, user, method="POST",
                     body=urllib.parse.urlencode(fields).encode(),
                     CONTENT_TYPE=FORM, HTTP_ORIGIN="http://localhost",
                     HTTP_SEC_FETCH_SITE="same-origin")


def nothing_secret():
    hidden = secrets()
    tap.ok(len(hidden) >= 6, "there are secrets", hidden)
    for path in paths(IDS):
        if path == "/stream":  # it goes on; its lines are those of /poll
            continue
        if path == "/poll":
            path += "?after=0"
        for user in "ops", "lead":
            shown(f"{path} for {user}", site.page(path, user).body, hidden)
    for path in ("/call/c-2", "/event/2", "/message/m-1"):
        form = hidden_fields(path, "lead")
        answer = post(path, "lead", form or {})
        tap.same(answer.status, 200, f"{path}: revealed")
        shown(f"{path}, revealed", answer.body, hidden)
    for path in "/metrics", "/health", "/health/live", "/health/ready":
        shown(path, f.ask(site.socket, path, method="GET",
                          HTTP_AUTHORIZATION=site.basic("ops")).body, hidden)
    shown("the log", site.said().encode(), hidden)


def nothing_without():
    """401 without credentials, 403 without permission, by GET and POST."""
    for path in paths(IDS):
        for method in "GET", "POST":
            answer = site.page(path, None, method=method)
            tap.same((answer.status, b"<" in answer.body), (401, False),
                     f"{method} {path} without credentials")
    for name, has_id, _, takes in pages():
        path = "/" + name + ("/" + IDS[name][0] if has_id else "")
        status = post(path, "ops", {"act": "1"}).status
        tap.same(status, 403 if takes else 405,
                 f"POST {path} without the permission")
        if name == "play":
            tap.same(site.page(path, "ops").status, 403,
                     f"GET {path} without the permission")
    for path in "/metrics", "/health/ready":
        answer = f.ask(site.socket, path, method="GET")
        tap.same(answer.status, 401 if path == "/metrics" else 200,
                 f"{path} without credentials")


def nothing_configured():
    """Without the elements no path of them answers."""
    site.inspector = ""
    site.configure()
    site.start()
    for path in [*("/_inspector" + p for p in paths(IDS)), "/metrics",
                 "/health", "/health/live", "/health/ready"]:
        tap.same(f.ask(site.socket, path, method="GET").status, 404,
                 f"not configured: {path}")
    site.stop()


def main():
    set_up()
    nothing_secret()
    nothing_without()
    tap.same(site.stop(), 0, "ends well")
    nothing_configured()


tap.run(main)
