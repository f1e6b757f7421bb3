#!/usr/bin/env python3
"""Access to the pages of <inspector>: only with credentials, from another
machine only with TLS. Without <inspector>, all its paths are 404."""

import re

from inspected import Inspected, Page  # first: it sets the path
import tap

PATHS = ["", "/", "/events", "/events.json", "/event/1", "/event/1.json",
         "/calls", "/call/c-1", "/consumers", "/consumers/x", "/find?q=1",
         "/nowhere", "/event", "/event/", "/event/x",
         "/event/1/2", "/../voice", "/style.css"]

CSP = {"default-src": "'none'", "style-src": "'self'", "script-src": "'self'",
       "img-src": "'self'", "connect-src": "'self'", "form-action": "'self'",
       "base-uri": "'none'", "frame-ancestors": "'none'",
       "require-trusted-types-for": "'script'"}

site = Inspected()


def assets():
    page = Page(site.page("/events"))
    found = [a["href"] for a in page.all("link")]
    return found + [a["src"] for a in page.all("script")]


def not_configured():
    site.inspector = ""
    site.configure()
    site.start()
    for path in PATHS + ["/style.1.css"]:
        answer = site.page(path)
        tap.same((answer.status, "WWW-Authenticate" in answer.fields),
                 (404, False), f"not configured: {path}")
    site.stop()


def nobody():
    for path in PATHS + ["/" + name for name in assets()]:
        for how in ({}, {"HTTP_AUTHORIZATION": site.basic("ops", "wrong")},
                    {"HTTP_AUTHORIZATION": site.basic("none", "x")},
                    {"HTTP_AUTHORIZATION": "Bearer x"}):
            answer = site.page(path, user=None, **how)
            if answer.status != 401 or "Operators" not in answer.fields.get(
                    "WWW-Authenticate", "") or b"<" in answer.body:
                tap.ok(False, f"a challenge for {path} {how}", answer)
                break
        else:
            tap.ok(True, f"nothing but a challenge: {path}")
        answer = site.page(path, user=None, method="POST", body=b"x=1")
        tap.same(answer.status, 401, f"nor for a POST: {path}")


def transport():
    """Encrypted, or from this machine."""
    rows = [
        ("another machine", dict(REMOTE_ADDR="192.0.2.7"), 403),
        ("another machine without password", dict(
            REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION=None), 403),
        ("https", dict(REMOTE_ADDR="192.0.2.7", HTTPS="on"), 200),
        ("https=off", dict(REMOTE_ADDR="192.0.2.7", HTTPS="off"), 403),
        ("https=", dict(REMOTE_ADDR="192.0.2.7", HTTPS=""), 403),
        ("an address that is unknown", dict(REMOTE_ADDR=None), 403),
        ("::1", dict(REMOTE_ADDR="::1"), 200),
        ("127.0.0.9", dict(REMOTE_ADDR="127.0.0.9"), 200),
        ("a proxy on this machine", dict(HTTP_X_FORWARDED_FOR="192.0.2.7"),
         403),
        ("a proxy that says https, of which nothing is known", dict(
            REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_PROTO="https"), 403),
    ]
    for name, how, status in rows:
        answer = site.page("/events", **how)
        tap.same(answer.status, status, name)
        tap.ok("WWW-Authenticate" not in answer.fields,
               f"{name}: asks for no password")


def proxy():
    site.inspector = site.inspector.replace(
        "/>", ' host="https://ops.example.com"/>')
    site.configure()
    site.start()
    tap.same(site.page("/events", REMOTE_ADDR="192.0.2.7",
                       HTTP_X_FORWARDED_PROTO="https").status, 200,
             "a proxy that does TLS, with host=")
    tap.same(site.page("/events", REMOTE_ADDR="192.0.2.7",
                       HTTP_X_FORWARDED_PROTO="http").status, 403,
             "a proxy without TLS")
    site.stop()


def methods():
    for method, status in (("OPTIONS", 405), ("PUT", 405), ("DELETE", 405),
                           ("POST", 405), ("HEAD", 200)):
        answer = site.page("/events", method=method)
        tap.same(answer.status, status, f"{method} of a page")
    tap.same(site.page("/events", method="HEAD").body, b"", "HEAD: no body")
    tap.same(site.page("/events", method="OPTIONS").fields["Allow"],
             "GET, HEAD, POST", "what is allowed")


def fields():
    """What browsers are told, of every answer."""
    for path in PATHS:
        answer = site.page(path)
        got = answer.fields
        csp = dict(part.split(" ", 1) for part in
                   got["Content-Security-Policy"].split("; "))
        tap.same(csp, CSP, f"policy of {path}")
        tap.same((got["Cache-Control"], got["X-Content-Type-Options"],
                  got["Referrer-Policy"], got["Cross-Origin-Opener-Policy"],
                  got["Cross-Origin-Resource-Policy"]),
                 ("no-store", "nosniff", "same-origin", "same-origin",
                  "same-origin"), f"fields of {path}")
        tap.ok(answer.whole and not [name for name in got
                                     if "Access-Control" in name],
               f"{path} is whole, and for no other site")


def immutable():
    names = assets()
    tap.same(len(names), 3, "a style sheet, an icon and a script")
    for name, most in zip(names, (12000, 1000, 10000)):
        answer = site.page("/" + name)
        tap.same((answer.status, answer.fields["Cache-Control"]),
                 (200, "private, max-age=31536000, immutable"), name)
        tap.ok(0 < len(answer.body) <= most, f"{name}: not more than {most}")
        wrong = re.sub(r"\d+", "1", name)
        tap.same(site.page("/" + wrong).status, 404, f"not {wrong}")
    for path in ("/calls", "/messages", "/consumers", "/flow", "/play"):
        tap.same((site.page(path).status, site.page(path + ".json").status),
                 (200, 404), f"{path} is not there as JSON")


def inner():
    """No style, no script and no handler inside of a page."""
    for path in ("/events", "/event/1", "/nowhere", "/events?x=1", "/calls",
                 "/call/c-1", "/", "/consumers"):
        page = Page(site.page(path))
        tap.same(page.faults, [], f"{path} is well-formed")
        bad = [(tag, name) for tag, attrs in page.tags for name in attrs
               if name == "style" or name.startswith("on")]
        bad += [(tag, value) for tag, attrs in page.tags
                for value in attrs.values()
                if value and value.lower().strip().startswith("javascript")]
        tap.same(bad, [], f"{path}: no style, no handler")
        tap.ok(not page.all("style"), f"{path}: no style element")
        out = [u for u in page.links() if ":" in u or u.startswith("/")]
        tap.same(out, [], f"{path}: relative links only")


def below():
    """Links work with and without a slash, on every level."""
    for path, up in (("", "_inspector/"), ("/", ""), ("/events", ""),
                     ("/event/1", "../")):
        page = Page(site.page(path))
        tap.ok(up + "events" in page.links(), f"links of {path!r}",
               page.links())


def main():
    not_configured()
    site.inspector = Inspected(inspector=True).inspector
    site.configure()
    site.start()
    site.call("c-1")
    site.stored(1)
    nobody()
    transport()
    methods()
    fields()
    immutable()
    inner()
    below()
    tap.same(site.stop(), 0, "ends well")
    proxy()


tap.run(main)
