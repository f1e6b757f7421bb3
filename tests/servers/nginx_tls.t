#!/usr/bin/env python3
"""The shipped TLS server block, with only paths and the port changed: a call
through it, and the content of its log."""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import payload  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import responder_site  # noqa: E402
import tap  # noqa: E402
from nginx import shipped  # noqa: E402


def make_certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout",
         os.path.join(folder, "privkey.pem"), "-out",
         os.path.join(folder, "fullchain.pem")],
        check=True, capture_output=True)


def example(folder):
    with open(shipped("server-tls.conf.example")) as f:
        text = f.read()
    for old, new in [
            ("    listen [::]:443 ssl;\n", ""),
            ("listen 443 ssl;", "listen 127.0.0.1:%(port)d ssl;"),
            ("server_name callbacks.example.com;", "server_name localhost;"),
            ("/etc/letsencrypt/live/callbacks.example.com/fullchain.pem",
             f"{folder}/fullchain.pem"),
            ("/etc/letsencrypt/live/callbacks.example.com/privkey.pem",
             f"{folder}/privkey.pem"),
            ("/var/log/nginx/callbacks.log", f"{folder}/callbacks.log"),
            ("snippets/bwcallback.conf;", '"%(locations)s";')]:
        tap.same(text.count(old), 1, f"the example has {old.strip()}")
        text = text.replace(old, new)
    return text


def with_login(config):
    """The URL of a verb needs the credentials in the verb."""
    with open(config, encoding="utf-8") as f:
        text = f.read()
    first = "<credentials "
    tap.ok(first in text, "the flow has credentials")
    with open(config, "w", encoding="utf-8") as f:
        f.write(text.replace(
            first, f'<login url="https://localhost" user="{responder_site.USER}" '
            f'password-file="password"/>{first}', 1))


def main():
    responder_site.require()
    if shutil.which("openssl") is None:
        tap.skip_all("openssl is not installed")
    folder = process.folder()
    make_certificate(folder)
    s = responder_site.Deployment(os.path.join(HERE, "flow"),
                                  server=example(folder))
    with_login(s.config)
    s.respond()
    url = f"https://127.0.0.1:{s.nginx.port}"
    certificate = os.path.join(folder, "fullchain.pem")
    run = subprocess.run(
        [responder.command(), "simulate", "call", "--user", responder_site.USER,
         "--password-file", s.password_file, "--digits", "2", url + "/voice"],
        env=dict(os.environ, SSL_CERT_FILE=certificate), capture_output=True,
        text=True, timeout=120)
    tap.same(run.returncode, 0, "a call over TLS")
    tap.ok("Transfer +19195550102" in " ".join(run.stdout.split()),
           "the flow answered the call", run.stdout + run.stderr)
    run = subprocess.run(run.args, env={k: v for k, v in os.environ.items()
                                        if k != "SSL_CERT_FILE"},
                         capture_output=True, text=True, timeout=120)
    tap.ok(run.returncode == 1 and "callback-error" in run.stdout,
           "no call with an untrusted certificate", run.stdout)

    os.environ["SSL_CERT_FILE"] = certificate
    s.url = url
    call = payload.Call()
    a = s.send("/voice?" + payload.query(call.event("disconnect")),
               method="GET")
    tap.same(a.status, 204, "a callback with GET")
    tap.same(s.send("/", method="GET").status, 404, "another path gets a 404")
    s.nginx.stop()
    with open(os.path.join(folder, "callbacks.log")) as f:
        log = f.read()
    tap.ok(" GET / 404 " in log,
           "nginx logs requests that are no callbacks", log)
    tap.ok("9195550142" not in log and "/voice" not in log,
           "nginx does not log callbacks", log)


if __name__ == "__main__":
    tap.run(main)
