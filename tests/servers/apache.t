#!/usr/bin/env python3
"""Apache with the files of apache/: in front of a running responder, with
mod_fcgid, as CGI; with both kinds of processes that Apache has."""

import matrix  # first: it says where the others are
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
