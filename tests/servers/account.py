"""Shared by the tests of hosting accounts: the accounts, and a check that the
files beside the program cannot be fetched."""

import atexit
import fcntl
import os
import shutil

import matrix  # first: it adds tests/pylib to sys.path
import client
import web_server
import process
import tap
from apache import FCGID, Apache
from web_server import shipped


class Cgid(Apache):
    """A hosting account: an upload into a folder, and one .htaccess."""

    starts = True
    override = "FileInfo Options"
    modules = ("cgid", "env", "setenvif", "rewrite", "mime")
    upload = ("htaccess-cgi", "bwcallback.cgi")
    owner = web_server.USER
    lossless = False

    def site(self):
        return ""

    def home(self):
        return self.folder

    def root(self):
        path = os.path.join(self.home(), "public_html")
        htaccess, name = self.upload
        if os.path.exists(path):
            return path
        shutil.copytree(self.deployment.flow, path)
        shutil.copy(shipped("apache", htaccess), f"{path}/.htaccess")
        shutil.copy(shipped("apache", "bwcallback-fallback.asis"), path)
        self.program = f"{path}/{name}"
        shutil.copy(web_server.program(), self.program)
        os.chmod(self.program, 0o755)
        web_server.give(path, self.owner)
        return path


class Cgi(Cgid):
    mpm = "prefork"
    modules = ("cgi", "env", "setenvif", "rewrite", "mime")
    lossless = True


class Fcgid(Cgid):
    needs = ("apache2", FCGID)
    modules = ("fcgid", "setenvif", "rewrite", "mime")
    upload = ("htaccess-fcgid", "bwcallback.fcgi")
    limit = 131072
    over = 500


# suEXEC runs programs as the account. Debian's runs only those below this
# folder. It logs the reason of a refusal; another package has the log's folder.
WEB = "/var/www"
SUEXEC = "/usr/lib/apache2/suexec"
SUEXEC_LOG = "/var/log/apache2"
OURS = ".made-by-bwcallback-tests"


_held = []  # the locked descriptor, while this test needs the log's folder


def hold_log():
    """Keep the folder of suEXEC's log until the last test that needs it ends.
    Each test holds a shared lock. A test that gets the exclusive lock at its
    end removes the folder, if a test made it."""
    if _held:
        return
    _held.append(os.open(WEB, os.O_RDONLY | os.O_CLOEXEC))
    fcntl.flock(_held[0], fcntl.LOCK_SH)
    try:
        os.mkdir(SUEXEC_LOG)
        with open(os.path.join(SUEXEC_LOG, OURS), "w"):
            pass
    except FileExistsError:
        pass
    atexit.register(drop_log)


def drop_log():
    try:
        fcntl.flock(_held[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    if os.path.exists(os.path.join(SUEXEC_LOG, OURS)):
        shutil.rmtree(SUEXEC_LOG)


class Suexec:
    owner = "nobody"

    def home(self):
        hold_log()
        if not hasattr(self, "below"):
            self.below = process.folder(WEB)
        return self.below

    def site(self):
        return f"SuexecUserGroup {self.owner} {web_server.group_of(self.owner)}"


class SuexecCgid(Suexec, Cgid):
    needs = ("apache2", SUEXEC)
    modules = (*Cgid.modules, "suexec")


class SuexecFcgid(Suexec, Fcgid):
    needs = ("apache2", SUEXEC, FCGID)
    modules = (*Fcgid.modules, "suexec")


def private(name, s):
    """The files beside the program cannot be fetched."""
    for file in ("callbacks.xml", "passwd", "password", "staff.csv",
                 ".htaccess", "slow"):
        if not tap.ok(os.path.exists(os.path.join(s.front.root(), file)),
                      f"{name}: {file} is there"):
            continue
        a = client.send(f"{s.front.url}/{file}", "GET")
        tap.ok(a.status >= 400, f"{name}: {file} cannot be fetched", repr(a))


class Row:
    """A kind of server; its files are checked before the tests of matrix.py."""

    def __init__(self, name, kind):
        self.name, self.kind = name, kind
        self.needs = kind.needs

    def __call__(self, s):
        s.front = self.kind(s)
        private(self.name, s)
        return s.front


def run(rows):
    rows = [(name, Row(name, kind)) for name, kind in rows]
    tap.run(lambda: matrix.play_all(rows))
