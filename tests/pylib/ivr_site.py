"""The example flow behind nginx, changed for many calls at once: opening hours
all day, no rate limit, and longer timeouts."""

import os
import re

import nginx
import process
import responder_site
import tap


def _change(text, pattern, value, count):
    text, changed = re.subn(pattern, value, text)
    if changed != count:
        raise RuntimeError(f"{pattern}: found {changed} times, not {count}")
    return text


def _front(s):
    def change(http):
        http = _change(http, r"rate=\d+r/s", "rate=1000000r/s", 1)
        return http.replace(nginx.SOCKET, s.socket)

    # The time limits of the shipped file are for calls; here nginx must wait
    # as long as the simulator does.
    with open(nginx.shipped("bwcallback.conf"), encoding="utf-8") as f:
        text = _change(f.read(),
                       r"(fastcgi_(?:connect|send|read)_timeout +)\d+s",
                       rf"\g<1>{process.PATIENCE}s", 3)
    locations = os.path.join(s.folder, "locations.conf")
    with open(locations, "w", encoding="utf-8") as f:
        f.write(text)
    return nginx.Nginx(s.folder, s.socket, locations=locations, change=change)


def deploy(**options):
    s = responder_site.Deployment(
        os.path.join(tap.srcdir(), "examples", "ivr"), front=_front, **options)
    with open(s.config, encoding="utf-8") as f:
        flow = f.read()
    flow = _change(flow, r'hours="[^"]*" dates="[^"]*"',
                   'hours="00:00-24:00"', 1)
    flow = _change(flow, r"<voice ", '<voice deadline="25s" ', 4)
    with open(s.config, "w", encoding="utf-8") as f:
        f.write(flow)
    s.respond()
    # Hash the password once, before all calls need it at the same time.
    if s.send("/voice").status == 401:
        raise RuntimeError("the responder refuses its own password")
    # Its log line is written by another thread.
    if not process.wait_until(lambda: " status=" in s.responder.child.said()):
        raise RuntimeError("the request was not logged")
    os.truncate(s.log, 0)
    return s
