/* The last lines that a program writes on its standard error. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/process.h>

#include "tests/tap/tap.h"

/* Programs whose last lines of standard error are kept. */
static const struct {
	const char *name;
	const char *script;
	const char *want; /* NULL: see below */
} speakers[] = {
    {"nothing", "exit 1", ""},
    {"lines", "printf 'one\\ntwo\\n\\n' >&2; exit 1", "one\ntwo"},
    {"no line end", "printf why >&2; exit 1", "why"},
    {"control characters", "printf 'a\\tb\\033[1m\\377\\000\\r\\nc' >&2",
	"a b?[1m???\nc"},
    {"also of success", "echo fine >&2", "fine"},
    {"more than a pipe holds",
	"i=0; while [ $i -lt 9000 ]; do echo line $i; i=$((i + 1)); done >&2; "
	"exit 1",
	NULL},
    {"one long line", "head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1",
	NULL},
};

static struct bw_str
text_of(const struct bw_process_said *said)
{
	return (struct bw_str){said->text, said->n};
}

/* Returns the last lines. */
static struct bw_str
run_speaker(const char *script, struct bw_process_said *said)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};
	const struct bw_process p = {.argv = argv,
	    .deadline = INT64_MAX,
	    .output = STDOUT_FILENO,
	    .said = said};
	struct bw_process_result result;
	struct bw_error error = {0};
	enum bw_err err;

	*said = (struct bw_process_said){.n = 0};
	err = bw_process_run(&p, &result, &error);
	ok(result.end == BW_PROCESS_EXITED &&
		err == (result.number == 0 ? BW_OK : BW_ERR_PROGRAM),
	    "it exits: %s", error.msg);
	return text_of(said);
}

/* Our own standard error goes to /dev/null meanwhile. */
static void
test_said(void)
{
	struct bw_process_said said;
	struct bw_str text;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int old = dup(STDERR_FILENO);

	(void)dup2(null, STDERR_FILENO);
	for (size_t i = 0; i < sizeof(speakers) / sizeof(speakers[0]); i++) {
		text = run_speaker(speakers[i].script, &said);
		if (speakers[i].want != NULL)
			is_text(text, speakers[i].want, "said: %s",
			    speakers[i].name);
		else
			ok(said.cut && said.n > BW_PROCESS_MAX_SAID - 20,
			    "said: %s: the last bytes", speakers[i].name);
	}
	text = run_speaker(speakers[5].script, &said);
	ok(text.n > 20 && memcmp(text.p, "line ", 5) == 0 &&
		memcmp(text.p + text.n - 9, "line 8999", 9) == 0,
	    "said: whole lines, to the last");
	(void)dup2(old, STDERR_FILENO);
	(void)close(old);
	(void)close(null);
}

/* The words of a program that is ended at its deadline: it may need several
 * attempts until it gets to say them. */
static void
test_late(void)
{
	const char *const argv[] = {
	    "/bin/sh", "-c", "echo waiting >&2; kill -STOP $$", NULL};
	struct bw_process_said said = {.n = 0};
	struct bw_error e = {0};
	enum bw_err err = BW_ERR_DEADLINE;

	for (unsigned turn = 0;
	     err == BW_ERR_DEADLINE && said.n == 0 && tap_poll(&turn);) {
		struct bw_process_result result;
		struct bw_buf out;
		const struct bw_process p = {.argv = argv,
		    .deadline = bw_monotonic_ns() + 100 * INT64_C(1000000),
		    .out = &out,
		    .said = &said};

		bw_buf_init(&out, 100);
		e = (struct bw_error){0};
		err = bw_process_run(&p, &result, &e);
		bw_buf_free(&out);
	}
	is_int(err, BW_ERR_DEADLINE, "late: %s", e.msg);
	is_text(text_of(&said), "waiting", "late: what it said until then");
}

/*
 * With an output of ours, the words are kept, not passed on, and the error has
 * the last line.
 */
static void
test_with_output(void)
{
	static const struct {
		const char *script;
		const char *said;
		const char *message;
	} rows[] = {
	    {"echo out; echo first >&2; echo last >&2; exit 2", "first\nlast",
		"program: /bin/sh: exit status 2: last"},
	    {"exit 2", "", "program: /bin/sh: exit status 2"},
	    {"echo why >&2; kill -KILL $$", "why",
		"program: /bin/sh: ended by signal 9: why"},
	};
	int ends[2], old = dup(STDERR_FILENO);
	char byte;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		abort();
	(void)dup2(ends[1], STDERR_FILENO);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const argv[] = {
		    "/bin/sh", "-c", rows[i].script, NULL};
		struct bw_process_said said = {.n = 0};
		struct bw_process_result result;
		struct bw_error e = {0};
		struct bw_buf out;
		const struct bw_process p = {.argv = argv,
		    .deadline = INT64_MAX,
		    .out = &out,
		    .said = &said};

		bw_buf_init(&out, 100);
		ok(bw_process_run(&p, &result, &e) != BW_OK, "it fails");
		is_text(text_of(&said), rows[i].said, "with output: %s",
		    rows[i].script);
		is_str(e.msg, rows[i].message, "its message");
		bw_buf_free(&out);
	}
	is_int(read(ends[0], &byte, 1), -1, "nothing is passed on");
	test_late();
	(void)dup2(old, STDERR_FILENO);
	(void)close(old);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int
main(void)
{
	test_said();
	test_with_output();
	return tap_done();
}
