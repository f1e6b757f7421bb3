#!/usr/bin/env python3
"""A hosting account where suEXEC runs the program as the account: it filters
the environment, and refuses files that other users may write to."""

import account
import web_server
import tap

ROWS = [
    ("suEXEC, cgid", account.SuexecCgid),
    ("suEXEC, fcgid", account.SuexecFcgid),
]

if __name__ == "__main__":
    if not web_server.is_root():
        tap.skip_all("only root can set up suEXEC")
    account.run(ROWS)
