#!/usr/bin/env python3
"""Attacks that occupy threads, the store or descriptors, through nginx and
Apache: a hung program, a locked store, answers that nobody reads, idle
connections."""

import attacked  # first: it adds tests/pylib to sys.path
import tap

if __name__ == "__main__":
    tap.run(lambda: attacked.play([attacked.hung, attacked.locked,
                                   attacked.unread, attacked.idle]))
