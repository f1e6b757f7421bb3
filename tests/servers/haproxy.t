#!/usr/bin/env python3
"""HAProxy with contrib/haproxy.cfg."""

import matrix  # first: it adds tests/pylib to sys.path
import other_servers
import tap

ROWS = [
    ("HAProxy", other_servers.Haproxy),
]

if __name__ == "__main__":
    tap.run(lambda: matrix.play_all(ROWS))
