#!/usr/bin/env python3
"""Caddy with contrib/Caddyfile."""

import matrix  # first: it adds tests/pylib to sys.path
import other_servers
import tap

ROWS = [
    ("Caddy", other_servers.Caddy),
]

if __name__ == "__main__":
    tap.run(lambda: matrix.play_all(ROWS))
