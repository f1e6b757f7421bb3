#!/usr/bin/env python3
"""A web server replaces the responder's 401. bwcallback doctor names the line
to change, and finds nothing once the line is changed where it says."""

import os

import matrix  # first: it adds tests/pylib to sys.path
import apache
import examined
import nginx
import other_servers
import process
import responder_site
import tap
import web_server

# A page that is sent as a 200.
FINE = "Status: 200 fine\nContent-Type: text/plain\n\nfine\n"
FINE_SITE = """
Alias "/fine" "{dir}/fine.asis"
<Location "/fine">
    SetHandler send-as-is
    Require all granted
</Location>
"""


def instead(text, old, new):
    """The text with one replacement, which must take place."""
    if text.count(old) < 1:
        raise RuntimeError(f"not in the file: {old}")
    return text.replace(old, new, 1)


class ApacheHost(apache.Proxy):
    """With "On" and a page in the virtual host."""

    cure = "ProxyErrorOverride Off"

    def site(self):
        os.chmod(self.write("fine.asis", FINE), 0o644)
        text = super().site()
        if self.deployment.cured:
            text = instead(text, "    CGIPassAuth On",
                           f"    CGIPassAuth On\n    {self.cure}")
        return ("ProxyErrorOverride On\nErrorDocument 401 /fine\n" +
                FINE_SITE.format(dir=self.folder) + text)


class ApacheBelow(ApacheHost):
    """With "On" below the callbacks' own lines, and Apache's page."""

    def site(self):
        text = apache.Proxy.site(self)
        word = "Off" if self.deployment.cured else "On"
        return text + f"<Location />\nProxyErrorOverride {word}\n</Location>\n"


class LighttpdPage(other_servers.Lighttpd):
    """A page for each status, or one program for all, as its file says."""

    cure = 'server.error-intercept = "disable"'
    page = 'server.errorfile-prefix = "{dir}/status-"\n'

    def site(self):
        self.write("status-401.html", "<h1>Sorry</h1>\n")
        self.write("fine.txt", "fine\n")
        os.chmod(self.write("fine.cgi", f"#!/bin/sh\nprintf '{FINE}'\n"), 0o755)
        text = super().site()
        if self.deployment.cured:
            text = instead(text, "    server.max-request-size",
                           f"    {self.cure}\n    server.max-request-size")
        return ('server.error-intercept = "enable"\n' +
                self.page.format(dir=self.folder) + text)


class LighttpdProgram(LighttpdPage):
    """With this, lighttpd 1.4.69 sends the header and no page."""

    page = ('server.modules += ( "mod_cgi" )\ncgi.assign = ( ".cgi" => "" )\n'
            'server.error-handler = "/fine.cgi"\n')


class LighttpdFile(LighttpdPage):
    page = 'server.error-handler = "/fine.txt"\n'


class CaddyPage(other_servers.Caddy):
    cure = "handle_response / intercept"
    copies = ""

    def argv(self):
        argv = super().argv()
        with open(self.path("Caddyfile")) as f:
            text = f.read()
        if not self.deployment.cured:
            text = instead(
                text, "transport fastcgi {",
                "@refused status 401\nhandle_response @refused {\n" +
                self.copies + "respond fine 200\n}\ntransport fastcgi {")
        self.write("Caddyfile", text)
        return argv


class CaddyCopy(CaddyPage):
    copies = "copy_response_headers\n"


class HaproxyReturn(other_servers.Haproxy):
    cure = "http-response return"
    line = 'http-response return status 200 content-type text/plain string "fine" if { status 401 }'

    def argv(self):
        argv = super().argv()
        with open(self.path("haproxy.cfg")) as f:
            text = f.read()
        if not self.deployment.cured:
            text = text.replace("    use-fcgi-app",
                                f"    {self.line}\n    use-fcgi-app")
        self.write("haproxy.cfg", text)
        return argv


class HaproxyStatus(HaproxyReturn):
    cure = "http-response set-status"
    line = "http-response set-status 200 if { status 401 }"


INTERCEPT = "fastcgi_intercept_errors on;\n"
PAGE = "error_page 401 =200 /fine;\n"
NGINX_FINE = "\nlocation = /fine { return 200 'fine'; }\n"


class NginxPage:
    """The shipped locations with more lines before the first one. Removing these lines is a cure."""

    needs = ("nginx",)
    starts = False
    cure = "fastcgi_intercept_errors off;"
    cured_lines = PAGE

    def __new__(cls, s):
        lines = cls.cured_lines if s.cured else INTERCEPT + PAGE
        with open(nginx.shipped("bwcallback.conf")) as f:
            text = instead(f.read(), "fastcgi_intercept_errors off;\n",
                           lines + "\n") + NGINX_FINE
        path = os.path.join(s.folder, "locations.conf")
        with open(path, "w") as f:
            f.write(text)
        front = nginx.Nginx(s.folder, s.socket, locations=path)
        front.starts = False
        return front


class NginxIntercepts(NginxPage):
    cure = "error_page 401 ..."
    cured_lines = INTERCEPT


class Deployment(responder_site.Deployment):
    def __init__(self, kind, cured):
        self.cured = cured
        super().__init__(matrix.FLOW, front=kind)
        self.respond()

    def examine(self):
        return examined.from_outside(self, path="/messages")

    def end(self):
        self.responder.stop()
        self.front.stop()


ROWS = [
    ("nginx, intercept", NginxPage, "challenge-replaced"),
    ("nginx, error_page", NginxIntercepts, "challenge-replaced"),
    ("Apache, virtual host", ApacheHost, "challenge-replaced"),
    ("Apache, below", ApacheBelow, "answers-replaced"),
    ("lighttpd, pages", LighttpdPage, "answers-replaced"),
    ("lighttpd, a program", LighttpdProgram, "answers-replaced"),
    ("lighttpd, a file", LighttpdFile, "answers-replaced"),
    ("Caddy", CaddyPage, "fail-open"),
    ("Caddy, with the challenge", CaddyCopy, "challenge-replaced"),
    ("HAProxy, another answer", HaproxyReturn, "fail-open"),
    ("HAProxy, another status", HaproxyStatus, "challenge-replaced"),
]


def main():
    for name, kind, finding in ROWS:
        missing = [n for n in kind.needs if web_server.find(n) is None]
        if missing:
            tap.skip_all(f"{missing[0]} is not installed")
        s = Deployment(kind, cured=False)
        examined.finds(name, s.examine(), [finding], kind.cure)
        s.end()
        s = Deployment(kind, cured=True)
        examined.silent(f"{name}, cured", s.examine())
        s.end()


if __name__ == "__main__":
    tap.run(main)
