/* External programs: normal, slow, silent and hostile ones. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bwcallback/tools/process.h>

#include "os/process.h"
#include "tests/support/sibling.h"
#include "tests/tap/tap.h"

/* Milliseconds that are never reached unless the test fails. */
#define LONG 120000

static int64_t
in_ms(int64_t ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec + ms * 1000000;
}

static const char *const no_env[] = {NULL};

static enum bw_err
run_shell(const char *script, struct bw_str input, int ms, struct bw_buf *out,
    struct bw_error *error)
{
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	static const char *const env[] = {
	    "PATH=/usr/bin:/bin", "WHO=desk", NULL};

	memset(error, 0, sizeof(*error));
	return bwi_process_run(argv, env, input, in_ms(ms), out, error);
}

static struct bw_str
buf_text(const struct bw_buf *b)
{
	return (struct bw_str){b->p != NULL ? b->p : "", b->n};
}

static const struct {
	const char *name;
	const char *script;
	const char *input;
	int ms;
	enum bw_err err;
	const char *out; /* NULL: not checked */
	const char *message;
} rows[] = {
    {"echo", "cat", "hello", LONG, BW_OK, "hello", ""},
    {"no input", "cat", "", LONG, BW_OK, "", ""},
    {"silent", "exit 0", "x", LONG, BW_OK, "", ""},
    {"environment in full", "echo $WHO; env | grep -c WHO", "", LONG, BW_OK,
	"desk\n1\n", ""},
    {"standard error of success", "echo out; echo err >&2", "", LONG, BW_OK,
	"out\n", ""},
    {"exit status", "echo 'no such desk' >&2; echo more >&2; exit 3", "", LONG,
	BW_ERR_PROGRAM, NULL, "program: /bin/sh: exit status 3: no such desk"},
    {"exit status without a message", "exit 1", "", LONG, BW_ERR_PROGRAM, NULL,
	"program: /bin/sh: exit status 1"},
    {"control characters",
	"printf '\\033[31m\\303\\251\\302\\233\\377\\r\\n' >&2; exit 1", "",
	LONG, BW_ERR_PROGRAM, NULL,
	"program: /bin/sh: exit status 1: ?[31m\xc3\xa9???"},
    {"empty lines before", "printf '\\n\\nwhy\\n' >&2; exit 1", "", LONG,
	BW_ERR_PROGRAM, NULL, "program: /bin/sh: exit status 1: why"},
    {"a signal", "kill -SEGV $$", "", LONG, BW_ERR_PROGRAM, NULL,
	"program: /bin/sh: ended by signal 11"},
    {"SIGPIPE ends it", "kill -PIPE $$; exit 0", "", LONG, BW_ERR_PROGRAM, NULL,
	"program: /bin/sh: ended by signal 13"},
    {"a blocked signal ends it", "kill -USR1 $$; exit 0", "", LONG,
	BW_ERR_PROGRAM, NULL, "program: /bin/sh: ended by signal 10"},
    {"slow", "exec sleep 600", "", 50, BW_ERR_DEADLINE, NULL,
	"program: /bin/sh: not done by its deadline"},
    {"slow with a child", "sleep 600; echo x", "", 50, BW_ERR_DEADLINE, NULL,
	"program: /bin/sh: not done by its deadline"},
    {"ignores SIGTERM", "trap '' TERM INT HUP; while :; do sleep 1; done", "",
	50, BW_ERR_DEADLINE, NULL,
	"program: /bin/sh: not done by its deadline"},
    {"closes its output and stays", "exec >&- 2>&-; sleep 600", "", 50,
	BW_ERR_DEADLINE, NULL, "program: /bin/sh: not done by its deadline"},
    {"endless output", "while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyy; done",
	"", LONG, BW_ERR_LIMIT, NULL,
	"program: /bin/sh: writes more than 1000 bytes"},
    {"much on standard error",
	"dd if=/dev/zero bs=1000 count=500 2>/dev/null >&2; echo done", "",
	LONG, BW_OK, "done\n", ""},
    {"the deadline has passed", "echo x", "", -1, BW_ERR_DEADLINE, "",
	"program: /bin/sh: not done by its deadline"},
    {"its own group", "test $(ps -o pgid= -p $$) = $$ && echo own", "", LONG,
	BW_OK, "own\n", ""},
    /* descriptor 3 is the folder that ls reads */
    {"descriptors", "exec ls /proc/self/fd", "", LONG, BW_OK, "0\n1\n2\n3\n",
	""},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_str in = {rows[i].input, strlen(rows[i].input)};
		struct bw_error error;
		struct bw_buf out;

		bw_buf_init(&out, 1000);
		is_int(run_shell(rows[i].script, in, rows[i].ms, &out, &error),
		    rows[i].err, "%s", rows[i].name);
		is_str(error.msg, rows[i].message, "%s: message", rows[i].name);
		if (rows[i].out != NULL)
			is_text(buf_text(&out), rows[i].out, "%s: output",
			    rows[i].name);
		bw_buf_free(&out);
	}
}

static void
test_cannot_start(void)
{
	static const struct {
		const char *path;
		int sys;
	} paths[] = {{"/nonexistent/program", ENOENT}, {"/etc", EACCES},
	    {"/etc/passwd", EACCES}, {"sh", ENOENT}};
	char want[128];

	if (sibling_skips_spawn_errors())
		return;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *argv[] = {paths[i].path, NULL};
		struct bw_error error = {0};
		struct bw_buf out;

		bw_buf_init(&out, 1000);
		is_int(bwi_process_run(argv, no_env, BW_STR("x"), in_ms(LONG),
			   &out, &error),
		    BW_ERR_PROGRAM, "%s", paths[i].path);
		snprintf(want, sizeof(want),
		    "program: %s: cannot be started: %s", paths[i].path,
		    strerror(paths[i].sys));
		is_str(error.msg, want, "%s: message", paths[i].path);
		is_int(error.sys, paths[i].sys, "%s: errno", paths[i].path);
		bw_buf_free(&out);
	}
}

static void
test_large_input(void)
{
	size_t size = 1024 * 1024;
	char *p = malloc(size);
	struct bw_error error;
	struct bw_buf out;

	if (p == NULL)
		abort();
	memset(p, 'x', size);
	bw_buf_init(&out, 1000);
	is_int(
	    run_shell("echo bye", (struct bw_str){p, size}, LONG, &out, &error),
	    BW_OK, "a megabyte of input, not read");
	is_text(
	    buf_text(&out), "bye\n", "a megabyte of input, not read: output");
	bw_buf_reset(&out);
	is_int(run_shell("head -c 1 >/dev/null; exec <&-; echo bye",
		   (struct bw_str){p, size}, LONG, &out, &error),
	    BW_OK, "a megabyte of input, one byte read");
	bw_buf_reset(&out);
	is_int(run_shell("wc -c", (struct bw_str){p, size}, LONG, &out, &error),
	    BW_OK, "a megabyte of input, all read");
	is_text(buf_text(&out), "1048576\n",
	    "a megabyte of input, all read: output");
	bw_buf_free(&out);
	free(p);
}

/* A killed process is a zombie until its parent reaps it: not running. */
static bool
is_running(long pid)
{
	char path[64], state = 'Z';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	f = fopen(path, "r");
	if (f == NULL)
		return false;
	if (fscanf(f, "%*d %*s %c", &state) != 1)
		state = 'Z';
	fclose(f);
	return state != 'Z';
}

/* A background process holds the pipes open, but does not delay the result. */
static void
test_background(void)
{
	enum bw_err err = BW_OK;
	struct bw_error error;
	struct bw_buf out;
	long pid;

	bw_buf_init(&out, 1000);
	is_int(run_shell("sleep 600 & echo $!", BW_STR(""), LONG, &out, &error),
	    BW_OK, "a program that leaves a background process");
	bw_buf_putc(&out, '\0');
	pid = strtol(out.p, NULL, 10);
	ok(pid > 1 && is_running(pid), "the background process still runs");
	if (pid > 1)
		kill((pid_t)pid, SIGKILL);
	/*
	 * A loaded machine may need long to start a shell: retry with more
	 * time.
	 */
	pid = 0;
	for (int ms = 200; pid <= 1 && ms < 30000; ms *= 2) {
		bw_buf_reset(&out);
		err = run_shell(
		    "sleep 600 & echo $!; wait", BW_STR(""), ms, &out, &error);
		bw_buf_putc(&out, '\0');
		pid = strtol(out.p, NULL, 10);
	}
	is_int(
	    err, BW_ERR_DEADLINE, "a program that waits beyond the deadline");
	for (unsigned turn = 0; is_running(pid) && tap_poll(&turn);)
		;
	ok(pid > 1 && !is_running(pid), "the whole process group is killed");
	bw_buf_free(&out);
}

static int
count_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n;
}

static void *
run_many(void *arg)
{
	intptr_t wrong = 0;

	for (int i = 0; i < 10; i++) {
		const char *in = arg;
		struct bw_error error;
		struct bw_buf out;

		bw_buf_init(&out, 1000);
		if (run_shell("cat; exec ls /proc/self/fd",
			(struct bw_str){in, strlen(in)}, LONG, &out,
			&error) != BW_OK ||
		    out.n != strlen(in) + 8 ||
		    memcmp(out.p, in, strlen(in)) != 0 ||
		    memcmp(out.p + strlen(in), "0\n1\n2\n3\n", 8) != 0)
			wrong++;
		bw_buf_free(&out);
	}
	return (void *)wrong;
}

static void
test_threads(void)
{
	static char names[16][32];
	pthread_t threads[16];
	intptr_t wrong = 0;

	for (int i = 0; i < 16; i++) {
		snprintf(names[i], sizeof(names[i]), "thread %d\n", i);
		pthread_create(&threads[i], NULL, run_many, names[i]);
	}
	for (int i = 0; i < 16; i++) {
		void *result;

		pthread_join(threads[i], &result);
		wrong += (intptr_t)result;
	}
	is_int(wrong, 0, "sixteen threads: each gets its own output");
}

/* A process started by a web server may lack standard output and error. */
static void
test_low_descriptors(void)
{
	struct bw_error error;
	struct bw_buf out;
	int saved[3];
	enum bw_err err;

	bw_buf_init(&out, 1000);
	fflush(stdout);
	for (int i = 0; i < 3; i++) {
		saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
		close(i);
	}
	err = run_shell(
	    "cat; echo err >&2; exit 5", BW_STR("in"), LONG, &out, &error);
	for (int i = 0; i < 3; i++) {
		if (saved[i] >= 0) {
			dup2(saved[i], i);
			close(saved[i]);
		}
	}
	is_int(err, BW_ERR_PROGRAM, "without descriptors 0, 1 and 2");
	is_text(buf_text(&out), "in", "output");
	is_str(error.msg, "program: /bin/sh: exit status 5: err", "error");
	bw_buf_free(&out);
}

static void
test_no_memory(void)
{
	struct bw_error error;
	struct bw_buf out;

	bw_buf_init(&out, 1000);
	tap_fail_alloc(1);
	is_int(run_shell("echo x; sleep 600", BW_STR(""), LONG, &out, &error),
	    BW_ERR_NOMEM, "no memory for the output");
	tap_fail_alloc(0);
	bw_buf_free(&out);
}

static void
test_no_descriptors(void)
{
	struct bw_error error;
	struct bw_buf out;
	int fds[256], n = 0, refused = 0;

	bw_buf_init(&out, 1000);
	while (
	    n < 256 && (fds[n] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		n++;
	/* Each round frees one descriptor more, until there are enough. */
	for (; n > 0; close(fds[--n])) {
		enum bw_err err =
		    run_shell("exit 0", BW_STR(""), LONG, &out, &error);

		if (err == BW_OK)
			break;
		if (err == BW_ERR_PROGRAM && error.sys == EMFILE)
			refused++;
	}
	ok(refused >= 5, "out of descriptors: %d refusals", refused);
	while (n > 0)
		close(fds[--n]);
	bw_buf_free(&out);
}

static enum bw_err
run_process(const char *script, struct bw_process *p,
    struct bw_process_result *r, struct bw_error *error)
{
	const char *argv[] = {"sh", "-c", script, NULL};

	*error = (struct bw_error){0};
	p->argv = argv;
	p->search = true;
	if (p->deadline == 0)
		p->deadline = INT64_MAX;
	return bw_process_run(p, r, error);
}

/* With SIGCHLD ignored, the kernel discards the status and the pid. */
static void
test_sigchld(void)
{
	static const int flags[] = {0, SA_NOCLDWAIT};
	struct sigaction before;

	for (size_t i = 0; i < 2; i++) {
		struct sigaction act = {
		    .sa_handler = flags[i] == 0 ? SIG_IGN : SIG_DFL,
		    .sa_flags = flags[i],
		};
		struct bw_process_result r;
		struct bw_process p = {.output = STDERR_FILENO};
		struct bw_error error;
		struct bw_buf out;

		bw_buf_init(&out, 1000);
		sigaction(SIGCHLD, &act, &before);
		is_int(run_shell("echo x", BW_STR(""), LONG, &out, &error),
		    BW_ERR_PROGRAM, "SIGCHLD is ignored (%d)", flags[i]);
		is_str(error.msg,
		    "program: /bin/sh: not started: SIGCHLD is ignored, so its "
		    "exit status would be lost; set it to SIG_DFL",
		    "SIGCHLD ignored: message");
		is_int((long long)out.n, 0, "SIGCHLD ignored: no output");
		is_int(run_process("exit 0", &p, &r, &error), BW_ERR_PROGRAM,
		    "SIGCHLD ignored: without pipes too");
		is_int(r.end, BW_PROCESS_NOT_STARTED,
		    "SIGCHLD ignored: not started");
		sigaction(SIGCHLD, &before, NULL);
		bw_buf_free(&out);
	}
}

static void *
steal(void *arg)
{
	atomic_bool *stop = arg;

	while (!atomic_load(stop)) {
		(void)waitpid(-1, NULL, WNOHANG);
		nanosleep(&(struct timespec){0, 1000000}, NULL);
	}
	return NULL;
}

/* Another thread reaps all children: an unknown status is not a success. */
static void
test_stolen(void)
{
	struct bw_process_result r = {BW_PROCESS_EXITED, 0};
	enum bw_err err = BW_OK;
	struct bw_error error;
	atomic_bool stop = false;
	pthread_t thread;
	int wrong = 0;

	if (pthread_create(&thread, NULL, steal, &stop) != 0)
		abort();
	do {
		struct bw_process p = {.output = STDERR_FILENO};

		err = run_process("exit 1", &p, &r, &error);
		wrong += err != BW_ERR_PROGRAM;
	} while (wrong == 0 && r.end != BW_PROCESS_UNKNOWN);
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	is_int(wrong, 0, "a program that failed never succeeds");
	is_int(r.end, BW_PROCESS_UNKNOWN, "result: status lost");
	is_str(error.msg,
	    "program: sh: exit status lost: other code in this "
	    "process waited for it",
	    "status lost: message");
}

static bool
count_down(void *arg)
{
	int *left = arg;

	return --*left > 0;
}

static void
test_stop(void)
{
	static const struct {
		const char *script;
		int64_t grace;
		enum bw_err err;
		enum bw_process_end end;
		int number;
	} stops[] = {
	    {"exec sleep 600", INT64_MAX / 2, BW_ERR_PROGRAM,
		BW_PROCESS_SIGNALED, SIGTERM},
	    {"trap 'exit 0' TERM; while :; do sleep 0.1; done", INT64_MAX / 2,
		BW_OK, BW_PROCESS_EXITED, 0},
	    {"trap 'exit 4' TERM; while :; do sleep 0.1; done", INT64_MAX / 2,
		BW_ERR_PROGRAM, BW_PROCESS_EXITED, 4},
	    {"trap '' TERM; while :; do sleep 0.1; done", 100000000,
		BW_ERR_PROGRAM, BW_PROCESS_SIGNALED, SIGKILL},
	    {"trap '' TERM; while :; do sleep 0.1; done", 0, BW_ERR_PROGRAM,
		BW_PROCESS_SIGNALED, SIGKILL},
	};

	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		struct bw_process_result r;
		struct bw_error error;
		int left = 2;
		struct bw_process p = {
		    .output = STDERR_FILENO,
		    .go_on = count_down,
		    .arg = &left,
		    .grace = stops[i].grace,
		};

		is_int(run_process(stops[i].script, &p, &r, &error),
		    stops[i].err, "stopped: %s", stops[i].script);
		is_int(r.end, stops[i].end, "result of the program");
		is_int(r.number, stops[i].number, "exit status or signal");
	}
}

/* The program's output is a descriptor of ours; others are inherited. */
static void
test_output(void)
{
	struct bw_process_result r;
	struct bw_error error;
	char text[64] = "";
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		abort();
	setenv("WHO", "here", 1);
	is_int(
	    run_process("cat; echo $WHO; exit 3",
		&(struct bw_process){.input = BW_STR("in "), .output = ends[1]},
		&r, &error),
	    BW_ERR_PROGRAM, "output to a descriptor");
	is_int(r.number, 3, "exit status");
	is_str(error.msg, "program: sh: exit status 3", "its message");
	close(ends[1]);
	ok(read(ends[0], text, sizeof(text) - 1) > 0, "the output has text");
	is_str(text, "in here\n", "output with our environment");
	close(ends[0]);
}

/*
 * Descriptors and signal state that a program must not inherit: see
 * "descriptors" and the signals in rows.
 */
static void
make_hostile_environment(void)
{
	struct rlimit few = {256, 256};
	sigset_t block;

	ok(open("/dev/null", O_RDONLY) > 2, "no close-on-exec");
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &block, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* A low limit, so that the test soon reaches it. */
	setrlimit(RLIMIT_NOFILE, &few);
}

static void
test_all(void)
{
	int before = count_descriptors();

	test_rows();
	test_cannot_start();
	test_large_input();
	test_background();
	test_threads();
	test_low_descriptors();
	test_no_memory();
	test_no_descriptors();
	test_sigchld();
	test_stolen();
	test_stop();
	test_output();
	is_int(count_descriptors(), before, "no descriptor is left");
}

/* The same, when helper processes start the programs. */
static void
test_helpers(void)
{
	struct bw_error error = {0};
	int before = count_descriptors();

	is_int(bw_programs_by_helper(&error), BW_OK, "helpers: %s", error.msg);
	test_all();
	is_int(waitpid(-1, NULL, WNOHANG), 0, "only the helpers are left");
	bw_programs_end_helpers();
	is_int(count_descriptors(), before, "helpers: no descriptor is left");
	for (int i = 0; i < 2; i++)
		ok(waitpid(-1, NULL, 0) > 0, "a helper has ended");
}

int
main(void)
{
	make_hostile_environment();
	test_all();
	is_int(waitpid(-1, NULL, WNOHANG), -1, "no child, not even a zombie");
	if (sibling_can_be_forked())
		test_helpers();
	else
		ok(true, "with helpers # SKIP there is no CLONE_PARENT");
	is_int(waitpid(-1, NULL, WNOHANG), -1, "none at the end");
	return tap_done();
}
