"""A browser for tests of pages: Debian's Chromium, driven by playwright-core.
Both that and axe-core come from npm, in the versions of browser/package.json."""

import json
import os
import shutil
import subprocess

from shown import process  # first: it sets the path
import tap

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = "package.json", "package-lock.json", "browser.js"
CHROMIUM = "chromium"
# At the real time also where "make check-clocks" sets another one: npm's
# certificates are valid then.
ENV = {n: v for n, v in os.environ.items() if n != "LD_PRELOAD"}


def install():
    """A folder with the browser's program, or skip the test."""
    for name in "node", "npm", CHROMIUM:
        if shutil.which(name) is None:
            tap.skip_all(f"{name} is not installed")
    room = process.folder()
    for name in FILES:
        shutil.copy(os.path.join(HERE, "browser", name), room)
    done = subprocess.run(
        ["npm", "ci", "--prefix", room, "--no-audit", "--no-fund",
         "--ignore-scripts"], capture_output=True, text=True, check=False,
        env=ENV)
    if done.returncode != 0:
        tap.diag(done.stderr)
        tap.skip_all("npm cannot get playwright-core and axe-core, which must "
                     "be installed")
    return room


class Browser:
    """Each command of browser.js is a method: b.click(what="button")."""

    def __init__(self, room):
        self.said = []
        self.process = subprocess.Popen(
            ["node", os.path.join(room, "browser.js"),
             shutil.which(CHROMIUM), str(process.PATIENCE)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=ENV)

    def __getattr__(self, name):
        def command(**arguments):
            line = json.dumps({"do": name, **arguments})
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
            self.said += answer["said"]
            if "error" in answer:
                raise RuntimeError(f"{name} {arguments}: {answer['error']}")
            return answer.get("value")
        return command

    def quiet(self, name):
        """Neither console nor policy nor network have complained."""
        tap.same(self.said, [], f"{name}: nothing is said")
        self.said = []

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=process.PATIENCE)
