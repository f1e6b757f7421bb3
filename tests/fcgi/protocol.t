#!/usr/bin/env python3
"""FastCGI from a web server's side: well-formed requests are answered, with any
split into parts; malformed ones are refused and affect no other."""

import struct

import responder_fixture as h
import fastcgi as f
import tap

site = h.Site()

NAMES = ("FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS")


def alive(name):
    """The program still serves the next request."""
    a = site.good()
    tap.ok(a.status == 200 and a.whole, f"{name}: others are served", repr(a))


def body_sizes(c):
    for size in (100, 4000, 8191, 8192, 16384, 65535, 65536, 200000, 262144):
        a = c.ask("/messages", h.message(size))
        tap.ok(a.status == 200 and a.whole, f"{size} bytes", repr(a))
    for size in (262145, 300000, 2000000):
        a = c.ask("/messages", h.message(size))
        tap.ok(a.status == 413 and a.whole, f"{size} bytes: 413", repr(a))
    a = c.ask(method="GET", CONTENT_LENGTH="")
    tap.ok(a.status > 0 and a.whole, "no body", repr(a))


def forms(c):
    for name, how in (("padding", {"padding": 255}), ("wide", {"wide": True}),
                      ("records of 1 byte", {"size": 1}),
                      ("records of 7 bytes", {"size": 7, "padding": 3}),
                      ("another id", {"number": 65535})):
        a = c.ask(body=h.INITIATE, **how)
        tap.ok(a.status == 200 and a.whole, name, repr(a))
    a = c.ask("/messages", h.message(9000), padding=200, size=1000)
    tap.ok(a.status == 200 and a.whole, "large, padded", repr(a))


def in_two_pieces(c):
    """Cut at every byte: first one part is sent, then the other."""
    whole = f.request(body=h.INITIATE, padding=1)
    bad = []
    for cut in range(1, len(whole)):
        c.send(whole[:cut])
        c.send(whole[cut:])
        a = c.answer()
        if a.status != 200 or not a.whole:
            bad.append(cut)
    tap.same(bad, [], f"cut at each of {len(whole)} bytes")
    for byte in whole:
        c.send(bytes([byte]))
    a = c.answer()
    tap.ok(a.status == 200 and a.whole, "byte by byte", repr(a))


def pipelined(c):
    c.send(f.request(body=h.INITIATE) +
           f.request("/messages", h.message(70000)) +
           f.request("/nowhere", b"{}") + f.request(body=h.INITIATE))
    got = [c.answer() for _ in range(4)]
    tap.same([a.status for a in got], [200, 200, 404, 200], "pipelined")
    tap.ok(all(a.whole for a in got), "pipelined: all whole", repr(got))


def lengths(c):
    """CONTENT_LENGTH may be too small, but not larger than the body."""
    for value, status in (("", 200), (None, 200), ("-1", 200), ("0", 200),
                          ("many", 200), ("1", 200), ("999", 400),
                          ("99999999999999999999", 200)):
        a = c.ask(body=h.INITIATE, CONTENT_LENGTH=value)
        tap.same((a.status, a.whole), (status, True),
                 f"CONTENT_LENGTH {value!r}")


def values(c):
    c.send(f.record(f.GET_VALUES, b"".join(f.pair(n) for n in NAMES), 0))
    kind, number, content = c.record()
    tap.same((kind, number), (f.GET_VALUES_RESULT, 0), "values: kind")
    tap.ok(f.pair("FCGI_MPXS_CONNS", "0") in content, "values: no multiplexing")
    tap.ok(b"FCGI_MAX_CONNS" in content and b"FCGI_MAX_REQS" in content,
           "values: limits", repr(content))
    asked = b"".join(f.pair("FCGI_MPXS_CONNS") for _ in range(25))
    c.send(f.record(f.GET_VALUES, asked, 0, padding=7))
    tap.same(c.record()[2], f.pair("FCGI_MPXS_CONNS", "0"),
             "values: asked 25 times")
    c.send(f.record(f.GET_VALUES, f.pair("SOMETHING"), 0))
    tap.same(c.record()[2], b"", "values: unknown")
    c.send(f.record(77, b"1234", 0))
    tap.same(c.record(), (f.UNKNOWN_TYPE, 0, bytes([77]) + bytes(7)),
             "management: unknown type")
    c.send(f.begin() + f.record(f.GET_VALUES, f.pair(NAMES[0]), 0) +
           f.request(body=h.INITIATE)[16:])
    tap.same(c.record()[0], f.GET_VALUES_RESULT, "values: within a request")
    tap.same(c.answer().status, 200, "values: and the request is served")


def other_requests(c):
    """No multiplexing; the first request is not disturbed."""
    whole = f.request(body=h.INITIATE)
    c.send(f.begin())
    c.send(f.begin(number=2))
    kind, number, content = c.record()
    tap.same((kind, number, content[4]), (f.END, 2, f.CANT_MPX),
             "a second request is refused")
    c.send(f.record(f.PARAMS, b"x", 2) + whole[16:])
    a = c.answer()
    tap.ok(a.status == 200 and a.whole, "the first one is served", repr(a))
    c.send(f.record(f.ABORT) + f.record(f.STDIN, b"late", 9))
    tap.same(c.ask(body=h.INITIATE).status, 200, "late records are ignored")
    c.send(f.begin() + f.record(f.ABORT))
    a = c.answer()
    tap.same((a.raw, a.end), (b"", f.COMPLETE), "aborted: ends without answer")
    tap.same(c.ask(body=h.INITIATE).status, 200, "aborted: next is served")
    c.send(f.begin() + f.request(body=h.INITIATE)[16:-20] + f.record(f.ABORT))


def roles():
    for role in (f.AUTHORIZER, 3, 0, 999):
        with f.Connection(site.socket) as c:
            c.send(f.begin(role=role))
            a = c.answer()
            tap.same(a.end, f.UNKNOWN_ROLE, f"role {role}")
            tap.same(c.ask(body=h.INITIATE).status, 200, f"role {role}: next")


def keeping():
    with f.Connection(site.socket) as c:
        c.send(f.request(body=h.INITIATE, keep=False))
        a = c.answer()
        tap.ok(a.status == 200 and a.whole and c.closed(), "no keep-alive: closed",
               repr(a))
    with f.Connection(site.socket) as c:
        c.send(f.request(body=h.INITIATE))
        c.socket.shutdown(1)
        a = c.answer()
        tap.ok(a.status == 200 and a.whole and c.closed(),
               "half-closed: answered, then closed", repr(a))


def aborted_late():
    """A stopping web server aborts the request it has just sent, but accepts
    the answer, which must be followed by a clean close, not a reset."""
    with f.Connection(site.socket) as c:
        c.send(f.request(body=h.INITIATE, keep=False) + f.record(f.ABORT))
        a = c.answer()
        tap.ok(a.status == 200 and a.whole, "aborted late: answered", repr(a))
        tap.same(c.socket.recv(1), b"", "aborted late: no reset")


HUGE = struct.pack(">I", 0xffffffff)
NEAR = struct.pack(">I", 0xfffffffe)
GARBAGE = [
    ("http", b"GET / HTTP/1.0\r\n\r\n"),
    ("zeros", bytes(64)),
    ("version 2", f.record(f.BEGIN, bytes([0, 1] + [0] * 6), version=2)),
    ("begin with id 0", f.record(f.BEGIN, bytes([0, 1] + [0] * 6), 0)),
    ("short begin", f.record(f.BEGIN, b"\0\1")),
    ("long begin", f.record(f.BEGIN, bytes([0, 1] + [0] * 60))),
    ("begun twice", f.begin() + f.begin()),
    ("body first", f.begin() + f.record(f.STDIN, b"x")),
    ("parameters twice", f.begin() + f.record(f.PARAMS) + f.record(f.PARAMS)),
    ("filter's data", f.begin() + f.record(f.PARAMS) + f.record(f.DATA, b"x")),
    ("answer's type", f.begin() + f.record(f.STDOUT, b"x")),
    ("unknown type", f.begin() + f.record(200, b"x")),
    ("lengths 7fffffff", f.begin() + f.record(f.PARAMS, HUGE + HUGE)),
    ("lengths 7ffffffe", f.begin() + f.record(f.PARAMS, NEAR + NEAR)),
    ("value 7ffffffe", f.begin() + f.record(f.PARAMS, b"\1" + NEAR + b"a")),
    ("cut pair", f.begin() + f.record(f.PARAMS, b"\5\5abc") +
     f.record(f.PARAMS)),
    ("cut length", f.begin() + f.record(f.PARAMS, b"\x80\0") +
     f.record(f.PARAMS)),
    ("4 MB value", f.begin() + f.stream(
        f.PARAMS, f.pair("X", "y" * 4000000))),
    ("100,000 parameters", f.begin() + f.stream(
        f.PARAMS, f.pair("A", "b") * 100000)),
    ("values, too large", f.record(f.GET_VALUES, bytes(60000), 0)),
]


def garbage():
    for name, data in GARBAGE:
        with f.Connection(site.socket) as c:
            try:
                c.send(data)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the responder has already closed
            tap.ok(c.closed(), f"{name}: closed without an answer")
        alive(name)


def large_parameters(c):
    a = c.ask(body=h.INITIATE, HTTP_X="y" * 60000)
    tap.ok(a.status == 200 and a.whole, "60 kB of parameters", repr(a))
    a = c.ask("/voice?" + "q" * 40000, body=h.INITIATE)
    tap.ok(a.status == 413 and a.whole, "a URI too long", repr(a))
    a = c.ask(None, body=h.INITIATE)
    tap.ok(a.status == 500 and a.whole, "no path", repr(a))


def main():
    site.start()
    with f.Connection(site.socket) as c:  # one keep-alive connection for all
        body_sizes(c)
        forms(c)
        in_two_pieces(c)
        pipelined(c)
        lengths(c)
        values(c)
        other_requests(c)
    with f.Connection(site.socket) as c:
        large_parameters(c)
    roles()
    keeping()
    aborted_late()
    garbage()
    alive("finally")
    # A statically linked libfcgi cannot.
    tap.ok("reads requests by itself" not in site.said(),
           "libfcgi reads what was received")
    tap.same(site.stop(), 0, "ends well")


tap.run(main)
