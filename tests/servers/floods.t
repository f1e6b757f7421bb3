#!/usr/bin/env python3
"""Attacks by strangers, through nginx and Apache: large bodies that drip, wrong
passwords, and both while a program hangs and the store is locked."""

import attacked  # first: it adds tests/pylib to sys.path
import tap

if __name__ == "__main__":
    tap.run(lambda: attacked.play([attacked.drip, attacked.guess,
                                   attacked.all_at_once]))
