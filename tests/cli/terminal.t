#!/usr/bin/env python3
"""Hostile text given to every command: nothing in its output can control a
terminal. No control character but line feed and tab, none that changes the
direction of text or is invisible, and only valid UTF-8."""

import json
import os
import subprocess
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import stored_site  # noqa: E402
import tap  # noqa: E402

# CSI and ESC as one and two bytes, bells, marks of direction, a tag, a joiner.
HOSTILE = ("a\x1b[31mb\x9b31mc\x07\x08\x7f\x85\u202ed\u2066e\u200bf"
           "\ufeffg\xad\U000e0041h")
# What a header, an attribute and a JSON text can have.
IN_XML = "".join(c for c in HOSTILE if c >= " ")
# An argument or the name of a file may be any bytes.
ARGUMENT = HOSTILE.encode() + b"\xff\xc3"

FLOW = """\
<callbacks>
  <store url="sqlite:events.db"/>
  <voice path="/voice">
    <on event="initiate" tag="%(text)s">
      <Response><SpeakSentence>{tag} %(text)s</SpeakSentence></Response>
    </on>
  </voice>
  <messaging path="/messages"/>
  <numbers path="/orders"/>
  <portout path="/portout"/>
</callbacks>
"""


def is_safe(c):
    if c in "\n\t":
        return True
    return unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs")


def clean(name, *argv, codes=None):
    """codes: the exit codes with which the command has come to its text."""
    done = subprocess.run([tap.program("cli", "bwcallback"), *argv],
                          stdin=subprocess.DEVNULL,
                          capture_output=True, check=False,
                          timeout=process.PATIENCE)
    for stream, data in (("output", done.stdout), ("errors", done.stderr)):
        try:
            text = data.decode()
            bad = sorted({hex(ord(c)) for c in text if not is_safe(c)})
        except UnicodeDecodeError as e:
            bad = [str(e)]
        tap.ok(not bad, f"{name}: {stream}", f"{bad} {data[:1500]!r}")
    if codes is not None:
        tap.ok(done.returncode in codes, f"{name}: exit {done.returncode}",
               f"{codes} {done.stderr[:500]!r}")


def event(**more):
    return json.dumps({"eventType": "initiate", "callId": "c-" + HOSTILE,
                       "accountId": HOSTILE, "from": HOSTILE, "to": HOSTILE,
                       "applicationId": HOSTILE, "direction": "inbound",
                       "startTime": "2026-01-01T00:00:00Z", "tag": HOSTILE,
                       HOSTILE: HOSTILE, **more}, ensure_ascii=False)


def message():
    return json.dumps([{"type": "message-received", "time": HOSTILE,
                        "description": HOSTILE, "to": HOSTILE,
                        "message": {"id": HOSTILE, "owner": HOSTILE,
                                    "to": [HOSTILE], "from": HOSTILE,
                                    "text": HOSTILE}}], ensure_ascii=False)


ORDER = f"""<Notification><Status>{IN_XML}</Status><Message>{IN_XML}</Message>
<OrderId>{IN_XML}</OrderId><OrderType>portins</OrderType>
<CustomerOrderId>{IN_XML}</CustomerOrderId><Note>{IN_XML}</Note>
<CompletedTelephoneNumbers><TelephoneNumber>{IN_XML}</TelephoneNumber>
</CompletedTelephoneNumbers></Notification>"""

PORTOUT = f"""<PortOutValidationRequest><PON>{IN_XML}</PON><Pin>{IN_XML}</Pin>
<TelephoneNumbers><TelephoneNumber>{IN_XML}</TelephoneNumber>
</TelephoneNumbers></PortOutValidationRequest>"""


def stored(k):
    k.store("/voice", event(), "application/json")
    k.store("/voice", event(eventType=HOSTILE), "application/json")
    k.store("/messages", message(), "application/json")
    k.store("/messages", "[" + HOSTILE, HOSTILE.replace("\x00", ""))
    k.store("/orders", ORDER, "application/xml")
    k.send("/portout", PORTOUT, "application/xml")
    k.send("/voice?" + IN_XML, event(), "application/json")
    config = ("--config", k.config)
    for action in ("list", "count", "export", "thread"):
        for options in ((), ("--json",), ("--reveal",), ("--json", "--reveal")):
            more = ("c-1",) if action == "thread" else ()
            clean(f"events {action} {' '.join(options)}", "events", action,
                  *config, *options, *more)
    for action in ("show", "replay"):
        for i in "123456":
            for options in ((), ("--reveal",), ("--json",)):
                clean(f"events {action} {i} {' '.join(options)}", "events",
                      action, i, *config, *options)
    for options in ((), ("--json",), ("--reveal",)):
        clean(f"orders {' '.join(options)}", "orders", *config, *options)
        clean(f"orders ID {' '.join(options)}", "orders", IN_XML, *config,
              *options)
    clean("events thread ID", "events", "thread", "c-" + HOSTILE, *config)
    # What the program itself prints is its own.
    done = subprocess.run(
        [tap.program("cli", "bwcallback"), "consume", "x", "--since", "1d",
         "--tries", "1", "--once", *config, "--", "/bin/sh", "-c",
         f"echo '{IN_XML}' >&2; exit 1"], capture_output=True, check=False)
    tap.same(done.returncode, 75, "a consumer that fails")
    clean("consume, no program", "consume", "x", "--once", *config, "--",
          ARGUMENT)
    for options in ((), ("--json",), ("--reveal",)):
        clean(f"consume --list-dead {' '.join(options)}", "consume", "x",
              "--list-dead", *config, *options, codes={0})
    clean("consume IN_XML", "consume", IN_XML, "--list-dead", *config)


def files(k):
    made = {"event.json": event().encode(), "message.json": message().encode(),
            "order.xml": ORDER.encode(), "portout.xml": PORTOUT.encode(),
            "broken.json": b'{"eventType":"' + ARGUMENT,
            "broken.xml": b"<" + ARGUMENT, "bytes": ARGUMENT,
            "bxml.xml": f"<Response><Nosuch a='{IN_XML}'/><SpeakSentence"
            f" voice='{IN_XML}' x='{IN_XML}'>{IN_XML}</SpeakSentence>"
            f"<Redirect redirectUrl='{IN_XML}'/></Response>".encode(),
            "passwd": f"{IN_XML}:x\n".encode(),
            "scenario.xml": f"<scenarios><scenario name='{IN_XML}'><{IN_XML}/>"
            f"</scenario></scenarios>".encode()}
    for name, content in made.items():
        path = os.path.join(os.fsencode(k.folder),
                            name.encode() + b"-" + ARGUMENT)
        with open(path, "wb") as f:
            f.write(content)
        for command in (["decode"], ["decode", "--json"], ["bxml"],
                        ["bxml", "--json"], ["check"], ["check", "--json"],
                        ["graph", "--format", "dot"], ["passwd", "--list"],
                        ["passwd"], ["simulate", "test"],
                        ["simulate", "call", "--flow"],
                        ["doctor", "--local", "--config"]):
            clean(f"{' '.join(command)} {name}", *command, path)
        for options in ((), ("--json",), ("--reveal",)):
            clean(f"portout test {' '.join(options)} {name}", "portout", "test",
                  "--config", k.config, *options, path,
                  codes={1} if name == "portout.xml" else None)


def configurations(k):
    text = IN_XML.replace("\x7f", "")
    k.write("callbacks.xml", FLOW % {"text": text})
    for command in (["check"], ["check", "--json"],
                    ["check", "--server", "nginx"],
                    ["graph", "--format", "dot"],
                    ["simulate", "call", "--flow"],
                    ["simulate", "explore", "--callers", "5", "--flow"]):
        clean(f"{' '.join(command)} of a hostile configuration", *command,
              k.config, codes={0, 1})
    clean("doctor of a hostile configuration", "doctor", "--local", "--config",
          k.config)
    k.write("callbacks.xml", f"<callbacks><voice path='/{text}' {text}='1'>"
            f"<on event='{text}'><{text}/></on></voice></callbacks>")
    clean("check of an invalid one", "check", k.config)


def arguments():
    for command in ("bxml", "check", "consume", "decode", "doctor", "events",
                    "graph", "orders", "passwd", "portout", "simulate", "help"):
        clean(f"{command} ARGUMENT", command, ARGUMENT)
        clean(f"{command} --ARGUMENT", command, b"--" + ARGUMENT)
        clean(f"{command} --config ARGUMENT", command, "--config", ARGUMENT)
    for action in ("list", "show", "thread", "count"):
        clean(f"events {action} ARGUMENT", "events", action, ARGUMENT)
        clean(f"events {action} --since", "events", action, "--since",
              ARGUMENT)
        clean(f"events {action} --store", "events", action, "--store",
              ARGUMENT)
    clean("ARGUMENT", ARGUMENT)


def main():
    k = stored_site.StoredSite(process.folder(), FLOW % {"text": "t"})
    stored(k)
    files(k)
    configurations(k)
    arguments()


tap.run(main)
