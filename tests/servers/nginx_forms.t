#!/usr/bin/env python3
"""The alternatives in nginx/bwcallback-http.conf: a unix socket, TCP, and
several responders, one of which is killed."""

import os
import signal

import matrix  # first: it adds tests/pylib to sys.path
import nginx
import process
import responder
import responder_site
import tap

class Unix(nginx.Nginx):
    needs = ("nginx",)
    starts = False
    fallback = True
    lossless = True
    limit = 1 << 20

    def __init__(self, s, change=None):
        super().__init__(s.folder, s.socket, change=change)


class Tcp(Unix):
    def __init__(self, s):
        port = process.free_port()
        s.socket = ("127.0.0.1", port)
        super().__init__(s, lambda http: nginx.instead(http, {
            nginx.TCP: f"    server 127.0.0.1:{port};\n"}))


class Several(Unix):
    """Two responders, each on its own unix socket."""

    def __init__(self, s):
        s.sockets = [os.path.join(s.folder, f"{n}.sock") for n in "ab"]
        super().__init__(s, lambda http: nginx.several(http, s.sockets))


ROWS = [("nginx, unix", Unix), ("nginx, TCP", Tcp)]


def answered(s, n):
    """Number of requests that one of them has answered."""
    try:
        with open(s.logs[n]) as f:
            return f.read().count("status=200")
    except FileNotFoundError:
        return 0


def killed():
    """One of two is killed under load of calls and messages, later the other:
    nginx sends its requests to the remaining one."""
    s = responder_site.Deployment(matrix.FLOW, front=Several)
    s.logs = [s.log + ".a", s.log + ".b"]
    both = [responder.Responder(s.config, s.logs[n], s.sockets[n])
            for n in (0, 1)]
    callers = matrix.Callers(s)
    for n in (0, 1):
        callers.wait_for(30)
        both[n].child.signal(signal.SIGKILL)
        tap.same(both[n].child.wait(), -signal.SIGKILL, "one is killed")
        callers.wait_for(60)
        before = answered(s, n)
        both[n] = responder.Responder(s.config, s.logs[n], s.sockets[n])
        tap.ok(process.wait_until(lambda n=n, b=before: answered(s, n) > b),
               "nginx uses it again after its restart")
    tap.same(callers.end(), ([], []), "no request is lost")
    for r in both:
        tap.same(r.stop(), 0, "each exits with 0")


def main():
    responder_site.require()
    matrix.play_all(ROWS)
    killed()


if __name__ == "__main__":
    tap.run(main)
