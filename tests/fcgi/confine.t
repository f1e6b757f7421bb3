#!/usr/bin/env python3
"""A confined responder: what it may still do, and what fails. A module makes the
calls that are forbidden, as a fault in the process would."""

import os
import re
import signal
import subprocess

import responder_fixture as h
import fastcgi as f
import process
import tap

# Makes each call and writes what became of it: 0, or the error's name.
MODULE = r"""
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <bwcallback/module.h>
BW_MODULE;

bw_module_handler on_call;

static void
say(struct bw_buf *b, const char *name, long rc)
{
	bw_buf_printf(b, "%s=%s ", name, rc < 0 ? strerrorname_np(errno) : "0");
}

static long
execute(void)
{
	char *const argv[] = {"/bin/true", NULL};

	return execve(argv[0], argv, environ);
}

static long
fork_one(void)
{
	long pid = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		(void)waitpid((pid_t)pid, NULL, 0);
	return pid;
}

static void *
nothing(void *arg)
{
	return arg;
}

static long
start_thread(void)
{
	pthread_t t;
	int sys = pthread_create(&t, NULL, nothing, NULL);

	if (sys == 0)
		sys = pthread_join(t, NULL);
	errno = sys;
	return sys == 0 ? 0 : -1;
}

static long
keep(int fd)
{
	if (fd >= 0)
		(void)close(fd);
	return fd;
}

static long
write_to(const char *path)
{
	return keep(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static long
listen_on(int fd)
{
	long rc = listen(fd, 1);

	(void)close(fd);
	return rc;
}

enum bw_err
on_call(const struct bw_module_request *r, struct bw_buf *b,
    struct bw_error *e)
{
	(void)r;
	(void)e;
	bw_buf_puts(b, "<Response><SpeakSentence>");
	say(b, "execve", execute());
	say(b, "execveat", syscall(SYS_execveat, -1, "", NULL, NULL, 0));
	say(b, "fork", fork_one());
	say(b, "clone3", syscall(SYS_clone3, NULL, 0));
	say(b, "ptrace", ptrace(PTRACE_PEEKDATA, getppid(), NULL, NULL));
	say(b, "packet", keep(socket(AF_PACKET, SOCK_RAW, 0)));
	say(b, "alg", keep(socket(AF_ALG, SOCK_SEQPACKET, 0)));
	say(b, "audit", keep(socket(AF_NETLINK, SOCK_RAW, 9)));
	say(b, "listen", listen_on(socket(AF_INET, SOCK_STREAM, 0)));
	say(b, "mount", mount("none", "/mnt", "tmpfs", 0, NULL));
	say(b, "unshare", unshare(CLONE_NEWUSER));
	say(b, "setuid", syscall(SYS_setuid, 0));
	say(b, "chroot", chroot("/"));
	say(b, "bpf", syscall(SYS_bpf, 0, NULL, 0));
	say(b, "keyctl", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -1, 0));
	say(b, "io_uring", syscall(SYS_io_uring_setup, 1, NULL));
	say(b, "mknod", mknod("FOLDER/node", S_IFIFO | 0600, 0));
	say(b, "dumpable", prctl(PR_SET_DUMPABLE, 1));
	say(b, "tty", syscall(SYS_ioctl, 0, 0x5412, "x"));
	say(b, "thread", start_thread());
	say(b, "inet", keep(socket(AF_INET6, SOCK_DGRAM, 0)));
	say(b, "own", write_to("FOLDER/own"));
	say(b, "other", write_to("OTHER/other"));
	say(b, "null", write_to("/dev/null"));
	bw_buf_puts(b, "</SpeakSentence></Response>");
	return BW_OK;
}
"""

REFUSED = ("execve execveat fork packet alg audit listen mount unshare "
           "setuid chroot bpf keyctl io_uring mknod dumpable tty").split()
ALLOWED = "thread inet own null".split()

# Says whether the program itself is confined.
PROGRAM = r"""#!/bin/sh
set -- $(sed -n 's/^\(Seccomp\|NoNewPrivs\):[[:space:]]*//p' /proc/self/status)
touch '%s' && echo "<Response><SpeakSentence>$* by $PPID</SpeakSentence></Response>"
"""

FLOW = """<callbacks><store url="sqlite:%(store)s"/>
<voice path="/voice"><on event="initiate">%(answer)s</on></voice>
<messaging path="/messages"/></callbacks>"""


class Site(h.Site):
    def __init__(self):
        super().__init__()
        self.calls = 0
        self.other = process.folder()
        os.chmod(self.other, 0o777)
        self.store = self.path("events.db")
        with open(self.path("program"), "w") as out:
            out.write(PROGRAM % os.path.join(self.other, "touched"))
        os.chmod(self.path("program"), 0o755)

    def configure(self, answer):
        with open(self.config, "w") as out:
            out.write(FLOW % {"store": self.store, "answer": answer})

    def build(self):
        """The module, for this folder."""
        text = MODULE.replace("FOLDER", self.folder)
        text = text.replace("OTHER", self.other)
        source = self.path("calls.c")
        with open(source, "w") as out:
            out.write(text)
        done = subprocess.run(
            ["cc", "-std=c11", "-D_GNU_SOURCE", "-fPIC", "-shared", "-o",
             self.path("calls.so"), source,
             "-I", os.path.join(tap.srcdir(), "lib")],
            capture_output=True, text=True, check=False)
        tap.ok(done.returncode == 0, "the module builds", done.stderr)

    def reload(self, answer):
        before = self.said().count("is in force")
        self.configure(answer)
        self.child.signal(signal.SIGHUP)
        tap.ok(self.wait_log("is in force", before + 1), "a reload")

    def call(self, connection=None):
        """The answer to a new call."""
        self.calls += 1
        body = h.INITIATE.replace(b"c-1", b"c-%d" % self.calls)
        if connection:
            return connection.ask(body=body).body
        return f.ask(self.socket, body=body).body

    def results(self):
        """What became of each call of the module."""
        return dict(re.findall(r"(\w+)=(\w+)", self.call().decode()))


def statuses(pid, name):
    """A value in the status of each thread."""
    found = set()
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status") as file:
            found.add(re.search(rf"^{name}:\s*(\d+)$", file.read(),
                                re.MULTILINE).group(1))
    return sorted(found)


PROGRAM_ANSWER = '<exec program="program"/>'
MODULE_ANSWER = '<module file="calls.so" handler="on_call"/>'


def sanitized():
    with open(os.path.join(tap.builddir(), "config.h")) as file:
        return "#define BW_SANITIZERS 1" in file.read()


def stores(site, name):
    a = f.ask(site.socket, "/messages", h.message(500))
    tap.same(a.status, 200, f"{name}: a message is stored")
    tap.ok(os.path.exists(site.store), f"{name}: there is a store")


def by_default():
    site = Site()
    site.build()
    site.configure(PROGRAM_ANSWER)
    site.start()
    pid = site.child.pid
    tap.ok(site.wait_log("event=confine"), "it says so", site.said())
    if "built without" in site.said():
        tap.skip_all("there is no libseccomp")
    stores(site, "confined")
    tap.same(statuses(pid, "Seccomp"), ["2"], "each thread has the filter")
    tap.same(statuses(pid, "NoNewPrivs"), ["1"], "and gets no privileges")
    helpers = process.children_of(pid)
    tap.same(len(helpers), 2, "there are two helpers")
    tap.same([statuses(n, "Seccomp") for n in helpers], [["0"], ["0"]],
             "they have no filter")
    said = site.call().decode()
    tap.ok(f">0 0 by {pid}<" in said,
           "a program has none either, and is a child of the responder", said)
    calls(site)
    helpers_die(site, helpers)
    site.store = site.path("second.db")
    site.reload(PROGRAM_ANSWER)
    stores(site, "after a reload")
    tap.same(site.stop(), 0, "ends well")
    tap.ok(process.wait_until(
        lambda: not any(os.path.exists(f"/proc/{n}") for n in helpers)),
        "the helpers end with it")


def calls(site):
    site.reload(MODULE_ANSWER)
    got = site.results()
    wrong = {n: got.get(n) for n in REFUSED if got.get(n) != "EPERM" and
             not (n == "fork" and sanitized())}
    tap.same(wrong, {}, "forbidden calls fail with EPERM")
    tap.same(got.get("clone3"), "ENOSYS", "clone3 is hidden")
    # A build with sanitizers may, to search for leaks.
    tap.ok(got.get("ptrace") == ("ESRCH" if sanitized() else "EPERM"),
           "ptrace fails", got.get("ptrace"))
    tap.same({n: got.get(n) for n in [*ALLOWED, "other"]},
             dict.fromkeys([*ALLOWED, "other"], "0"), "others do not")
    tap.same(site.child.running(), True, "the responder runs on")
    site.reload(PROGRAM_ANSWER)


def helpers_die(site, helpers):
    with f.Connection(site.socket) as kept:
        for n in helpers:
            os.kill(n, signal.SIGKILL)
            tap.ok(b" by " in site.call(kept),
                   "a helper is killed: the next program is started")
        tap.ok(site.wait_log("processes that start programs have ended"),
               "the log says so", site.said())


def switched_off():
    site = Site()
    site.configure(PROGRAM_ANSWER)
    site.start("--confine", "no")
    tap.same(statuses(site.child.pid, "Seccomp"), ["0"],
             "--confine no: no filter")
    tap.same(process.children_of(site.child.pid), [], "and no helper")
    tap.ok("--confine no" in site.said(), "it says so")
    tap.ok(b">0 0 by" in site.call(), "a program runs")
    site.stop()


def writable():
    site = Site()
    site.build()
    site.configure(PROGRAM_ANSWER)
    site.start("--writable", site.folder)
    stores(site, "--writable")
    tap.ok("can be changed in 1 folder" in site.said(), "it says so")
    said = site.call()
    tap.ok(b">0 0 by" in said, "a program may write anywhere", repr(said))
    site.reload(MODULE_ANSWER)
    got = site.results()
    tap.same((got.get("own"), got.get("other"), got.get("null")),
             ("0", "EACCES", "0"), "the responder only there")
    tap.same(site.stop(), 0, "ends well")
    site = Site()
    site.build()
    site.configure(MODULE_ANSWER)
    site.start("--writable", site.folder, "--confine", "no")
    got = site.results()
    tap.same((got.get("other"), got.get("execve"), got.get("listen")),
             ("EACCES", "EACCES", "0"),
             "without the filter: nothing is executed either")
    site.stop()


def not_writable():
    site = Site()
    site.configure(PROGRAM_ANSWER)
    done = subprocess.run(
        [*site.argv("--listen", f"unix:{site.socket}"), "--writable",
         site.path("nowhere")], capture_output=True, text=True, check=False)
    tap.same(done.returncode, 74, "a folder that is not there")
    tap.ok(site.path("nowhere") + ": No such file" in done.stderr,
           "the message names it", done.stderr)


def main():
    by_default()
    switched_off()
    writable()
    not_writable()


if __name__ == "__main__":
    tap.run(main)
