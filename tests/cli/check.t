#!/usr/bin/env python3
"""bwcallback check: each configuration in tests/data/check has one fault. The
report has its line and its cure."""

import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

FAULTS = os.path.join(tap.srcdir(), "tests", "data", "check")
ROOM = process.folder()

NOTHING = " receives gather from here and no rule answers it"
LAST = (': only the fallback does; add <on event="%s"> as the last rule '
        "there")

# name: line, severity, text
WANT = {
    "fallback-bxml": (9, "error",
                      "<SpeakSentense>: unknown verb, did you mean "
                      "<SpeakSentence>?"),
    "fallback-flow": (9, "error",
                      '<Redirect>: redirectUrl="/sorry": no section has the '
                      'path "/sorry"'),
    "fallback-url": (5, "error",
                     '<Gather>: gatherFallbackUrl="/spare": no section has '
                     'the path "/spare"'),
    "field-name": (8, "warning",
                   '<on>: digts="1": gather has no field "digts", did you '
                   'mean "digits"?'),
    "field-needed": (4, "error",
                     '<Ring>: {seconds}: initiate has no field "seconds". '
                     "The answer needs the value, so it always fails"),
    "field-placeholder": (5, "warning",
                          '<SpeakSentence>: {callee}: initiate has no field '
                          '"callee", did you mean "to"?'),
    "field-unknown": (3, "warning",
                      '<on>: weather="fine": message-delivered has no field '
                      '"weather"; for a new one write field.weather="..."'),
    "field-value": (8, "warning",
                    '<on>: cause="unanswered": no such value is documented, '
                    'did you mean "timeout"?'),
    "health-refused": (6, "warning",
                       "<health>: credentials: a load balancer asks without "
                       "them and takes a 401 for a broken responder; let "
                       "the web server give this path to your own network "
                       "only"),
    "hours-only": (5, "warning",
                   "<Gather>: /menu" + NOTHING + " outside of those hours" +
                   LAST % "gather"),
    "http-login": (8, "warning",
                   '<Record>: recordCompleteUrl="/kept" gets a 401: /kept '
                   "requires credentials, and Bandwidth sends those of a "
                   "<Record> over https only, but the url of <login> is http: "
                   "write https there, or use a section without credentials"),
    "leads-to-page": (5, "error",
                      '<Gather>: gatherUrl="/health": <health path="/health"> '
                      "takes no callbacks"),
    "mount-left-behind": (5, "error",
                          '<Gather>: gatherUrl="/menu" lacks mount="/bw": '
                          'write "/bw/menu"'),
    "music-circle": (6, "warning",
                     "<Redirect>: loops for ever (music-circle.xml:3), "
                     "and the caller can only hang up: add a <Gather>"),
    "never-reached": (13, "warning",
                      '<on event="recordComplete">: never reached: no answer '
                      "leads to /forgotten with such an event"),
    "no-login": (6, "warning",
                 '<Gather>: gatherUrl="/menu" gets a 401: /menu requires '
                 "credentials and Bandwidth has none for it; add "
                 '<login url="https://..." user="..." password-file="..."/> '
                 "or the verb's own username"),
    "no-place-for-credentials": (7, "warning",
                                 '<Gather>: partialResultCallback="/menu" '
                                 "gets a 401: <Gather> has no attribute for "
                                 "the credentials of that URL; use a section "
                                 "without credentials"),
    "no-such-path": (5, "error",
                     '<Gather>: gatherUrl="/mneu": no section has the path '
                     '"/mneu", did you mean "/menu"?'),
    "not-a-voice-section": (5, "error",
                            "<Gather>: /menu receives gather from here and "
                            "answers no calls: only a <voice> section does"),
    "other-section": (3, "warning",
                      '<on>: event="recordComplete": recordComplete never '
                      "comes to a <messaging> section, only to <voice>"),
    "other-keys-unanswered": (5, "warning",
                              "<Gather>: /menu" + NOTHING +
                              ' when digits is "0"' + LAST % "gather"),
    "placeholder-path": (5, "error",
                         '<Gather>: gatherUrl="/menu/{from}": no section has '
                         "such a path, for any value"),
    "program-circle": (3, "warning",
                       "<on>: while the program fails, the call "
                       "loops (program-circle.xml:3, program-circle.xml:4): "
                       "end the fallback with <Hangup/>"),
    "program-missing": (10, "error",
                        "<exec>: program: nowhere: no such file"),
    "program-not-executable": (10, "error",
                               "<exec>: program: passwd: not executable: "
                               "chmod +x it"),
    "query-as-field": (11, "warning",
                       '<on>: "step" is no member of gather, it is in the '
                       "query of the URL that leads here "
                       '("/menu?step=pin"): write "query.step"'),
    "query-as-placeholder": (9, "warning",
                             '<on>: "customer" is no member of gather, it is '
                             "in the query of the URL that leads here "
                             '("/menu?customer={from}"): write '
                             '"query.customer"'),
    "query-circle": (6, "error",
                     "<Redirect>: redirects back to itself for ever "
                     "(query-circle.xml:5)"),
    "query-never-reached": (10, "warning",
                            '<on event="gather">: never reached: no answer '
                            "leads to /menu with such an event"),
    "query-unanswered": (5, "warning",
                         "<Gather>: /menu" + NOTHING +
                         ' when query.step is ""' + LAST % "gather"),
    "query-unanswered-value": (6, "error",
                               "<Gather>: /menu" + NOTHING +
                               ': add <on event="gather"> to that section'),
    "redirect-circle": (9, "error",
                        "<Redirect>: redirects back to itself for ever "
                        "(redirect-circle.xml:8, redirect-circle.xml:13)"),
    "relative-url": (5, "error",
                     '<Gather>: gatherUrl="menu": relative to /tree/voice '
                     'that is "/tree/menu", and no section has that path, did '
                     'you mean "/menu"?'),
    "shadowed": (12, "warning",
                 "<on>: never reached: the ones from that in line 10 on match "
                 "all such events: put the special case first"),
    "silence-unanswered": (5, "warning",
                           "<Gather>: /menu" + NOTHING +
                           ' when no key is pressed (digits="")' +
                           LAST % "gather"),
    "silent-circle": (13, "warning",
                      "<Gather>: a caller who gives no input is prompted "
                      "for ever "
                      '(silent-circle.xml:11): give the second try a '
                      'tag="...", and answer that tag with <Hangup/>'),
    "table-missing": (2, "error", "staff.csv: No such file or directory"),
    "too-many-digits": (10, "warning",
                        '<on event="gather">: never reached: no answer leads '
                        "to /menu with such an event"),
    "transfer-goes-on": (5, "warning",
                         "<Transfer>: the <SpeakSentence> after it also runs "
                         "when the two have spoken: add transferCompleteUrl "
                         "and answer its transferComplete, where "
                         'cause="hangup" means a conversation'),
    "transfer-unhandled": (5, "warning",
                           "<Transfer>: /after receives transferComplete "
                           "from here and no rule answers it when cause is "
                           '"timeout"' + LAST % "transferComplete"),
    "transfer-without-url": (5, "warning",
                             "<Transfer>: if it is not answered (busy, "
                             "no answer), the call ends: add "
                             "transferCompleteUrl and answer its "
                             "transferComplete, where cause says what "
                             "happened"),
    "unanswered": (5, "error",
                   "<Gather>: /menu" + NOTHING + ': add <on event="gather"> '
                   "to that section"),
    "wrong-login": (7, "error",
                    '<Gather>: gatherUrl="/menu" gets a 401: /menu does not '
                    "accept <login>'s user \"bandwidth\" with the password in "
                    "its file; set that one with bwcallback passwd"),
    "wrong-user": (7, "error",
                   '<Gather>: gatherUrl="/menu" gets a 401: /menu does not '
                   'accept the user "someone" with that password; omit both, '
                   "so that <login> supplies them"),
}

# Unusual but correct flows: there must be no report.
SILENT = {
    "counted": """
<voice path="/v">
  <on event="initiate|redirect"><Response><Gather gatherUrl="/v" tag="x{tag}"/></Response></on>
  <on event="gather" tag="xxx"><Response><Hangup/></Response></on>
  <on event="gather"><Response><Redirect redirectUrl="/v"/></Response></on>
</voice>""",
    "all keys, one by one": """
<voice path="/v">
  <on event="initiate"><Response><Gather gatherUrl="/k" maxDigits="1"/></Response></on>
</voice>
<voice path="/k">
  <on event="gather" digits=""><Response><Hangup/></Response></on>
  <on event="gather" digits="?"><Response><Hangup/></Response></on>
</voice>""",
    "a mount, dots and a query": """
<voice path="/a/v">
  <on event="initiate"><Response><Redirect redirectUrl="../b/./c?x=1#y"/></Response></on>
</voice>
<voice path="/b/c"><on event="redirect"><Response><Hangup/></Response></on></voice>""",
    "fields that are new, or of which all are possible": """
<voice path="/v">
  <on event="initiate" field.new="x" sipHeaders.x-lang="es" diversion.cause="1"
    stirShaken.new="1"><Response><SpeakSentence>{field.new} {sipHeaders.x-lang}
    {query.lang}</SpeakSentence></Response></on>
  <on event="initiate" query.lang="es" direction="inbound" from="+1919*"><Response/></on>
  <on event="initiate" field.direction="new"><Response/></on>
  <on event="initiate"><Response><Redirect redirectUrl="/v?step=1&amp;x=2"
    redirectMethod="GET"/></Response></on>
  <on event="redirect" step="1"><Response><SpeakSentence>{x} {callId}</SpeakSentence></Response></on>
  <on event="redirect"><Response/></on>
</voice>
<numbers path="/n">
  <on event="order_change|note" whatever="x"><reply status="200"/></on>
  <on event="order" Notification.Status="FAILED|INVALID_TFNS"
    CompletedTelephoneNumbers.TelephoneNumber.2="9*"><reply status="200"/></on>
</numbers>
<messaging path="/m">
  <on event="dlr" field.event="DELIVERED" partNum="1"><reply status="200"/></on>
</messaging>""",
    "elsewhere": """
<voice path="/v">
  <on event="initiate"><Response><Redirect redirectUrl="https://other.example.com/v"/></Response></on>
</voice>""",
    "anywhere, so nothing is unreachable": """
<voice path="/v">
  <on event="initiate"><exec program="answer"/></on>
</voice>
<voice path="/w"><on event="gather"><Response><Hangup/></Response></on></voice>""",
    "news nobody needs to answer": """
<voice path="/v">
  <on event="initiate"><Response><StartGather dtmfUrl="/v"/>
    <Conference conferenceEventUrl="/v">room</Conference></Response></on>
</voice>""",
    "the query by POST": """
<voice path="/v">
  <on event="initiate"><Response><Redirect redirectUrl="/v?n=1"/></Response></on>
  <on event="redirect" query.n="1"><Response><Redirect redirectUrl="?n=2&amp;who={from}"/></Response></on>
  <on event="redirect" query.n="2"><Response>
    <SpeakSentence>{query.who}</SpeakSentence></Response></on>
  <on event="redirect" query.n=""><Response><Hangup/></Response></on>
</voice>""",
    "the query by GET": """
<voice path="/v">
  <on event="initiate"><Response><Redirect redirectMethod="GET" redirectUrl="/v?n=%31"/></Response></on>
  <on event="redirect" n="1"><Response><Redirect redirectMethod="GET" redirectUrl="/v?n=2"/></Response></on>
  <on event="redirect" query.n="2"><Response><Hangup/></Response></on>
</voice>
<voice path="/w">
  <on event="initiate"><Response><Gather gatherMethod="GET" gatherUrl="/w?step=pin" maxDigits="1"/></Response></on>
  <on event="gather" step="pin" digits="1"><Response><Hangup/></Response></on>
  <on event="gather" step="pin"><Response><Hangup/></Response></on>
</voice>""",
    "tries counted in the query": """
<login url="https://callbacks.example.com" user="u" password-file="password"/>
<voice path="/v">
  <on event="initiate|redirect"><Response>
    <Gather gatherUrl="/k?try=1" maxDigits="1"/></Response></on>
</voice>
<voice path="/k">
  <on event="gather" digits="1"><Response><Hangup/></Response></on>
  <on event="gather" query.try="1"><Response>
    <Gather gatherUrl="https://callbacks.example.com/k?try=2" maxDigits="1"/></Response></on>
  <on event="gather" query.try="2"><Response>
    <Gather gatherUrl="?try=3#x" gatherMethod="GET" maxDigits="1"/></Response></on>
  <on event="gather" try="3"><Response>
    <Redirect redirectUrl="https://callbacks.example.com?try=4"/></Response></on>
</voice>
<voice path="/">
  <on event="redirect" query.try="4"><Response>
    <Transfer transferCompleteUrl="/done?of=a">
      <PhoneNumber transferAnswerUrl="/who?n=1">+19195550101</PhoneNumber>
      <PhoneNumber transferAnswerUrl="/who?n=2" transferAnswerMethod="GET">+19195550102</PhoneNumber>
    </Transfer></Response></on>
</voice>
<voice path="/who">
  <on event="transferAnswer" query.n="1"><Response/></on>
  <on event="transferAnswer" n="2"><Response/></on>
</voice>
<voice path="/done">
  <on event="transferComplete" query.of="a"><Response><Hangup/></Response></on>
</voice>""",
    "a placeholder in the query may be anything": """
<voice path="/v">
  <on event="initiate"><Response><Redirect redirectUrl="/v?n={to}"/></Response></on>
  <on event="redirect" query.n="1"><Response><Hangup/></Response></on>
  <on event="redirect"><Response><Redirect redirectUrl="/v?n={query.n}1"/></Response></on>
</voice>""",
    "an own tag in the query": """
<voice path="/v">
  <on event="initiate"><Response><Gather gatherUrl="/v?tag=a" tag="b"/></Response></on>
  <on event="gather" tag="b"><Response><Hangup/></Response></on>
</voice>""",
    "placeholders in a path": """
<voice path="/v">
  <on event="initiate"><Response><Redirect redirectUrl="/m/{to}/x"/></Response></on>
</voice>
<voice path="/m/1/x"><on event="redirect"><Response><Hangup/></Response></on></voice>""",
}


def check(*argv):
    done = subprocess.run([responder.command(), "check", *argv], cwd=ROOM,
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def furnish():
    """Files that the configurations name."""
    for name, text in (("password", "not the real one\n"),
                       ("other-password", "nor this\n"),
                       ("answer", "#!/bin/sh\n")):
        with open(os.path.join(ROOM, name), "w") as f:
            f.write(text)
    os.chmod(os.path.join(ROOM, "answer"), 0o755)
    subprocess.run([responder.command(), "passwd", "passwd", "bandwidth"],
                   cwd=ROOM, input="not the real one\n", text=True,
                   capture_output=True, check=True)
    for name in os.listdir(FAULTS):
        shutil.copyfile(os.path.join(FAULTS, name), os.path.join(ROOM, name))


def faults():
    names = sorted(n[:-4] for n in os.listdir(FAULTS) if n.endswith(".xml"))
    tap.same(names, sorted(WANT), "every configuration has its finding")
    for name, (line, severity, text) in sorted(WANT.items()):
        code, out, err = check(name + ".xml")
        text = text.replace("program: ", "program: ./")
        tap.same((code, out, err),
                 (78 if severity == "error" else 0,
                  f"{name}.xml:{line}: {severity}: {text}\n", ""), name)


def relative():
    """A path is relative to the folder of the section, which is not meant."""
    for path, url, mount, meant in (
            ("/voice", "menu", "", "/voice/menu"),
            ("/voice", "./menu?x=1#y", "", "/voice/menu"),
            ("/voice", "menu", "/bw", "/bw/voice/menu"),
            ("/voice/a/b", "../../voice/menu", "", None),
            ("/voice/a", "voice/menu", "", "/voice/menu"),
            ("/voice", "mneu", "", "/voice/menu"),
            ("/voice", "menu/{from}", "", "/voice/menu/{...}"),
            ("/voice", "nothing", "", None)):
        with open(os.path.join(ROOM, "relative.xml"), "w") as f:
            f.write(f'<callbacks mount="{mount or "/"}"><voice path="{path}">'
                    '<on event="initiate"><Response>'
                    f'<Gather gatherUrl="{url}" maxDigits="1"/></Response>'
                    '</on></voice><voice path="/voice/menu"><on>'
                    '<Response><Hangup/></Response></on></voice>'
                    '<voice path="/voice/menu/1"><on><Response><Hangup/>'
                    '</Response></on></voice></callbacks>')
        errors = [line for line in check("relative.xml")[1].splitlines()
                  if " error: " in line]
        tap.ok(len(errors) == (0 if ".." in url else 1) and
               all((f'did you mean "{meant}"?' in e) == (meant is not None)
                   for e in errors), f"{url} in {path} of {mount}", errors)


def silent():
    for name, text in SILENT.items():
        mount = ' mount="/bw"' if "mount" in name else ""
        with open(os.path.join(ROOM, "silent.xml"), "w") as f:
            f.write(f"<callbacks{mount}>{text}</callbacks>\n")
        tap.same(check("--strict", "silent.xml"), (0, "", ""), name)


def examples():
    for name in ("ivr", "account", "bridge", "conference", "consume",
                 "queue", "voicemail"):
        folder = os.path.join(ROOM, name)
        shutil.copytree(os.path.join(tap.srcdir(), "examples", name), folder)
        os.chmod(folder, 0o755)
        password = responder.make_password(
            os.path.join(folder, "passwd"), "bandwidth")
        with open(os.path.join(folder, "password"), "w") as f:
            f.write(password + "\n")
        tap.same(check("--strict", name + "/callbacks.xml"), (0, "", ""),
                 f"examples/{name} is clean")
    code, out, err = check("--server", "fcgid", "ivr/callbacks.xml")
    tap.ok(code == 0 and "FcgidMaxRequestLen 262144" in out, "mod_fcgid", out)
    code, out, err = check("--server", "nginx", "ivr/callbacks.xml")
    tap.ok(code == 0 and err == "" and "warning" not in out, "nginx", out)


def servers():
    with open(os.path.join(ROOM, "slow.xml"), "w") as f:
        f.write('<callbacks>\n<numbers path="/n" deadline="60s"/>\n'
                '<table id="t" file="t.csv" key="k"/></callbacks>\n')
    with open(os.path.join(ROOM, "t.csv"), "w") as f:
        f.write("k,v\n" + "".join(f"{i},{'x' * 100}\n" for i in range(20000)))
    for server, want in (("nginx", "fastcgi_read_timeout 65"),
                         ("apache", "ProxyTimeout 65"),
                         ("fcgid", "FcgidIOTimeout 65"),
                         ("cgi", "reads its tables")):
        code, out, err = check("--server", server, "slow.xml")
        tap.ok(code == 0 and "slow.xml:2: warning: deadline" in out and
               want in out, server, out)


def options():
    code, out, err = check("--json", "unanswered.xml")
    finding = json.loads(out)
    tap.same((code, finding["file"], finding["line"], finding["column"],
              finding["severity"]), (78, "unanswered.xml", 5, 0, "error"),
             "--json")
    tap.same(finding["message"], WANT["unanswered"][2], "and its message")
    tap.same(check("--strict", "shadowed.xml")[0], 78, "--strict")
    tap.same(check("gone.xml"),
             (66, "gone.xml: error: No such file or directory\n", ""),
             "no such file")
    with open(os.path.join(ROOM, "ended.xml"), "w") as f:
        f.write('<callbacks>\n<calendar id="days" file="days.txt" zone="UTC"/>\n'
                '<voice path="/v"/></callbacks>\n')
    with open(os.path.join(ROOM, "days.txt"), "w") as f:
        f.write("2026-12-25\n")
    tap.same(check("--at", "2026-01-01", "ended.xml"), (0, "", ""), "--at")
    code, out, err = check("--at", "2027-01-01", "ended.xml")
    tap.ok((code, err) == (0, "") and
           out.startswith('ended.xml:2: warning: <calendar id="days">: no date'),
           "a calendar that has ended", out)
    for argv in ([], ["--server"], ["--server", "iis", "x"], ["--more", "x"],
                 ["a", "b"]):
        code, out, err = check(*argv)
        tap.ok(code == 64 and "--help" in err, f"wrong use: {argv}", err)


def main():
    furnish()
    faults()
    relative()
    silent()
    examples()
    servers()
    options()


tap.run(main)
