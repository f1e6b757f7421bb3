#!/usr/bin/env python3
"""bwcallback doctor looks whether pages for the operator answer from outside:
not those that the web server gives to nobody, and says what it means if it
does."""

import os

import matrix  # first: it adds tests/pylib to sys.path
import examined
import nginx
import process
import responder_site
import tap

CONFIG = """<callbacks>
  <credentials id="main" realm="Test callbacks" file="passwd"/>
  <store url="sqlite:events.db"/>
  <messaging path="/messages" credentials="main"/>
  <metrics path="/metrics" credentials="main"/>
  <health path="/health"{}/>
  <inspector path="/_inspector" credentials="main"/>
</callbacks>
"""
PAGES = """
location ~ ^/(?:metrics|health|_inspector)(?:/|$) {
    %s
    PARAMS
    fastcgi_pass bwcallback;
}
"""
HEALTH = '<health path="/health"/>'


def filled(location):
    return location.replace("PARAMS", "\n".join(nginx.params()))


def deployed(location, health="", opened=False):
    """What the doctor finds. opened: nginx adds the credentials."""
    locations = os.path.join(process.folder(), "locations.conf")
    with open(nginx.shipped("bwcallback.conf")) as f:
        text = f.read()
    with open(locations, "w") as f:
        f.write(text + filled(location))
    s = responder_site.Deployment(matrix.FLOW, locations=locations)
    with open(s.config, "w") as f:
        f.write(CONFIG.format(health))
    s.respond()
    if opened:
        with open(locations, "w") as f:
            f.write(text + filled(location.replace(
                "PARAMS", 'PARAMS\n    fastcgi_param HTTP_AUTHORIZATION "%s";'
                % s.authorization()[1])))
        s.nginx.reload()
    result = examined.doctor(
        "--user", responder_site.USER, "--password-file", s.password_file,
        "--config", s.config, s.url)
    s.responder.stop()
    s.front.stop()
    return result


def main():
    responder_site.require()
    examined.silent("pages that nginx does not hand over", deployed(""))
    examined.silent("pages for nobody from here",
                    deployed(PAGES % "deny all;"))
    found = examined.finds(
        "pages for everybody", deployed(PAGES % ""), ["page-reachable"],
        "allow 192.0.2.0/24", severity="warning")
    tap.same([p.rsplit("/", 1)[-1] for p in found["places"]],
             ["_inspector", "health", "metrics"], "which they are")
    examined.finds(
        "<health> with credentials",
        deployed(PAGES % "", ' credentials="main"'),
        ["health-refused", "page-reachable"], HEALTH, severity="warning")
    status, found, _ = deployed(PAGES % "", opened=True)
    tap.ok(status == 78 and "page-open" in found,
           "a web server that adds credentials opens them to everybody",
           found)


tap.run(main)
