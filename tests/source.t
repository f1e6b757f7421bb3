#!/usr/bin/env python3
"""The rules for all C sources of the tree."""

import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "pylib"))
import tap

sys.path.insert(0, os.path.dirname(__file__))
import rooms
import words

BANNED = """sprintf vsprintf strcpy strcat strncpy strncat gets atoi atol
strtol strtok strptime localtime gmtime asctime system popen alloca""".split()

# The library returns errors; it never exits, prints or asserts.
SILENT = """abort exit _exit assert perror printf vprintf fprintf puts
putchar syslog""".split()

# The library allocates memory only through one hook.
MEMORY = "malloc calloc realloc reallocarray strdup strndup".split()

# Functions that start programs: exit statuses could be lost or mixed up.
STARTS = """fork vfork posix_spawn posix_spawnp execv execve execvp execl
execlp execle execvpe""".split()

MAX_FILE = 600
MAX_FUNCTION = 60

COMMENT_OR_STRING = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+'""",
    re.DOTALL | re.VERBOSE,
)


def sources(*folders, ends=(".c", ".h")):
    """Paths below the source directory, sorted."""
    found = []
    for folder in folders:
        for path, _, names in os.walk(os.path.join(tap.srcdir(), folder)):
            for name in names:
                if name.endswith(ends):
                    found.append(
                        os.path.relpath(os.path.join(path, name), tap.srcdir())
                    )
    return sorted(found)


def read(path):
    """The text of a file of the tree or of the build."""
    for root in (tap.srcdir(), tap.builddir()):
        if os.path.exists(os.path.join(root, path)):
            break
    with open(os.path.join(root, path), encoding="utf-8") as f:
        return f.read()


def code(path):
    """Code without comments and strings, with the same line numbers."""
    return COMMENT_OR_STRING.sub(
        lambda m: "\n" * m.group().count("\n") + '""', read(path)
    )


def public_headers():
    """A source file or a generated one."""
    found = {"lib/bwcallback.h"}
    for root in (tap.srcdir(), tap.builddir()):
        for path, _, names in os.walk(os.path.join(root, "lib", "bwcallback")):
            found.update(os.path.relpath(os.path.join(path, name), root)
                         for name in names if name.endswith(".h"))
    return sorted(found)


def calls(names, paths):
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(names) + r")\s*\(")
    found = []
    for path in paths:
        for number, line in enumerate(code(path).splitlines(), 1):
            for match in pattern.finditer(line):
                found.append(f"{path}:{number}: {match.group(1)}")
    return "\n".join(found)


def none(found, name):
    tap.ok(not found, name, found)


def check_calls():
    ours = sources("lib", "options", "fcgi", "cli", "sim", "hosting")
    tap.ok(len(ours) > 30, "there are sources to look at")
    none(calls(BANNED, ours), "no banned function")
    lib = sources("lib")
    # It is a process of its own, which ends.
    lib.remove("lib/os/spawn_helper_serve.c")
    none(calls(SILENT, lib), "the library neither ends nor speaks")
    lib.append("lib/os/spawn_helper_serve.c")
    lib.remove("lib/base/alloc.c")
    none(calls(MEMORY, lib), "the library allocates through its hook")
    lib.remove("lib/os/thread.c")
    none(calls(["pthread_create"], lib),
         "the library starts threads that take no signal")
    for name in "process_spawn", "spawn_helper", "spawn_helper_serve":
        lib.remove(f"lib/os/{name}.c")
    starts = lib + sources("fcgi", "cli", "sim", "hosting")
    starts.remove("cli/common/manual.c")  # man replaces the process
    none(calls(STARTS, starts), "programs are started in one place, by a helper or without")
    none(calls(["curl_easy_init"],
               [path for path in ours if not path.endswith("/http_client.c")]),
         "one file sets libcurl up")


def includes(paths, allowed):
    """Lines that include a file of the tree that is not allowed there."""
    pattern = re.compile(r'^\s*#\s*include\s*(<[^>]+>|"[^"]+")', re.MULTILINE)
    found = []
    for path in paths:
        for match in pattern.finditer(read(path)):
            name = match.group(1)[1:-1]
            if not allowed(path, name, match.group(1)[0] == '"'):
                found.append(f"{path}: {match.group(1)}")
    return "\n".join(found)


def in_tree(name, *folders):
    """Whether there is such a source file or generated file."""
    return any(
        os.path.exists(os.path.join(root, folder, name))
        for root in (tap.srcdir(), tap.builddir())
        for folder in folders
    )


def target_of(path, name):
    """The path in the tree of an include in quotes, or None."""
    part = path.split("/")[0]
    folders = {"lib": ["lib"], "schema": ["lib"], "fcgi": ["fcgi", ""]}
    for folder in folders.get(part, [""]):
        if in_tree(name, folder):
            return os.path.join(folder, name)
    return None


def room_may(path, name, quoted):
    """Includes follow the table of rooms, or are public headers."""
    if not quoted:
        return name == "config.h" or name.startswith("bwcallback/") or \
            not in_tree(name, "", "lib", "options", "fcgi", "cli", "sim",
                        "tests")
    target = target_of(path, name)
    if target is None:
        return False
    part, other = path.split("/")[0], target.split("/")[0]
    if part != other:
        return (part, other) in (("cli", "sim"), ("cli", "options"),
                                 ("fcgi", "options"), ("schema", "lib"))
    return part not in rooms.PARTS or rooms.may(path, target)


def example_may(path, name, quoted):
    if quoted:
        return in_tree(name, os.path.dirname(path))
    return name == "bwcallback.h" or name.startswith("bwcallback/") or \
        not in_tree(name, "lib")


def all_in_one_may(path, name, quoted):
    # store/store.h: for the kind of store that it does not have.
    entries = ("cli/common/command.h", "fcgi/cgi.h", "fcgi/listen.h",
               "fcgi/main.h", "store/store.h")
    if name == "icu_version.h":  # generated only if the program is built
        return quoted
    return name in entries if "/" in name and quoted else \
        example_may(path, name, quoted)


def public_may(path, name, quoted):
    return not quoted and (
        name.startswith("bwcallback/") or name.startswith("std")
        or name in ("string.h", "sys/types.h", "sys/stat.h", "time.h")
    )


def check_includes():
    none("\n".join(rooms.circles()), "rooms use only rooms below them")
    used = {(path.split("/")[0], rooms.room_of(path))
            for path in sources(*rooms.PARTS)
            if not path.startswith("lib/bwcallback")}
    named = {(part, room) for part, table in rooms.PARTS.items()
             for room in table}
    tap.same(sorted(used - named), [("cli", "")],
             "each file of lib and sim is in a room of the table")
    none(includes([path for path in sources("lib", "options", "sim", "cli",
                                            "fcgi", "schema")
                   if "/bwcallback/" not in path], room_may),
         "a room includes only what the table allows")
    none(includes(sources("examples"), example_may),
         "examples include public headers and their own")
    none(
        includes(sources("hosting"), all_in_one_may),
        "the program that is all in one includes both programs' entries",
    )
    none(
        includes(public_headers(), public_may),
        "public headers include public headers and the C library's",
    )


def check_words():
    """No identifier has a retired word."""
    tap.same(words.retired("lib/a.c", "int note_place; /* keep */\n"),
             ["lib/a.c:1: note_place", "lib/a.c:1: note_place"],
             "retired words are found in code only")
    found = []
    for path in sources("lib", "fcgi", "cli", "sim", "options", "hosting",
                        "schema", "tests", "examples",
                        ends=(".c", ".h", ".def")):
        found += words.retired(path, read(path))
    none("\n".join(found), "identifiers use the words of the field")


def check_sizes():
    long_files = []
    long_functions = []
    for path in sources("lib", "options", "fcgi", "cli", "sim", "hosting",
                        "tests", "examples",
                        ends=(".c", ".h", ".py", ".t")):
        lines = read(path).splitlines()
        if "Made from the tables" in lines[0]:  # in a tarball
            continue
        if len(lines) > MAX_FILE:
            long_files.append(f"{path}: {len(lines)} lines")
        begin = None
        for number, line in enumerate(lines, 1):
            if line == "{":
                begin = number
            elif line == "}" and begin is not None:
                if number - begin - 1 > MAX_FUNCTION:
                    long_functions.append(
                        f"{path}:{begin}: {number - begin - 1} lines"
                    )
                begin = None
    none("\n".join(long_files), f"no file over {MAX_FILE} lines")
    none("\n".join(long_functions), f"no function over {MAX_FUNCTION} lines")


def formatter():
    for name in ("clang-format-14", "clang-format"):
        path = shutil.which(name)
        if path is None:
            continue
        version = subprocess.run(
            [path, "--version"], capture_output=True, text=True, check=True
        ).stdout
        if "version 14." in version:
            return path
    return None


def check_format():
    tool = formatter()
    name = "formatted as .clang-format says"
    if tool is None:
        tap.ok(True, name + " # SKIP clang-format 14 is not installed")
        return
    result = subprocess.run(
        [tool, "--dry-run", "-Werror",
         *sources("lib", "options", "fcgi", "cli", "sim", "hosting",
                  "tests", "examples")],
        cwd=tap.srcdir(), capture_output=True, text=True, check=False,
    )
    tap.ok(result.returncode == 0, name, result.stderr[-4000:])


def check_symbols():
    library = os.path.join(tap.builddir(), "lib/.libs/libbwcallback.so")
    name = "exported is what the public headers declare"
    declared = set()
    for path in public_headers():
        for match in re.finditer(r"\bBW_EXPORT\b([^;]*);", code(path)):
            declared.add(re.search(r"\b(\w+)\s*\(", match.group(1)).group(1))
    tap.ok(len(declared) > 20, "public headers declare functions")
    none("\n".join(d for d in sorted(declared) if not d.startswith("bw_")),
         "public functions are named bw_*")
    if not os.path.exists(library):
        tap.ok(True, name + " # SKIP built without the shared library")
        return
    listing = subprocess.run(
        ["nm", "-D", "--defined-only", library],
        capture_output=True, text=True, check=True,
    ).stdout
    exported = {line.split()[-1] for line in listing.splitlines()}
    tap.same(sorted(exported), sorted(declared), name)


def check_header(path, compiler, language, standard):
    name = f"{path} on its own in {standard}"
    if shutil.which(compiler) is None:
        tap.ok(True, f"{name} # SKIP {compiler} is not installed")
        return
    result = subprocess.run(
        [compiler, f"-std={standard}", "-x", language, "-fsyntax-only",
         "-Wall", "-Wextra", "-Wpedantic", "-Werror",
         "-I", os.path.join(tap.srcdir(), "lib"),
         "-I", os.path.join(tap.builddir(), "lib"), "-"],
        input=f"#include <{path[len('lib/'):]}>\nint on_its_own;\n",
        capture_output=True, text=True, check=False,
    )
    tap.ok(result.returncode == 0, name, result.stderr)


def check_headers():
    for path in public_headers():
        check_header(path, "cc", "c", "c11")
        check_header(path, "c++", "c++", "c++17")


def check_installed():
    """Exactly the public headers are installed."""
    listed = set(re.findall(r"lib/bwcallback(?:/[\w/]+)?\.h", read("lib/Makefile.inc")))
    tap.same(listed, set(public_headers()), "all headers installed")
    none("\n".join(path for path in public_headers() if "/tools/" in path and
                   "any release may change it" not in read(path)),
         "headers of our own programs are marked as unstable")
    none("\n".join(path for path in public_headers() if "BW_EXPORT " in
                   re.sub(r"#define.*", "", code(path)) and
                   'extern "C" {' not in read(path)),
         "headers with functions have the linkage of C")


# A test must not depend on the time of day, the date, the zone, or the speed
# and load of the machine. It waits with process.wait_until or tap_poll: their
# limit only ends a test that hangs. It asserts an order of events, not a
# duration. Only these files may read a clock or pause:
CLOCKS = {
    "tests/pylib/client.py": "pauses of a slow client",
    "tests/pylib/database_site.py": "how long an answer took",
    "tests/pylib/payload.py": "an event happens now",
    "tests/pylib/process.py": "wait_until",
    "tests/servers/torture.t": "kills at random",
    "tests/store/move_client.c": "a load with pauses",
    "tests/servers/torture_postgresql.t": "the same",
    "tests/store/postgresql_consumers.t": "the same",
    "tests/store/postgresql_spool.t": "kills at random",
    "tests/store/powercut.t": "cuts at random",
    "tests/store/contract.c": "what was received a minute ago",
    "tests/store/contract_clock.c": "a clock that is set",
    "tests/store/crash.c": "kills at random",
    "tests/store/fault.c": "a disk that waits",
    "tests/store/faults.c": "a pause that is replaced",
    "tests/support/ahead.c": "a clock that is ahead",
    "tests/tap/tap.c": "tap_poll",
    "tests/unit/auth/t_credentials.c": "one change after another",
    "tests/unit/config/t_compiled.c": "a file that has just changed",
    "tests/unit/os/t_process.c": "a host that waits for all children",
}
PYTHON_CLOCK = re.compile(
    r"\btime\.(?:sleep|time|time_ns|monotonic|monotonic_ns|perf_counter)\(|"
    r"\b(?:datetime|date)\.(?:now|today|utcnow)\(|\bos\.times\(|"
    r"threading\.Timer\(")
C_CLOCK = re.compile(r"\b(?:nanosleep|usleep|sleep|gettimeofday|time)\s*\(|"
                     r"\bCLOCK_REALTIME\b")


def check_clocks():
    found = set()
    for path in sources("tests", ends=(".c", ".h", ".py", ".t")):
        python = not path.endswith((".c", ".h"))
        pattern = PYTHON_CLOCK if python else C_CLOCK
        if path.startswith("tests/bench/") or path == "tests/source.t":
            continue
        if pattern.search(read(path) if python else code(path)):
            found.add(path)
    tap.same(sorted(found), sorted(CLOCKS),
             "tests look at a clock only where they may")


def check_lists():
    """Every file is named in a Makefile, so it is run and released."""
    lists = "".join(read(path) for path in sources(".", ends=("Makefile.inc",
                                                             "Makefile.am"))
                    if not path.startswith("build"))
    for folders, ends in [(("tests",), (".t",)), (
            ("lib", "options", "fcgi", "cli", "sim", "hosting"),
            (".c", ".h", ".def"))]:
        none("\n".join(path for path in sources(*folders, ends=ends)
                       if not re.search(re.escape(path) + r"\b", lists)),
             f"each {' '.join(ends)} has its place in a Makefile")


def main():
    check_lists()
    check_clocks()
    check_calls()
    check_includes()
    check_words()
    check_sizes()
    check_format()
    check_symbols()
    check_headers()
    check_installed()


tap.run(main)
