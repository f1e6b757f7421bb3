#!/usr/bin/env python3
"""README's "Install", word for word: as root in a private view of the system,
then a callback through nginx with the files that it names. Then the rows of
README's table."""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import client  # noqa: E402
import nginx  # noqa: E402
import private_view  # noqa: E402
import process  # noqa: E402
import readme_rows  # noqa: E402
import tap  # noqa: E402

INITIATE = (b'{"eventType":"initiate","from":"+19195550142",'
            b'"to":"+19195550100","callId":"c-of-the-installation"}')


def blocks():
    """The indented blocks of the section."""
    with open(os.path.join(tap.srcdir(), "README.md"), encoding="utf-8") as f:
        section = re.search(r"^## Install$(.*?)^## ", f.read(),
                            re.MULTILINE | re.DOTALL).group(1)
    return [block.replace("\n    ", "\n").strip() for block in re.findall(
        r"(?:^    .*\n)+", section, re.MULTILINE)]


def shell(commands, folder, **env):
    """As typed into a shell of a new login: nothing of the build folder."""
    return subprocess.run(
        ["sh", "-ec", commands], cwd=folder, capture_output=True, text=True,
        check=False, stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
             "/sbin:/bin", "LANG": "C", **env})


def behind_nginx(folder):
    """nginx, with Debian's user, and the two files where nginx/bwcallback.conf
    says."""
    with open(nginx.shipped("bwcallback.conf"), encoding="utf-8") as f:
        copies = re.findall(r"^#  +(cp .*)$", f.read(), re.MULTILINE)
    tap.same(len(copies), 2, "nginx/bwcallback.conf names two copies")
    os.makedirs("/etc/nginx/conf.d", exist_ok=True)
    os.makedirs("/etc/nginx/snippets", exist_ok=True)
    done = shell("\n".join(copies), os.path.join(tap.srcdir(), "nginx"))
    tap.same((done.returncode, done.stderr), (0, ""), "they are copied")
    os.chmod(folder, 0o755)
    return nginx.Nginx(folder, nginx.SOCKET, user="www-data",
                       locations="/etc/nginx/snippets/bwcallback.conf")


def answered(url):
    fields = [("Content-Type", "application/json")]
    a = client.send(url + "/voice", body=INITIATE, fields=fields)
    tap.same(a.status, 401, "without credentials: a challenge")
    with open("/etc/bwcallback/password", encoding="utf-8") as f:
        pair = client.basic("bandwidth", f.read().strip())
    a = client.send(url + "/voice", body=INITIATE,
                    fields=[*fields, ("Authorization", pair)])
    tap.ok(a.status == 200 and b"<Response>" in a.body,
           "with them: BXML", a.body)


def serve(commands, folder):
    """Start what the last command starts, and ask through nginx."""
    child = process.Child(
        ["sh", "-c", "exec " + commands[commands.index("setpriv"):]],
        os.path.join(folder, "responder.log"), cwd="/etc/bwcallback",
        env={"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"})
    up = process.wait_until(lambda: process.connects(nginx.SOCKET) or
                            not child.running())
    tap.ok(up and child.running(), "the responder starts", child.said())
    site = behind_nginx(folder)
    answered(site.url)
    stored = shell("bwcallback events list --config callbacks.xml",
                   "/etc/bwcallback")
    tap.ok(stored.returncode == 0 and "c-of-the-installation" in stored.stdout,
           "and it is stored", stored.stdout + stored.stderr)
    site.stop()
    tap.same(child.stop(), 0, "the responder ends well")


def main():
    private_view.enter(network=True)
    if nginx.program() is None:
        tap.skip_all("nginx is not installed")
    build, setup, start = blocks()
    *_, install, cache = build.split(" && ")
    tap.same((install, cache), ("sudo make install", "sudo ldconfig"),
             "the first block installs")
    done = subprocess.run(["make", "-s", "install", "prefix=/usr/local"],
                          cwd=tap.builddir(), capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL)
    tap.ok(done.returncode == 0, "make install", done.stderr)
    done = shell(cache.removeprefix("sudo "), "/")
    tap.ok(done.returncode == 0, cache, done.stderr)
    done = shell(setup, tap.srcdir())
    tap.ok(done.returncode == 0, "the second block succeeds",
           done.stdout + done.stderr)
    private_view.edited("/etc/bwcallback/callbacks.xml",
           (r'(<login url=")[^"]*', r"\1https://callbacks.example.com"),
           (r'(<store url=")[^"]*', r"\1sqlite:/var/lib/bwcallback/events.db"))
    private_view.edited("/etc/bwcallback/staff.csv", (r"\+1919555\d{4}", "+13125550123"))
    checks = start[:start.index("setpriv")]
    done = shell(checks, "/etc/bwcallback")
    tap.ok(done.returncode == 0 and done.stderr == "",
           "check and a simulated call succeed", done.stdout + done.stderr)
    serve(start, process.folder())
    readme_rows.check()


tap.run(main)
