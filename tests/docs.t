#!/usr/bin/env python3
"""The manual agrees with the programs, and its references exist."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "pylib"))
import language
import manual
import payload
import process
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


def say(*argv):
    """The output of a program that must succeed."""
    result = subprocess.run(
        argv, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )
    tap.ok(result.returncode == 0 and result.stderr == "",
           " ".join([os.path.basename(argv[0]), *argv[1:]]), result.stderr)
    return result.stdout


def render(page):
    """A formatted manual page, without overstriking."""
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
    # bwcallback.1 documents it for every command.
    named = set(OPTION.findall(render(page))) | {"--help"}
    tap.same(sorted(set(OPTION.findall(help_text)) - named), [],
             f"{page} names all options")


def check_commands():
    bwcallback = tap.program("cli", "bwcallback")
    overview = say(bwcallback, "--help")
    commands = re.findall(r"^  ([a-z]+) ", overview, re.MULTILINE)
    tap.ok(len(commands) > 0, "there are commands")
    main = read("man", "bwcallback.1")
    for command in commands:
        help_text = say(bwcallback, command, "--help")
        if "ACTION --help" in help_text:
            for action in re.findall(r"^  ([a-z]+)  ", help_text,
                                     re.MULTILINE):
                help_text += say(bwcallback, command, action, "--help")
        check_options(f"bwcallback-{command}.1", help_text)
        tap.ok(f".Xr bwcallback-{command} 1" in main,
               f"bwcallback.1 points to bwcallback-{command}(1)")
    check_options("bwcallback.1", overview + "--version --json")


def check_responder():
    fcgi = tap.program("fcgi", "bwcallback.fcgi")
    if os.path.exists(fcgi):
        check_options("bwcallback.fcgi.8", say(fcgi, "--help"))


def check_errors():
    rows = re.findall(r'^X\((\w+), (\d+), (\d+), "(.*)"\)$',
                      read("lib", "base", "errors.def"), re.MULTILINE)
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
    filters = re.findall(r"^X\((\w+), (\w+), ", read("lib", "template", "filters.def"),
                         re.MULTILINE)
    tap.ok(len(filters) > 0, "there are filters")
    tap.same([f for f, _ in filters if f not in explained], [],
             "callbacks.xml.5 explains the filters")
    rows = re.findall(r'^X\((\d+), "(.*)"\)$', read("lib", "portout", "portout.def"),
                      re.MULTILINE)
    manual = re.findall(r"^\.It (\d{4}) Ta (.*)$", page, re.MULTILINE)
    tap.same(manual, rows, "callbacks.xml.5 has the codes of refusals")


def check_causes():
    rows = re.findall(r'^CAUSE\("([\w-]+)", (\w+), \d+\)$',
                      read("lib", "event", "causes.def"), re.MULTILINE)
    manual = re.findall(r"^\.It ([\w-]+) Ta (yes|no)$",
                        read("man", "bwcallback-scenario.5"), re.MULTILINE)
    tap.ok(len(rows) > 10, "there are causes")
    tap.same(manual, [(name, "yes" if fault == "true" else "no")
                      for name, fault in rows],
             "bwcallback-scenario.5 has the causes of a call's end")


def sections(page, macro):
    """The text below each heading."""
    parts = re.split(rf"^\.{macro} (.*)$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def table(section):
    """Rows of a column list, without the heading."""
    rows = re.findall(r"^\.It (.* Ta .*)$", section, re.MULTILINE)
    return [tuple(row.split(" Ta ")) for row in rows[1:]]


def check_element(element, section, synchronous):
    """Facts and attributes match the table, and the example has the verb."""
    want = element.facts(synchronous) + element.attrs
    got = re.findall(r"^\.It (?:Cm )?(.*)\n(.*)$", section, re.MULTILINE)
    tap.same(got, want, f"bxml.7 has the rows of {element.title}")
    found = manual.examples(section)
    tap.ok(len(found) == 1 and re.search(rf"<{element.name}\b", found[0]),
           f"bxml.7 has an example of {element.title}", section)
    for example in found:
        result = subprocess.run(
            [tap.program("cli", "bwcallback"), "bxml", "--strict"],
            input=example, capture_output=True,
            text=True, check=False)
        tap.ok(result.returncode == 0, "which Bandwidth would accept",
               example + result.stdout + result.stderr)


def check_language():
    page = read("man", "bxml.7")
    chapters = sections(page, "Sh")
    titles = {**sections(chapters["VERBS"], "Ss"),
              **sections(chapters["SSML"], "Ss")}
    elements = language.elements()
    answers = language.answers()
    tap.ok(len(elements) > 40, "there are elements")
    tap.same(sorted(titles), sorted(e.title for e in elements),
             "bxml.7 has all elements, and no others")
    for element in elements:
        check_element(element, titles.get(element.title, ""),
                      {event for event, _ in answers})
    lists = language.words()
    sources = {True: "documented", False: "SDKs only"}
    tap.same(table(chapters["CONTEXTS"]), answers, "its contexts")
    tap.same(table(chapters["COMING FROM ELSEWHERE"]), language.former(),
             "its names from elsewhere")
    tap.same(table(chapters["VOICES"]),
             [(*voice[:3], sources[voice[3]]) for voice in lists["voice"]],
             "its voices")
    tap.same(table(chapters["LOCALES"]),
             [(locale[0], sources[locale[3]]) for locale in lists["locale"]],
             "its locales")
    tap.same(re.findall(r"\b[a-z]{2,3}-[A-Z]{2}|\barb\b",
                        chapters["LANGUAGES"]),
             [word for word, *_ in lists["language"]], "its languages")
    tap.same(sorted(re.findall(r"^\.It (.*)$", chapters["VALUES"],
                               re.MULTILINE)),
             sorted(language.TYPES.values()), "its types")


def public_header(name):
    # verbs.h is built in a clone, and is part of the release archive.
    built = tap.program("lib", "bwcallback", name)
    return read(built if os.path.exists(built)
                else path("lib", "bwcallback", name))


def parameters(text):
    """Split at the commas outside of parentheses."""
    parts = re.split(r",(?![^(]*\))", text)
    return [" ".join(part.split()) for part in parts]


def plain_type(parameter):
    """The type of a parameter, without its name."""
    if "(" in parameter:
        return re.sub(r"\(\*\w+\)", "(*)", parameter).replace(" ", "")
    words = re.findall(r"\w+|\*|\.\.\.", parameter)
    base = [word for word in words if word != "const"]
    known = 2 if base[0] in ("struct", "enum") else 1
    if len(base) > known and base[-1].isidentifier() and \
            base[-1] not in ("int", "long", "char"):
        words.pop()
    return " ".join(words)


def declared_functions():
    """Result and parameter types of the public functions outside tools/."""
    found = {}
    # A release has the generated headers beside the others.
    folders = [os.path.join(root, "lib", "bwcallback")
               for root in (tap.srcdir(), tap.builddir())]
    names = {name for folder in folders if os.path.isdir(folder)
             for name in os.listdir(folder) if name.endswith(".h")}
    for name in sorted(names):
        text = re.sub(r"/\*.*?\*/|^#[^\n]*$", "", public_header(name),
                      flags=re.S | re.M)
        for declared in re.findall(r"\bBW_EXPORT\b([^;{]*);", text):
            result, function, taken = re.fullmatch(
                r"(.*?)\b(bw_\w+)\s*\((.*)\)",
                re.sub(r"BW_CHECK|BW_PRINTF\(\d, \d\)", "",
                       " ".join(declared.split())).strip()).groups()
            found[function] = (result.strip(),
                               [plain_type(p) for p in parameters(taken)])
    return found


def builder_types(function, arguments):
    """The types that the short names in bw_bxml_begin.3 mean."""
    options = function.replace("_begin_", "_", 1)
    return [{"b": "struct bw_bxml *", "text": "struct bw_str",
             "o": f"const struct {options} *"}[name] for name in arguments]


def documented_functions():
    """The same from the manual's pages, and the names in their NAME."""
    found, named = {}, set()
    for page in (name for name in pages() if name.endswith(".3")):
        text = read("man", page)
        chapters = sections(text, "Sh")
        named.update(re.findall(r"^\.Nm (bw_\w+)", chapters["NAME"], re.M))
        synopsis = chapters["SYNOPSIS"]
        for result, function, rest in re.findall(
                r"^\.Ft (.*)\n\.F[no] (bw_\w+)((?: \".*\")|(?:\n\.Fa .*)*)",
                synopsis, re.M):
            found[function] = (result, [
                plain_type(p) for p in re.findall(r'"([^"]*)"', rest)])
        for function, rest in re.findall(r"^\.Fn (bw_bxml_\w+)(.*?) ?,?$",
                                         chapters.get("ELEMENTS", ""), re.M):
            if function not in found:
                found[function] = ("void",
                                   builder_types(function, rest.split()))
    return found, named


def check_functions():
    """Section 3 has every function of the library, with its prototype."""
    declared = declared_functions()
    documented, named = documented_functions()
    documented.pop("bw_module_handler", None)
    tap.ok(len(declared) > 100, "there are functions")
    tap.same(sorted(set(declared) - set(documented)), [],
             "section 3 has every function")
    tap.same(sorted(set(documented) - set(declared)), [], "and no others")
    tap.same([(name, documented[name]) for name in sorted(declared)
              if name in documented and documented[name] != declared[name]],
             [], "with its prototype")
    tap.same(sorted(name for name in declared
                    if name not in named and not name.startswith("bw_bxml_")),
             [], "and each page has a name for what it describes")


def stored():
    """A store created by a responder, with a call and a message."""
    folder = process.folder()
    with open(os.path.join(folder, "callbacks.xml"), "w",
              encoding="utf-8") as f:
        f.write('<callbacks><store url="sqlite:events.db"/>'
                '<voice path="/voice"/><messaging path="/messages"/>'
                "</callbacks>\n")
    for where, body in [
            ("/voice", payload.post(payload.Call().event("initiate"))),
            ("/messages", payload.post([payload.message("On Friday?")]))]:
        subprocess.run(
            [tap.program("fcgi", "bwcallback.fcgi")], input=body, check=True,
            capture_output=True,
            env={"BWCALLBACK_CONFIG": os.path.join(folder, "callbacks.xml"),
                 "REQUEST_METHOD": "POST", "REQUEST_URI": where,
                 "GATEWAY_INTERFACE": "CGI/1.1",
                 "CONTENT_TYPE": "application/json",
                 "CONTENT_LENGTH": str(len(body)),
                 **process.surroundings()})
    return os.path.join(folder, "events.db")


def check_store():
    """The page describes the store's tables, and its queries work."""
    page = read("man", "bwcallback-store.5")
    db = sqlite3.connect(f"file:{stored()}?mode=ro", uri=True)
    version = db.execute("PRAGMA user_version").fetchone()[0]
    tap.ok(f"is the version of its tables, {version}." in page,
           "bwcallback-store.5 tells the version")
    name = db.execute("PRAGMA application_id").fetchone()[0]
    tap.ok(f".Pq 0x{name:x} ," in page, "and what says that it is a store")
    described = {
        table: re.findall(r"\w+", " ".join(
            re.findall(r"^\.It Cm (.*)$", text, re.MULTILINE)))
        for table, text in re.findall(
            r"^\.Ss (\w+)\n(.*?)(?=^\.S[sh] )",
            page[page.index(".Sh TABLES"):], re.MULTILINE | re.DOTALL)}
    there = {
        table: [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        for table, in db.execute(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")}
    tap.same({t: sorted(c) for t, c in described.items()},
             {t: sorted(c) for t, c in there.items()},
             "bwcallback-store.5 has every table and column")
    results = [db.execute(sql).fetchall() for sql in manual.examples(page)]
    tap.same([len(r) for r in results], [1, 1, 2, 1],
             "bwcallback-store.5: its examples find something")
    tap.same((results[0][0][1:], results[1][0][1:]),
             ((1, 1), (payload.CALLER, "On Friday?")), "what was stored")


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


def check_findings():
    """The manual has each finding of the doctor, with the same text."""
    # In the source, not formatted: some words are mdoc macros.
    manual_page = " ".join(read("man", "bwcallback-doctor.1").split())
    rows = "".join(read("cli", "doctor", name)
                   for name in ("doctor.def", "doctor_local.def"))
    rows = re.sub(r'"\s*\n\s*"', "", re.sub(r"/\*.*?\*/", "", rows, flags=re.S))
    found = re.findall(r'^FINDING\(\w+,\s*"([\w-]+)",\s*(\w+),\s*\w+,\s*'
                       r'"((?:[^"\\]|\\.)*)"', rows, re.MULTILINE)
    tap.ok(len(found) > 40, "the doctor has findings", str(found))
    for name, severity, what in found:
        text = what[0].upper() + what[1:].replace('\\"', '"')
        end = "." if severity == "ERROR" else " (a warning)."
        tap.ok(f".It Li {name} {text}{end}" in manual_page,
               f"bwcallback-doctor.1 has {name}: {text}{end}")


def check_flow(name, flow, staff):
    """The flow passes the checks that its page tells the reader to run."""
    folder = process.folder()
    bwcallback = tap.program("cli", "bwcallback")
    password = say(bwcallback, "passwd", "--generate",
                   os.path.join(folder, "passwd"), "bandwidth")
    for file, text in [("password", password), ("callbacks.xml", flow),
                       ("staff.csv", staff)]:
        with open(os.path.join(folder, file), "w", encoding="utf-8") as f:
            f.write(text)
    os.chmod(os.path.join(folder, "password"), 0o600)
    for argv in (["check", "--strict", "callbacks.xml"],
                 ["simulate", "explore", "--flow", "callbacks.xml"]):
        result = subprocess.run([bwcallback, *argv], cwd=folder, check=False,
                                capture_output=True, text=True)
        tap.ok(result.returncode == 0 and result.stderr == "",
               f"{name}: {' '.join(argv)}", result.stdout + result.stderr)


def check_flows():
    blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```$", read("README.md"),
                             re.MULTILINE | re.DOTALL))
    tap.same(sorted(blocks), ["csv", "xml"], "README.md has a flow and a table")
    check_flow("README.md", blocks["xml"], blocks["csv"])
    flows = [example
             for example in manual.examples(read("man", "callbacks.xml.5"))
             if example.startswith("<callbacks>")]
    tap.same(len(flows), 2, "callbacks.xml.5 has two flows")
    for n, flow in enumerate(flows, 1):
        check_flow(f"callbacks.xml.5, flow {n}", flow, blocks["csv"])


def main():
    check_commands()
    check_flows()
    check_findings()
    check_responder()
    check_errors()
    check_causes()
    check_configuration()
    check_language()
    check_functions()
    check_store()
    check_pages()
    check_links()


tap.run(main)
