#!/usr/bin/env python3
"""Signed requests, and the families that need only a receipt: each payload is
recognised, answered as the table says, recognised when repeated, and stored. A
request with a wrong signature is only counted."""

import base64
import glob
import hashlib
import hmac
import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "pylib"))
import stored_site  # noqa: E402
import tap  # noqa: E402

# The shortest key allowed, and the key of the published example.
OLD = "sixteen letters."
NEW = "This is my $3cret"

CONFIG = """<callbacks><store url="sqlite:events.db"/>
<tollfree path="/tfv" hmac-key-file="keys"/>
<numbers path="/orders2" hmac-key-file="keys"/>
<tollfree path="/open"/><mfa path="/mfa"/><brtc path="/brtc"/>
<messaging path="/messages"/>
<portout path="/portout"><subscribers file="s.csv" require="pin zip"/></portout>
</callbacks>"""

# Bandwidth's published example, unchanged.
BODY = ('{"accountId":"1234567","phoneNumber":"+18005555555",'
        '"status":"VERIFIED"}')
HEX = "ca7b9e9816c90d336f5dca529e733354b81535c7af027b81878ac98afb2dbaa2"

PATHS = {"tfv": "/open", "mfa": "/mfa", "brtc": "/brtc", "webrtc": "/brtc",
         "messaging-intl": "/messages"}


def sign(key, body):
    return hmac.new(key.encode(), body.encode(), hashlib.sha256)


def post(k, path, body, **signatures):
    names = {"tfv": "HTTP_X_BANDWIDTH_SIGNATURE_HMAC_SHA256",
             "numbers": "HTTP_X_BANDWIDTH_SIGNATURE_SHA_256"}
    return k.send(path, body, "application/json",
                  **{names[n]: s for n, s in signatures.items()})


def check_signed(k):
    order = '{"eventType":"order_change","orderId":"o-1"}'
    spaced = '{ "a": [1, 2],  "phoneNumber": "+18005550100" }'
    good = [
        ("the published example", "/tfv", BODY, {"tfv": HEX}, 204),
        ("the other key", "/tfv", BODY + " ",
         {"tfv": sign(OLD, BODY + " ").hexdigest()}, 204),
        ("the raw body counts", "/tfv", spaced,
         {"tfv": sign(NEW, spaced).hexdigest()}, 204),
        ("base64", "/orders2", order,
         {"numbers": base64.b64encode(sign(NEW, order).digest()).decode()},
         200),
    ]
    for what, path, body, signatures, want in good:
        tap.same(post(k, path, body, **signatures)[0], want, what)
    bad = [
        ("another key", {"tfv": sign("sixteen  letters", BODY).hexdigest()}),
        ("another body", {"tfv": sign(NEW, BODY + "x").hexdigest()}),
        ("half a signature", {"tfv": HEX[:32]}),
        ("none", {}),
    ]
    for what, signatures in bad:
        status, _, text = post(k, "/tfv", BODY, **signatures)
        tap.same((status, text),
                 (401, "signature: missing or not valid for this body\n"),
                 what)
    tap.same(post(k, "/orders2", order)[0], 401, "on another path")


def stored(k, *options):
    done = k.run("events list", "--json", "--limit", "200", *options)
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_counted(k):
    rows = stored(k, "--family", "refused")
    tap.same([(r["section"], r["type"], r["deliveries"], r["bytes"])
              for r in rows],
             [("/tfv", "signature", 4, 0), ("/orders2", "signature", 1, 0)],
             "of what was refused only the number is stored")


def payloads():
    """Payloads of these families: name, family, type, text."""
    for name in sorted(glob.glob(os.path.join(tap.srcdir(), "tests", "data",
                                              "*.json"))):
        base = os.path.basename(name)
        family, kind = base.split(".")[:2]
        if family in PATHS:
            with open(name, encoding="utf-8") as f:
                yield base, family, kind, f.read()


def statuses():
    """A payload of each type of events.def."""
    with open(os.path.join(tap.srcdir(), "lib", "event", "events.def")) as f:
        rows = re.findall(r'^X\((\w+), "([\w-]+)", \w+, (\d+)', f.read(),
                          re.MULTILINE)
    return {(family.lower().replace("_", "-"), kind): int(status)
            for family, kind, status in rows}


def check_receipts(k):
    want = statuses()
    count = 0
    for name, family, kind, text in payloads():
        count += 1
        status = [post(k, PATHS[family], text)[0] for _ in range(2)]
        row = stored(k)[-1]
        known = want.get((family, kind), 200)
        tap.same((status, row["family"], row["type"], row["deliveries"]),
                 ([known] * 2, family, kind, 2), name)
    tap.ok(count > 15, "there are payloads")


def check_verdicts(k):
    """The list of port-outs shows the answer to each."""
    k.write("s.csv", "number,pin,zip\n9195550101,1,27601\n")
    for pin in ("1", "2"):
        k.store("/portout", "<PortOutValidationRequest><Pin>%s</Pin>"
                "<ZipCode>%s7601</ZipCode><TelephoneNumbers><TelephoneNumber>"
                "9195550101</TelephoneNumber></TelephoneNumbers>"
                "</PortOutValidationRequest>" % (pin, int(pin) + 1),
                "application/xml")
    rows = stored(k, "--family", "portout")
    tap.same([r["verdict"] for r in rows],
             [{"portable": True, "codes": []},
              {"portable": False, "codes": [7513, 7515]}], "as JSON")
    lines = k.run("events list", "--family", "portout").stdout.splitlines()
    tap.same([line.split("    1 ")[-1] for line in lines[1:]],
             ["portable", "denied 7513 7515"], "listed")
    shown = k.run("events show", str(rows[1]["id"])).stdout
    tap.ok("verdict       denied 7513 7515\n" in shown, "shown", shown)


def main():
    with tempfile.TemporaryDirectory() as folder:
        k = stored_site.StoredSite(folder, CONFIG)
        k.write("s.csv", "number,pin,zip\n")
        k.write("keys", OLD + "\n" + NEW + "\n")
        check_signed(k)
        check_counted(k)
        check_receipts(k)
        check_verdicts(k)


tap.run(main)
