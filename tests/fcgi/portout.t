#!/usr/bin/env python3
"""Whatever is sent to a port-out path with the right credentials is answered by
the policy of its section: status 200 and a complete verdict. Requests over
every limit, malformed, cut off, and with no memory left."""

import base64
import contextlib
import os
import random
import resource
import subprocess
import threading

import responder_fixture as h
import fastcgi as f
import installed
import process
import responder
import tap

FLOW = """\
<callbacks>
  <credentials id="main" realm="Test" file="passwd"/>
  <voice path="/voice" credentials="main"/>
  <numbers path="/orders" credentials="main"/>
  <portout path="/deny" credentials="main" on-error="deny"/>
  <portout path="/allow" credentials="main" on-error="allow"/>
</callbacks>
"""
POLICY = {"/deny": b"<Portable>false</Portable>",
          "/allow": b"<Portable>true</Portable>"}
END = b"</PortOutValidationResponse>\n"


def portout(name="Front Office"):
    return (b'<?xml version="1.0" encoding="UTF-8"?><PortOutValidationRequest>'
            b"<PON>P-1</PON><SubscriberName>" + name.encode() +
            b"</SubscriberName><TelephoneNumbers><TelephoneNumber>9195550100"
            b"</TelephoneNumber></TelephoneNumbers></PortOutValidationRequest>")


class Site(h.Site):
    def __init__(self):
        super().__init__()
        with open(self.config, "w") as out:
            out.write(FLOW)
        word = responder.make_password(self.path("passwd"), "bandwidth")
        self.authorization = "Basic " + base64.b64encode(
            f"bandwidth:{word}".encode()).decode()

    def ask(self, path, body=b"", **how):
        with f.Connection(self.socket) as c:
            return c.ask(path, body, HTTP_AUTHORIZATION=self.authorization,
                         CONTENT_TYPE="application/xml", **how)


def follows(answer, path):
    """Is it the policy of this section, in full?"""
    return answer.status == 200 and answer.whole and \
        POLICY[path] in answer.body and answer.body.endswith(END)


def over_limits(site):
    """Each limit for itself."""
    for path in POLICY:
        for name, uri, how in (
                ("a URI over 32 kB", "?" + "q" * 40000, {}),
                ("a URI over 64 kB", "?" + "q" * 70000, {}),
                ("credentials over 8 kB", "",
                 {"HTTP_AUTHORIZATION": site.authorization + "A" * 9000}),
                ("credentials over 64 kB", "",
                 {"HTTP_AUTHORIZATION": site.authorization + "A" * 70000}),
                ("a header over 64 kB", "", {"HTTP_X": "x" * 100000}),
                ("800 kB of headers", "",
                 {f"HTTP_X{i}": "x" * 8000 for i in range(100)}),
                ("2,000 small headers", "",
                 {f"HTTP_X{i}": "x" for i in range(2000)}),
                ("no method", "", {"method": None}),
                ("HEAD", "", {"method": "HEAD"}),
                ("a long method", "", {"method": "X" * 5000}),
                ("a body over 256 kB", "", {"body": b"x" * 300000}),
                ("an absolute URI", "", {"REQUEST_URI": "http://x" + path}),
                ("a body that is too short", "", {"CONTENT_LENGTH": "999"})):
            how = {"HTTP_AUTHORIZATION": site.authorization,
                   "CONTENT_TYPE": "application/xml", "body": b"<x", **how}
            with f.Connection(site.socket) as c:
                a = c.ask(path + uri, **how)
            if how.get("method") == "HEAD":
                tap.ok(a.status == 200, f"{path}: {name}", repr(a))
            else:
                tap.ok(follows(a, path), f"{path}: {name}", repr(a))


def others(site):
    """No other path and no request without credentials gets a verdict."""
    with f.Connection(site.socket) as c:
        a = c.ask("/deny?" + "q" * 40000, portout())
        tap.ok(a.status == 401 and a.whole, "no credentials: the challenge",
               repr(a))
        a = c.ask("/deny", portout(), HTTP_X="x" * 100000)
        tap.ok(a.status == 401 and a.whole,
               "nor beyond the limit of parameters", repr(a))
    for path in ("/orders", "/nowhere"):
        a = site.ask(path, HTTP_X="x" * 100000)
        tap.ok(a.status in (413, 404) and a.whole,
               f"{path}: beyond the limit of parameters", repr(a))


CUTS = ("garbage", "half", "version", "twice", "pair", "huge")


def broken(path, site, how, rng):
    """A request that is malformed after its credentials have arrived."""
    pairs = f.variables(path, method="POST",
                        HTTP_AUTHORIZATION=site.authorization)
    params = b"".join(f.pair(n, v) for n, v in pairs.items())
    start = f.begin() + f.record(f.PARAMS, params)
    body = f.record(f.PARAMS) + f.record(f.STDIN, portout())
    return start + {
        "garbage": rng.randbytes(1) + b"\xff" + rng.randbytes(200),
        "half": body[:rng.randrange(len(body))],
        "version": f.record(f.PARAMS, version=2),
        "twice": f.begin(),
        "pair": f.record(f.PARAMS, b"\5\5abc") + f.record(f.PARAMS),
        "huge": f.record(f.PARAMS, b"\1\xff\xff\xff\xffa"),
    }[how]


def malformed(site, rng):
    for path in POLICY:
        for how in CUTS:
            with f.Connection(site.socket) as c:
                c.send(broken(path, site, how, rng))
                if how == "half":
                    c.socket.shutdown(1)
                a = c.answer()
            tap.ok(follows(a, path), f"{path}: {how}", repr(a))


def any_request(rng, path, site):
    """Any combination of what may be wrong with a request."""
    body = rng.choice((b"", b"<", b"x" * rng.randrange(600000),
                       portout(), portout("y" * rng.randrange(300000)),
                       rng.randbytes(rng.randrange(5000))))
    more = {"CONTENT_TYPE": rng.choice(("application/xml", "", "x" * 3000,
                                        "application/json", None)),
            "HTTP_AUTHORIZATION": site.authorization,
            "method": rng.choice(("POST", "POST", "GET", "PUT", "", None)),
            "keep": rng.random() < .5, "wide": rng.random() < .3,
            "size": rng.choice((65535, 65535, 8000, 100)),
            "padding": rng.choice((0, 0, 7, 255))}
    for i in range(rng.choice((0, 0, 5, 1500))):
        more[f"HTTP_X{i}"] = "v" * rng.choice((1, 10, 100))
    if rng.random() < .2:
        more["CONTENT_LENGTH"] = rng.choice(("", "-1", "many", "9" * 30))
    query = rng.choice(("", "?", "?" + "q" * rng.randrange(60000), "#x"))
    names = [n for n in more if n.startswith("HTTP_")]
    rng.shuffle(names)
    more = {**{n: v for n, v in more.items() if n not in names},
            **{n: more[n] for n in names}}
    return path + query, body, more


def generated(site, rng, n):
    wrong = []
    for i in range(n):
        path = rng.choice(tuple(POLICY))
        uri, body, more = any_request(rng, path, site)
        with f.Connection(site.socket) as c:
            try:
                c.send(f.request(uri, body, **more))
            except (BrokenPipeError, ConnectionResetError):
                pass
            a = c.answer()
        correct = POLICY[path] in a.body or b"<Portable>" in a.body and \
            body.startswith(b"<?xml")
        if a.status != 200 or not a.whole or not correct:
            wrong.append((i, uri[:20], len(body), sorted(more)[:5], repr(a)))
    tap.same(wrong, [], f"{n} generated requests")


def late(site):
    """A request that does not arrive in full within the time."""
    site.start("--receive-timeout", "1")
    for path in POLICY:
        with f.Connection(site.socket) as c:
            c.send(f.request(path, portout(), CONTENT_TYPE="application/xml",
                             HTTP_AUTHORIZATION=site.authorization)[:-12])
            a = c.answer()
        tap.ok(follows(a, path), f"{path}: late", repr(a))
    site.stop()


def crowd(site, size, n=40):
    """Port-outs at once; how many were not answered by a verdict."""
    body = portout("x" * size)
    wrong = []

    def one(path):
        try:
            a = site.ask(path, body)
            if a.status != 200 or not a.whole or b"<Portable>" not in a.body \
                    or not a.body.endswith(END):
                wrong.append(repr(a))
        except OSError as e:
            wrong.append(repr(e))

    paths = list(POLICY)
    threads = [threading.Thread(target=one, args=(paths[i % 2],))
               for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return wrong


def unfinished(site, n=40):
    """Large port-outs. The last bytes of each are sent after the rest of all has been."""
    body = portout("x" * 200000)
    data = f.request("/deny", body, CONTENT_TYPE="application/xml",
                     HTTP_AUTHORIZATION=site.authorization)
    wrong = []
    with contextlib.ExitStack() as stack:
        all_of_them = [stack.enter_context(f.Connection(site.socket))
                       for _ in range(n)]
        for c in all_of_them:
            c.send(data[:-12])
        for c in all_of_them:
            c.send(data[-12:])
            a = c.answer()
            if a.status != 200 or not a.whole or b"<Portable>" not in a.body:
                wrong.append(repr(a))
    tap.same(wrong, [], "large ones that arrive together")
    tap.ok(site.child.says("out of memory"), "and memory was short")


def memory_used(pid):
    """In bytes, without addresses that are only reserved."""
    with open(f"/proc/{pid}/status") as status:
        return 1024 * int(next(line for line in status
                               if line.startswith("VmData:")).split()[1])


def without_memory(site):
    """Nearly all memory is in use: large requests find none."""
    if "-fsanitize" in installed.variable("BW_CFLAGS"):
        return  # the sanitizers abort
    site.start()
    site.ask("/deny", portout())  # the password is known from now on
    crowd(site, 10)
    pid = site.child.pid
    for more in (0, 200, 1000, 4000):
        used = memory_used(pid)
        resource.prlimit(pid, resource.RLIMIT_DATA,
                         (used + more * 1024, resource.RLIM_INFINITY))
        for size in (10, 20000, 200000):
            tap.same(crowd(site, size), [],
                     f"{more} kB free, names of {size} bytes")
        if more == 0:
            unfinished(site)
    tap.ok(site.child.running(), "the process has not died")
    site.stop()


def run_cgi(site, path, body, **more):
    env = f.variables(path, body, HTTP_AUTHORIZATION=site.authorization)
    env.update(more)
    env = {n: v for n, v in env.items() if v is not None}
    env.update(process.surroundings(), GATEWAY_INTERFACE="CGI/1.1")
    done = subprocess.run(site.argv(), input=body, capture_output=True,
                          env=env, timeout=process.PATIENCE)
    return f.Answer(done.stdout, f.COMPLETE)


def cgi_broken(site):
    """The configuration becomes invalid: the last valid one decides."""
    def is_compiled():
        run_cgi(site, "/deny", b"<x")
        return os.path.exists(site.config + ".compiled")

    tap.ok(process.wait_until(is_compiled), "CGI: it is compiled")
    with open(site.config, "a") as out:
        out.write("<nonsense")
    for path in POLICY:
        for body in (b"<x", b"", b"x" * 300000):
            a = run_cgi(site, path, body)
            tap.ok(follows(a, path), f"CGI, invalid: {path}, {len(body)}",
                   repr(a))
    a = run_cgi(site, "/orders", b"<x")
    tap.same(a.status, 500, "CGI, invalid: other paths")
    os.unlink(site.config + ".compiled")
    a = run_cgi(site, "/allow", portout())
    tap.ok(follows(a, "/deny"), "CGI: no policy is known: refused", repr(a))


def cgi(site):
    """The same limits in a CGI process."""
    for name, path, body, more in (
            ("a URI over 32 kB", "/deny?" + "q" * 40000, portout(), {}),
            ("credentials over 8 kB", "/deny", portout(),
             {"HTTP_AUTHORIZATION": site.authorization + "A" * 9000}),
            ("a body over 256 kB", "/allow", b"x" * 300000, {}),
            ("no method", "/allow", b"<x", {"REQUEST_METHOD": None})):
        a = run_cgi(site, path, body, **more)
        tap.ok(follows(a, path.partition("?")[0]), f"CGI: {name}", repr(a))


def main():
    site = Site()
    rng = random.Random(20)
    site.start()
    over_limits(site)
    others(site)
    malformed(site, rng)
    generated(site, rng, int(os.environ.get("BW_PORTOUTS", "150")))
    tap.same(site.stop(), 0, "ends well")
    late(site)
    cgi(site)
    without_memory(site)
    cgi_broken(site)


tap.run(main)
