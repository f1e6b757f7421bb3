/* Opens the manual page of a command. */
#include "cli/common/manual.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/process.h>

#define MAX_NAME 64

/* Paths that "man -w" prints. */
#define MAX_PATHS 65536

/* man searches a few folders. */
#define SECONDS INT64_C(10)

/* Does man(1) know the page? */
static bool
is_installed(const char *page)
{
	const char *const argv[] = {"man", "-w", "1", page, NULL};
	struct bw_buf paths;
	struct bw_process p = {.argv = argv,
	    .search = true,
	    .deadline = bw_monotonic_ns() + SECONDS * 1000000000,
	    .out = &paths};
	enum bw_err err;

	bw_buf_init(&paths, MAX_PATHS);
	err = bw_process_run(&p, NULL, NULL);
	bw_buf_free(&paths);
	return err == BW_OK;
}

void
manual_open(const struct command *c)
{
	char page[MAX_NAME];
	char program[] = "man", section[] = "1";
	char *argv[] = {program, section, page, NULL};

	(void)snprintf(page, sizeof(page), "bwcallback-%.*s",
	    (int)strcspn(c->name, " "), c->name);
	if (is_installed(page))
		(void)execvp(program, argv);
}
