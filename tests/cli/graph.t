#!/usr/bin/env python3
"""bwcallback graph: the content of its output, which Graphviz must accept."""

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

ROOM = process.folder()

# All characters that need escaping in DOT, HTML-like labels or SVG.
HOSTILE = """\
<callbacks>
<voice path="/v&quot;&gt;&lt;B&gt;\\N">
  <on event="initiate" from="a&lt;b&quot;|\\|&#x9;c&gt;"><Response>
    <SpeakSentence>&lt;/TD&gt;&gt;]; x [label="\\" &amp;amp; &#x2028; \u00e9\u4e2d</SpeakSentence>
    <Redirect redirectUrl="https://x.example.com/?a=&quot;&gt;]&amp;b=&lt;script&gt;"/>
  </Response></on>
  <on event="initiate"><Response>
    <SpeakSentence>{{from}} {from|default:&lt;}</SpeakSentence>
    <Redirect redirectUrl="/nowhere&amp;&lt;x&gt;"/></Response></on>
</voice>
</callbacks>
"""


def graph(*argv, **env):
    done = subprocess.run([responder.command(), "graph", *argv], cwd=ROOM,
                          capture_output=True, check=False,
                          env={**os.environ, **env})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def has(text, pattern, name):
    tap.ok(re.search(pattern, text) is not None, name, f"no {pattern!r}")


def write(name, text):
    with open(os.path.join(ROOM, name), "w", encoding="utf-8") as f:
        f.write(text)


def words(svg):
    root = xml.etree.ElementTree.fromstring(svg)
    return [t.text or "" for t in root.iter("{http://www.w3.org/2000/svg}text")]


def example():
    shutil.copytree(os.path.join(tap.srcdir(), "examples", "ivr"),
                    os.path.join(ROOM, "ivr"))
    os.chmod(os.path.join(ROOM, "ivr"), 0o755)
    password = responder.make_password(
        os.path.join(ROOM, "ivr", "passwd"), "bandwidth")
    write("ivr/password", password + "\n")
    code, dot, err = graph("--format", "dot", "ivr/callbacks.xml")
    tap.same((code, err), (0, ""), "the example")
    has(dot, r"<B>a call<BR/>comes in</B>", "where calls begin")
    has(dot, r"label=<<B>/voice/menu</B>>", "a cluster for each section")
    has(dot, r"Thank you for calling", "what is said")
    has(dot, r"label=< 1 or 2 >\]", "the caller's choice")
    has(dot, r"label=< no key >, style=dashed", "and that there is none")
    has(dot, r"label=< not connected >, style=dashed", "a failed transfer")
    has(dot, r"label=< Mon-Fri 09:00-17:00, not on holidays >", "hours")
    tap.ok("c0392b" not in dot, "nothing is wrong with it")
    tap.ok(password not in dot, "no secret in it")
    return dot


def marks():
    write("wrong.xml", """<callbacks><voice path="/v">
<on event="initiate"><Response><Gather gatherUrl="/none"/></Response></on>
<on event="redirect"><Response><Redirect redirectUrl="/v"/></Response></on>
</voice></callbacks>""")
    code, dot, err = graph("--format", "dot", "wrong.xml")
    tap.same((code, err), (0, ""), "a flow with errors is drawn")
    has(dot, r"octagon.*<B>no such path</B>", "a URL that leads nowhere")
    has(dot, r"BGCOLOR=\"#f6c9c3\"", "a circle")


def draw(dot):
    if shutil.which("dot") is None:
        tap.ok(True, "drawn # SKIP Graphviz is not installed")
        return
    code, svg, err = graph("ivr/callbacks.xml")
    tap.same((code, err), (0, ""), "SVG")
    tap.ok("waits for a key" in words(svg), "with words in it", svg[:2000])
    tap.same(graph("-o", "ivr.svg", "ivr/callbacks.xml"), (0, "", ""), "-o")
    with open(os.path.join(ROOM, "ivr.svg"), encoding="utf-8") as f:
        tap.same(f.read(), svg, "the same in a file")
    write("hostile.xml", HOSTILE)
    code, svg, err = graph("hostile.xml")
    tap.same((code, err), (0, ""), "hostile words")
    said = " ".join(words(svg)).replace("\u00a0", " ")
    tap.ok('</TD>>];' in said and "[label=" in said and
           "<script>" in said and '/v"><B>\\N' in said and
           "/nowhere&<x>" in said, "are words in the picture", said)
    tap.same(re.findall(r"<(script|B|TD)\b", svg), [], "and nothing else")


def failures():
    nothing = os.path.join(ROOM, "empty")
    os.mkdir(nothing)
    code, out, err = graph("ivr/callbacks.xml", PATH=nothing)
    tap.ok(code == 70 and out == "" and "package graphviz" in err,
           "no Graphviz", err)
    write("empty/dot", "#!/bin/sh\nexit 3\n")
    os.chmod(os.path.join(nothing, "dot"), 0o755)
    code, out, err = graph("ivr/callbacks.xml",
                           PATH=nothing + ":" + os.environ["PATH"])
    tap.ok(code == 70 and "dot failed" in err, "it fails", err)
    code, out, err = graph("gone.xml")
    tap.ok(code == 66 and "gone.xml: No such file" in err, "no file", err)
    write("bad.xml", "<callbacks>\n<voise/></callbacks>")
    code, out, err = graph("bad.xml")
    tap.ok(code == 78 and "bad.xml:2: <voise>" in err, "does not load", err)
    code, out, err = graph("--format", "dot", "-o", "no/such/place",
                           "ivr/callbacks.xml")
    tap.ok(code == 74 and "no/such/place: No such file" in err,
           "no place to write to", err)
    for argv in ([], ["--format", "png", "x"], ["--format"], ["-o"],
                 ["a", "b"], ["--nonsense", "x"]):
        code, out, err = graph(*argv)
        tap.ok(code == 64 and "--help" in err, f"wrong use: {argv}", err)


def main():
    dot = example()
    marks()
    draw(dot)
    failures()


tap.run(main)
