#!/usr/bin/env python3
"""CGI: requests that come in the environment and standard input."""

import os
import re
import shutil
import subprocess

import responder_fixture as h
import fastcgi as f
import process
import responder
import tap

site = h.Site()


def run(body=b"", method="POST", path="/voice", feed=None, more=(), **env):
    """One request; (exit status, Answer, log)."""
    variables = f.variables(path, body, method, **{
        "GATEWAY_INTERFACE": "CGI/1.1", **env})
    variables.update(process.surroundings())
    done = subprocess.run(site.argv(*more), input=feed or body,
                          capture_output=True, env=variables, timeout=60)
    return done.returncode, f.Answer(done.stdout, f.COMPLETE), \
        done.stderr.decode()


def check(name, status, **how):
    code, a, log = run(**how)
    tap.same((code, a.status, a.whole), (0, status, True), name)
    return a, log


def located(program, query="", argv=(), **env):
    """Status and body of a call answered without --config, log on stderr."""
    variables = f.variables("/voice?" + query, h.INITIATE,
                            GATEWAY_INTERFACE="CGI/1.1", QUERY_STRING=query,
                            **process.surroundings(), **env)
    done = subprocess.run([program, *argv], input=h.INITIATE,
                          capture_output=True, env=variables, timeout=60)
    return f.Answer(done.stdout, f.COMPLETE), done.stderr.decode()


def places():
    """The order of the places where the configuration is searched."""
    folder = site.path("cgi-bin")
    os.mkdir(folder)
    program = os.path.join(folder, "bwcallback.cgi")
    shutil.copy(responder.fcgi(), program)
    usage = subprocess.run([responder.fcgi(), "--help"], capture_output=True,
                           text=True, check=True).stdout
    default = re.search(r"^ +(/.*/bwcallback/callbacks\.xml)$", usage,
                        re.MULTILINE).group(1)
    a, log = located(program)
    tap.ok(default in log or os.path.exists(default),
           "nothing set: the default", f"{a}\n{log}")
    with open(os.path.join(folder, "callbacks.xml"), "w") as out:
        out.write(h.FLOW % "Beside")
    shutil.copy(site.path("slow"), folder)
    a, log = located(program)
    tap.ok(b"Beside" in a.body, "beside the program", f"{a}\n{log}")
    os.symlink(program, site.path("link.cgi"))
    a, log = located(site.path("link.cgi"))
    tap.ok(b"Beside" in a.body, "beside the target of a link", f"{a}\n{log}")
    a, log = located(program, BWCALLBACK_CONFIG=site.config)
    tap.ok(b"Hello" in a.body, "BWCALLBACK_CONFIG comes first", f"{a}\n{log}")
    a, log = located(program, BWCALLBACK_CONFIG="")
    tap.ok(b"Beside" in a.body, "an empty variable counts as unset", f"{a}\n{log}")
    a, log = located(program, HTTP_BWCALLBACK_CONFIG=site.config)
    tap.ok(b"Beside" in a.body, "a header does not set it", f"{a}\n{log}")
    return program


def foreign_arguments(program):
    """A client's query string is not used as options (RFC 3875 4.4)."""
    for query, *argv in [
            ("--version", "--version"), ("-h", "-h"), ("junk", "junk"),
            ("--check+/etc/passwd", "--check", "/etc/passwd"),
            ("--log+x", "--log", site.path("stolen")),
            ("--config%3D/etc/passwd", "--config=/etc/passwd"),
            ("--listen+x", "--listen", "unix:" + site.path("stolen"))]:
        a, log = located(program, query, argv)
        tap.ok(a.status == 200 and b"Beside" in a.body,
               f"?{query} is no option", f"{a}\n{log}")
    tap.ok(not os.path.exists(site.path("stolen")), "and writes nothing")
    a, log = located(program, "a=b", ["--config", site.config])
    tap.ok(b"Hello" in a.body, "options of a wrapper are used", f"{a}\n{log}")


def unread(body):
    """Standard input is always read to its end, so that the writer of a full
    pipe gets no EPIPE."""
    variables = f.variables("/nowhere", body, GATEWAY_INTERFACE="CGI/1.1",
                            **process.surroundings())
    p = subprocess.Popen(site.argv(), stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         env=variables)
    try:
        p.stdin.write(body)
        p.stdin.flush()
        whole = True
    except BrokenPipeError:
        whole = False
    out = p.stdout.read()
    p.stdin.close()
    p.wait()
    return whole, f.Answer(out, f.COMPLETE)


def open_input():
    """Without a length there is no body: the program reads no input."""
    left, right = os.pipe()
    variables = f.variables("/voice", method="GET", CONTENT_LENGTH=None,
                            GATEWAY_INTERFACE="CGI/1.1",
                            **process.surroundings())
    done = subprocess.run(site.argv(), stdin=left, capture_output=True,
                          env=variables, timeout=60)
    os.close(right)
    os.close(left)
    return done.returncode, f.Answer(done.stdout, f.COMPLETE)


def slow(length):
    """An endless body is read until the timeout."""
    left, right = os.pipe()
    os.write(right, h.INITIATE)
    variables = f.variables("/voice", h.INITIATE, CONTENT_LENGTH=length,
                            GATEWAY_INTERFACE="CGI/1.1",
                            HTTP_TRANSFER_ENCODING="chunked",
                            **process.surroundings())
    done = subprocess.run(site.argv("--receive-timeout", "1"), stdin=left,
                          capture_output=True, env=variables, timeout=60)
    os.close(right)
    os.close(left)
    return f.Answer(done.stdout, f.COMPLETE)


def compiled():
    """The compiled configuration: used by the next process, or ignored."""
    image = site.config + ".compiled"

    def answer_is_compiled():
        run(body=h.INITIATE)
        return os.path.exists(image)

    # A configuration that has just changed is not compiled yet.
    tap.ok(process.wait_until(answer_is_compiled), "it writes the compiled file")
    tap.same(os.stat(image).st_mode & 0o7777, 0o600, "readable by its user only")
    left = os.stat(image).st_ino
    a, log = check("a call from the compiled file", 200, body=h.INITIATE)
    tap.ok(b"Hello" in a.body, "the same answer", repr(a))
    check("an unknown path", 404, body=h.INITIATE, path="/nowhere")
    tap.same(os.stat(image).st_ino, left, "the file is not written again")
    site.say("Changed")
    a, log = check("the configuration has changed", 200, body=h.INITIATE)
    tap.ok(b"Changed" in a.body, "the change is used at once", repr(a))
    os.unlink(image)
    os.mkdir(image)
    a, log = check("a folder of that name", 200, body=h.INITIATE)
    tap.ok(b"Changed" in a.body, "does no harm", f"{a}\n{log}")
    os.rmdir(image)
    site.say("Hello")


DATA_FLOW = """<callbacks>
  <table id="staff" file="staff.csv" key="extension"/>
  <calendar id="holidays" file="holidays.ics"
            zone="America/New_York">
  </calendar>
  <voice path="/voice">
    <on event="initiate" dates="holidays">
      <Response><SpeakSentence>closed, {staff[direction].name}</SpeakSentence></Response>
    </on>
    <on event="initiate">
      <Response><SpeakSentence>open, {staff[direction].name}</SpeakSentence></Response>
    </on>
  </voice>
</callbacks>
"""
# Every day is a holiday; none is.
ALWAYS = ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20200101\n"
          "DTEND:20210101\nRRULE:FREQ=YEARLY\nEND:VEVENT\nEND:VCALENDAR\n")
SORRY = ("We are sorry, your call cannot be answered at the moment. "
         "Please try again later.")
NEVER = "# none\n"


class DataSite:
    """A flow with a calendar and a table, run as CGI."""

    def __init__(self):
        self.folder = process.folder()
        self.config = self.path("callbacks.xml")
        self.write("callbacks.xml", DATA_FLOW)
        self.write("staff.csv", "extension,name\ninbound,Ann\n")
        self.write("holidays.ics", ALWAYS)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as out:
            out.write(text)

    def call(self):
        """(the spoken text or the status, the log)."""
        variables = f.variables("/voice", h.INITIATE, "POST",
                                GATEWAY_INTERFACE="CGI/1.1",
                                BWCALLBACK_CONFIG=self.config)
        variables.update(process.surroundings())
        done = subprocess.run([responder.fcgi()], input=h.INITIATE,
                              capture_output=True, env=variables, timeout=60)
        a = f.Answer(done.stdout, f.COMPLETE)
        heard = re.search(rb"<SpeakSentence>(.*)</SpeakSentence>", a.body)
        return heard[1].decode() if heard else a.status, done.stderr.decode()

    def expect(self, want, what, word=None):
        heard, log = self.call()
        tap.same(heard, want, what)
        if word is not None:
            tap.ok(word in log and "the last valid version" in log,
                   f"{what}: the log", log)

    def compile(self):
        def is_compiled():
            self.call()
            return os.path.exists(self.config + ".compiled")
        tap.ok(process.wait_until(is_compiled), "it is compiled")


def data_files():
    """A file of data becomes invalid: its last valid version is used."""
    site = DataSite()
    site.write("holidays.ics", "nonsense")
    site.expect(SORRY, "an invalid calendar, and no valid one before")
    site.write("holidays.ics", ALWAYS)
    site.compile()
    site.expect("closed, Ann", "a holiday")
    site.write("holidays.ics", "2026-12-25 Christmas\n2026-02-30 None\n")
    site.expect("closed, Ann", "the calendar becomes invalid",
                "holidays.ics:2: write a date that exists")
    os.unlink(site.path("holidays.ics"))
    site.expect("closed, Ann", "the calendar is removed", "holidays.ics")
    site.write("holidays.ics", NEVER)
    site.expect("open, Ann", "the calendar is valid again")
    site.write("staff.csv", "extension,name\ninbound,Bob\n")
    site.compile()
    site.expect("open, Bob", "the table has changed")
    site.write("staff.csv", "extension,name\ninbound,Bob,2\n")
    site.expect("open, Bob", "the table becomes invalid", "staff.csv:2")
    site.write("holidays.ics", "x")
    site.expect("open, Bob", "both are invalid", "holidays.ics:1")


def main():
    a, log = check("a call", 200, body=h.INITIATE)
    tap.ok(b"Hello" in a.body, "a call: its answer", repr(a))
    tap.same(log.count("\n"), 1, "a call: one line of log")
    tap.ok('path="/voice"' in log and "status=200" in log, "a call: the line",
           log)
    check("GET", 200, method="GET", path="/voice?eventType=initiate&callId=c",
          CONTENT_LENGTH=None)
    check("REQUEST_METHOD alone", 200, body=h.INITIATE, GATEWAY_INTERFACE=None)
    check("no such path", 404, body=h.INITIATE, path="/nowhere")
    check("HTTP_PROXY changes nothing", 200, body=h.INITIATE,
          HTTP_PROXY="http://192.0.2.1:1/")
    check("more than CONTENT_LENGTH", 400, body=h.INITIATE + b"junk",
          CONTENT_LENGTH=str(len(h.INITIATE) - 1))
    check("truncated", 400, body=h.INITIATE, CONTENT_LENGTH="9999")
    check("chunked", 200, body=h.INITIATE, CONTENT_LENGTH=None,
          HTTP_TRANSFER_ENCODING="chunked")
    check("chunked, empty length", 200, body=h.INITIATE, CONTENT_LENGTH="",
          HTTP_TRANSFER_ENCODING="chunked")
    for size in (65536, 262144):
        check(f"{size} bytes", 200, body=h.message(size), path="/messages")
    check("300000 bytes", 413, body=h.message(300000), path="/messages")
    for size in (100, 60000, 1000000):
        whole, a = unread(h.message(size))
        tap.ok(whole and a.status == 404 and a.whole,
               f"{size} bytes are read before a 404", repr(a))
    code, a = open_input()
    tap.same((code, a.whole), (0, True), "input that stays open does not delay it")
    tap.same(slow("9999").status, 400, "a body that does not arrive: 400")
    tap.ok(slow(None).whole, "a chunked body without an end is answered")
    compiled()
    data_files()
    foreign_arguments(places())
    with open(site.config, "w") as out:
        out.write("<callbacks>")
    a, log = check("a broken configuration", 500, body=h.message(100),
                   path="/messages")
    tap.ok(site.config not in a.raw.decode(), "the path is not in the answer",
           repr(a))
    tap.ok(site.config in log, "but in the log", log)
    a, log = check("a call is answered", 200, body=h.INITIATE)
    tap.ok(b"<Response><SpeakSentence>" in a.body, "with a sentence", repr(a))
    tap.ok("fallback=yes" in log and "error=CONFIG" in log, "and it is logged",
           log)
    tap.ok(b"Bwcallback-Fallback: responder\r\n" in a.raw,
           "and a header tells it", repr(a))
    a, log = check("a port-out is answered", 200, path="/portout",
                   body=b"<PortOutValidationRequest/>")
    tap.ok(b"<Portable>false</Portable>" in a.body and
           b"<Code>7598</Code>" in a.body, "but is refused", repr(a))


tap.run(main)
