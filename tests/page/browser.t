#!/usr/bin/env python3
"""The pages of <inspector> in Chromium, behind nginx, with calls and messages
that the simulator has played: nothing is said on the console, nothing refused
by the policy, nothing scrolls sideways, and axe-core finds nothing. Not part of
"make check": "make check-pages" fetches playwright-core and axe-core."""

import json
import os
import shutil
import subprocess

from shown import Shown, process  # first: it sets the path
import tap

HERE = os.path.dirname(os.path.abspath(__file__))
ROOM = process.folder()

# A folder for pictures of the pages, as docs/ has them.
PICTURES = os.environ.get("BW_PICTURES", "-")


def install():
    if not all(map(shutil.which, ("node", "npm", "chromium"))):
        tap.skip_all("Node, npm or Chromium is not there")
    for name in "package.json", "package-lock.json", "browse.js":
        shutil.copy(os.path.join(HERE, "browser", name), ROOM)
    done = subprocess.run(
        ["npm", "ci", "--prefix", ROOM, "--no-audit", "--no-fund",
         "--ignore-scripts"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tap.skip_all("npm does not get playwright-core and axe-core")


def looks(site, paths):
    done = subprocess.run(
        ["node", os.path.join(ROOM, "browse.js"), site.url + "/_inspector",
         "ops", site.passwords["ops"], PICTURES, *paths],
        capture_output=True, text=True, check=False)
    tap.same((done.returncode, done.stderr), (0, ""), "the browser runs")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    tap.same(len(found), 4 * len(paths), "each page, twice in two widths")
    for one in found:
        name = f"{one['path'][:20]} {one['colorScheme']} {one['width']}"
        tap.same((one["status"], one["said"], one["wide"], one["axe"]),
                 (200, [], 0, []), name)


def main():
    install()
    site = Shown()
    try:
        site.traffic()
        site.consume("crm", "sh", "-c", "echo crm.example.com: 503 >&2; exit 9")
        site.simulate("call", "/voice", "--digits", "1")
        site.consume("crm", "sh", "-c", "echo crm.example.com: 503 >&2; exit 9")
        data = json.loads(site.page("/events.json?state=fallback").body)
        bad = data["events"][0]
        looks(site, ["/", "/calls", f"/call/{bad['call']}", "/messages",
                     "/events", f"/event/{bad['id']}", "/consumers",
                     "/consumers/crm", "/flow", "/play"])
    finally:
        site.stop()


tap.run(main)
