#!/usr/bin/env python3
"""bwcallback doctor reports nothing for a correct deployment: every shipped
file with its server, from outside and on the machine."""

import grp
import os

import matrix  # first: it adds tests/pylib to sys.path
import account
import apache
import examined
import web_server
import other_servers
import process
import responder
import responder_site
import tap

# name, kind of server, findings with --outage: lighttpd has no fallback for
# callers, and a .htaccess cannot raise the limit of mod_fcgid.
ROWS = [
    ("nginx", None, []),
    ("Apache, proxy_fcgi", apache.Proxy, []),
    ("Apache, fcgid", apache.Fcgid, []),
    ("Apache, cgid", apache.Cgid, []),
    ("Apache, cgi", apache.Cgi, []),
    ("account, cgid", account.Cgid, []),
    ("account, fcgid", account.Fcgid, ["body-limit-large"]),
    ("lighttpd", other_servers.Lighttpd, ["no-voice-fallback"]),
    ("lighttpd, CGI", other_servers.LighttpdCgi, ["no-voice-fallback"]),
    ("Caddy", other_servers.Caddy, []),
    ("HAProxy", other_servers.Haproxy, []),
]


def is_missing(kind):
    needs = ("nginx",) if kind is None else kind.needs
    return any(web_server.find(n) is None and not os.path.exists(n) for n in needs)


def good(name, kind, expected):
    s = responder_site.Deployment(matrix.FLOW, front=kind)
    if not getattr(s.front, "starts", False):
        s.respond()
    result = examined.from_outside(s, "--outage")
    if expected:
        status, found, said = result
        tap.same((status, sorted(found), said), (0, expected, ""),
                 f"{name}: warnings only")
    else:
        examined.silent(name, result)
    if s.responder is not None:
        untouched(name, s)
        s.responder.stop()
    s.front.stop()


def untouched(name, s):
    """The log has the doctor's requests, marked as such, and no others."""
    tap.ok(s.responder.child.says('type="probe"'),
           f"{name}: probes are logged as such", s.responder.child.said())
    log = s.responder.child.said()
    tap.ok("type=\"initiate\"" not in log and "family=voice" not in log,
           f"{name}: no probe is logged as a callback", log)


def group_of(pid):
    """The group of nginx's workers, which start as root."""
    def group():
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as f:
                worker = f.read().split()[0]
            with open(f"/proc/{worker}/status") as f:
                return int(f.read().split("\nGid:")[1].split()[0])
        except (OSError, IndexError):
            return 0
    process.wait_until(lambda: group() != 0)
    return group()


def local():
    s = responder_site.Deployment(matrix.FLOW)
    gid = group_of(s.nginx.child.pid)
    s.responder = responder.Responder(s.config, s.log, s.socket)
    os.chown(s.socket, -1, gid)
    os.chmod(s.socket, 0o660)
    os.chmod(os.path.join(s.flow, "passwd"), 0o640)
    examined.silent(
        f"on the machine, group {grp.getgrgid(gid).gr_name}",
        examined.doctor("--local", "--socket", s.socket, "--config",
                        examined.sections(s)))


def main():
    if is_missing(None):
        tap.skip_all("nginx is not installed")
    missing = [name for name, kind, _ in ROWS if is_missing(kind)]
    if missing:
        tap.skip_all(f"{missing[0]} is not installed")
    for row in ROWS:
        good(*row)
    local()


if __name__ == "__main__":
    tap.run(main)
