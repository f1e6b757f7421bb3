#!/usr/bin/env python3
"""Apache with the files of apache/: with a running responder, with mod_fcgid,
and as CGI; with the worker and the prefork MPM."""

import matrix  # first: it adds tests/pylib to sys.path
import apache
import tap

ROWS = [
    ("proxy_fcgi, event", apache.Proxy),
    ("proxy_fcgi, prefork", apache.ProxyPrefork),
    ("fcgid, event", apache.Fcgid),
    ("fcgid, prefork", apache.FcgidPrefork),
    ("cgid", apache.Cgid),
    ("cgi", apache.Cgi),
]

if __name__ == "__main__":
    tap.run(lambda: matrix.play_all(ROWS))
