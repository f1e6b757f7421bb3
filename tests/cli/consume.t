#!/usr/bin/env python3
"""bwcallback consume: each event is delivered at least once and in order, by
several processes, despite crashes."""

import collections
import http.server
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "pylib"))
import process  # noqa: E402
import tap  # noqa: E402
from consumer_site import Site  # noqa: E402
from responder import command  # noqa: E402


def in_order(lines):
    """Numbers with a later event before an earlier one."""
    last = collections.defaultdict(int)
    wrong = []
    for _, number, sender, *_ in lines:
        if int(number) < last[sender]:
            wrong.append((sender, int(number)))
        last[sender] = int(number)
    return wrong


def check_usage(s):
    for argv in ([], ["a"], ["a b", "--", "true"], ["a", "--list-dead"],
                 ["a", "--workers", "0", "--", "true"],
                 ["a", "--", "true", "--list-dead"]):
        config = ["--config", s.config] if len(argv) == 1 else []
        if argv[:1] == ["a b"] or "--workers" in argv:
            config = ["--config", s.config]
        done = subprocess.run([command(), "consume", *config, *argv],
                              capture_output=True, check=False)
        tap.same(done.returncode, 64, f"wrong use: {argv}")
    tap.same(s.run("nobody", "--list-dead").returncode, 66,
             "no such consumer")


def check_first(s):
    s.send(["+19195550101", "+19195550102"])
    c = s.start("past", "--since", "1h")
    tap.ok(process.wait_until(lambda: len(s.ended()) == 2), "it gets both",
           c.said())
    tap.same(c.stop(), 0, "SIGTERM ends it")
    with open(s.out + ".1") as f:
        event = json.load(f)
    tap.same([event["id"], event["family"], event["type"],
              event["fields"]["message"]["text"], event["from"]],
             [1, "messaging", "message-received", "hi", "+19195550101"],
             "what a program gets")
    s.clear()
    c = s.start("past", "--since", "1h")
    s.send(["+19195550101"])
    tap.ok(process.wait_until(lambda: 3 in s.ended()), "it goes on")
    c.stop()
    tap.same(s.ended(), [3], "where it was")
    s.clear()
    c = s.start("fresh")
    process.wait_until(lambda: s.run("fresh", "--list-dead").returncode == 0)
    s.send(["+19195550101"])
    tap.ok(process.wait_until(lambda: 4 in s.ended()), "another, too")
    c.stop()
    tap.same(s.ended(), [4], "which began with what was new")
    s.clear()


def check_retries(s):
    s.send(["+19195550101", "+19195550102"])
    c = s.start("past", env={"FAIL": "1"})
    tap.ok(process.wait_until(lambda: {5, 6} <= set(s.ended())),
           "what failed is tried again", c.said())
    c.stop()
    tap.same(sorted(int(x[3]) for x in s.lines("begin") if int(x[1]) > 4),
             [1, 1, 2, 2], "once")
    tap.ok("exit status 3, will be tried again" in c.said(), "and told",
           c.said())
    s.clear()


def check_once(s):
    """--once handles what is there, in order, and ends."""
    s.send(["+19195550101"] * 5 + ["+19195550102"] * 3)
    done = s.run("cron", "--once", "--", "/bin/true")
    tap.same((done.returncode, s.states()["cron"]["lag"]), (0, 0),
             "once: a new consumer begins now, and nothing is there")
    env = dict(os.environ, OUT=s.out)

    def once(name, *options, **more):
        return subprocess.run(
            [command(), "consume", name, "--config", s.config, "--once",
             *options, "--", s.program], capture_output=True, text=True,
            check=False, timeout=process.PATIENCE, env=dict(env, **more))

    done = once("day", "--since", "1h")
    tap.same((done.returncode, done.stderr, sorted(s.ended()),
              in_order(s.lines("begin"))),
             (0, "", list(range(1, 9)), []), "once: all, in order")
    tap.same(once("day").returncode, 0, "once: nothing is new")
    s.clear()
    s.send(["+19195550101", "+19195550101", "+19195550102"])
    done = once("day", "--delay", "1h", FAIL="1")
    tap.same((done.returncode, sorted(int(x[1]) for x in s.lines("begin"))),
             (75, [9, 11]), "once: 75 when a try failed")
    tap.ok("2 tries failed, 3 events are left" in done.stderr,
           "once: and how many are left", done.stderr)
    done = once("day")
    tap.same((done.returncode, len(s.lines("begin"))), (75, 2),
             "once: 75 while what failed waits for its delay")
    done = once("dead", "--since", "1h", "--tries", "1", "--workers", "1",
                FAIL="1")
    tap.same((done.returncode, s.states()["dead"]["dead"]), (75, 11),
             "once: 75 when events were given up")
    tap.same(once("dead").returncode, 0, "once: but the next run is fine")
    tap.same(s.run("day", "--once", "--list-dead").returncode, 64,
             "once: with nothing to run it is refused")


def check_list(s):
    """All consumers: place, lag, age, dead letters, last contact."""
    s.send(["+19195550101", "+19195550102"])
    tap.same(s.run("list").stdout.split(),
             "CONSUMER PLACE LAG OLDEST DEAD LAST SEEN (UTC)".split(),
             "list: none")
    s.run("app", "--once", "--", "/bin/true")
    s.run("list", "--once", "--", "/bin/true")
    s.run("bad", "--once", "--since", "1h", "--tries", "1", "--number",
          "+19195550102", "--", "/bin/false")
    s.send(["+19195550102"])
    got = [[x["consumer"], x["place"], x["lag"], x["dead"], x["held"],
            x["oldest"] is None, x["seen"] >= x["created"] > 10 ** 12]
           for x in s.states().values()]
    tap.same(got, [["app", 2, 1, 0, 1, False, True],
                   ["bad", 2, 1, 1, 2, False, True],
                   ["list", 2, 1, 0, 1, False, True]], "list: as JSON")
    lines = s.run("list").stdout.splitlines()[1:]
    tap.ok(len(lines) == 3 and all(re.fullmatch(
        r"(app|bad|list) +2 +1 +\d+[smhd] +[01]  20\d\d-\d\d-\d\d \d\d:\d\d",
        x) for x in lines), "list: as a table", repr(lines))
    with sqlite3.connect(s.path("events.db")) as db:
        db.execute("UPDATE entry SET received = received - 100000")
        db.execute("UPDATE consumer SET seen = 0 WHERE name = 'app'")
    done = subprocess.run(
        [command(), "events", "prune", "--config", s.config, "--older",
         "10s"], capture_output=True, text=True, check=False)
    said = done.stdout
    tap.ok(done.returncode == 0 and said.startswith("1 events removed\n"),
           "prune: removes what nobody needs", said)
    tap.ok("1 events kept for consumer app: 1 not handled, 0 dead" in said,
           "prune: a consumer that was never seen", said)
    tap.ok(re.search(r"2 events kept for consumer bad, last seen \d+[sm] ago "
                     r"\(20.* UTC\): 1 not handled, 1 dead letters", said),
           "prune: which consumer keeps how many", said)
    remove = f"bwcallback consume bad --config {s.config} --forget"
    tap.ok(remove in said, "prune: and how to remove it", said)
    tap.ok("bad --config " + s.config + " --list-dead" in said,
           "prune: or to see its dead letters", said)
    for name in ("app", "bad", "list"):
        tap.same(s.run(name, "--forget").returncode, 0, f"forget {name}")
    done = subprocess.run(
        [command(), "events", "prune", "--config", s.config, "--older",
         "10s"], capture_output=True, text=True, check=False)
    tap.same(done.stdout, "2 events removed\n", "prune: then all goes")


# Ends as a program in Python does when an exception is not caught.
TRACEBACK = """#!/bin/sh
seq 1000 | sed 's/^/progress /' >&2
cat >&2 <<'END'
Traceback (most recent call last):
  File "answer.py", line 7, in <module>
KeyError: 'media of +19195550142'
END
exit 1
"""


def check_said(s):
    """Dead letters have the last lines of the program's standard error."""
    failing = s.path("failing")
    with open(failing, "w") as f:
        f.write(TRACEBACK)
    os.chmod(failing, 0o755)
    s.send(["+19195550101"])
    c = s.start("said", "--since", "1h", "--tries", "1", what=["--", failing])
    tap.ok(process.wait_until(lambda: "given up" in c.said()), "a failure",
           c.said())
    c.stop()
    tap.ok("KeyError: 'media of +19195550142'" in c.said(),
           "its standard error is passed on", c.said())
    tap.ok(re.search(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ bwcallback: "
                     r"event 1: .*exit status 1, given up$", c.said(), re.M),
           "and the line of the log has the time", c.said())
    text = s.run("said", "--list-dead").stdout
    tap.ok("exit status 1\n" in text and
           "| Traceback (most recent call last):\n" in text and
           text.rstrip().endswith("0142'"), "the last lines are listed", text)
    tap.ok("19195550142" not in text, "masked", text)
    dead = json.loads(s.run("said", "--list-dead", "--json",
                            "--reveal").stdout)
    tap.ok(dead["why"].endswith("exit status 1") and
           dead["stderr"].endswith("KeyError: 'media of +19195550142'") and
           len(dead["stderr"]) <= 2000 and
           dead["stderr"].startswith("progress "), "as JSON", repr(dead))


# A parent may leave signals ignored and blocked.
IGNORE = """import os, signal, sys
for s in signal.SIGCHLD, signal.SIGPIPE, signal.SIGUSR1:
    signal.signal(s, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
os.execvp(sys.argv[1], sys.argv[1:])
"""


def check_signals(s):
    s.send(["+19195550101"])
    c = s.start("past", "--since", "1h", env={"FAIL": "1"},
                before=[sys.executable, "-c", IGNORE])
    tap.ok(process.wait_until(lambda: s.ended()),
           "SIGCHLD came ignored: what failed is not taken for done", c.said())
    tap.same(c.stop(), 0, "and what came blocked still ends it")
    tap.same([int(x[3]) for x in s.lines("begin")], [1, 2], "tried twice")
    s.clear()


def check_dead(s):
    s.send(["+19195550101"])
    s.send(["+19195550101"])
    c = s.start("past", "--tries", "1", env={"FAIL": "1"})
    tap.ok(process.wait_until(lambda: len(
        s.run("past", "--list-dead").stdout.splitlines()) == 3),
        "dead letters, which hold up nobody", c.said())
    c.stop()
    done = s.run("past", "--list-dead")
    tap.ok("19195550101" not in done.stdout and "exit status 3" in
           done.stdout, "masked, with the reason", done.stdout)
    dead = [json.loads(x) for x in
            s.run("past", "--list-dead", "--json").stdout.splitlines()]
    tap.same([(x["id"], x["tries"], "body" in x) for x in dead],
             [(7, 1, False), (8, 1, False)], "as JSON")
    tap.same(s.run("past", "--retry-dead", "99").returncode, 66,
             "another number is none of them")
    tap.same(s.run("past", "--retry-dead", "7").stdout,
             "1 will be tried again\n", "one is revived")
    tap.same(s.run("past", "--retry-dead", "all").stdout,
             "1 will be tried again\n", "and the rest")
    s.clear()
    c = s.start("past")
    tap.ok(process.wait_until(lambda: sorted(s.ended()) == [7, 8]),
           "they are done then", c.said())
    c.stop()
    s.clear()


def check_dropped(s):
    s.send(["+19195550101"] * 3)
    s.run("drops", "--since", "1h", "--tries", "1", "--once", "--", "false")
    for what, n, left in (("1", 1, 2), ("all", 2, 0), ("all", 0, 0)):
        done = s.run("drops", "--drop-dead", what).stdout
        tap.same((done, s.states()["drops"]["dead"]),
                 (f"{n} dropped\n", left), f"{what} dropped")
    tap.same((s.run("drops", "--drop-dead", "1").returncode,
              s.states()["drops"]["lag"]), (66, 0), "it is done with them")


def check_stop(s):
    c = s.start("past", env={"SLOW": "1"})
    s.send(["+19195550101"])
    process.wait_until(lambda: s.lines("begin"))
    tap.same((c.stop(), s.ended()), (0, [9]), "what runs is let finish")
    s.clear()
    s.send(["+19195550101"])
    c = s.start("past", env={"SLOW": "600"})
    process.wait_until(lambda: s.lines("begin"))
    c.signal(signal.SIGINT)
    # Two pending signals of one kind arrive as one.
    process.wait_until(lambda: c.signal(signal.SIGTERM) or not c.running())
    tap.same(c.wait(), 0, "a second signal ends it")
    s.clear()
    c = s.start("past")
    tap.ok(process.wait_until(lambda: s.ended() == [10]),
           "and its event was given back", c.said())
    c.stop()
    s.clear()
    c = s.start("past", "--timeout", "1s", "--tries", "1",
                env={"SLOW": "600"})
    s.send(["+19195550101"])
    tap.ok(process.wait_until(
        lambda: "took too long, given up" in c.said()), "a timeout", c.said())
    c.stop()
    going = s.path("going")
    with open(going, "w") as f:
        f.write("#!/bin/sh\nrm -- \"$0\"\n")
    os.chmod(going, 0o755)
    c = s.start("past", what=["--", going])
    s.send(["+19195550101"] * 2)
    tap.same(c.wait(), 66, "a program that vanishes ends it")
    s.clear()


def check_target(s):
    """What no event could be handed to is refused before the first event."""
    made = {"folder": None, "text": "hello\n", "script": "#!/no/such/sh\n",
            "windows": "#!/bin/sh\r\n"}
    for name, text in made.items():
        if text is None:
            os.mkdir(s.path(name))
            continue
        with open(s.path(name), "w") as f:
            f.write(text)
        os.chmod(s.path(name), 0o644 if name == "text" else 0o755)
    for program, said in (
            ("./nosuch", "program ./nosuch: not found; give a path"),
            ("bw-no-such-program", "bw-no-such-program: not found; give a"),
            ("", "not found"),
            (s.path("folder"), "is a folder"),
            (s.path("text"), "not executable; run chmod +x"),
            (s.path("text") + "/x", "not found"),
            (s.path("script"), "its first line names /no/such/sh: No such"),
            (s.path("windows"), "a line end of Windows")):
        done = s.run("target", "--", program)
        tap.ok(done.returncode == 66 and said in done.stderr,
               f"refused at once: {program}", repr(done))
    for url in ("ftp://127.0.0.1/", "http://", "http://a:99999/"):
        done = s.run("target", "--url", url)
        tap.ok(done.returncode == 64 and "--url" in done.stderr and
               "URL" in done.stderr,
               f"refused at once: {url}", repr(done))
    tap.same(s.run("target", "--list-dead").returncode, 66,
             "and no consumer was made")


def check_shared(s):
    """Two processes with four workers each, and twenty senders."""
    first = s.sent + 1
    two = [s.start("shared", env={"SLOW": "0.02"}) for _ in range(2)]
    process.wait_until(lambda: s.run("shared", "--list-dead").returncode == 0)
    for _ in range(6):
        s.send([f"+19195550{100 + i}" for i in range(20)])
    want = set(range(first, s.sent + 1))
    tap.ok(process.wait_until(lambda: set(s.ended()) >= want),
           "shared: all of them", repr(sorted(want - set(s.ended()))))
    tap.same(sorted(s.ended()), sorted(want), "shared: each once")
    tap.same(in_order(s.lines("begin")), [], "shared: in order")
    for c in two:
        c.stop()
    s.clear()


def check_kills(s):
    """Consumers that are killed during their work."""
    first = s.sent + 1
    for _ in range(6):
        s.send([f"+19195550{100 + i}" for i in range(8)])
    want = set(range(first, s.sent + 1))
    for i in range(3):
        c = s.start("shared", "--lease", "6s", env={"SLOW": "0.1"})
        goal = len(s.ended()) + 4
        process.wait_until(lambda: len(s.ended()) >= goal)
        c.signal(signal.SIGKILL)
        c.wait()
    c = s.start("shared", "--lease", "6s")
    tap.ok(process.wait_until(lambda: set(s.ended()) >= want),
           "killed: none is skipped", repr(sorted(want - set(s.ended()))))
    c.stop()
    twice = [n for n, k in collections.Counter(s.ended()).items() if k > 1]
    tap.ok(len(twice) <= 12, "killed: only what was worked on comes twice",
           repr(twice))
    seen = set()
    new = [x for x in s.lines("begin")
           if x[1] not in seen and not seen.add(x[1])]
    tap.same(in_order(new), [], "killed: in order")
    s.clear()


class Peer(http.server.BaseHTTPRequestHandler):
    got = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Peer.got.append((self.headers["Idempotency-Key"], json.loads(body),
                         self.headers["Authorization"],
                         self.headers["Content-Type"]))
        self.send_response(500 if len(Peer.got) == 1 else 204)
        self.end_headers()

    def log_message(self, *_):
        pass


def check_url(s):
    server = http.server.HTTPServer(("127.0.0.1", 0), Peer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(s.path("password"), "w") as f:
        f.write("p\n")
    c = s.start("web", "--type", "message-received", "--number",
                "+19195550177", what=[
                    "--url", f"http://127.0.0.1:{server.server_port}/events",
                    "--user", "u", "--password-file", s.path("password")])
    process.wait_until(lambda: s.run("web", "--list-dead").returncode == 0)
    s.send(["+19195550101", "+19195550177"])
    tap.ok(process.wait_until(lambda: len(Peer.got) == 2),
           "a URL gets it, again after a 500", c.said())
    c.stop()
    tap.same([(x[1]["message"], x[2], x[3]) for x in Peer.got],
             [(f"m-{s.sent}", "Basic dTpw", "application/json")] * 2,
             "what it gets, and of the others nothing")
    tap.same(len({x[0] for x in Peer.got}), 1, "with the same key")
    tap.ok((Peer.got[0][0] or "").startswith(f"web-{s.sent}-"),
           "which is the event's", repr(Peer.got[0][0]))
    server.shutdown()
    tap.same((s.run("web", "--forget").returncode,
              s.run("web", "--list-dead").returncode), (0, 66), "forgotten")


OURS, TOLL_FREE = "+19195550100", "+18885550100"
BYE, BACK = "You are unsubscribed", "You will get messages again"
# Sender's end, our number, text, beginning of the answer or None.
TEXTS = [
    ("01", OURS, "Hours?", "We are open"),
    ("01", OURS, 'a "quoted" & \\ text', "Text HOURS"),
    ("01", OURS, "End of the week?", "Text HOURS"),
    ("01", OURS, "help", "Example Ltd"),
    ("02", OURS, "STOP", BYE),
    ("02", OURS, "hours", None),
    ("02", OURS, "help", None),
    ("02", TOLL_FREE, "hours", "We are open"),
    ("02", OURS, "Start", BACK),
    ("02", OURS, "hours", "We are open"),
    ("03", TOLL_FREE, "stop", None),
    ("03", TOLL_FREE, "hours", None),
    ("03", TOLL_FREE, "start", None),
    ("03", TOLL_FREE, "hours", "We are open"),
] + [(f"{10 + i}", OURS, text, BYE) for i, text in enumerate((
    "stop.", "Stop texting me", "STOPALL", "Unsubscribe", "cancel", " End ",
    "QUIT!", "revoke", "Opt-out", "opt out", "optout"))]


def check_example(s, name, url):
    del Peer.got[1:]
    want = [(text, answer) for _, _, text, answer in TEXTS if answer]
    c = s.start(name, "--since", "1h", what=[
        "--", os.path.join(tap.srcdir(), "examples", "consume", name)],
        env={"BANDWIDTH_API": url, "BANDWIDTH_USER": "u",
             "BANDWIDTH_PASSWORD": "p", "BANDWIDTH_ACCOUNT": "5500417",
             "BANDWIDTH_APPLICATION": "a-1",
             "OPT_OUTS": s.path("opt-outs." + name)})
    tap.ok(process.wait_until(lambda: s.states().get(name, {
        "lag": 1})["lag"] == 0), f"{name} handles all", c.said())
    c.stop()
    got = {int(m["tag"]): (m["to"], m["from"], m["text"], key)
           for _, m, key, _ in Peer.got[1:]}
    tap.same(len(Peer.got) - 1, len(want), f"{name} answers what wants one")
    for i, (end, ours, text, answer) in enumerate(TEXTS):
        to, sender, said, key = got.get(i + 1, ([], "", "", ""))
        if answer is None:
            tap.same(said, "", f"{name}: nothing to {text!r} after a stop")
            continue
        tap.ok(said.startswith(answer) and sender == ours and
               to == [f"+191955502{end}"] and key == "Basic dTpw",
               f"{name}: {text!r}", repr(got.get(i + 1)))


def check_examples():
    s = Site()
    for end, ours, text, _ in TEXTS:
        s.text, s.to = text, ours
        s.send([f"+191955502{end}"])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    check_example(s, "answer.py", url)
    if shutil.which("jq") is None or shutil.which("curl") is None:
        tap.ok(True, "answer.sh answers # SKIP jq is not installed")
    else:
        check_example(s, "answer.sh", url)
    server.shutdown()


def main():
    s = Site()
    s.send([])
    check_usage(s)
    check_first(s)
    check_retries(s)
    check_dead(s)
    check_stop(s)
    check_target(s)
    check_shared(s)
    check_kills(s)
    check_url(s)
    check_signals(Site())
    check_said(Site())
    check_once(Site())
    check_list(Site())
    check_dropped(Site())
    check_examples()


tap.run(main)
