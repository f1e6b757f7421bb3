#!/usr/bin/env python3
"""bwcallback doctor with deployments that have one fault each: it reports the
fault, and proposes the line that the test removed."""

import os
import shutil
import subprocess

import matrix  # first: it adds tests/pylib to sys.path
import account
import apache
import examined
import web_server
import nginx
import other_servers
import process
import responder
import responder_site
import tap

CHAIN = """\
[ca]
default_ca = this
[this]
database = {dir}/index
serial = {dir}/serial
new_certs_dir = {dir}
default_md = sha256
policy = any
[any]
commonName = supplied
[leaf]
subjectAltName = IP:127.0.0.1
[other]
subjectAltName = DNS:elsewhere.example.com
[authority]
basicConstraints = critical,CA:TRUE
"""


def changed(text, changes):
    for old, new in changes.items():
        if old not in text:
            raise RuntimeError(f"not in the shipped file: {old}")
        text = text.replace(old, new)
    return text


def behind_nginx(changes, more="", **options):
    """A deployment whose nginx has a modified copy of the shipped locations."""
    with open(nginx.shipped("bwcallback.conf")) as f:
        text = changed(f.read(), changes) + more
    path = os.path.join(process.folder(), "locations.conf")
    with open(path, "w") as f:
        f.write(text)
    return responder_site.Deployment(matrix.FLOW, locations=path, **options)


def end(s):
    if s.responder is not None:
        s.responder.stop()
    s.front.stop()


PASS = "    fastcgi_pass bwcallback;\n"
KEEP = "    fastcgi_keep_conn on;\n"
VOICE_ERRORS = "        error_page 500 502 503 504 =200 @bwcallback_fallback;\n"
LIMIT = "client_max_body_size 1m;"
LOCATION = ("location ~ ^/(?:voice|messages|mfa|orders|portout|porting|"
            "endusers|tollfree|brtc|emergency)(?:/|$) {")

# name, change of nginx/bwcallback.conf, addition to it, finding, text of one of
# its cures
NGINX = [
    ("Authorization taken away by nginx",
     {PASS: PASS + "fastcgi_pass_request_headers off;\n"}, "",
     ["authorization-stripped"], "fastcgi_pass_request_headers on;"),
    ("Authorization emptied by nginx",
     {KEEP: KEEP + 'fastcgi_param HTTP_AUTHORIZATION "";\n'}, "",
     ["authorization-stripped"], 'fastcgi_param HTTP_AUTHORIZATION ""'),
    ("a fastcgi_param in a location",
     {VOICE_ERRORS: VOICE_ERRORS + "fastcgi_param EXTRA 1;\n"}, "",
     ["parameters-missing"], "include fastcgi_params;"),
    ("errors intercepted",
     {"fastcgi_intercept_errors off;": "fastcgi_intercept_errors on;\n"
      "error_page 401 404 /sorry;"},
     "\nlocation = /sorry { internal; default_type text/html; "
     "return 200 '<h1>Sorry</h1>'; }\n",
     ["answers-replaced"], "fastcgi_intercept_errors off;"),
    ("a 401 replaced by a 200",
     {"fastcgi_intercept_errors off;": "fastcgi_intercept_errors on;\n"
      "error_page 401 =200 /fine;"},
     "\nlocation = /fine { return 200 'fine'; }\n",
     ["challenge-replaced"], "fastcgi_intercept_errors off;"),
    ("a 401 replaced by a redirect",
     {"fastcgi_intercept_errors off;": "fastcgi_intercept_errors on;\n"
      "error_page 401 =302 /sign-in;"},
     "\nlocation = /sign-in { return 302 /sign-in/; }\n",
     ["challenge-replaced"], "error_page 401"),
    ("a 401 replaced by a 403",
     {"fastcgi_intercept_errors off;": "fastcgi_intercept_errors on;\n"
      "error_page 401 =403 /no;"},
     "\nlocation = /no { return 403 'no'; }\n",
     ["challenge-replaced"], "error_page 401"),
    ("a small body limit", {LIMIT: "client_max_body_size 32k;"}, "",
     ["body-limit"], LIMIT),
    ("a medium body limit", {LIMIT: "client_max_body_size 100k;"}, "",
     ["body-limit-large"], LIMIT),
    ("a redirect to https",
     {LOCATION: LOCATION + "\nreturn 301 https://$host$request_uri;\n"}, "",
     ["redirect"], "return 301 https://$host$request_uri;"),
    ("a location that ends in a slash", {LOCATION:
     "location ~ ^/(?:voice|messages|portout)$ { rewrite ^(.*)$ $1/ "
     "permanent; }\n" + LOCATION}, "",
     ["redirect"], "location ~ ^/(?:voice|messages"),
    ("another realm in front",
     {PASS: PASS + 'auth_basic "Staff"; auth_basic_user_file /dev/null;\n'},
     "", ["another-realm"], "auth_basic off;"),
    ("the challenge taken away",
     {PASS: PASS + "fastcgi_hide_header WWW-Authenticate;\n"}, "",
     ["challenge-lost"], "fastcgi_hide_header WWW-Authenticate;"),
    ("another path passed on", {"$request_uri;": "/x$request_uri;"}, "",
     ["no-section"], 'path="..."'),
    ("a path without the query", {"$request_uri;": "$uri;"}, "",
     ["query-lost"], "fastcgi_param REQUEST_URI $request_uri;"),
    ("a limit of requests", {"limit_req        zone=bwcallback burst=2000 "
                             "nodelay;": "limit_req zone=few;",
                             "limit_req_status 503": "limit_req_status 429"},
     "", ["rate-limited"], "limit_req zone=bwcallback burst=2000 nodelay;"),
    ("addresses that are denied", {PASS: PASS + "deny all;\n"}, "",
     ["refused"], "allow all;"),
    ("a path without a location", {LOCATION: LOCATION.replace(
        "messages|", "")}, "", ["not-routed"], "(?:voice|messages|...)"),
]


FEW = "limit_req_zone $binary_remote_addr zone=few:1m rate=5r/s;\n"


def wrong_nginx(name, changes, more, want, line):
    s = behind_nginx(changes, more, server=FEW + nginx.SERVER)
    s.respond()
    path = "/voice" if VOICE_ERRORS in changes else "/messages"
    result = examined.from_outside(s, path=path)
    if "zone=few" in str(changes):  # the number of other findings varies
        tap.ok("rate-limited" in result[1], f"{name}: is found", str(result))
        result = (result[0], {"rate-limited": result[1]["rate-limited"]}, "")
    severity = "warning" if want == ["body-limit-large"] else "error"
    examined.finds(name, result, want, line, severity)
    end(s)


class BareProxy(apache.Proxy):
    """Without the line that passes on Authorization."""

    def site(self):
        return changed(super().site(), {"CGIPassAuth On": ""})


class SmallFcgid(apache.Fcgid):
    def site(self):
        return changed(super().site(), {"FcgidMaxRequestLen 33554432":
                                        "FcgidMaxRequestLen 20000"})


class BareAccount(account.Cgid):
    """Its last rule sets a variable that suEXEC drops."""

    def root(self):
        path = super().root()
        name = os.path.join(path, ".htaccess")
        with open(name) as f:
            text = f.read()
        text = changed(text, {'SetEnvIf Authorization "(.+)" '
                              'HTTP_AUTHORIZATION=$1': ""})
        with open(name, "w") as f:
            f.write(text)
        return path


class ReplacingHaproxy(other_servers.Haproxy):
    """Makes another status of a 401."""

    def argv(self):
        argv = super().argv()
        with open(self.path("haproxy.cfg")) as f:
            text = f.read()
        self.write("haproxy.cfg", changed(text, {
            "    use-fcgi-app": "    http-response set-status 200 if "
            "{ status 401 }\n    use-fcgi-app"}))
        return argv


class BareHaproxy(other_servers.Haproxy):
    def argv(self):
        argv = super().argv()
        with open(self.path("haproxy.cfg")) as f:
            lines = [line for line in f
                     if "set-param HTTP_AUTHORIZATION" not in line]
        self.write("haproxy.cfg", "".join(lines))
        return argv


SERVERS = [
    ("Authorization kept by Apache", BareProxy, ["authorization-stripped"],
     "CGIPassAuth On"),
    ("Authorization lost on an account", BareAccount,
     ["authorization-stripped"], "SetEnvIf Authorization"),
    ("Authorization kept by HAProxy", BareHaproxy,
     ["authorization-stripped"], "set-param HTTP_AUTHORIZATION"),
    ("a 401 replaced by HAProxy", ReplacingHaproxy, ["challenge-replaced"],
     "http-response set-status"),
    ("mod_fcgid's limit", SmallFcgid, ["body-limit"],
     "FcgidMaxRequestLen 33554432"),
]


def wrong_server(name, kind, want, line):
    s = responder_site.Deployment(matrix.FLOW, front=kind)
    if not s.front.starts:
        s.respond()
    examined.finds(name, examined.from_outside(s, path="/messages"), want,
                   line)
    end(s)


def down():
    s = responder_site.Deployment(matrix.FLOW)
    result = examined.from_outside(s)
    f = examined.finds("no responder", result,
                       ["responder-down", "fallback-answers"],
                       "bwcallback doctor --local")
    tap.ok("the number leaves" in f["means"] and
           "come again for 24 hours" in f["means"],
           "no responder: the consequence for each family", f["means"])
    tap.same(result[1]["fallback-answers"]["places"], [s.url + "/voice"],
             "no responder: a call gets the fallback")
    end(s)


def fail_open():
    """A fallback for all paths, with and without a responder."""
    changes = {PASS: PASS + "error_page 500 502 503 504 =200 "
               "@bwcallback_fallback;\n"}
    s = behind_nginx(changes)
    for name, argv, more in [
            ("a fallback for messages", [], ["fallback-answers"]),
            ("the same, with a responder", ["--outage"], [])]:
        result = examined.from_outside(s, *argv)
        f = examined.finds(name, result, ["fail-open", *more],
                           "error_page 500 502 503 504 =200 ...")
        tap.same(f.get("places"), [s.url + "/messages", s.url + "/portout"],
                 f"{name}: the paths")
        if s.responder is None:
            s.respond()
    examined.silent("a fallback for messages is not seen without --outage",
                    examined.from_outside(s))
    end(s)


def socket_mode():
    if not web_server.is_root():
        return  # the socket then belongs to nginx's user
    s = responder_site.Deployment(matrix.FLOW)
    s.respond()
    os.chmod(s.socket, 0o600)
    examined.finds("a socket's mode, from outside", examined.from_outside(s),
                   ["responder-down", "fallback-answers"], "mode=0660")
    os.chmod(os.path.join(s.flow, "passwd"), 0o640)
    examined.finds("a socket's mode", examined.doctor(
        "--local", "--socket", s.socket, "--config", examined.sections(s)),
        ["socket-mode"], "SocketMode=0660")
    end(s)


def old_libfcgi(there):
    """A dpkg-query that knows an old version of the package."""
    folder = process.folder()
    query = os.path.join(folder, "dpkg-query")
    with open(query, "w") as f:
        f.write('#!/bin/sh\n[ "$4" = libfcgi0ldbl ] && printf 2.4.2-1\n')
    os.chmod(query, 0o755)
    env = {"PATH": f"{folder}:{os.environ['PATH']}"}
    examined.finds("an old libfcgi", examined.doctor(*there, env=env),
                   ["libfcgi", "socket-open"],
                   "--only-upgrade libfcgi0ldbl", "warning")


def other_responder(s):
    """A responder of another user, with another configuration."""
    if not web_server.is_root():
        return None
    folder = process.folder()
    program = shutil.copy(web_server.program(), folder)
    config = os.path.join(folder, "callbacks.xml")
    with open(config, "w") as f:
        f.write('<callbacks><messaging path="/m"/></callbacks>')
    address = f"127.0.0.1:{process.free_port()}"
    child = process.Child([program, "--listen", address],
                          os.path.join(folder, "log"), user="nobody")
    process.wait_until(lambda: "event=start" in child.said())
    return child


def machine():
    """The other findings on the machine itself."""
    s = responder_site.Deployment(matrix.FLOW)
    there = ["--local", "--socket", s.socket]
    examined.finds("no socket", examined.doctor(*there), ["socket-missing"],
                   "bwcallback.socket")
    s.respond()
    examined.finds("a socket for everybody", examined.doctor(*there),
                   ["socket-open"], "SocketMode=0660", "warning")
    old_libfcgi(there)
    s.responder.child.signal(9)
    s.responder.child.wait()
    examined.finds("a socket without a listener", examined.doctor(*there),
                   ["socket-dead", "socket-open"], "systemctl start")
    os.unlink(s.socket)
    config = examined.sections(s)
    with open(config) as f:
        text = f.read()
    store = os.path.join(s.flow, "events.db")
    with open(config, "w") as f:
        f.write(text.replace("  <voice", '  <store url="sqlite:events.db"/>\n'
                             "  <voice", 1))
    with open(store, "w") as f:
        f.write("this is no database, by far; it is a text\n" * 30)
    with open(store + ".spool", "w") as f:
        f.write("BWS1")
    with open(store + ".spool.damaged", "w") as f:
        f.write("an order")
    os.chmod(os.path.join(s.flow, "passwd"), 0o644)
    os.chmod(config, 0o666)
    other = other_responder(s)
    examined.finds(
        "files", examined.doctor(*there, "--config", config),
        ["store-fails", "store-journal", "spool", "spool-damaged",
         "socket-missing", "file-readable", "file-writable"], "bwcallback events count")
    if other is not None:
        tap.ok(other.running(), "a responder on another socket is ignored")
        other.stop()
    with open(config, "w") as f:
        f.write("<callbacks><voice/></callbacks>")
    os.chmod(config, 0o644)
    examined.finds("an invalid configuration",
                   examined.doctor(*there, "--config", config),
                   ["configuration", "socket-missing"], "bwcallback check")
    s.front.stop()


def several_files(s, wrong):
    """Sections with different credentials: a cure for each file."""
    config = examined.sections(s)
    other = os.path.join(s.flow, "other users")
    shutil.copyfile(os.path.join(s.flow, "passwd"), other)
    with open(config) as f:
        text = f.read()
    with open(config, "w") as f:
        f.write(changed(text, {
            "  <voice": '  <credentials id="other" realm="Test callbacks" '
            'file="other users"/>\n  <voice',
            'path="/messages" credentials="main"':
            'path="/messages" credentials="other"'}))
    found = examined.doctor("--user", responder_site.USER, "--password-file",
                            wrong, "--config", config, s.url)[1]
    tap.same([c["line"] for c in found["credentials-rejected"]["cures"]],
             [f"bwcallback passwd '{other}' {responder_site.USER}",
              f"bwcallback passwd {s.flow}/passwd {responder_site.USER}"],
             "two password files: both are named")


def credentials():
    s = responder_site.Deployment(matrix.FLOW)
    s.respond()
    wrong = os.path.join(s.folder, "wrong")
    with open(wrong, "w") as f:
        f.write("not this one\n")
    examined.finds(
        "a wrong password", examined.doctor(
            "--user", responder_site.USER, "--password-file", wrong, "--config",
            examined.sections(s), s.url),
        ["credentials-rejected", "portout-credentials-rejected"],
        f"bwcallback passwd {s.flow}/passwd {responder_site.USER}")
    examined.finds(
        "a wrong password, and no configuration", examined.doctor(
            "--user", responder_site.USER, "--password-file", wrong,
            s.url + "/messages"), ["credentials-rejected"],
        f"bwcallback passwd FILE {responder_site.USER}")
    several_files(s, wrong)
    config = examined.sections(s)
    with open(config) as f:
        text = f.read()
    with open(config, "w") as f:
        f.write(text.replace("Test callbacks", "Some realm"))
    examined.finds(
        "another configuration", examined.doctor("--config", config, s.url),
        ["other-realm"], "systemctl reload", "warning")
    gone = process.free_port()
    examined.finds("a port without a listener", examined.doctor(
        f"http://127.0.0.1:{gone}/voice"), ["unreachable"], "ss -ltnp")
    examined.finds("a port that Bandwidth does not call", examined.doctor(
        "http://127.0.0.1:1/voice"), ["port", "unreachable"], "443")
    end(s)


def plain():
    """libfcgi's own loop with two threads and kept connections: each idle
    connection blocks a thread, so requests wait for ever."""
    program = os.path.join(tap.builddir(), "tests", "servers", "plain")
    s = responder_site.Deployment(matrix.FLOW)
    child = process.Child([program, s.socket], s.log)
    process.wait_until(lambda: process.connects(s.socket))
    os.chmod(s.socket, 0o666)
    # nginx opens a third connection only for three requests at once. They may
    # not on a busy machine.
    for _ in range(10):
        status, found, _ = examined.doctor(s.url + "/messages")
        if "workers-stuck" in found:
            break
    tap.ok(status == 78 and "workers-stuck" in found,
           "too few workers behind kept connections", str(found))
    lines = [c["line"] for c in
             found.get("workers-stuck", {"cures": []})["cures"]]
    tap.ok("keepalive 32;" in lines and "fastcgi_keep_conn off;" in lines,
           "too few workers: the cures", str(lines))
    child.stop()
    s.front.stop()


class Authority:
    """A certificate authority, an intermediate one, and their certificates."""

    def __init__(self):
        self.folder = process.folder()
        with open(self.path("index"), "w"):
            pass
        with open(self.path("serial"), "w") as f:
            f.write("01\n")
        with open(self.path("conf"), "w") as f:
            f.write(CHAIN.format(dir=self.folder))
        self.run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
                 "9", "-subj", "/CN=Root", "-keyout", "root.key", "-out",
                 "root.pem")
        self.sign("below", "root", "authority")

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *argv):
        subprocess.run(["openssl", *argv], check=True, capture_output=True,
                       cwd=self.folder)

    def sign(self, name, by, kind, begins="20200101000000Z",
             ends="20991231000000Z"):
        self.run("req", "-newkey", "rsa:2048", "-nodes", "-subj",
                 f"/CN={name}", "-keyout", f"{name}.key", "-out",
                 f"{name}.csr")
        self.run("ca", "-batch", "-notext", "-config", "conf", "-in",
                 f"{name}.csr", "-cert", f"{by}.pem", "-keyfile",
                 f"{by}.key", "-startdate", begins, "-enddate", ends,
                 "-extensions", kind, "-out", f"{name}.pem")


CERTIFICATES = [
    ("a good certificate", "leaf", {}, True, [], "", ""),
    ("an expired certificate", "leaf", {"ends": "20210101000000Z"}, True,
     ["tls-expired"], "certbot renew && systemctl reload nginx", "error"),
    ("no chain", "leaf", {}, False, ["tls-chain"],
     "ssl_certificate /etc/letsencrypt/live/NAME/fullchain.pem;", "error"),
    ("another name", "other", {}, True, ["tls-name"], "server_name NAME;",
     "error"),
    ("not valid yet", "leaf", {"begins": "20980101000000Z"}, True,
     ["tls-not-yet"], "timedatectl set-ntp true", "error"),
]


def example(folder):
    with open(nginx.shipped("server-tls.conf.example")) as f:
        return changed(f.read(), {
            "    listen [::]:443 ssl;\n": "",
            "listen 443 ssl;": "listen 127.0.0.1:%(port)d ssl;",
            "/etc/letsencrypt/live/callbacks.example.com": folder,
            "/var/log/nginx/callbacks.log": f"{folder}/callbacks.log",
            "snippets/bwcallback.conf;": '"%(locations)s";'})


def certificates():
    ca = Authority()
    for i, (name, kind, dates, whole, want, line, severity) in \
            enumerate(CERTIFICATES):
        folder = process.folder()
        one = f"{kind}{i}"
        ca.sign(one, "below", kind, **dates)
        with open(os.path.join(folder, "fullchain.pem"), "w") as out:
            for part in [one] + (["below"] if whole else []):
                with open(ca.path(part + ".pem")) as f:
                    out.write(f.read())
        shutil.copy(ca.path(one + ".key"),
                    os.path.join(folder, "privkey.pem"))
        s = responder_site.Deployment(matrix.FLOW, server=example(folder))
        s.respond()
        s.url = s.url.replace("http:", "https:")
        result = examined.from_outside(
            s, path="/voice", env={"SSL_CERT_FILE": ca.path("root.pem")})
        if want:
            examined.finds(name, result, want, line, severity)
            log = s.responder.child.said()
            tap.ok('type="probe"' not in log,
                   f"{name}: no credentials are sent", log)
        else:
            examined.silent(name, result)
        end(s)
    # Self-signed.
    folder = process.folder()
    shutil.copy(ca.path("root.pem"), os.path.join(folder, "fullchain.pem"))
    shutil.copy(ca.path("root.key"), os.path.join(folder, "privkey.pem"))
    s = responder_site.Deployment(matrix.FLOW, server=example(folder))
    result = examined.doctor(s.url.replace("http:", "https:") + "/voice")
    tap.ok("tls-unknown" in result[1], "a self-signed certificate",
           str(result))
    end(s)
    s = responder_site.Deployment(matrix.FLOW)
    result = examined.doctor(s.url.replace("http:", "https:") + "/voice")
    tap.ok("tls-fails" in result[1], "no TLS at all", str(result))
    end(s)


def usage():
    for argv in ([], ["http://127.0.0.1/"], ["--local", "http://h/voice"],
                 ["ftp://127.0.0.1/voice"], ["--user", "u", "http://h/v"],
                 ["http://u:p@127.0.0.1/voice"], ["--outage", "http://h/v"],
                 ["--socket", "/s", "http://127.0.0.1/voice"]):
        status, found, said = examined.doctor(*argv)
        tap.ok(status == 64 and not found and said != "",
               f"wrong use: {' '.join(argv)}", f"{status} {said}")
    status, _, said = examined.doctor("--local", "--config", "/no/such")
    tap.ok(status == 66 and "/no/such" in said, "no such configuration", said)


def main():
    responder_site.require()
    needed = {"openssl", "apache2", "haproxy", apache.FCGID}
    missing = sorted(n for n in needed
                     if web_server.find(n) is None and not os.path.exists(n))
    if missing:
        tap.skip_all(f"{missing[0]} is not installed")
    usage()
    for row in NGINX:
        wrong_nginx(*row)
    for row in SERVERS:
        wrong_server(*row)
    down()
    fail_open()
    socket_mode()
    machine()
    credentials()
    plain()
    certificates()


if __name__ == "__main__":
    tap.run(main)
