"""A real nginx in a separate folder, with the shipped configuration."""

import os
import shutil
import signal

from process import Child, listener, wait_until
from tap import srcdir

SOCKET = "/run/bwcallback/bwcallback.sock"

MAIN = """\
{user}
daemon off;
worker_processes 2;
worker_rlimit_nofile 8192;
pid "{dir}/nginx.pid";
error_log "{dir}/error.log" info;
events {{ worker_connections 4096; }}
http {{
    access_log "{dir}/access.log";
    client_body_temp_path "{dir}/body";
    fastcgi_temp_path "{dir}/fastcgi";
    proxy_temp_path "{dir}/proxy";
    scgi_temp_path "{dir}/scgi";
    uwsgi_temp_path "{dir}/uwsgi";
    include "{dir}/http.conf";
    {server}
}}
"""

SERVER = """
    server {
        listen 127.0.0.1:%(port)d backlog=1024;
        include "%(locations)s";
    }
"""


# Lines of bwcallback-http.conf.
UNIX = "    server unix:/run/bwcallback/bwcallback.sock;\n"
TCP = "    #server 127.0.0.1:9000;\n"
FIRST = "    #server 10.0.0.11:9000 "
SECOND = "    #server 10.0.0.12:9000 "


def instead(http, lines):
    """Without the line of the unix socket, with other lines uncommented."""
    for old, new in {UNIX: "", **lines}.items():
        if http.count(old) != 1:
            raise RuntimeError(f"bwcallback-http.conf: not once: {old}")
        http = http.replace(old, new)
    return http


def several(http, sockets):
    """For two responders, each on its own unix socket."""
    return instead(http, {FIRST: f"    server unix:{sockets[0]} ",
                          SECOND: f"    server unix:{sockets[1]} "})


def program():
    """The path of nginx; None if it is not installed."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    return shutil.which("nginx", path=path)


def shipped(name):
    return os.path.join(srcdir(), "nginx", name)


def params():
    """The lines of the shipped file that tell the responder of the request."""
    with open(shipped("bwcallback.conf")) as f:
        return [line.strip() for line in f
                if line.strip().startswith("fastcgi_param ")]


class Nginx:
    """Runs nginx/bwcallback.conf unchanged, and bwcallback-http.conf with only
    the socket's path changed."""

    def __init__(self, folder, socket_path, locations=None, server=SERVER,
                 change=None, user=None):
        self.folder = folder
        self.error_log = os.path.join(folder, "error.log")
        self.access_log = os.path.join(folder, "access.log")
        with open(shipped("bwcallback-http.conf")) as f:
            http = f.read()
        if http.count("unix:" + SOCKET) != 1:
            raise RuntimeError("bwcallback-http.conf: socket not found once")
        with open(os.path.join(folder, "http.conf"), "w") as f:
            f.write(change(http) if change else
                    http.replace(SOCKET, socket_path))
        # nginx uses the inherited socket that the environment names, so no
        # other program can come between finding a free port and listening.
        self.socket = listener()
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.config = os.path.join(folder, "nginx.conf")
        server = server % {"port": self.port, "locations":
                           locations or shipped("bwcallback.conf")}
        with open(self.config, "w") as f:
            f.write(MAIN.format(dir=folder, server=server,
                                user=f"user {user};" if user else ""))
        self.start()

    def start(self):
        fd = self.socket.fileno()
        argv = [program(), "-p", self.folder, "-c", self.config,
                "-e", self.error_log]
        self.child = Child(argv, os.path.join(self.folder, "nginx.out"),
                           env=dict(os.environ, NGINX=f"{fd};"),
                           pass_fds=(fd,))
        pid = os.path.join(self.folder, "nginx.pid")
        if not wait_until(lambda: os.path.exists(pid) or
                          not self.child.running()) \
                or not self.child.running():
            raise RuntimeError("nginx does not start: " + self.said())

    def said(self):
        text = self.child.said()
        if os.path.exists(self.error_log):
            with open(self.error_log, errors="replace") as f:
                text += f.read()
        return text

    def complaints(self):
        """Lines of its error log above the level notice."""
        with open(self.error_log, errors="replace") as f:
            return "".join(line for line in f
                           if " [notice] " not in line and
                           " [info] " not in line)

    def reload(self):
        self.child.signal(signal.SIGHUP)
        return True

    def stop(self):
        return self.child.stop()
