#!/usr/bin/env python3
"""The manual says what the programs do, and what it points to is there."""

import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
import tap

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def path(*parts):
    return os.path.join(tap.srcdir(), *parts)


def read(*parts):
    with open(path(*parts), encoding="utf-8") as f:
        return f.read()


def pages():
    return sorted(
        name for name in os.listdir(path("man")) if name[-1].isdigit()
    )


def program(*parts):
    return os.path.join(tap.builddir(), *parts)


def say(*argv):
    """What a program prints when it ends well."""
    result = subprocess.run(
        argv, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )
    tap.ok(result.returncode == 0 and result.stderr == "",
           " ".join([os.path.basename(argv[0]), *argv[1:]]), result.stderr)
    return result.stdout


def render(page):
    """A manual page as it is read, without overstriking."""
    text = subprocess.run(
        ["mandoc", "-T", "utf8", "-O", "width=400", path("man", page)],
        capture_output=True, text=True, check=True,
    ).stdout
    return re.sub(".\b", "", text)


def check_options(page, help_text):
    if not tap.ok(page in pages(), f"{page} is there"):
        return
    if shutil.which("mandoc") is None:
        tap.ok(True, f"{page} names all options # SKIP mandoc not installed")
        return
    named = set(OPTION.findall(render(page)))
    tap.same(sorted(set(OPTION.findall(help_text)) - named), [],
             f"{page} names all options")


def check_commands():
    bwcallback = program("cli", "bwcallback")
    overview = say(bwcallback, "--help")
    commands = re.findall(r"^  ([a-z]+) ", overview, re.MULTILINE)
    tap.ok(len(commands) > 0, "there are commands")
    main = read("man", "bwcallback.1")
    for command in commands:
        help_text = say(bwcallback, command, "--help")
        check_options(f"bwcallback-{command}.1", help_text)
        tap.ok(f".Xr bwcallback-{command} 1" in main,
               f"bwcallback.1 points to bwcallback-{command}(1)")
    check_options("bwcallback.1", overview + "--version")


def check_responder():
    fcgi = program("fcgi", "bwcallback.fcgi")
    if os.path.exists(fcgi):
        check_options("bwcallback.fcgi.8", say(fcgi, "--help"))


def check_errors():
    rows = re.findall(r'^X\((\w+), (\d+), (\d+), "(.*)"\)$',
                      read("lib", "errors.def"), re.MULTILINE)
    manual = re.findall(r"^\.It (\w+) Ta (\d+) Ta (\d+) Ta (.*)$",
                        read("man", "bwcallback.1"), re.MULTILINE)
    tap.ok(len(rows) > 0, "there are errors")
    tap.same(manual, rows, "bwcallback.1 has the table of errors")


def check_configuration():
    schema = read("schema", "callbacks.rng")
    page = read("man", "callbacks.xml.5")
    names = re.findall(r'<(?:element|attribute) name="([\w-]+)"', schema)
    explained = set()
    for item in re.findall(r"^\.It (?:Ic|Cm) (.*)$", page, re.MULTILINE):
        explained.update(re.findall(r"[\w-]+", item))
    tap.ok(len(names) > 20, "there are elements and attributes")
    tap.same(sorted(set(names) - explained), [],
             "callbacks.xml.5 explains what the schema allows")
    filters = re.findall(r"^X\((\w+), (\w+), ", read("lib", "filters.def"),
                         re.MULTILINE)
    tap.ok(len(filters) > 0, "there are filters")
    tap.same([f for f, _ in filters if f not in explained], [],
             "callbacks.xml.5 explains the filters")
    rows = re.findall(r'^X\((\d+), "(.*)"\)$', read("lib", "portout.def"),
                      re.MULTILINE)
    manual = re.findall(r"^\.It (\d{4}) Ta (.*)$", page, re.MULTILINE)
    tap.same(manual, rows, "callbacks.xml.5 has the codes of refusals")


def check_pages():
    listed = re.findall(r"\bman/([\w.-]+\.\d)\b", read("man", "Makefile.inc"))
    tap.same(sorted(listed), pages(), "every page is installed")
    if shutil.which("mandoc") is None:
        tap.ok(True, "pages are clean # SKIP mandoc is not installed")
        return
    result = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning",
         *(path("man", page) for page in pages())],
        capture_output=True, text=True, check=False,
    )
    tap.ok(result.returncode == 0 and result.stdout == "", "pages are clean",
           result.stdout)


def check_links():
    link = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
    found = 0
    broken = []
    for name in sorted(os.listdir(tap.srcdir())):
        if not name.endswith(".md"):
            continue
        for target in link.findall(read(name)):
            if re.match(r"[a-z]+:", target):
                continue
            found += 1
            if not os.path.exists(path(target)):
                broken.append(f"{name}: {target}")
    tap.ok(found > 0, "there are links")
    tap.same(broken, [], "what they point to is there")


def main():
    check_commands()
    check_responder()
    check_errors()
    check_configuration()
    check_pages()
    check_links()


tap.run(main)
