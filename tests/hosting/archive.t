#!/usr/bin/env python3
"""The archive of "make hosting", used as its guide says: unpacked into the web
site of an account, with a new password and calls. No file can be fetched."""

import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))
import account  # first: it adds tests/pylib to sys.path
import client
import web_server
import payload
import process
import tap

USER = "bandwidth"


def archive():
    found = glob.glob(os.path.join(tap.builddir(),
                                   "bwcallback-hosting-*.tar.gz"))
    return found[0] if found else None


class Upload(account.Cgid):
    """An account with the archive's folder in its web site."""

    def home(self):
        return self.folder

    def root(self):
        site = os.path.join(self.home(), "public_html")
        if os.path.exists(site):
            return site
        os.mkdir(site)
        subprocess.run(["tar", "--no-same-owner", "-C", site, "-xzf",
                        archive(), "--strip-components=1"], check=True)
        self.uploaded = os.path.join(site, "callbacks")
        self.program = os.path.join(self.uploaded, "bwcallback.cgi")
        self.password = self.run("passwd", "--generate", "data/passwd",
                                 USER).stdout.strip()
        with open(os.path.join(self.uploaded, "data", "password"), "w") as out:
            out.write(self.password + "\n")
        web_server.give(site, self.owner)
        return site

    def run(self, *argv):
        """A command run by the owner of the files."""
        user = os.stat(self.uploaded).st_uid if web_server.is_root() else None
        return subprocess.run([self.program, *argv], cwd=self.uploaded,
                              capture_output=True, text=True, check=False,
                              user=user)


class SuexecUpload(account.Suexec, Upload):
    needs = account.SuexecCgid.needs
    modules = account.SuexecCgid.modules

    def home(self):
        return account.Suexec.home(self)


class ServerFolder:
    """What web_server.Front needs of a deployment: a folder."""

    def __init__(self):
        self.folder = process.folder()
        self.flow = self.folder


def send(server, path, body=b"", fields=(), user=USER, method="POST"):
    fields = list(fields)
    if user:
        fields.append(("Authorization", client.basic(user, server.password)))
    return client.send(f"{server.url}/callbacks{path}", method, body, fields)


def plays(name, server):
    call = payload.Call()
    post = payload.post
    a = send(server, "/voice", post(call.event("initiate")), [payload.JSON],
             user=None)
    tap.ok(a.status == 401 and a.text.startswith("missing") and
           a["WWW-Authenticate"].startswith("Basic "), f"{name}: a challenge",
           f"{a} {server.said()}")
    a = send(server, "/voice", post(call.event("initiate")), [payload.JSON])
    tap.ok(a.status == 200 and b'gatherUrl="/callbacks/voice/menu"' in a.body
           and f'password="{server.password}"' in a.text,
           f"{name}: a call", f"{a} {server.said()}")
    a = send(server, "/voice/menu", post(call.event("gather", digits="2")),
             [payload.JSON])
    tap.ok(a.status == 200 and b"+19195550102" in a.body, f"{name}: a key",
           repr(a))
    a = send(server, "/voice", post(call.event("initiate")), [payload.JSON],
             user="somebody")
    tap.ok(a.status == 401 and a.text.startswith("rejected"),
           f"{name}: not somebody else", repr(a))
    a = send(server, "/messages", post([payload.message()]),
             [payload.JSON_UTF8])
    tap.ok(a.status == 200 and a.whole, f"{name}: a message", repr(a))
    done = server.run("events", "list", "--config", "callbacks.xml", "--json")
    tap.ok(done.stdout.count("\n") == 3 and "message-received" in done.stdout,
           f"{name}: all of it is kept", done.stdout + done.stderr)
    done = server.run("check", "callbacks.xml")
    tap.same((done.returncode, done.stdout, done.stderr), (0, "", ""),
             f"{name}: the example has no fault")


def is_fast(name, server):
    """The next request uses the files that the first one created."""
    call = payload.Call()
    image = os.path.join(server.uploaded, "callbacks.xml.compiled")

    def is_left():
        send(server, "/voice", payload.post(call.event("initiate")),
             [payload.JSON])
        return os.path.exists(image)

    tap.ok(process.wait_until(is_left), f"{name}: the compiled form is there")
    for file in (image, image.replace(".compiled", ".verified")):
        tap.same(os.stat(file).st_mode & 0o777, 0o600,
                 f"{name}: {os.path.basename(file)} is for the account alone")
    a = send(server, "/voice", payload.post(call.event("initiate")),
             [payload.JSON])
    tap.ok(a.status == 200, f"{name}: a call answered from it", repr(a))


def keeps(name, server):
    """No file of the account can be fetched."""
    seen = 0
    for path, _, files in os.walk(server.uploaded):
        for file in files:
            full = os.path.join(path, file)
            below = os.path.relpath(full, server.uploaded)
            if below == "bwcallback-fallback.asis":
                continue  # public, as callers hear it
            with open(full, "rb") as f:
                content = f.read()
            for method in ("GET", "POST"):
                a = send(server, "/" + below, method=method, user=None)
                tap.ok(a.status >= 400 and not (
                    content and content[:64] in a.body),
                    f"{name}: {method} {below} is kept", repr(a))
            seen += 1
    tap.ok(seen >= 9, f"{name}: there were files to try", seen)
    for below in ("/data", "/data/", "/", "", "/data/%2e%2e/callbacks.xml"):
        a = send(server, below, user=None, method="GET")
        tap.ok(a.status >= 300 and b"passwd" not in a.body,
               f"{name}: no list of files at {below or 'the top'}", repr(a))


def falls_back(name, server):
    """A program that cannot be started."""
    os.chmod(server.program, 0o644)
    call = payload.Call()
    a = send(server, "/voice", payload.post(call.event("initiate")),
             [payload.JSON])
    tap.ok(b"<SpeakSentence>" in a.body, f"{name}: the call hears something",
           repr(a))
    a = send(server, "/messages", payload.post([payload.message()]),
             [payload.JSON])
    tap.ok(a.status >= 500 or a.status == 403,
           f"{name}: the message comes again", repr(a))
    os.chmod(server.program, 0o755)


def packed():
    """The files in the archive and their permissions."""
    listing = subprocess.run(["tar", "-tvzf", archive()], text=True,
                             capture_output=True, check=True).stdout
    modes = {line.split()[-1].split("/", 1)[1]: line[:10]
             for line in listing.splitlines()}
    tap.ok(all(m[5] == "-" and m[8] == "-" for m in modes.values()),
           "nobody but the account may write, or suEXEC refuses", listing)
    tap.same(modes.get("callbacks/bwcallback.cgi"), "-rwxr-xr-x",
             "the program may be run")
    tap.same(modes.get("callbacks/data/"), "drwx------",
             "the data is the account's")
    with open(os.path.join(tap.srcdir(), "hosting", "guide.txt")) as f:
        guide = f.read()
    tap.ok(len(guide.splitlines()) < 100, "the guide is one page")
    named = set(re.findall(r"callbacks/[\w./-]+\w", guide)) - {
        "callbacks/voice", "callbacks/messages"}
    for name in sorted(named):
        tap.ok(name in modes or name + "/" in modes,
               f"the guide's {name} is there", sorted(modes))


def version_of(module, package):
    """dpkg's version of the package, otherwise that of the module: Debian's
    libfcgi 2.4.5 says there that it is 2.4.3."""
    for argv in (["dpkg-query", "-W", "-f", "${Version}", package],
                 ["pkg-config", "--modversion", module]):
        if shutil.which(argv[0]) is None:
            continue
        said = subprocess.run(argv, capture_output=True, text=True, check=False)
        if said.returncode == 0 and said.stdout:
            return said.stdout.strip()
    raise RuntimeError(f"no version of {module}")


def bill():
    """The bill of materials names each library that was linked, as dpkg or
    pkg-config and the linker see it, and the program by its checksum."""
    name = os.path.basename(archive())[:-len(".tar.gz")]
    said = subprocess.run(["tar", "-xzOf", archive(),
                           f"{name}/bwcallback.spdx.json"],
                          capture_output=True, check=True).stdout
    document = json.loads(said)
    program, *libraries = document["packages"]
    with open(os.path.join(tap.builddir(), "hosting", "bwcallback-static"),
              "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    tap.same(program["checksums"][0]["checksumValue"], digest,
             "the bill is of this program")
    versions = {p["name"]: p["versionInfo"] for p in libraries}
    for module, library, package in (
            ("libxml-2.0", "libxml2", "libxml2-dev"),
            ("json-c", "libjson-c", "libjson-c-dev"),
            ("nettle", "libnettle", "nettle-dev"),
            ("sqlite3", "libsqlite3", "libsqlite3-dev"),
            ("fcgi", "libfcgi", "libfcgi-dev")):
        version = version_of(module, package)
        tap.ok(version == versions.get(library) or
               versions.get(library) == "NOASSERTION",
               f"the bill has {library} {version}", versions)
    tap.ok("libc" in versions and "libcrypt" in versions,
           "the bill has the C library", versions)
    linked = {r["relatedSpdxElement"] for r in document["relationships"]
              if r["relationshipType"] == "STATIC_LINK"}
    tap.same(linked, {p["SPDXID"] for p in libraries},
             "each is related to the program")
    done = subprocess.run(["sha256sum", "-c", archive() + ".sha256"],
                          cwd=tap.builddir(), capture_output=True, text=True,
                          check=False)
    tap.ok(done.returncode == 0, "the checksum of the archive",
           done.stdout + done.stderr)


def main():
    if archive() is None:
        tap.skip_all("this build cannot link \"make static\"")
    packed()
    bill()
    rows = [("upload", Upload)]
    if web_server.is_root():
        rows.append(("upload, suEXEC", SuexecUpload))
    for name, kind in rows:
        missing = [n for n in kind.needs
                   if not (os.path.exists(n) or web_server.find(n))]
        if missing:
            tap.ok(True, f"{name} # SKIP {missing[0]} is not installed")
            continue
        server = kind(ServerFolder())
        plays(name, server)
        is_fast(name, server)
        keeps(name, server)
        falls_back(name, server)
        server.stop()


tap.run(main)
