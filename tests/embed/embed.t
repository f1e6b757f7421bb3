#!/usr/bin/env python3
"""Programs that embed the library, in C and in C++: built with pkg-config's
flags against an installed tree, then against the moved tree."""

import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import installed  # noqa: E402
import manual  # noqa: E402
import process  # noqa: E402
import tap  # noqa: E402
from installed import run  # noqa: E402

ROOT = process.folder()
CXX = os.environ.get("CXX", "c++").split()
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]

CPLUSPLUS = r"""
#include <bwcallback.h>

#include <cstdio>
#include <cstring>

int
main()
{
    const bw_str body = BW_STR("{\"eventType\":\"gather\",\"digits\":\"42\"}");
    const bw_event *const *events = nullptr;
    size_t n = 0;
    bw_error error = {};
    bw_payload payload = {};
    bw_decoder *decoder = bw_decoder_new();
    bw_str digits = {};
    bw_buf out;
    bw_bxml b;

    payload.body = body;
    if (std::strcmp(bw_version(), BW_VERSION) != 0 || decoder == nullptr ||
        bw_decode(decoder, &payload, &events, &n, &error) != BW_OK || n != 1)
        return 1;
    (void)bw_event_get(events[0], BW_STR("digits"), &digits);
    bw_buf_init(&out, BW_MAX_BXML);
    bw_bxml_begin(&b, &out, bw_event_name(events[0]));
    bw_bxml_speak_sentence(&b, digits, nullptr);
    if (bw_bxml_finish(&b, &error) != BW_OK)
        return 1;
    std::printf("%.*s", static_cast<int>(out.n), out.p);
    bw_buf_free(&out);
    bw_decoder_free(decoder);
    return 0;
}
"""


def headers(tree):
    """Names of headers in the form that a program includes."""
    top = tree.folder("includedir")
    return sorted(os.path.relpath(os.path.join(path, name), top)
                  for path, _, names in os.walk(top) for name in names)


def functions(tree):
    """All functions that the installed headers declare."""
    found = set()
    for name in headers(tree):
        with open(os.path.join(tree.folder("includedir"), name),
                  encoding="utf-8") as f:
            text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
        for declared in re.findall(r"\bBW_EXPORT\b([^;{]*);", text):
            found.add(re.search(r"\b(\w+)\s*\(", declared).group(1))
    return sorted(found)


def write(path, text):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


def build_example(tree, name):
    """The example, built as its README says, in a folder of this name."""
    folder = os.path.join(ROOT, name)
    shutil.copytree(os.path.join(tree.folder("docdir"), "examples", "embed"),
                    folder)
    os.chmod(folder, 0o755)
    flags = " ".join([*STRICT, *tree.sanitizers()])
    done = run(["make", "CFLAGS=" + flags, "CC=" + installed.variable("CC"),
                "PKG_CONFIG=" + " ".join(tree.pkg_config())], cwd=folder,
               env=tree.env)
    tap.ok(done.returncode == 0, f"{name}: the example builds",
           done.stdout + done.stderr)
    return folder


def embed(tree, folder, *args, body=b""):
    return run([os.path.join(folder, "embed"), *args], cwd=folder,
               env=tree.env, input=body)


def run_example(tree, folder):
    with open(os.path.join(folder, "initiate.json"), encoding="utf-8") as f:
        initiate = f.read()
    done = embed(tree, folder, "callbacks.xml", "/voice", body=initiate)
    head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
    tap.same((done.returncode, done.stderr), (0, ""), "it runs")
    with open(os.path.join(folder, "README.md"), encoding="utf-8") as f:
        shown = re.search(r"prints\n\n```\n(.*?)\n```", f.read(), re.S).group(1)
    tap.ok(head.startswith(shown + "\n"), "it prints what its README says", head)
    tap.ok("You call from 19195550142." in body, "and BXML", body)
    done = embed(tree, folder, "callbacks.xml", "/other", body=initiate)
    tap.ok(done.stdout.startswith("Status: 404 ") and
           "no section" in done.stderr,
           "another path: its answer, and the reason",
           done.stdout + done.stderr)
    done = embed(tree, folder, "none.xml", "/voice", body=initiate)
    tap.ok(done.returncode != 0 and "none.xml" in done.stderr,
           "no configuration", done.stderr)


def compile_cxx(tree, name, text):
    write(os.path.join(ROOT, name + ".cc"), text)
    done = run([*CXX, "-std=c++17",
                *STRICT, "-o", name, name + ".cc", *tree.flags()], cwd=ROOT,
               env=tree.env)
    return tap.ok(done.returncode == 0, f"C++: {name} compiles and links",
                  done.stderr)


def cxx(tree):
    if shutil.which(CXX[0]) is None:
        tap.ok(True, "C++ # SKIP no C++ compiler is installed")
        return
    if compile_cxx(tree, "decodes", CPLUSPLUS):
        done = run([os.path.join(ROOT, "decodes")], env=tree.env)
        tap.ok(done.returncode == 0 and ">42</SpeakSentence>" in done.stdout,
               "and runs", done.stdout + done.stderr)
    # Each function has C linkage.
    names = functions(tree)
    tap.ok(len(names) > 100, "there are functions")
    uses = "".join(f"    (void (*)())&{name},\n" for name in names)
    compile_cxx(tree, "all", "".join(
        f"#include <{name}>\n" for name in headers(tree)) +
        "extern void (*const all[])();\n"
        f"void (*const all[])() = {{\n{uses}}};\n"
        "int main() { return all[0] == nullptr; }\n")


def build_program(tree, name, text):
    """A program of the manual."""
    write(os.path.join(ROOT, name + ".c"), text)
    done = run([*installed.variable("CC").split(), "-std=c11", *STRICT, "-o",
                name, name + ".c", *tree.flags()], cwd=ROOT, env=tree.env)
    tap.ok(done.returncode == 0, f"the manual's {name} compiles", done.stderr)
    return os.path.join(ROOT, name)


def run_manual(tree):
    """The programs in pages of section 3."""
    def program(page):
        with open(os.path.join(tap.srcdir(), "man", page),
                  encoding="utf-8") as f:
            return manual.examples(f.read())[0]

    done = run([build_program(tree, "greet", program("bw_buf_add.3")), "A & B"],
               env=tree.env)
    tap.same((done.returncode, done.stdout), (0, "<name>A &amp; B</name>\n"),
             "it escapes a name")
    decode = build_program(tree, "decode", program("bw_decode.3"))
    done = run([decode], env=tree.env,
               input='{"eventType":"gather","from":"+19195550142"}')
    tap.same((done.returncode, done.stdout),
             (0, "gather from +19195550142\n"), "it decodes a callback")
    done = run([decode], env=tree.env, input="{")
    tap.ok(done.returncode == 65 and len(done.stderr.splitlines()) == 1,
           "it prints why it cannot decode", done.stderr)
    menu = program("bw_bxml_begin.3")
    done = run([build_program(tree, "menu", menu)], env=tree.env)
    tap.ok(done.returncode == 0 and "Miller &amp; Sons" in done.stdout,
           "it writes BXML", done.stdout + done.stderr)
    wrong = menu.replace(".maxDigits = 1}", ".maxDigits = 100}")
    done = run([build_program(tree, "wrong", wrong)], env=tree.env)
    tap.ok(done.returncode == 1 and done.stdout == "" and
           "maxDigits" in done.stderr and
           len(done.stderr.splitlines()) == 1,
           "changed to be wrong, it prints what is", repr(done.stderr))


def main():
    if shutil.which("pkg-config") is None:
        tap.skip_all("pkg-config is not installed")
    tree = installed.Tree(os.path.join(ROOT, "tree"))
    run_example(tree, build_example(tree, "first"))
    said = run(["pkg-config", "--modversion", "bwcallback"], env=tree.env)
    tap.same(said.stdout.strip(), installed.variable("VERSION"),
             "pkg-config has the version")
    cxx(tree)
    run_manual(tree)
    os.rename(tree.root, os.path.join(ROOT, "moved"))
    tree.move(os.path.join(ROOT, "moved"))
    run_example(tree, build_example(tree, "second"))


tap.run(main)
