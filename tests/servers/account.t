#!/usr/bin/env python3
"""A hosting account: only uploaded files and apache/htaccess-*."""

import account

ROWS = [
    ("account, cgid", account.Cgid),
    ("account, cgi", account.Cgi),
    ("account, fcgid", account.Fcgid),
]

if __name__ == "__main__":
    account.run(ROWS)
