#!/usr/bin/env python3
"""Only lib/page/html.c writes to the buffer of a page."""

import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import tap  # noqa: E402

WRITES = re.compile(r"\bbw_buf_\w+\(\s*&?[\w>.\[\]-]*\bout\b")


def main():
    files = glob.glob(os.path.join(tap.srcdir(), "lib", "page", "*.c"))
    pages = []
    for path in files:
        with open(path) as source:
            text = source.read()
        if "page/view.h" in text or "struct bwi_view" in text or \
                "page/html.h" in text or "struct bwi_html" in text:
            pages.append((os.path.basename(path), text))
    tap.ok(len(pages) > 8, "the files of pages", [name for name, _ in pages])
    for name, text in pages:
        found = WRITES.findall(text)
        if name == "html.c":
            tap.ok(found, "html.c writes")
            continue
        tap.same(found, [], f"{name} does not write to a page")
    tap.ok(WRITES.search("bw_buf_puts(v->html.out, x)") and
           WRITES.search("bw_buf_printf(\n    h->out, x)"),
           "the expression finds what it is for")


tap.run(main)
