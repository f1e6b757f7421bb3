/* The last lines that a program writes on its standard error. */
#include <fcntl.h>
#include <unistd.h>

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
	return (struct bw_str){said->text, said->n};
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

int
main(void)
{
	test_said();
	return tap_done();
}
