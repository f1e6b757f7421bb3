"""lighttpd, Caddy and HAProxy, each in a separate folder."""

import os
import shutil
import signal

import web_server
from web_server import Front, adapt, shipped

SOCKET = "/run/bwcallback/bwcallback.sock"


def read(name):
    with open(shipped("contrib", name)) as f:
        return f.read()


LIGHTTPD = """\
server.document-root = "{dir}"
server.port = {port}
server.bind = "127.0.0.1"
server.errorlog = "{dir}/error.log"
server.upload-dirs = ( "{dir}" )
{user}
{site}
"""


class Lighttpd(Front):
    needs = ("lighttpd",)
    fallback = False

    def site(self):
        return adapt(read("lighttpd.conf"), {SOCKET: self.deployment.socket})

    def argv(self):
        user = ""
        if web_server.is_root():
            web_server.give(self.folder)
            user = (f'server.username = "{web_server.USER}"\n'
                    f'server.groupname = "{web_server.group_of(web_server.USER)}"')
        config = self.write("lighttpd.conf", LIGHTTPD.format(
            dir=self.folder, port=self.port, user=user, site=self.site()))
        return [web_server.find("lighttpd"), "-D", "-f", config]

    def reload(self):
        self.child.signal(signal.SIGUSR1)
        return True


class LighttpdCgi(Lighttpd):
    starts = True

    def site(self):
        return adapt(read("lighttpd-cgi.conf"), {
            "/usr/local/bin/bwcallback.fcgi": self.program,
            "/etc/bwcallback/callbacks.xml": self.deployment.config})


CADDY = """\
{
\tadmin off
\tauto_https off
}
%s
"""


class Caddy(Front):
    needs = ("caddy",)
    # A reload may close a connection that was just opened.
    lossless = False

    def argv(self):
        site = adapt(read("Caddyfile"), {
            "callbacks.example.com": self.url, SOCKET: self.deployment.socket})
        config = self.write("Caddyfile", CADDY % site)
        return [web_server.find("caddy"), "run", "--config", config,
                "--adapter", "caddyfile"]

    def environment(self):
        return dict(os.environ, HOME=self.folder,
                    XDG_DATA_HOME=self.folder, XDG_CONFIG_HOME=self.folder)


HAPROXY = """\
global
    maxconn 500
    hard-stop-after 20s
defaults
    retries 3
"""


class Haproxy(Front):
    needs = ("haproxy",)
    # After a reload the old process gives up its open requests (2.6: "SH" in
    # its log, although the responder answered each of them).
    lossless = False

    def shipped_file(self):
        return adapt(read("haproxy.cfg"), {
            "/run/bwcallback/bwcallback.sock": self.deployment.socket})

    def argv(self):
        site = adapt(self.shipped_file(), {
            ":443 ssl crt /etc/haproxy/callbacks.example.com.pem":
                f"127.0.0.1:{self.port}",
            "/etc/haproxy/bwcallback/": self.folder + "/"})
        shutil.copyfile(shipped("contrib", "haproxy-fallback.http"),
                        self.path("haproxy-fallback.http"))
        return [web_server.find("haproxy"), "-W", "-db",
                "-f", self.write("main.cfg", HAPROXY),
                "-f", self.write("haproxy.cfg", site)]

    def reload(self):
        # With -W: a new worker takes over the sockets of the old one.
        self.child.signal(signal.SIGUSR2)
        return True


class HaproxyTwo(Haproxy):
    """The alternative with two hosts, which are ports here."""

    def shipped_file(self):
        a, b = (f"{host}:{port}" for host, port in self.deployment.sockets)
        local = "    server local unix@/run/bwcallback/bwcallback.sock"
        return adapt(read("haproxy.cfg"), {
            local: "    #" + local.strip(),
            **{f"    #{word} ": f"    {word} " for word in (
                "option httpchk", "http-check", "timeout check",
                "option redispatch", "retries", "retry-on", "server host1",
                "server host2")},
            "10.0.0.11:9000 proto": f"{a} proto",
            "10.0.0.12:9000 proto": f"{b} proto",
            # On a busy machine an answer may take longer.
            "timeout check 2s": "timeout check 60s"})
