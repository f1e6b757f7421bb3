#!/usr/bin/env python3
"""The pages of <inspector> behind nginx and Apache: what comes in reaches a
reader while its request is still open."""

import http.client
import json

from shown import Shown, nginx_front  # first: it sets the path
import apache
import client
import process
import tap
import web_server


class Proxy(apache.Proxy):
    """Apache, which also hands over the pages as the manual says."""

    def site(self):
        with open(web_server.shipped("man", "bwcallback-apache.7"),
                  encoding="utf-8") as f:
            text = f.read()
        begin = text.index('ProxyPassMatch "^/_inspector')
        end = text.index(".Ed", begin)
        lines = text[begin:end].replace("\\e\n", "\\\n")
        return super().site() + web_server.adapt(
            lines, {"/run/bwcallback/bwcallback.sock": self.deployment.socket,
                    "Require ip 192.0.2.0/24": "Require all granted"})


def follow(site, name):
    host = site.url.split("//")[1]
    reader = http.client.HTTPConnection(host, timeout=process.PATIENCE)
    pair = client.basic("ops", site.passwords["ops"])
    reader.request("GET", "/_inspector/stream?after=0",
                   headers={"Authorization": pair})
    answer = reader.getresponse()
    tap.same((answer.status, answer.getheader("Content-Type")),
             (200, "text/event-stream"), f"{name}: a stream")
    lines = []

    def until(text):
        while not any(text in line for line in lines):
            line = answer.readline()
            if not line:
                return False
            lines.append(line.decode().strip())
        return True
    tap.ok(until("retry:"), f"{name}: its head comes at once")
    site.simulate("message", "/messages")
    tap.ok(until("message-received"), f"{name}: a row comes while it is open",
           lines)
    lines.clear()
    tap.ok(until(":"), f"{name}: something comes now and then", lines)
    site.simulate("message", "/messages")
    tap.ok(until("message-received"), f"{name}: and the next row", lines)
    reader.close()


def pages(site, name):
    for path in ("/", "/calls", "/events", "/orders", "/portouts"):
        tap.same(site.page(path).status, 200, f"{name}: {path}")
    tap.same(client.send(site.url + "/_inspector/", "GET").status, 401,
             f"{name}: not without a password")
    got = json.loads(site.page("/poll?after=0").body)
    tap.ok(got["rows"], f"{name}: a poll", got)


def behind(name, front):
    site = Shown(front=front)
    try:
        follow(site, name)
        pages(site, name)
    finally:
        site.stop()


def main():
    for name, program, front in (("nginx", "nginx", nginx_front),
                                 ("Apache", "apache2", Proxy)):
        if web_server.find(program) is None:
            tap.ok(True, f"{name} # SKIP {program} is not installed")
        else:
            behind(name, front)


tap.run(main)
