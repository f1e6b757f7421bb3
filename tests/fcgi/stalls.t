#!/usr/bin/env python3
"""Many peers that stall at every point of a request: other requests do not
wait for them, and they are closed at the timeout."""

import resource

import responder_fixture as h
import fastcgi as f
import process
import tap

PEERS = 200
WHOLE = f.request(body=h.INITIATE)
LARGE = f.request("/messages", h.message(200000))
STALLS = [
    ("silent", b""),
    ("one byte", WHOLE[:1]),
    ("half a header", WHOLE[:5]),
    ("half the parameters", WHOLE[:60]),
    ("all but the last byte", WHOLE[:-1]),
    ("half a large body", LARGE[:100000]),
]


def served(site, name):
    for _ in range(8):  # twice as many as there are workers
        a = site.good()
        if a.status != 200 or not a.whole:
            return tap.ok(False, name, repr(a))
    return tap.ok(True, name)


def stall(site):
    peers = []
    for name, data in STALLS:
        for _ in range(PEERS):
            c = f.Connection(site.socket)
            c.send(data)
            peers.append((name, c))
        served(site, f"{PEERS} peers, {name}: others are served")
    served(site, "all stalled at once: others are served")
    open_after = {}
    for name, c in peers:
        open_after[name] = open_after.get(name, 0) + (not c.closed())
        c.close()
    for name, _ in STALLS:
        tap.same(open_after[name], 0, f"{name}: closed without an answer")
    tap.ok(site.child.says("event=late"), "and it is logged")


def kept(site):
    """Many more keep-alive connections than workers."""
    peers = [f.Connection(site.socket) for _ in range(64)]
    for n in range(3):
        for c in peers:
            c.send(WHOLE)
        answers = [c.answer() for c in peers]
        tap.ok(all(a.status == 200 and a.whole for a in answers),
               f"64 kept connections, request {n + 1}", repr(answers))
    for c in peers:
        c.close()


def resumed(site):
    """A stall shorter than the timeout."""
    with f.Connection(site.socket) as c:
        for name, data in STALLS[1:]:
            whole = LARGE if name.endswith("body") else WHOLE
            c.send(data)
            served(site, f"{name}, for a while: others are served")
            c.send(whole[len(data):])
            a = c.answer()
            tap.ok(a.status == 200 and a.whole, f"{name}: answered after all",
                   repr(a))


def busy():
    """Long programs delay no other request while one worker is left, however
    few processors there are."""
    site = h.Site()
    site.start(workers=12)
    slow = [f.Connection(site.socket) for _ in range(11)]
    for n, c in enumerate(slow):
        c.send(f.request("/slow", h.INITIATE))
        tap.ok(site.started(n + 1), f"program {n + 1} of 11 runs")
    served(site, "11 programs run, the 12th worker serves")
    site.open_gate()
    answers = [c.answer() for c in slow]
    tap.ok(all(a.status == 200 and b"Hangup" in a.body for a in answers),
           "the programs' answers arrive", repr(answers))
    for c in slow:
        c.close()
    tap.same(site.stop(), 0, "ends well")


def gone(site):
    """Peers that close before the answer do not affect others."""
    for _ in range(50):
        for data in (WHOLE, LARGE, WHOLE[:70]):
            with f.Connection(site.socket) as c:
                c.send(data)
    served(site, "150 peers left: others are served")


# As many bodies as fit into the memory for them, and some more.
BODIES = 280


def large(site, fields, name):
    """Bodies that do not end use up the memory for bodies: another one still
    finds room, and only larger ones are refused."""
    whole = f.request("/messages", h.message(262000), **fields)
    peers = [f.Connection(site.socket) for _ in range(BODIES)]
    for c in peers:
        c.send(whole[:-1000])
    for size in (1000, 12000, 100000):
        data = f.request("/messages", h.message(size))
        with f.Connection(site.socket) as c:
            c.send(data[:-500])
            served(site, f"{name}, {size} bytes: others are served")
            c.send(data[-500:])
            tap.same(c.answer().status, 200, f"{name}: {size} bytes find room")
    for c in peers:
        c.send(whole[-1000:])
    got = [c.answer().status for c in peers]
    for c in peers:
        c.close()
    tap.ok(0 < got.count(503) < BODIES and
           got.count(503) + got.count(200) == BODIES,
           f"{name}: some of the large ones are refused", repr(got))
    return got.count(200)


def crowded(site):
    strangers = large(site, {}, "bodies without credentials")
    others = large(site, {"HTTP_AUTHORIZATION": "Basic YTpi"},
                   "bodies with credentials")
    tap.ok(strangers < others, "without credentials, less memory",
           f"{strangers} {others}")


def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < 4096:
        tap.skip_all("needs 4096 descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, most))
    busy()
    site = h.Site()
    site.start()
    kept(site)
    resumed(site)
    gone(site)
    crowded(site)
    tap.same(site.stop(), 0, "ends well")
    site = h.Site()
    # The test itself must get processor time, or it would look stalled.
    site.start("--receive-timeout", "10")
    stall(site)
    served(site, "finally")
    tap.ok(process.wait_until(site.child.running), "still the same process")
    tap.same(site.stop(), 0, "ends well")


tap.run(main)
