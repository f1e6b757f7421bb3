#!/usr/bin/env python3
"""Usual mistakes in XML: every command that reads XML names the place, and says
what to write."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import tap  # noqa: E402
from responder import command  # noqa: E402

# The second line of a document whose root is open; column and message of the
# finding in it. None: the position is that of the end.
ROWS = [
    ("<A>Smith & Sons</A>", 10, "bare '&', write &amp;"),
    ('<A b="/v?a=1&b=2"/>', 13, "'&' without ';', write &amp;"),
    ("<A>AT&T; x</A>", 6,
     "&T; is not defined, write &amp; if it is a bare '&'"),
    ("<A>1 < 2</A>", 6, "bare '<', write &lt;"),
    ('<A b="1<2"/>', 8,
     "'<' in an attribute, write &lt;, or the quote that ends the value"),
    ("<A>a&nbsp;b</A>", 5, "&nbsp; is known in HTML only, write &#160;"),
    ('<A b="caf&eacute;"/>', 10,
     "&eacute; is known in HTML only, write &#233;"),
    ("<A>a</a>", 5,
     "</a> must be written like <A> of line 2, write </A>"),
    ("<A>a<B></A></B>", 8,
     "<B> of line 2 is not closed, write </B> before </A>"),
    ("<A>a", None, "<A> of line 2 is not closed, write </A> before </{root}>"),
    ("<A b=”x”/>", 6,
     'typographic quotes, write the value in straight ones: "..."'),
    ("<A b=‘x’/>", 6,
     'typographic quotes, write the value in straight ones: "..."'),
    ("<A b=x/>", 6, 'attribute value without quotes, write it as "..."'),
    ("<A b/>", 5, 'attribute without a value, write b="..."'),
    ('<A b="x" b="y"/>', 15, "attribute b twice, remove one of them"),
    ('<A b="x"c="y"/>', 9,
     "write a space between attributes, and a quote at the end of each value"),
    ("<A>&#7;</A>", 4, "character that XML does not allow"),
]

READERS = [("callbacks", "check"), ("Response", "bxml"),
           ("scenarios", "simulate test")]


def findings(folder, text, words):
    path = os.path.join(folder, "document.xml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    done = subprocess.run([command(), *words.split(), path], text=True,
                          capture_output=True, check=False,
                          stdin=subprocess.DEVNULL)
    return [line.partition("document.xml:")[2]
            for line in (done.stdout + done.stderr).splitlines()
            if "document.xml:" in line and "invalid scenario" not in line]


def main():
    folder = process.folder()
    for line, column, message in ROWS:
        for root, words in READERS:
            text = f"<{root}>\n{line}\n</{root}>\n"
            want = message.replace("{root}", root)
            found = findings(folder, text, words)
            place, _, said = found[0].partition(": error: ") if found \
                else ("", "", "")
            tap.ok(len(found) == 1 and said == want,
                   f"{words}: {line}", str(found))
            if column is not None:
                tap.same(place, f"2:{column}", f"{words}: {line}: the place")


tap.run(main)
