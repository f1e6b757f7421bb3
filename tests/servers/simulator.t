#!/usr/bin/env python3
"""The simulator's callbacks get the same answers through nginx and the
responder as from the configuration in memory."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import responder_site  # noqa: E402
from tap import builddir  # noqa: E402

MORE = """<store url="sqlite:events.db"/>
  <login url="%s" user="%s" password-file="password"/>
  <table """


def main():
    responder_site.require()
    s = responder_site.Deployment(os.path.join(HERE, "flow"))
    with open(s.config) as f:
        flow = f.read()
    with open(s.config, "w") as f:
        more = MORE % (s.url, responder_site.USER)
        f.write(flow.replace("<table ", more, 1))
    s.respond()
    program = os.path.join(builddir(), "tests", "servers", "same")
    # The program prints the points and the plan.
    sys.exit(subprocess.run([program, s.url, s.config,
                             s.password_file]).returncode)


main()
