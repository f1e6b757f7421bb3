"""A site with calls, messages, orders and port-outs behind nginx, for tests with
a browser: the example flow of a telephone system, played by the simulator."""

import os
import subprocess

from inspected import make_password  # first: it sets the path
import client
import nginx
import process
import responder
import responder_site
import tap

MORE = """
  <credentials id="ops" file="ops" realm="Operators"/>
  <inspector path="/_inspector" credentials="ops" reveal="lead" act="lead"/>
</callbacks>
"""

BROKEN = """#!/usr/bin/python3
row = None
print(f"<Response><SpeakSentence>You come on {row[0]}.</SpeakSentence></Response>")
"""

LOCATIONS = """
    location ~ ^/_inspector(?:/|$) {
        include /etc/nginx/fastcgi_params;
        fastcgi_pass bwcallback;
    }
"""


def nginx_front(s):
    def change(http):
        return http.replace(nginx.SOCKET, s.socket)

    with open(nginx.shipped("bwcallback.conf"), encoding="utf-8") as f:
        text = f.read()
    locations = os.path.join(s.folder, "locations.conf")
    with open(locations, "w", encoding="utf-8") as f:
        f.write(text + LOCATIONS)
    return nginx.Nginx(s.folder, s.socket, locations=locations, change=change)


class Shown(responder_site.Deployment):
    """The site, running. Users "ops", who may look, and "lead"."""

    def __init__(self, front=nginx_front):
        super().__init__(os.path.join(tap.srcdir(), "examples", "ivr"),
                         front=front)
        self.passwords = {
            name: make_password(os.path.join(self.flow, "ops"), name)
            for name in ("ops", "lead")}
        with open(self.config, encoding="utf-8") as f:
            text = f.read()
        text = text.replace('<on event="gather" digits="9">',
                            '<on event="gather" digits="4"><exec '
                            'program="lookup.py"/></on>\n    '
                            '<on event="gather" digits="9">', 1)
        text = text.replace('hours="Mon-Fri 09:00-17:00" dates="!holidays"',
                            'hours="00:00-24:00"', 1)
        text = text.replace("</callbacks>", MORE)
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(text)
        program = os.path.join(self.flow, "lookup.py")
        with open(program, "w", encoding="utf-8") as f:
            f.write(BROKEN)
        os.chmod(program, 0o755)
        self.respond()

    def simulate(self, action, path, *more):
        subprocess.run(
            [responder.command(), "simulate", action, "--user",
             responder_site.USER, "--password-file", self.password_file,
             *more, self.url + path],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False)

    def traffic(self):
        """Calls that went well, one that failed, messages, orders."""
        calls = [("1", "+19195550142"), ("silence,silence", "+19195550163"),
                 ("5,4", "+19195550187"), ("9,say=The lamp is broken",
                                           "+19195550171"),
                 ("2", "+19195550118"), ("hangup", "+19195550190")]
        for keys, number in calls:
            self.simulate("call", "/voice", "--digits", keys, "--from",
                          number)
        self.simulate("message", "/messages")
        self.simulate("message", "/messages", "--out")
        self.simulate("order", "/orders")
        self.simulate("portout", "/portout")

    def consume(self, name, *program):
        subprocess.run(
            [responder.command(), "consume", name, "--config", self.config,
             "--tries", "1", "--once", "--", *program],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False)

    def page(self, path, user="ops", method="GET", body=b"", **fields):
        pair = client.basic(user, self.passwords[user])
        return client.send(self.url + "/_inspector" + path, method, body,
                           [("Authorization", pair), *fields.items()])

    def stop(self):
        self.responder.stop()
        self.front.stop()


__all__ = ["Shown", "nginx_front", "process"]
