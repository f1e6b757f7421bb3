#!/usr/bin/env python3
"""bwcallback check --server: the paths that a web server must hand over, and
whether a configuration file of it does."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import process  # noqa: E402
import tap  # noqa: E402

ROOM = process.folder()
FLOW = "callbacks.xml"
SERVERS = {"nginx": "nginx/bwcallback.conf",
           "apache": "apache/bwcallback-proxy.conf",
           "fcgid": "apache/bwcallback-fcgid.conf",
           "cgi": "apache/bwcallback-cgi.conf"}


def write(name, text):
    with open(os.path.join(ROOM, name), "w", encoding="utf-8") as f:
        f.write(text)


def flow(*paths, mount=""):
    write(FLOW, f'<callbacks mount="{mount}">' + "".join(
        f'<voice path="{path}"><on event="initiate"><Response><Hangup/>'
        "</Response></on></voice>" for path in paths) + "</callbacks>\n")


def check(*argv):
    done = subprocess.run(
        [tap.program("cli", "bwcallback"), "check", *argv, FLOW], cwd=ROOM,
        capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def missing(server, text, *paths, **more):
    """The paths of the flow that a file does not hand over."""
    flow(*paths, **more)
    write("server.conf", text)
    code, out, err = check("--server", server, "--server-file", "server.conf")
    if code != 0 or err:
        return code, err
    return [line.split("hand over ")[1].split(":")[0]
            for line in out.splitlines() if "hand over" in line]


def printed():
    flow("/voice", "/voice/menu", "/voice-2", "/voice/a.b")
    pattern = "^/(?:voice|voice-2)(?:/|$)"
    for server, line in {
            "nginx": f"location ~ {pattern} {{",
            "apache": f'ProxyPassMatch "{pattern}" "unix:/run/bwcallback/'
                      'bwcallback.sock|fcgi://bwcallback/"',
            "fcgid": f'<LocationMatch "{pattern}">',
            "cgi": f'ScriptAliasMatch "{pattern}" '
                   '"/usr/local/bin/bwcallback.fcgi"'}.items():
        code, out, err = check("--server", server)
        tap.same((code, out.splitlines()[-1:], err), (0, ["    " + line], ""),
                 f"{server}: the line")
        code, out, err = check("--server", server, "--json")
        tap.ok((code, err) == (0, "") and "hands over" not in out,
               f"{server}: not in JSON", out)
    flow("/a.b/c", mount="/in/here")
    _, out, _ = check("--server", "nginx")
    tap.ok("location ~ ^/in/here/(?:a\\.b)(?:/|$) {" in out,
           "with mount, and with a sign of expressions", out)


def own_line():
    """What is printed hands over all paths, and no other one."""
    flow("/voice", "/x.y/menu", "/z")
    _, out, _ = check("--server", "nginx")
    conf = out.splitlines()[-1] + "\n fastcgi_pass bwcallback;\n}\n"
    tap.same(missing("nginx", conf, "/voice/menu", "/x.y", "/z", "/xay",
                     "/voicemail"), ["/voicemail", "/xay"],
             "nginx: the printed line")


def shipped():
    for server, name in SERVERS.items():
        with open(os.path.join(tap.srcdir(), name), encoding="utf-8") as f:
            text = f.read()
        tap.same(missing(server, text, "/voice", "/voice/menu", "/queue",
                         "/voicemail"), ["/queue", "/voicemail"],
                 f"{name}: hands over /voice only")


def nginx_blocks():
    """nginx's own rules: which block applies to a path."""
    give = "fastcgi_pass unix:/run/b.sock;"
    for name, text, want in [
            ("a prefix", "location /v { %s }" % give, ["/a/w", "/w"]),
            ("an exact one", "location = /v { %s }" % give,
             ["/a/w", "/v/x", "/w"]),
            ("an expression before a longer prefix",
             "location ~ ^/v { %s } location /v/x { root /; }" % give,
             ["/a/w", "/w"]),
            ("a final prefix before an expression",
             "location ~ ^/v { %s } location ^~ /v/x { root /; }" % give,
             ["/a/w", "/v/x", "/w"]),
            ("the first expression", "location ~ x$ { root /; } "
             "location ~ ^/v { %s }" % give, ["/a/w", "/v/x", "/w"]),
            ("a block inside", "location /v { %s location /v/x { root /; } }"
             % give, ["/a/w", "/v/x", "/w"]),
            ("signs without a blank", "location =/v { %s } "
             "location ~^/w { %s } location ^~/a/ { %s }"
             % (give, give, give), ["/v/x"]),
            ("small and capital letters", "location ~* ^/V { %s }" % give,
             ["/a/w", "/w"]),
            ("a comment", "# location / { %s }\nlocation /v { %s }"
             % (give, give), ["/a/w", "/w"]),
            ("quotes", 'location ~ "^/[v]{1}(/|$)" { %s }' % give,
             ["/a/w", "/w"]),
            ("other blocks around", "http { server { location /v { %s } "
             "if ($x) { return 404; } } }" % give, ["/a/w", "/w"]),
            ("nothing that hands over", "location / { root /; }",
             ["/a/w", "/v", "/v/x", "/w"])]:
        tap.same(missing("nginx", text + "\n", "/v", "/v/x", "/w", "/a/w"),
                 want, f"nginx: {name}")


def apache_directives():
    for name, text, want in [
            ("a folder with a handler",
             '<Location "/v">\nSetHandler "proxy:fcgi://localhost/"\n'
             "</Location>", ["/voice", "/w"]),
            ("one without", "<Location /v>\nRequire all granted\n</Location>",
             ["/v", "/v/x", "/voice", "/w"]),
            ("ProxyPass", "proxypass /v fcgi://localhost/",
             ["/voice", "/w"]),
            ("ProxyPassReverse",
             "<Location /v>\nProxyPassReverse fcgi://h/\n</Location>",
             ["/v", "/v/x", "/voice", "/w"]),
            ("a rewritten path is not known",
             "RewriteRule ^/v(/|$) /b.cgi [PT]", []),
            ("ProxyPass of nothing", "ProxyPass /v !",
             ["/v", "/v/x", "/voice", "/w"]),
            ("on two lines", 'ProxyPassMatch "^/(?:v|w)$" \\\n fcgi://h/',
             ["/v/x", "/voice"])]:
        tap.same(missing("apache", text + "\n", "/v", "/v/x", "/w", "/voice"),
                 want, f"Apache: {name}")


def wrong():
    flow("/v")
    code, out, err = check("--server-file", "server.conf")
    tap.ok(code == 64 and "--server" in err, "no --server", out + err)
    code, out, err = check("--server", "nginx", "--server-file", "nowhere")
    tap.ok(code == 66 and "nowhere" in err, "no such file", out + err)
    for name, text, line in [("a block that is open", "location /v {\n", 2),
                             ("a block that is closed twice", "\n}\n", 2),
                             ("a quote that is open", 'location "/v {\n', 2),
                             ("too many blocks", "a {\n" * 40, 33)]:
        write("server.conf", text)
        code, out, err = check("--server", "nginx", "--server-file",
                               "server.conf")
        tap.ok(code == 78 and f"server.conf:{line}: " in err, name, out + err)
    write("server.conf", "a\0b")
    code, out, err = check("--server", "apache", "--server-file",
                           "server.conf")
    tap.ok(code == 78 and "server.conf" in err, "no text", out + err)
    write("server.conf", "location ~ ^/(?=v) { fastcgi_pass x; }\n")
    code, out, err = check("--server", "nginx", "--server-file",
                           "server.conf")
    tap.ok(code == 0 and "doctor" in out, "an expression of PCRE", out + err)


def main():
    printed()
    own_line()
    shipped()
    nginx_blocks()
    apache_directives()
    wrong()


tap.run(main)
