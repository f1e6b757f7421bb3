#!/usr/bin/env python3
"""The examples of the manual pages, as typed: in /etc/bwcallback of a private
view of the system, with the responder started by its own example, behind nginx
at https://callbacks.example.com. The examples of --help are among them."""

import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import client  # noqa: E402
import manual  # noqa: E402
import nginx  # noqa: E402
import payload  # noqa: E402
import private_view  # noqa: E402
import process  # noqa: E402
import responder  # noqa: E402
import tap  # noqa: E402

FOLDER = "/etc/bwcallback"
STORE = "/var/lib/bwcallback/events.db"
SITE = "https://callbacks.example.com"
# The ids in bwcallback-events(1).
MESSAGE = "17b2c94e0d5f4a6e8c31"
CALL = "c-15ac29a2-1331029c"
TLS = "/etc/letsencrypt/live/callbacks.example.com"

# Sections that examples/ivr does not have, for bwcallback-simulate(1).
SECTIONS = """
  <mfa path="/mfa" credentials="main"/>
  <tollfree path="/tollfree" credentials="main"/>
  <brtc path="/brtc" credentials="main"/>
  <emergency path="/emergency" credentials="main">
    <locations file="locations.csv"/>
  </emergency>
</callbacks>
"""

NGINX = """user www-data;
daemon off;
events {}
http {
    include /etc/nginx/conf.d/bwcallback.conf;
    include /etc/nginx/sites-enabled/callbacks;
}
"""

# Programs that are not ours and are not needed here: what the examples need of
# them.
OTHERS = {
    "pass": f"cat {FOLDER}/password\n",
    "ssh": 'shift; exec "$@"\n',
    "systemctl": f'echo "$@" >>{FOLDER}/systemctl.log\n',
}

FILES = {
    "whisper.xml": "<Response><SpeakSentence>A call for you."
                   "</SpeakSentence></Response>\n",
    "answer.xml": "<Response><Hangup/></Response>\n",
    "callback.json": json.dumps(payload.Call().event("initiate")),
    "locations.csv": "number,aeui,location_id\n+19195550101,desk-1,office\n",
    "answer.sh": "#!/bin/sh\ncat >>answered\n",
}

# Commands that end with another status than 0, and what they then print.
OTHERWISE = {
    "bwcallback portout test": (1, "denied"),
    "echo '<Response><Gather maxDigit=": (65, "did you mean maxDigits?"),
    "bwcallback store check": (65, ""),  # this store is no database
}

LINE = re.compile(r"^(?:\.Dl )?(?:[$#] |\*/5 \* \* \* \* )((?:.*\\\n)*.*)$",
                  re.MULTILINE)


def path(name):
    return os.path.join(FOLDER, name)


def write(name, text, mode=0o644):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(name, mode)


def read(name):
    with open(name, encoding="utf-8") as f:
        return f.read()


def page(name):
    return read(os.path.join(tap.srcdir(), "man", name))


def section(text):
    found = re.search(r"^\.Sh EXAMPLES\n(.*?)^\.Sh ", text,
                      re.MULTILINE | re.DOTALL)
    return found.group(1) if found else ""


def examples(name):
    """The commands of a page."""
    text = section(page(name)).replace(r"\e", "\\")
    return [re.sub(r"\\\n\s*", "", line) for line in LINE.findall(text)]


class Application(http.server.BaseHTTPRequestHandler):
    """The application of bwcallback-consume(1)."""
    got = []

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.got.append((self.path, self.rfile.read(length)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


def certificate():
    os.makedirs(TLS)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "90", "-subj", "/CN=callbacks.example.com", "-addext",
         "subjectAltName=DNS:callbacks.example.com", "-keyout",
         TLS + "/privkey.pem", "-out", TLS + "/fullchain.pem"],
        check=True, capture_output=True)
    os.environ["SSL_CERT_FILE"] = TLS + "/fullchain.pem"


def environment(folder):
    """The programs of the build folder, by their names."""
    bin_folder = os.path.join(folder, "bin")
    os.mkdir(bin_folder)
    os.symlink(tap.program("cli", "bwcallback"),
               os.path.join(bin_folder, "bwcallback"))
    os.symlink(responder.fcgi(), os.path.join(bin_folder, "bwcallback.fcgi"))
    for name, text in OTHERS.items():
        write(os.path.join(bin_folder, name), "#!/bin/sh\n" + text, 0o755)
    os.environ["PATH"] = bin_folder + ":/usr/bin:/bin:/usr/sbin:/sbin"


def prepare():
    shutil.copytree(os.path.join(tap.srcdir(), "examples", "ivr"), FOLDER,
                    dirs_exist_ok=True)
    os.makedirs(os.path.dirname(STORE), exist_ok=True)
    os.makedirs("/run/bwcallback", exist_ok=True)
    private_view.edited(path("callbacks.xml"), (
        r'(<store url=")[^"]*', rf"\1sqlite:{STORE}"),
        ("</callbacks>\n", SECTIONS))
    for name, text in FILES.items():
        write(path(name), text, 0o755)
    shutil.copy(os.path.join(tap.srcdir(), "tests", "data",
                             "portout.validation.xml"), path("request.xml"))
    scenario, = manual.examples(section(page("bwcallback-scenario.5")))
    write(path("scenarios/sales.xml"), scenario.replace(
        'flow="callbacks.xml"', 'flow="../callbacks.xml"'))


def shell(command):
    return subprocess.run(["sh", "-ec", command], cwd=FOLDER, text=True,
                          capture_output=True, check=False,
                          stdin=subprocess.DEVNULL)


def run(command):
    done = shell(command)
    want = next((w for begin, w in OTHERWISE.items()
                 if command.startswith(begin)), (0, ""))
    tap.ok(done.returncode == want[0] and want[1] in done.stdout, command,
           f"{done.returncode}\n{done.stdout[-3000:]}{done.stderr}")


def keep(command, until):
    """A command that runs until it is stopped."""
    child = process.Child(["sh", "-ec", "exec " + command],
                          os.path.join(process.folder(), "log"), cwd=FOLDER)
    tap.ok(process.wait_until(lambda: until(child) or not child.running()) and
           child.running(), command, child.said())
    return child


def end(child, command):
    """One that only prints leaves its end to the signal."""
    tap.ok(child.stop() in (0, -signal.SIGTERM), command + ": it ends",
           child.said())


def send(where, event):
    pair = client.basic("bandwidth", read(path("password")).strip())
    return client.send(SITE + where, body=payload.post(event), fields=[
        payload.JSON, ("Authorization", pair)])


def run_passwd():
    """First, because the others need the password."""
    lines = examples("bwcallback-passwd.1")
    tap.ok(len(lines) > 2, "bwcallback-passwd.1 has examples", lines)
    lines.sort(key=lambda line: "umask" not in line and "pass show" not in line)
    for line in lines[:1] + lines[2:] + lines[1:2]:
        run(line)


def serve(folder):
    """The responder, as its page says, and nginx, as its files say."""
    check, start = examples("bwcallback.fcgi.8")
    run(check)
    child = keep(start, lambda child: process.connects(nginx.SOCKET))
    certificate()
    write("/etc/hosts", "127.0.0.1 localhost callbacks.example.com\n")
    for name, where in (("bwcallback-http.conf", "conf.d/bwcallback.conf"),
                        ("bwcallback.conf", "snippets/bwcallback.conf"),
                        ("server-tls.conf.example", "sites-enabled/callbacks")):
        write("/etc/nginx/" + where, read(nginx.shipped(name)))
    os.makedirs("/var/log/nginx", exist_ok=True)
    write("/etc/nginx/nginx.conf", NGINX)
    web_server = process.Child([nginx.program(), "-c", "/etc/nginx/nginx.conf"],
                          os.path.join(folder, "nginx.out"))
    up = process.wait_until(lambda: process.connects(("127.0.0.1", 443)) or
                            not web_server.running())
    tap.ok(up and web_server.running(), "nginx serves", web_server.said())
    return child, web_server


def fill():
    """What the pages name is stored."""
    call = payload.Call()
    call.id = CALL
    tap.same(send("/voice", call.event("initiate")).status, 200, "a call")
    message = payload.message()
    message["message"]["id"] = MESSAGE
    tap.same(send("/messages", [message]).status, 200, "a message")


def followed(child):
    """Events from before it began are not its concern."""
    send("/voice", payload.Call().event("initiate"))
    return "initiate" in child.said()


def answered(child):
    send("/messages", [payload.message()])
    return os.path.exists(path("answered"))


def handed_over(child):
    send("/voice", payload.Call().event("initiate"))
    return len(Application.got) > 0


def served(child):
    """It prints the address of the pages."""
    return "http://" in child.said()


# Commands that run until they are stopped: when they have done something.
LASTING = {
    "bwcallback consume answers": answered,
    "bwcallback consume app --config callbacks.xml --url": handed_over,
    "bwcallback dev": served,
    "bwcallback events follow": followed,
}


def open_always(child):
    """Open at any hour, so that no example depends on the time of day."""
    private_view.edited(path("callbacks.xml"), (
        r' hours="[^"]*" dates="[^"]*" zone="[^"]*"', ""),
        (r"Thank you for calling\. For sales", "We are open. For sales"))
    child.signal(signal.SIGHUP)
    tap.ok(process.wait_until(lambda: b"We are open" in send(
        "/voice", payload.Call().event("initiate")).body), "it is loaded")


def run_page(name):
    lines = examples(name)
    tap.ok(lines, f"{name} has examples")
    for line in lines:
        until = next((u for begin, u in LASTING.items()
                      if line.startswith(begin)), None)
        if until is None:
            run(line)
        else:
            end(keep(line, until), line)


def helped():
    """The examples of --help: the page has them."""
    rows = [json.loads(line) for line in
            shell("bwcallback help --json").stdout.splitlines()]
    names = [r["command"] for r in rows if "option" not in r]
    groups = {n.split()[0] for n in names if " " in n}
    leaves = [n for n in names if n not in groups]
    tap.ok(len(leaves) > 25, "there are commands", names)
    for name in leaves:
        check_help(f"bwcallback {name}", f"bwcallback-{name.split()[0]}.1")
    check_help("bwcallback.fcgi", "bwcallback.fcgi.8")


def check_help(command, name):
    text = shell(command + " --help").stdout
    _, _, rest = text.partition("\nexamples:\n")
    lines = [line[2:] for line in rest.splitlines() if line.startswith("  ")]
    tap.ok(lines and [line for line in lines
                      if line not in examples(name)] == [],
           f"{command} --help: examples that {name} has", text)


def pages():
    """bwcallback.1 is about all commands, and has none."""
    return [name for name in sorted(os.listdir(os.path.join(tap.srcdir(),
                                                            "man")))
            if name.endswith(".1") and name != "bwcallback.1"]


def main():
    private_view.enter(network=True)
    if nginx.program() is None:
        tap.skip_all("nginx is not installed")
    folder = process.folder()
    environment(folder)
    prepare()
    helped()
    run_passwd()
    child, web_server = serve(folder)
    application = http.server.ThreadingHTTPServer(("127.0.0.1", 8000),
                                                  Application)
    threading.Thread(target=application.serve_forever, daemon=True).start()
    fill()
    for name in pages():
        if name == "bwcallback-simulate.1":
            open_always(child)
        if name != "bwcallback-passwd.1":
            run_page(name)
    tap.same(read(path("systemctl.log")), "reload bwcallback\n",
             "a checked configuration is loaded")
    application.shutdown()
    tap.same(web_server.stop(), 0, "nginx ends well")
    tap.same(child.stop(), 0, "the responder ends well")


tap.run(main)
