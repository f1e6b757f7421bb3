#!/usr/bin/env python3
"""lighttpd with the files of contrib/, FastCGI and CGI."""

import matrix  # first: it adds tests/pylib to sys.path
import other_servers
import tap

ROWS = [
    ("lighttpd, FastCGI", other_servers.Lighttpd),
    ("lighttpd, CGI", other_servers.LighttpdCgi),
]

if __name__ == "__main__":
    tap.run(lambda: matrix.play_all(ROWS))
