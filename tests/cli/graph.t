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


SVG = "{http://www.w3.org/2000/svg}"


def drawing(svg):
    """The boxes and the lines of a brief picture, by their ids."""
    root = xml.etree.ElementTree.fromstring(svg)
    boxes, lines = {}, {}
    for g in root.iter(SVG + "g"):
        rect = g.find(SVG + "rect")
        if rect is None:
            assert g.get("id") not in lines, g.get("id")
            lines[g.get("id")] = g.find(SVG + "path").get("class")
        else:
            assert g.get("id") not in boxes, g.get("id")
            boxes[g.get("id")] = (
                g.get("class"), [t.text for t in g.iter(SVG + "text")])
    return boxes, lines


def line_of(name, text):
    with open(os.path.join(ROOM, name), encoding="utf-8") as f:
        return f.read().split(text)[0].count("\n") + 1


def brief():
    nothing = os.path.join(ROOM, "nothing")
    os.mkdir(nothing)
    code, svg, err = graph("--format", "brief", "ivr/callbacks.xml",
                           PATH=nothing)
    tap.same((code, err), (0, ""), "a brief picture needs no Graphviz")
    boxes, lines = drawing(svg)
    menu = line_of("ivr/callbacks.xml", '<on event="initiate" hours')
    key = line_of("ivr/callbacks.xml", '<on event="gather" digits="1|2"')
    again = line_of("ivr/callbacks.xml", '<on event="redirect">')
    tap.same(boxes["ninitiate"], ("start", ["a call comes in"]),
             "where calls begin")
    tap.same(boxes[f"n{menu}"],
             ("rule", ["Thank you for calling.",
                       "Mon-Fri 09:00-17:00, not\u2026"]),
             "a rule says what is heard, and when")
    tap.same(boxes[f"n{key}"],
             ("rule", ["Connecting you to \u2026.", "keys 1 or 2"]),
             "a key, a placeholder")
    tap.same((lines[f"einitiate-{menu}"], lines[f"e{menu}-{key}"]),
             ("edge", "edge"), "lines have the names of both ends")
    tap.same(lines[f"e{menu}-{again}"], "edge else", "nothing was pressed")
    tap.same([name for name in lines if not {
        "n" + end for end in name[1:].split("-")} <= set(boxes)], [],
             "each line has both ends")
    code, svg, _ = graph("--format", "brief", "wrong.xml")
    boxes, lines = drawing(svg)
    tap.ok(("wrong", ["no such path", "/none"]) in boxes.values() and
           "edge wrong" in lines.values() and
           any(kind == "rule loops" for kind, _ in boxes.values()),
           "what is wrong", (boxes, lines))
    write("hostile.xml", HOSTILE)
    code, svg, err = graph("--format", "brief", "hostile.xml")
    tap.same((code, err), (0, ""), "hostile words")
    said = " ".join(words(svg))
    tap.ok("</TD>>]; x" in said and 'https://x.example.com/?a' in said,
           "are words", said)
    tap.same(re.findall(r"<(script|B|TD)\b", svg), [], "and nothing else")


def names():
    """Rules of several files, several in a line, and a program."""
    write("lookup.py", "#!/bin/sh\n")
    os.chmod(os.path.join(ROOM, "lookup.py"), 0o755)
    write("part.xml", """<voice path="/p">
<on event="redirect"><exec program="lookup.py"/></on>
<fallback><Response><Hangup/></Response></fallback>
</voice>""")
    write("whole.xml", """<callbacks>
<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="part.xml"/>
<voice path="/v"><on event="initiate"><Response><Redirect
 redirectUrl="/p"/></Response></on><on event="answer"><Response><Hangup/>
</Response></on></voice></callbacks>""")
    code, svg, err = graph("--format", "brief", "whole.xml")
    tap.same((code, err), (0, ""), "several files")
    boxes, lines = drawing(svg)
    tap.same(sorted(boxes), ["n1_2", "n1_3", "n3", "n4", "nanswer",
                             "ninitiate"], "each has a name")
    tap.same(boxes["n1_2"], ("rule", ["lookup.py", "goes on"]), "a program")
    tap.same((boxes["n1_3"][0], lines["e1_2-1_3"]), ("fallback", "edge else"),
             "and what answers when it fails")
    rule = '<on event="gather" digits="%s"><Response/></on>'
    write("many.xml", '<callbacks><voice path="/v"><on event="initiate">'
          '<Response><Gather gatherUrl="/v"/></Response></on>' +
          "".join(rule % i for i in range(500)) + "</voice></callbacks>")
    code, out, err = graph("--format", "brief", "many.xml")
    tap.ok((code, out) == (65, "") and "too many rules" in err,
           "too many rules for a picture", err)


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
    brief()
    names()
    failures()


tap.run(main)
