"""What the tests of the packages share: a machine with systemd and the packages
as installed first, README's set-up, a web server with TLS, and callbacks."""

import os
import re
import subprocess
import sys

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TREE, "tests", "pylib"))
import client  # noqa: E402
import payload  # noqa: E402
import process  # noqa: E402
import tap  # noqa: E402

CONFIG = "/etc/bwcallback/callbacks.xml"
STATE = "/var/lib/bwcallback"
SOCKET = "/run/bwcallback/bwcallback.sock"
PACKAGES = ["bwcallback", "bwcallback-doc", "libbwcallback0"]
CERTIFICATE = "/etc/ssl/callbacks.pem"
KEY = "/etc/ssl/private/callbacks.key"
SITE = "https://127.0.0.1"
JSON = ("Content-Type", "application/json")

NGINX = f"""server {{
    listen 443 ssl;
    server_name localhost;
    ssl_certificate {CERTIFICATE};
    ssl_certificate_key {KEY};
    include snippets/bwcallback.conf;
    location / {{ return 404; }}
}}
"""

APACHE = f"""<VirtualHost *:443>
    ServerName localhost
    SSLEngine on
    SSLCertificateFile {CERTIFICATE}
    SSLCertificateKeyFile {KEY}
</VirtualHost>
"""


def shell(commands, folder="/"):
    """As typed by root; stops at the first error."""
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
           "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"}
    return subprocess.run(["sh", "-ec", commands], cwd=folder, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          check=False, env=env)


def run(commands, name=None, folder="/"):
    """A point: the commands succeed. Returns what they print."""
    done = shell(commands, folder)
    tap.ok(done.returncode == 0, name or commands.replace("\n", "; "),
           done.stdout + done.stderr)
    return done.stdout.strip()


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def purge():
    """Remove everything, the events too."""
    run("for name in bwcallback; do echo $name $name/remove-events boolean true"
        "; done | debconf-set-selections\n"
        f"apt-get purge -y {' '.join(PACKAGES)}\n"
        "rm -rf /etc/bwcallback\n"
        "echo bwcallback bwcallback/remove-events boolean false |"
        " debconf-set-selections", "a machine without the packages")


def fresh():
    """The packages installed for the first time."""
    purge()
    run(f"apt-get install -y {' '.join(PACKAGES)}", "installed")


def row(n):
    """The n-th line, from 0, of README's row for Debian."""
    cell = re.search(r"^\| a server with Debian \| `(.*)` \| ", read(
        os.path.join(TREE, "README.md")), re.MULTILINE).group(1)
    return cell.split("`<br>`")[n]


def configure():
    """What README says after the installation, word for word."""
    section = re.search(r"^## Debian packages$(.*?)^## ", read(
        os.path.join(TREE, "README.md")), re.MULTILINE | re.DOTALL).group(1)
    blocks = [block.replace("\n    ", "\n").strip() for block in re.findall(
        r"(?:^    .*\n)+", section, re.MULTILINE)]
    tap.same(len(blocks), 3, "README has three blocks of commands")
    run(blocks[1], "README's set-up", "/etc/bwcallback")
    text = read(CONFIG)
    for pattern, value in (
            (r'(<login url=")[^"]*', r"\1https://callbacks.example.com"),
            (r'(<store url=")[^"]*', rf"\1sqlite:{STATE}/events.db")):
        text, n = re.subn(pattern, value, text)
        tap.ok(n == 1, f"the flow has {pattern}")
    write(CONFIG, text)
    run(blocks[2], "README's last commands", "/etc/bwcallback")


def certificate():
    run(f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost"
        f" -addext subjectAltName=IP:127.0.0.1 -days 9"
        f" -keyout {KEY} -out {CERTIFICATE}", "a certificate")
    os.environ["SSL_CERT_FILE"] = CERTIFICATE


def serve(name):
    """Start this web server, with the package's snippet."""
    for other in {"nginx", "apache2"} - {name}:
        shell(f"systemctl stop {other}")
    certificate()
    if name == "nginx":
        write("/etc/nginx/sites-enabled/callbacks", NGINX)
    else:
        write("/etc/apache2/sites-enabled/callbacks.conf", APACHE)
        run("a2enmod ssl proxy_fcgi asis alias && a2enconf bwcallback",
            "a2enconf")
    run(f"systemctl restart {name}")


def send(path, body, password=None, site=SITE):
    fields = [JSON]
    if password:
        fields.append(("Authorization", client.basic("bandwidth", password)))
    return client.send(site + path, body=body, fields=fields)


def password():
    return read("/etc/bwcallback/password").strip()


def answered(server):
    """A call and a message, as Bandwidth sends them."""
    call = payload.post(payload.Call().event("initiate"))
    a = send("/voice", call)
    tap.ok(a.status == 401 and a["WWW-Authenticate"].startswith("Basic "),
           f"{server}: a call is challenged", repr(a))
    a = send("/voice", call, password())
    tap.ok(a.status == 200 and b"<Response>" in a.body,
           f"{server}: then it gets BXML", repr(a))
    message = payload.message()
    a = send("/messages", payload.post([message]), password())
    tap.same(a.status, 200, f"{server}: a message is received")
    tap.ok(message["message"]["id"] in stored(), f"{server}: and stored")


def stored():
    """All stored events, as lines of JSON."""
    return run(f"bwcallback events export --reveal --config {CONFIG}",
               "the stored events")


def is_active(unit):
    return shell(f"systemctl is-active {unit}").stdout.strip() == "active"
