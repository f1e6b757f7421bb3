#!/usr/bin/env python3
"""Modules: built against an installed copy with pkg-config's flags, loaded with
a configuration, and called by requests."""

import html
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pylib"))
import fastcgi as f  # noqa: E402
import installed  # noqa: E402
import manual  # noqa: E402
import process  # noqa: E402
import tap  # noqa: E402
from installed import run  # noqa: E402

ROOT = process.folder()
HOUSE = os.path.join(ROOT, "house")

SOURCES = {
    "none.c": "int on_x(void) { return 0; }",
    "later.c": "#include <stdint.h>\nconst uint32_t bw_module_abi = 4000;\n",
    "lost.c": "#include <bwcallback/module.h>\nBW_MODULE;\n"
              "extern int nowhere(void);\nint on_x(void);\n"
              "int on_x(void) { return nowhere(); }\n",
    "odd.c": r"""
#include <time.h>
#include <bwcallback/module.h>
BW_MODULE;

bw_module_handler on_error, on_junk, on_flood, on_nothing, on_late, on_say,
    on_json;

enum bw_err
on_error(const struct bw_module_request *r, struct bw_buf *b,
    struct bw_error *e)
{
    (void)r;
    bw_buf_puts(b, "<Response/>");
    return bw_error_set(e, BW_ERR_SYNTAX, 0, "no\nluck");
}

enum bw_err
on_junk(const struct bw_module_request *r, struct bw_buf *b,
    struct bw_error *e)
{
    (void)r;
    (void)e;
    bw_buf_puts(b, "<Response><Reply/></Response>");
    return BW_OK;
}

enum bw_err
on_flood(const struct bw_module_request *r, struct bw_buf *b,
    struct bw_error *e)
{
    (void)r;
    (void)e;
    for (int i = 0; i < 100000; i++)
        bw_buf_puts(b, "<Hangup/>");
    return BW_OK;
}

enum bw_err
on_nothing(const struct bw_module_request *r, struct bw_buf *b,
    struct bw_error *e)
{
    (void)r;
    (void)b;
    (void)e;
    return BW_OK;
}

enum bw_err
on_late(const struct bw_module_request *r, struct bw_buf *b,
    struct bw_error *e)
{
    struct timespec until = {(time_t)(r->deadline / 1000000000) + 1, 0};

    (void)e;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    bw_buf_puts(b, "<Response/>");
    return BW_OK;
}

enum bw_err
on_say(const struct bw_module_request *r, struct bw_buf *b,
    struct bw_error *e)
{
    struct bw_str from;

    (void)e;
    (void)bw_event_get(r->event, BW_STR("from"), &from);
    bw_buf_printf(b, "<Response><Tag>%.*s %d ", (int)r->path.n, r->path.p,
        r->post);
    bw_buf_xml(b, from);
    bw_buf_puts(b, "</Tag></Response>");
    return BW_OK;
}

enum bw_err
on_json(const struct bw_module_request *r, struct bw_buf *b,
    struct bw_error *e)
{
    struct bw_buf json;
    enum bw_err err;

    (void)e;
    bw_buf_init(&json, 1 << 20);
    err = bw_module_event_json(r, &json);
    bw_buf_puts(b, "<Response><SpeakSentence>");
    bw_buf_xml(b, (struct bw_str){json.p, json.n});
    bw_buf_puts(b, "</SpeakSentence></Response>");
    bw_buf_free(&json);
    return err;
}
""",
}

SORRY = "<Response><Pause duration='1'/></Response>"


class Copy(installed.Tree):
    """A tree made by make install, below a separate folder."""

    def __init__(self):
        super().__init__(os.path.join(ROOT, "copy"))
        self.program = os.path.join(self.folder("sbindir"), "bwcallback.fcgi")
        if not os.path.exists(self.program):
            self.program = os.path.join(self.folder("bindir"),
                                        "bwcallback.fcgi")
        self.command = os.path.join(self.folder("bindir"), "bwcallback")
        self.example = os.path.join(self.folder("docdir"), "examples",
                                    "module")

    def check(self, text):
        """Exit code and lines of --check for a configuration."""
        path = os.path.join(HOUSE, "c.xml")
        with open(path, "w") as out:
            out.write(text)
        done = run([self.program, "--check", path], env=self.env)
        said = done.stdout + done.stderr
        return done.returncode, said.replace(HOUSE + "/", "")

    def ask(self, config, path, body, method="POST", **env):
        variables = f.variables(path, body, method, **{
            "GATEWAY_INTERFACE": "CGI/1.1", **process.surroundings(),
            **self.env, **env})
        done = subprocess.run([self.program, "--config", config], input=body,
                              capture_output=True, env=variables, timeout=60)
        return f.Answer(done.stdout, f.COMPLETE), done.stderr.decode()


def event(kind="gather", **fields):
    pairs = {"eventType": kind, "accountId": "9", "callId": "c-1",
             "from": "+19195550142<&", **fields}
    return ("{" + ",".join(f'"{k}":"{v}"' for k, v in pairs.items()) +
            "}").encode()


def play_example(copy):
    """The example, built and run as its README says."""
    folder = os.path.join(ROOT, "example")
    shutil.copytree(copy.example, folder)
    os.chmod(folder, 0o755)
    done = run(["make", "CFLAGS=-Wall -Wextra -Werror"], cwd=folder,
                 env=copy.env)
    tap.ok(done.returncode == 0, "the example builds", done.stderr)
    config = os.path.join(folder, "callbacks.xml")
    done = run([copy.command, "check", "--strict", config], env=copy.env)
    tap.same((done.returncode, done.stdout + done.stderr), (0, ""),
             "and is clean")

    def says(word, name, **fields):
        answer, log = copy.ask(config, "/voice/orders", event(**fields))
        body = answer.body.decode()
        tap.ok(answer.status == 200 and word in body, name, body + log)

    says("characters\">1002</say-as> is on its way", "an order", digits="1002")
    says('tag="second"', "none that is known", digits="7&7")
    says('tag="third"', "a second time", digits="", tag="second")
    says('<Redirect redirectUrl="/voice"/>', "a third", digits="", tag="third")
    answer, log = copy.ask(config, "/voice/orders", b'{"eventType":"gather"}')
    tap.ok(b"cannot look at your order" in answer.body and
           "on_order is for gather events" in log, "the handler's error",
           answer.body.decode() + log)


def play_manual(copy):
    """The examples of bw_bxml_begin(3): a program, then a module."""
    folder = os.path.join(ROOT, "manual")
    os.mkdir(folder)
    with open(os.path.join(tap.srcdir(), "man", "bw_bxml_begin.3")) as page:
        menu, on_menu = manual.examples(page.read())
    flags = copy.flags()
    for source, text, target, kind in (
            ("menu.c", menu, "menu", []),
            ("on_menu.c", on_menu, "menu.so", ["-fPIC", "-shared"])):
        with open(os.path.join(folder, source), "w") as out:
            out.write(text)
        done = run([*installed.variable("CC").split(), "-std=c11", "-Wall", "-Wextra",
                      "-Werror", *kind, "-o", target, source, *flags],
                     cwd=folder)
        tap.ok(done.returncode == 0, f"the manual's {source} builds",
               done.stderr)
    done = run([os.path.join(folder, "menu")], env=copy.env)
    tap.ok(done.returncode == 0 and "Miller &amp; Sons" in done.stdout,
           "the manual's program writes", done.stdout + done.stderr)
    checked = run([copy.command, "bxml", "--strict", "--answering",
                     "initiate"], env=copy.env, input=done.stdout)
    tap.same((checked.returncode, checked.stdout + checked.stderr), (0, ""),
             "what Bandwidth would accept")
    config = os.path.join(folder, "c.xml")
    with open(config, "w") as out:
        out.write("<callbacks><voice path='/v'><on event='gather'><module "
                  "file='menu.so' handler='on_menu'/></on></voice>"
                  "</callbacks>")
    for digits, want in (("42", b"characters\">42</say-as>"),
                         ("", b"You pressed nothing")):
        got, log = copy.ask(config, "/v", event(digits=digits))
        tap.ok(got.status == 200 and want in got.body,
               f"the manual's module answers to {digits or 'none'}",
               got.body.decode() + log)


def build(copy):
    os.mkdir(HOUSE)
    flags = run(["pkg-config", "--cflags", "--libs", "bwcallback"],
                  env=copy.env).stdout.split()
    for name, text in SOURCES.items():
        with open(os.path.join(HOUSE, name), "w") as out:
            out.write(text)
        done = run(["cc", "-std=c11", "-D_GNU_SOURCE", "-fPIC", "-shared",
                      "-o", name[:-2] + ".so", name, *flags], cwd=HOUSE)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
    with open(os.path.join(HOUSE, "text.so"), "w") as out:
        out.write("not one\n")


def refuse(copy):
    def finding(attrs, want, name):
        code, said = copy.check(
            "<callbacks>\n<voice path='/v'>\n<on event='gather'>\n"
            f"<module {attrs}/></on></voice></callbacks>\n")
        tap.ok(code == 78 and re.search(r"\bc\.xml:4:(0:)? .*" + want, said), name,
               said)

    finding("file='gone.so' handler='on_x'",
            r"gone\.so: No such file or directory", "no such file")
    finding("file='text.so' handler='on_x'", r"text\.so: .*(ELF|short)",
            "not a shared object")
    finding("file='none.so' handler='on_x'",
            r"none\.so: not a module: .*BW_MODULE;", "not a module")
    finding("file='later.so' handler='on_x'",
            r"later\.so: built for module interface 4000, .*rebuild it",
            "another version")
    finding("file='lost.so' handler='on_x'",
            r"lost\.so: .*undefined symbol: nowhere", "a missing symbol")
    finding("file='odd.so' handler='on_snow'",
            r"odd\.so: it does not export the function \"on_snow\"", "no such function")
    finding("file='odd.so'", r'the attribute "handler" is missing',
            "no handler named")


def answer(copy):
    config = os.path.join(HOUSE, "callbacks.xml")
    rules = "".join(
        f"<on event='gather' digits='{name}'>"
        f"<module file='odd.so' handler='on_{name}'/></on>"
        for name in ("error", "junk", "flood", "nothing", "late", "say", "json"))
    with open(config, "w") as out:
        out.write(f"<callbacks><voice path='/v' deadline='300ms'>{rules}"
                  "<on event='dtmf'><module file='odd.so' "
                  "handler='on_say'/></on>"
                  f"<fallback>{SORRY}</fallback></voice></callbacks>")

    def falls_back(name, why):
        got, log = copy.ask(config, "/v", event(digits=name))
        tap.ok(got.status == 200 and b"<Pause" in got.body and why in log,
               f"{name}: the fallback, and why", got.body.decode() + log)

    falls_back("error", "odd.so: on_error: no?luck")
    falls_back("junk", "Reply")
    falls_back("flood", "odd.so: on_flood: too large")
    falls_back("nothing", "odd.so: on_nothing")
    falls_back("late", "ms after its deadline")
    got, log = copy.ask(config, "/v", event(digits="say"))
    tap.same((got.status, got.body),
             (200, b"<Response><Tag>/v 1 +19195550142&lt;&amp;</Tag>"
              b"</Response>"), "what it is told, and what it says")
    got, log = copy.ask(config, "/v", event(digits="json"))
    said = json.loads(html.unescape(got.body.decode()[len(
        "<Response><SpeakSentence>"):-len("</SpeakSentence></Response>")]))
    tap.same((said["version"], said["section"], said["method"], said["call"],
              said["fields"]["from"]),
             (1, "/v", "POST", "c-1", "+19195550142<&"),
             "all that is known of the event")
    got, log = copy.ask(config, "/v?eventType=gather&digits=say&from=1", b"",
                        "GET", CONTENT_LENGTH="0",
                        QUERY_STRING="eventType=gather&digits=say&from=1")
    tap.same(got.body, b"<Response><Tag>/v 0 1</Tag></Response>", "after a GET")
    got, log = copy.ask(config, "/v", event("dtmf", digit="1"))
    tap.same((got.status, got.body), (204, b""),
             "nothing where nothing is wanted")


def main():
    if shutil.which("cc") is None or shutil.which("pkg-config") is None:
        tap.skip_all("cc or pkg-config is not installed")
    copy = Copy()
    play_example(copy)
    play_manual(copy)
    build(copy)
    refuse(copy)
    answer(copy)


tap.run(main)
