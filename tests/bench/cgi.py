#!/usr/bin/env python3
"""The cost of a CGI request, from exec to exit with the callback answered.

Runs the same step as bench.py with the static program, the dynamic one, Perl
and PHP, and a C program that does nothing. Measures instructions, the same on
every run, and requests per second through Apache's mod_cgid: of those, only
the ratios within one run are meaningful.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import apache  # noqa: E402
import client  # noqa: E402
import web_server  # noqa: E402
import process  # noqa: E402
from bench import BODY, DIGITS_RULES, PASSWORD, STAFF, print_goal  # noqa: E402

STORE = '<store url="sqlite:events.db"/>\n'
TITLES = {
    "empty": "C that does nothing",
    "static": "bwcallback, all in one",
    "dynamic": "bwcallback.fcgi, dynamic",
    "perl": "Perl",
    "php": "php-cgi",
}


def body(n):
    """A different callback each time: the store recognises repetitions."""
    return BODY.replace("15:04:05.678", f"15:04:{n % 60:02}.{n // 60:03}").encode()


class Contenders:
    """The programs, as files in a separate folder."""

    def __init__(self, build):
        self.build = build
        self.dir = process.folder()
        self.libraries = os.path.join(build, "lib", ".libs")
        self.programs = {}
        self.sent = 0
        bench = os.path.join(build, "tests", "bench")
        dynamic = os.path.join(build, "fcgi", ".libs", "bwcallback.fcgi")
        self.add("empty", os.path.join(bench, "empty_cgi"))
        self.add("static", os.path.join(build, "hosting", "bwcallback-static"))
        self.add("dynamic", dynamic)
        if shutil.which("perl"):
            self.add("perl", os.path.join(HERE, "cgi.pl"))
        if shutil.which("php-cgi"):
            self.add("php", os.path.join(HERE, "cgi.php"))
        for name, store in (("plain", ""), ("kept", STORE)):
            folder = os.path.join(self.dir, name)
            os.mkdir(folder)
            self.write(name, "callbacks.xml", DIGITS_RULES.replace("<callbacks>\n", "<callbacks>\n" + store))
            self.write(name, "staff.csv", STAFF)
            subprocess.run([self.path("static.cgi"), "passwd", f"{folder}/passwd", "bandwidth"],
                           input=PASSWORD + "\n", text=True, check=True, stdout=subprocess.DEVNULL)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def write(self, folder, name, text):
        with open(self.path(folder, name), "w") as f:
            f.write(text)

    def add(self, name, source):
        if not os.path.exists(source):
            print(f"{TITLES[name]}: left out, there is no {source}")
            return
        target = self.path(f"{name}.cgi")
        if source.endswith(".php"):
            with open(source) as f, open(target, "w") as out:
                out.write("#!/usr/bin/php-cgi\n" + f.read())
        else:
            shutil.copy(source, target)
        os.chmod(target, 0o755)
        self.programs[name] = target

    def settings(self, kept):
        """The environment of each program."""
        return {"BWCALLBACK_CONFIG": self.path("kept" if kept else "plain", "callbacks.xml"),
                "BENCH_STORE": self.path("kept", "other.db") if kept else "",
                "BENCH_PASSWORD": PASSWORD,
                "REDIRECT_STATUS": "200",  # php-cgi requires it
                "LD_LIBRARY_PATH": self.libraries}

    def run(self, name, kept, before=()):
        """One request; the answer and standard error."""
        self.sent += 1
        text = body(self.sent)
        env = {"PATH": os.environ["PATH"], "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST",
               "REQUEST_URI": "/bw/menu", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
               "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(text)),
               "SCRIPT_FILENAME": self.programs[name],
               "HTTP_AUTHORIZATION": client.basic("bandwidth", PASSWORD), **self.settings(kept)}
        done = subprocess.run([*before, self.programs[name]], input=text, env=env, capture_output=True, check=True)
        if b"+19195550101" not in done.stdout:
            sys.exit(f"bench: {name} answers {done.stdout[:300]} {done.stderr[:600]}")
        return done.stderr.decode()

    def warm_up(self):
        """Wait for the compiled form of a new file."""
        for kept in (False, True):
            image = self.settings(kept)["BWCALLBACK_CONFIG"] + ".compiled"
            for name in self.programs:
                if not (kept and name == "empty"):
                    self.run(name, kept)
            process.wait_until(lambda: self.run("static", kept) and os.path.exists(image))


def instructions(c, name, kept):
    said = c.run(name, kept, ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                              "--trace-children=no"])
    return int(re.search(r"refs:\s*([\d,]+)", said).group(1).replace(",", ""))


def count(c):
    if not shutil.which("valgrind"):
        print("\nInstructions: valgrind is not installed")
        return {}
    print("\nInstructions, in millions\n\n  " + "contender".ljust(30) + "answered".rjust(14) + "and stored".rjust(14))
    seen = {}
    for name in c.programs:
        row = [instructions(c, name, kept) / 1e6 for kept in (False, True) if not (kept and name == "empty")]
        seen[name] = row[0]
        print("  " + TITLES[name].ljust(30) + "".join(f"{n:.3f}".rjust(14) for n in row))
    return seen


class Deployment:
    def __init__(self, c):
        self.folder = c.dir
        self.contenders = c


class Apache(apache.Apache):
    modules = ("cgid", "env")

    def site(self):
        c = self.deployment.contenders
        lines = ["MaxKeepAliveRequests 0", f'<Directory "{c.dir}">', "Require all granted", "CGIPassAuth On",
                 "</Directory>"]
        lines += [f'SetEnv {k} "{v}"' for k, v in c.settings(False).items()]
        # The load generator reads no chunks.
        lines.append("SetEnv ap_trust_cgilike_cl 1")
        lines += [f'ScriptAliasMatch "^/bw/{name}$" "{path}"' for name, path in c.programs.items()]
        return "\n".join(lines)


def through_apache(c, args):
    if not web_server.find("apache2"):
        print("\nThrough mod_cgid: apache2 is not installed")
        return {}
    # Our program needs the configuration's path; the others ignore it.
    text = DIGITS_RULES.split("<voice")[0]
    section = "<voice" + DIGITS_RULES.split("<voice", 1)[1].split("</callbacks>")[0]
    c.write("plain", "callbacks.xml", text + "".join(
        section.replace("/bw/menu", f"/bw/{n}") for n in ("static", "dynamic")) + "</callbacks>\n")
    web_server.give(c.path("plain"))
    server = Apache(Deployment(c))
    ask = [("Authorization", client.basic("bandwidth", PASSWORD)), ("Content-Type", "application/json")]
    image = c.path("plain", "callbacks.xml.compiled")
    old = os.stat(image).st_ino if os.path.exists(image) else 0
    for name in c.programs:
        a = client.send(f"{server.url}/bw/{name}", "POST", body(0), ask)
        if a.status != 200:
            sys.exit(f"bench: {name}: {a} {server.said()}")
        with open(c.path(f"{name}.request"), "w") as f:
            f.write(f"POST /bw/{name} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    f"Authorization: {ask[0][1]}\r\nContent-Length: {len(body(0))}\r\n\r\n{body(0).decode()}")
    process.wait_until(lambda: client.send(f"{server.url}/bw/static", "POST", body(0), ask) and
                       os.stat(image).st_ino != old)
    rates = {name: [] for name in c.programs}
    for _ in range(args.rounds):
        for name in rates:
            out = subprocess.run([os.path.join(c.build, "tests", "bench", "load"), str(server.port),
                                  c.path(f"{name}.request"), str(args.connections), str(args.seconds), "0"],
                                 check=True, text=True, capture_output=True).stdout.split()
            if int(out[1]):
                print(f"  {name}: {out[1]} of {out[0]} requests failed", file=sys.stderr)
            rates[name].append(float(out[2]))
    server.stop()
    seen = {name: statistics.median(r) for name, r in rates.items()}
    print(f"\nThrough mod_cgid, {args.connections} at a time\n\n  " + "contender".ljust(30) + "req/s".rjust(14) +
          "of empty C".rjust(14))
    for name, rate in seen.items():
        print("  " + TITLES[name].ljust(30) + f"{rate:.0f}".rjust(14) + f"{rate / seen['empty']:.2f}".rjust(14))
    return seen


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--build", default=os.environ.get("BW_BUILDDIR", "."))
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seconds", type=float, default=2)
    p.add_argument("--connections", type=int, default=4)
    args = p.parse_args()
    c = Contenders(os.path.abspath(args.build))
    if "static" not in c.programs:
        return
    c.warm_up()
    counted, rates = count(c), through_apache(c, args)
    print()
    if counted:
        print_goal("instructions of the static one, answered", f"{counted['static']:.3f} million", "at most 0.5",
                   counted["static"] <= 0.5)
    if rates:
        speed = rates["static"] / rates["empty"]
        print_goal("requests a second of the static one against empty C", f"{speed:.2f}", "at least 0.85",
                   speed >= 0.85)


if __name__ == "__main__":
    main()
