"""The example flow behind nginx, for many calls at once: the office is always
open, and there is no rate limit."""

import os
import re

import nginx
import responder_site
import tap


def _front(s):
    def change(http):
        http, changed = re.subn(r"rate=\d+r/s", "rate=1000000r/s", http)
        if changed != 1:
            raise RuntimeError("bwcallback-http.conf: no rate to lift")
        return http.replace(nginx.SOCKET, s.socket)

    return nginx.Nginx(s.folder, s.socket, change=change)


def open_office(**options):
    s = responder_site.Stage(os.path.join(tap.srcdir(), "examples", "ivr"),
                    front=_front, **options)
    with open(s.config, encoding="utf-8") as f:
        flow = f.read()
    flow, changed = re.subn(r'hours="[^"]*"', 'hours="00:00-24:00"', flow)
    if changed != 1:
        raise RuntimeError("examples/ivr: no hours")
    with open(s.config, "w", encoding="utf-8") as f:
        f.write(flow)
    s.respond()
    return s
