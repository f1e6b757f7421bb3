"""Two responders with one database of three nodes, behind an nginx that knows
both, and load of all families."""

import os
import re
import subprocess
import threading
import time
import uuid

import client
import load
import patroni
import payload
import process
import responder
import tap
from nginx import Nginx, several

CONFIG = """<callbacks>
  <store url="{url}" spool="{spool}" password-file="password"/>
  <voice path="/voice">
    <on event="initiate"><Response><Hangup/></Response></on>
    <on event="gather"><exec program="answers"/></on>
    <fallback><Response><Pause/></Response></fallback>
  </voice>
  <messaging path="/messages"/>
  <mfa path="/mfa"/>
  <numbers path="/orders"/>
  <portout path="/portout"><subscribers file="s.csv"/></portout>
  <porting path="/porting"/>
  <enduser path="/endusers"/>
  <tollfree path="/tollfree"/>
  <brtc path="/brtc"/>
  <emergency path="/emergency"/>
</callbacks>
"""

SUBSCRIBERS = "number,account,pin,zip\n9195550192,AC-9,0042,27601\n" \
    "9195550191,AC-9,0042,27601\n"

ANSWERS = """#!/bin/sh
echo "<Response><Pause/></Response>"
"""

# Of each family: the path, a payload in tests/data, what makes it unique there,
# and its weight.
FAMILIES = [
    ("/voice", "voice.initiate.json", "c-c1626e53-a130-43b0-a6c4-8bbf33feff92",
     3),
    ("/voice", "voice.gather.json", "c-967a64cb-1402-4d51-ac97-91e558e08baa",
     1),
    ("/voice", "voice.disconnect.json", "c-a0cf3186-56b3-46f0-aade-65c3b188cc10",
     2),
    ("/messages", "messaging.message-received.json",
     "mf1ccacc27ad909f03fdd9e4a62bc", 6),
    ("/mfa", "mfa.message-delivered.json", "m767cb7f8013cb790fef33ef2c3ff", 1),
    ("/orders", "numbers.order.orders.xml",
     "b817a151-dd64-4338-ac80-cc5c0b3aa416", 3),
    ("/orders", "numbers-v2.order_change.json",
     "7e961b13-0f4c-4e8b-a562-ad69a1b31a88", 1),
    ("/portout", "portout.validation.xml", "PON-77A", 3),
    ("/porting", "porting-global.portin-status.named.json", "NL-5", 1),
    ("/endusers", "enduser.requirements-package.hinted.json",
     "0c8d2fc3-f3c3-4d03-a91d-80f7bec391a9", 1),
    ("/tollfree", "tfv.verification.json",
     "7c0de4f9-1904-4170-a87c-7a437ecb4e59", 1),
    ("/brtc", "brtc.endpointConnected.json",
     "e-a4c123b1-612d-4272-a137-1c17149d4395", 1),
    ("/emergency", "emergency.dash-notification.named.json", "2 Mill Lane", 1),
]

# Paths whose callbacks Bandwidth repeats until they are acknowledged.
REPEATED = ("/messages", "/mfa")

NAME = "t-[0-9a-f]{32}"

# Bandwidth waits so long for the answer to a call.
LONGEST = 15


def maker(path, file, mark):
    """For load.Sender: another callback at each call."""
    with open(os.path.join(tap.srcdir(), "tests", "data", file), "rb") as f:
        body = f.read()
    if body.count(mark.encode()) != 1:
        raise RuntimeError(f"{file}: {mark}: not once")
    kind = payload.XML if file.endswith("xml") else payload.JSON

    def make(_number):
        name = "t-" + uuid.uuid4().hex
        return name, path, body.replace(mark.encode(), name.encode()), kind
    return make


def makers():
    return {maker(path, file, mark): weight
            for path, file, mark, weight in FAMILIES}


class Deliveries:
    """What became of the deliveries of all senders."""

    def __init__(self, url):
        self.url = url
        self.mutex = threading.Lock()
        self.acknowledged = []  # when messages were
        self.slowest = 0.0  # seconds for the answer to a call
        self.late = 0  # how many took more than two seconds
        self.calls = 0
        self.wrong = []  # what Bandwidth would not repeat, and was not taken
        self.fallbacks = 0  # of calls, for want of a responder

    def deliver(self, path, body, kind):
        began = time.monotonic()
        try:
            answer = client.send(self.url + path, "POST", body, [kind])
        except OSError as e:
            with self.mutex:
                self.wrong.append((path, repr(e)))
            raise
        now = time.monotonic()
        with self.mutex:
            return self.judge(path, answer, began, now)

    def judge(self, path, answer, began, now):
        status = answer.status
        if path == "/messages" and status == 200:
            self.acknowledged.append(now)
        if path == "/voice":
            self.calls += 1
            self.slowest = max(self.slowest, now - began)
            self.late += now - began > 2
        if answer["Bwcallback-Fallback"] == "web-server":
            self.fallbacks += 1
            return 0
        good = 200 <= status <= 299 and (
            path != "/portout" or b"<Portable>" in answer.body) and (
            path != "/voice" or status == 204 or b"<Response" in answer.body)
        if not good and path not in REPEATED:
            self.wrong.append((path, repr(answer)))
        return status if good else 0

    def pause(self, since, until):
        """The longest time between two messages that were acknowledged."""
        with self.mutex:
            at = [t for t in self.acknowledged if since <= t <= until]
        return max(b - a for a, b in zip([since, *at], [*at, until]))


class Site:
    """folders: those of the three nodes, if they are not in memory."""

    def __init__(self, folder, folders=None):
        self.folder = folder
        self.cluster = patroni.Cluster(folder, folders)
        self.cluster.start()
        if not self.cluster.wait_until_whole():
            raise RuntimeError(self.cluster.said())
        self.make_tables()
        self.sockets = [self.path(f"s{i}") for i in (1, 2)]
        self.responders = [None, None]
        for i in range(2):
            self.write(f"c{i}.xml", CONFIG.format(
                url=self.cluster.url().replace("&", "&amp;"),
                spool=self.path(f"r{i}.spool")))
            self.respond(i)
        self.nginx = Nginx(process.folder(), None,
                           change=lambda http: several(http, self.sockets))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o644):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(self.path(name), mode)

    def make_tables(self):
        self.write("password", "secret\n", 0o600)
        self.write("admin", "CHANGE-superuser\n", 0o600)
        self.write("s.csv", SUBSCRIBERS)
        self.write("answers", ANSWERS, 0o755)
        self.cluster.create()
        url = self.cluster.url("postgres", "&password-file=" +
                               self.path("admin"))
        for action in (["create", url], ["check", "--store", url]):
            done = subprocess.run([responder.command(), "store", *action],
                                  capture_output=True, text=True, check=False)
            tap.same((done.returncode, done.stdout + done.stderr), (0, ""),
                     f"store {action[0]}")
        self.cluster.grant()

    def respond(self, i):
        self.responders[i] = responder.Responder(
            self.path(f"c{i}.xml"), self.path(f"responder{i}.log"),
            self.sockets[i])

    def spooled(self):
        """The files of events that are not in the database yet."""
        return [name for i in range(2)
                for name in load.spooled(self.path(f"r{i}"))]

    def stored(self, after=0):
        """(number, name) of each event, in the order of their numbers."""
        rows = self.cluster.leader().sql(
            f"SELECT seq, substring(encode(body, 'escape') from '{NAME}') "
            f"FROM bwcallback.event WHERE seq > {after} ORDER BY seq")
        return [(int(seq), name) for seq, name in
                (row.split("|") for row in rows.splitlines())]

    def settle(self):
        """All is up, and the spools are empty."""
        for node in self.cluster.nodes:
            node.start()
        return self.cluster.wait_until_whole() and self.wait_until_drained()

    def wait_until_drained(self):
        return process.wait_until(lambda: not self.spooled())


class Watch:
    """Looks after each harm for what was acknowledged before and is not stored:
    the first loss is found when it happens."""

    def __init__(self, site, senders):
        self.site = site
        self.senders = senders
        self.seq = 0
        self.names = set()

    def spooled(self):
        """Names in files of the spools."""
        found = set()
        for path in self.site.spooled():
            try:
                with open(path, "rb") as f:
                    found.update(re.findall(NAME.encode(), f.read()))
            except FileNotFoundError:
                pass  # it has just been drained
        return {name.decode() for name in found}

    def lost(self):
        """The names, or what is wrong with the database."""
        acknowledged = {n for s in self.senders for n in s.acknowledged[:]}
        spooled = self.spooled()  # first: they are moved into the database
        known = self.site.cluster.leader().sql(
            "SELECT count(*) FROM bwcallback.event "
            f"WHERE seq <= {self.seq}")
        if int(known) != len(self.names):
            return [f"{known} events of {len(self.names)} are left"]
        for seq, name in self.site.stored(self.seq):
            self.seq = max(self.seq, seq)
            self.names.add(name)
        return sorted(acknowledged - spooled - self.names)
