#!/usr/bin/env python3
"""Port-outs through nginx: verdicts while the data change, the same verdict for
the same request after the responder was killed, and the stored events."""

import itertools
import json
import os
import re
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import nginx  # noqa: E402
import payload  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import responder_site  # noqa: E402
import tap  # noqa: E402

HEADER = "Telephone Number,Account Number,PIN,ZIP,Status,Lock\n"
YES = "<Portable>true</Portable>"


def request(pon, number="9195550100", pin="0471"):
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<PortOutValidationRequest><PON>{pon}</PON><Pin>{pin}</Pin>
<AccountNumber>77A</AccountNumber><ZipCode>02154-1111</ZipCode>
<TelephoneNumbers><TelephoneNumber>{number}</TelephoneNumber>
</TelephoneNumbers></PortOutValidationRequest>
""".encode()


def ask(s, *args, **options):
    return s.send("/portout", request(*args, **options), [payload.XML])


def verdict(answer):
    """The codes of a complete verdict, "yes", or the fault found in it."""
    if answer.status != 200 or answer["Content-Type"] != "application/xml":
        return repr(answer)
    if not answer.text.endswith("</PortOutValidationResponse>\n"):
        return repr(answer)
    return "yes" if YES in answer.text else " ".join(
        re.findall("<Code>(.*?)</Code>", answer.text))


def put(s, rows):
    name = os.path.join(s.flow, "subscribers.csv")
    with open(name + ".new", "w") as f:
        f.write(HEADER + rows)
    os.rename(name + ".new", name)


def check_answers(s):
    first = s.send("/portout", request("N-0"), [payload.XML], auth=False)
    tap.same(first.status, 401, "the challenge comes first")
    tap.same(verdict(ask(s, "N-1")), "yes", "correct data: portable")
    tap.same(verdict(ask(s, "N-2", pin="471")), "7513",
             "a PIN without its leading zero: 7513")
    tap.same(verdict(ask(s, "N-3", "+19195550101")), "7598",
             "a locked number: 7598")
    tap.same(verdict(ask(s, "N-4", "+19195550102")), "7516",
             "an unknown number: 7516")
    bad = s.send("/portout", b"<PortOut", [payload.XML])
    tap.same(verdict(bad), "7598", "a truncated request: 7598")


def check_edge(s):
    """What is over a limit of nginx, too, gets the verdict: here a refusal."""
    for size in (300000, 2000000, 20000000):
        a = s.send("/portout", b"x" * size, [payload.XML])
        tap.same(verdict(a), "7598", f"a body of {size} bytes")
        a = s.send("/portout", b"x" * size, [payload.XML], auth=False)
        tap.same(a.status, 401, f"{size} bytes without credentials")
    for size in (9000, 33000, 60000):
        a = s.send("/portout?" + "q" * size, request("E-1"), [payload.XML])
        tap.ok(verdict(a) in ("yes", "7598"), f"a URI of {size} bytes",
               repr(a))
        a = s.send("/portout", request("E-2"),
                   [payload.XML, ("X-Long", "x" * size)])
        tap.same(verdict(a), "yes", f"a header field of {size} bytes")


FEW = "limit_req_zone $bwcallback_stranger zone=few:1m rate=5r/s;\n"


def few_strangers():
    """The shipped locations with a limit so low that every machine exceeds it."""
    with open(nginx.shipped("bwcallback.conf")) as f:
        text = f.read()
    if "zone=bwcallback burst=2000 " not in text:
        raise RuntimeError("bwcallback.conf: no burst of 2000")
    path = os.path.join(process.folder(), "locations.conf")
    with open(path, "w") as f:
        f.write(text.replace("zone=bwcallback burst=2000 ",
                             "zone=few burst=20 "))
    return path


def check_flood(s):
    """Requests without credentials from the same address are limited, those
    with credentials and those for port-outs are not."""
    log = os.path.join(s.folder, "error.log")
    before = os.path.getsize(log)
    statuses = []
    ended = threading.Event()

    def flood():
        while not ended.is_set():
            statuses.append(s.send("/messages", b"{}", auth=False).status)

    threads = [threading.Thread(target=flood) for _ in range(8)]
    for t in threads:
        t.start()
    tap.ok(process.wait_until(lambda: 503 in statuses),
           "the flood is limited", str(set(statuses)))
    begun = len(statuses)
    wrong = []
    for i in range(100):
        wrong += [a for a in (verdict(ask(s, f"F-{i}")),) if a != "yes"]
        first = s.send("/portout", request("F"), [payload.XML], auth=False)
        wrong += [first.status] if first.status != 401 else []
    ended.set()
    for t in threads:
        t.join()
    tap.same(wrong, [], "port-outs during a flood")
    tap.ok(503 in statuses[begun:], "which was limited all the time",
           str(statuses[begun:][:20]))
    # The flow has no such section.
    tap.same(sorted(set(statuses)), [404, 503], "and got nothing else")
    with open(log, errors="replace") as f:
        f.seek(before)
        said = f.read()
    tap.ok("[error]" not in said, "nothing in the error log of nginx",
           said[:300])


def check_reload(s):
    """Requests are answered while a file of 100,000 lines is read."""
    rows = "".join(f"{2010000000 + i},1,1,02154,active,\n"
                   for i in range(100000))
    put(s, rows + "9195550100,77A,9999,02154,active,\n")
    seen = set()
    count = 0

    def changed():
        nonlocal count
        count += 1
        seen.add(verdict(ask(s, f"R-{count}")))
        return "7513" in seen

    tap.ok(process.wait_until(changed), "a new file is read")
    tap.ok(seen <= {"yes", "7513"},
           "each verdict is by the old or the new file", str(seen))


def check_kill(s):
    """A verdict sent before the responder was killed is sent again."""
    put(s, "9195550100,77A,0471,02154,active,\n")
    pons = itertools.count()
    process.wait_until(lambda: verdict(ask(s, f"W-{next(pons)}")) == "yes")
    got = {}
    done = threading.Event()

    def traffic(which):
        for i in range(2000):
            pon = f"K-{which}-{i}"
            pin = "0471" if i % 2 else "1"
            answer = ask(s, pon, pin=pin)
            if answer.status != 200 or done.is_set():
                return
            got[(pon, pin)] = answer.body

    threads = [threading.Thread(target=traffic, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    process.wait_until(lambda: len(got) > 60)
    s.responder.child.signal(9)
    s.responder.child.wait()
    for t in threads:
        t.join()
    done.set()
    down = ask(s, "D-1")
    tap.ok(down.status in (502, 504), "no responder: no 200", repr(down))
    # The data now give another verdict.
    put(s, "9195550100,77A,0471,02154,gone,\n")
    s.respond()
    tap.same(verdict(ask(s, "D-1")), "7518",
             "a new request gets a verdict by the new data")
    wrong = [p for (p, pin), body in got.items()
             if ask(s, p, pin=pin).body != body]
    tap.same(wrong, [],
             f"{len(got)} retries after a kill get the same verdicts")
    return got


def check_stored(s, got):
    done = subprocess.run(
        [responder.command(), "events", "export", "--config", s.config,
         "--family", "portout", "--json", "--reveal"],
        check=True, capture_output=True, text=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    text = done.stdout
    tap.ok(len(events) >= len(got), "every verdict is stored",
           f"{len(events)} of {len(got)}")
    tap.same([p for p, _ in got if f"{p}<" not in text], [],
             "each request is stored")
    tap.ok("7513" in text, "reasons are stored")


def main():
    responder_site.require()
    s = responder_site.Deployment(os.path.join(HERE, "subscribers"),
                                  locations=few_strangers(),
                                  server=FEW + nginx.SERVER)
    s.respond()
    check_answers(s)
    check_edge(s)
    check_flood(s)
    check_reload(s)
    got = check_kill(s)
    check_stored(s, got)
    tap.same(s.responder.stop(), 0, "the responder exits with 0")


tap.run(main)
