#!/usr/bin/env python3
"""HAProxy with contrib/haproxy.cfg, and with its alternative of two hosts."""

import os
import signal

import matrix  # first: it adds tests/pylib to sys.path
import other_servers
import process
import responder
import responder_site
import tap
import web_server

ROWS = [
    ("HAProxy", other_servers.Haproxy),
]



class TwoHosts(responder_site.Deployment):
    """Its responders have a page of their health."""

    def __init__(self):
        self.sockets = [("127.0.0.1", process.free_port()) for _ in range(2)]
        super().__init__(matrix.FLOW, front=other_servers.HaproxyTwo)
        with open(self.config, encoding="utf-8") as f:
            text = f.read()
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(text.replace("</callbacks>",
                                 '<health path="/health"/></callbacks>'))
        self.both = [None, None]
        for n in (0, 1):
            self.start(n)

    def log_of(self, n):
        return f"{self.log}.{n}"

    def start(self, n):
        self.both[n] = responder.Responder(
            self.config, self.log_of(n), self.sockets[n])

    def answered(self, n, path):
        if not os.path.exists(self.log_of(n)):
            return 0
        with open(self.log_of(n), encoding="utf-8") as f:
            return sum(f'path="{path}"' in line for line in f)


def killed():
    """One of two is killed under load of calls and messages, later the other:
    HAProxy sends its requests to the remaining one."""
    s = TwoHosts()
    for n in (0, 1):
        tap.ok(process.wait_until(lambda n=n: s.answered(n, "/health") > 0),
               f"two hosts: the health of {n + 1} is asked for")
    callers = matrix.Callers(s)
    for n in (0, 1):
        callers.wait_for(30)
        s.both[n].child.signal(signal.SIGKILL)
        tap.same(s.both[n].child.wait(), -signal.SIGKILL,
                 f"two hosts: {n + 1} is killed")
        callers.wait_for(60)
        before = {p: s.answered(n, p) for p in ("/voice/menu", "/messages")}
        s.start(n)
        # HAProxy checks a host for each of its backends, in turn. Until both
        # have seen it, a check that failed may still take it out.
        checks = s.answered(n, "/health") + 6
        process.wait_until(lambda n=n, most=checks:
                           s.answered(n, "/health") >= most)
        tap.ok(process.wait_until(lambda n=n, before=before: all(
            s.answered(n, p) > count for p, count in before.items())),
            f"two hosts: {n + 1} is used again after its restart")
    calls, messages = callers.end()
    odd = {getattr(a, "status", a) for a in messages} - {503}
    tap.same((calls, odd), ([], set()),
             "two hosts: no call is lost; a message may get 503, and is sent "
             "again")
    for r in s.both:
        tap.same(r.stop(), 0, "two hosts: each exits with 0")


def main():
    matrix.play_all(ROWS)
    if web_server.find("haproxy") is not None:
        killed()


if __name__ == "__main__":
    tap.run(main)
