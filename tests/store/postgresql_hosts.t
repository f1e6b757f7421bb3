#!/usr/bin/env python3
"""Databases on other hosts: TLS and the name in the certificate are checked,
names are looked up, the host that accepts writes is found, and after a fail-over
the next one. The hosts are addresses in a network of the test's own."""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import certificates  # noqa: E402
import fastcgi  # noqa: E402
import namespace  # noqa: E402
import postgresql  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

HOSTS = {"10.77.0.1": "db1.example", "10.77.0.2": "db2.example",
         "10.77.0.3": "db3.example", "10.77.0.4": "other.example"}
ADDRESSES = list(HOSTS)
ALL = "db1.example,db2.example,db3.example"
PASSWORD = "a secret of the test"

SETTINGS = """
listen_addresses = '{address}'
ssl = on
ssl_cert_file = '{path}.crt'
ssl_key_file = '{path}.key'
synchronous_standby_names = '{names}'
"""

CONFIG = """<callbacks>
  <store url="{url}" spool="spool" password-file="password"/>
  <messaging path="/messages"/>
</callbacks>
"""


class Database:
    """A primary on the first host, and two standbys, of which one is enough."""

    def __init__(self, folder):
        self.folder = folder
        self.authority = certificates.Authority(folder)
        self.servers = [postgresql.Server(folder, f"db{i}")
                        for i in (1, 2, 3)]
        first, *others = self.servers
        first.create()
        first.configure("wal_keep_size = 256MB\n")
        with open(os.path.join(first.data, "pg_hba.conf"), "a",
                  encoding="ascii") as f:
            f.write("hostssl all all 10.77.0.0/24 scram-sha-256\n")
        first.start()
        first.sql(f"CREATE ROLE bw LOGIN PASSWORD '{PASSWORD}'")
        for server in others:
            server.copy_of(first)
        for i, server in enumerate(self.servers):
            self.settle(server, i)
        first.stop()
        for server in self.servers:
            server.start()
        process.wait_until(lambda: first.sql(
            "SELECT sync_state FROM pg_stat_replication "
            "WHERE state = 'streaming' ORDER BY 1") == "potential\nsync")

    def settle(self, server, i):
        path = os.path.join(self.folder, f"db{i + 1}-certificate")
        self.authority.issue(path, [f"DNS:db{i + 1}.example"],
                             postgresql.unprivileged().get("user"))
        server.configure(SETTINGS.format(
            address=ADDRESSES[i], path=path,
            names="" if i == 2 else postgresql.STANDBY))

    def path(self, name):
        return os.path.join(self.folder, name)

    def url(self, hosts, more="", ca=None):
        return (f"postgresql://bw@{hosts}/postgres?"
                f"sslrootcert={ca or self.authority.ca}{more}")

    def password_file(self, password):
        with open(self.path("password"), "w", encoding="utf-8") as f:
            f.write(password + "\n")
        return "&password-file=" + self.path("password")


def check(url):
    done = subprocess.run([responder.command(), "store", "check", "--store",
                           url], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def check_good(d):
    password = d.password_file(PASSWORD)
    for hosts, more, why in [
            ("db1.example", "", "a name"),
            (ALL, "", "three hosts"),
            ("db2.example,db1.example", "", "a standby comes first"),
            ("none.example,db1.example", "", "a name without an address"),
            (ALL, "&hostaddr=10.77.0.1,10.77.0.2,10.77.0.3", "addresses"),
            ("db1.example", "&sslmode=verify-full", "verify-full")]:
        tap.same(check(d.url(hosts, more + password)), (0, ""), f"good: {why}")


def check_refused(d):
    password = d.password_file(PASSWORD)
    wrong = certificates.Authority(d.folder, "wrong")
    for url, part, why in [
            (d.url("other.example", "&hostaddr=10.77.0.1" + password),
             "does not match host name", "the certificate of another"),
            (d.url("db1.example", password, wrong.ca),
             "certificate verify failed", "another authority"),
            (d.url("db1.example", password, "/nonexistent"),
             "root certificate file", "no authority"),
            (d.url("db1.example", "&sslmode=require" + password),
             "verify-full", "a weaker mode"),
            (d.url("none.example", password), "no address of none.example",
             "no address"),
            (d.url("db2.example", password), "read-only",
             "only a standby")]:
        status, said = check(url)
        tap.ok(status != 0 and part in said, f"refused: {why}",
               (status, said))
        tap.ok(PASSWORD not in said, f"refused: {why}: no password is shown")
    status, said = check(d.url("db1.example", d.password_file("guess")))
    tap.ok(status != 0 and "password authentication failed" in said and
           "guess" not in said, "refused: a wrong password", (status, said))


def check_plain(d):
    """A server without TLS gets nothing."""
    server = postgresql.Server(d.folder, "plain")
    server.create()
    server.configure("listen_addresses = '10.77.0.4'\n")
    server.start()
    status, said = check(d.url("other.example", d.password_file(PASSWORD)))
    tap.ok(status != 0 and "does not support SSL" in said,
           "refused: a server without TLS", (status, said))
    server.stop()


def message(name):
    return "/messages", json.dumps([{
        "type": "message-received", "to": "+19195550100",
        "message": {"id": name, "from": "+19195550142",
                    "text": "hi"}}]).encode()


def check_fail_over(d):
    """The first one dies; the second one takes over, with the third."""
    d.password_file(PASSWORD)
    config = d.path("callbacks.xml")
    with open(config, "w", encoding="utf-8") as f:
        f.write(CONFIG.format(url=d.url(ALL)))
    r = responder.Responder(config, d.path("log"), d.path("s"))

    def send(name):
        with fastcgi.Connection(d.path("s")) as c:
            return c.ask(*message(name)).status

    tap.same(send("m-before"), 200, "fail-over: a message before")
    first, second, third = d.servers
    first.kill()
    third.reload(f"primary_conninfo = 'host={second.socket} user=postgres "
                 f"application_name={postgresql.STANDBY}'\n")
    second.sql("SELECT pg_promote()")
    tap.ok(process.wait_until(lambda: send("m-after") == 200),
           "fail-over: a message afterwards, by the next host")
    tap.same(send("m-before"), 200, "fail-over: the first one again")
    tap.same(second.sql("SELECT message_id, deliveries FROM "
                        "bwcallback.event_text WHERE message_id = "
                        "'m-before'"), "m-before|2",
             "fail-over: it is recognized")
    tap.same(third.sql("SELECT count(*) FROM bwcallback.event"), "2",
             "fail-over: the third one has all")
    tap.same(r.stop(), 0, "the responder ends well")


def main():
    namespace.enter(HOSTS)
    d = Database(postgresql.folder())
    made = subprocess.run(
        [responder.command(), "store", "create", d.servers[0].url()],
        capture_output=True, text=True, check=False)
    tap.same((made.returncode, made.stderr), (0, ""), "store create")
    d.servers[0].sql("GRANT bwcallback, pg_monitor TO bw")
    check_good(d)
    check_refused(d)
    check_plain(d)
    check_fail_over(d)
    for server in d.servers[1:]:
        server.stop()


tap.run(main)
