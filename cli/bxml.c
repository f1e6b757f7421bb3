/* bwcallback bxml: check whether Bandwidth would accept these documents. */
#include <stdio.h>
#include <string.h>

#include <bwcallback/bxml.h>
#include <bwcallback/event.h>
#include <bwcallback/limits.h>

#include "cli/common/command.h"
#include "cli/common/findings.h"
#include "cli/common/input.h"
#include "cli/common/terminal.h"

struct options {
	struct bw_bxml_options check;
	bool json;   /* --json: print one JSON line for each finding */
	bool strict; /* --strict: treat warnings as errors */
	bool schema; /* --schema: print the schema, check nothing */
};

static enum bw_err
check_document(
    const char *name, const struct bw_buf *document, const struct options *o)
{
	struct findings found = {0};
	const struct bw_reporter to = {findings_take, &found};
	struct bw_error error = {0};
	enum bw_err err;

	err = bw_bxml_check(name,
	    (struct bw_str){
		document->p != NULL ? document->p : "", document->n},
	    &o->check, &to, &error);
	if (err != BW_OK && err != BW_ERR_BXML)
		terminal_complain("%s", error.msg);
	if (err == BW_OK && o->strict && found.warnings > 0)
		err = BW_ERR_BXML;
	findings_print(&found, o->json);
	return err;
}

static enum bw_err
check_file(const char *name, const struct options *o)
{
	struct bw_error error = {0};
	struct bw_buf document;
	enum bw_err err;

	/* Far above the limit, so that the checker can report the size. */
	bw_buf_init(&document, BW_MAX_CONFIG);
	err = input_read(name, &document, &error);
	if (err == BW_OK)
		err = check_document(name, &document, o);
	else
		terminal_complain("%s", error.msg);
	bw_buf_free(&document);
	return err;
}

static int
check_files(int n, char **names, const struct options *o)
{
	static char standard[] = "-";
	char *only[] = {standard};
	enum bw_err first = BW_OK;

	if (n == 0) {
		names = only;
		n = 1;
	}
	for (int i = 0; i < n; i++) {
		enum bw_err err = check_file(names[i], o);

		first = first != BW_OK ? first : err;
	}
	if (fflush(stdout) != 0 && first == BW_OK)
		first = BW_ERR_IO;
	return bw_err_exit(first);
}

static int
print_schema(void)
{
	enum bw_err err;
	struct bw_buf b;

	bw_buf_init(&b, BW_MAX_CONFIG);
	bw_bxml_schema(&b);
	err = b.err;
	if (err == BW_OK &&
	    (fwrite(b.p, 1, b.n, stdout) != b.n || fflush(stdout) != 0))
		err = BW_ERR_IO;
	bw_buf_free(&b);
	if (err != BW_OK)
		terminal_complain("%s", bw_strerror(err));
	return bw_err_exit(err);
}

/* The i-th event type that BXML may answer. */
static const char *
answered(size_t i)
{
	size_t n;
	const struct bw_event_type *types = bw_event_types(&n);

	for (size_t k = 0; k < n; k++) {
		const char *name = types[k].name;

		/*
		 * Retired types with the same names are in a family of their
		 * own.
		 */
		if (types[k].family != BW_FAMILY_LEGACY_V1 &&
		    bw_bxml_answers((struct bw_str){name, strlen(name)}) &&
		    i-- == 0)
			return name;
	}
	return NULL;
}

#define AT(member) .at = offsetof(struct options, member)
static const struct option_row rows[] = {
    {"answering", "EVENT", "check it as the answer to that event",
	.kind = OPTION_STR, AT(check.answering), .word = answered},
    {"json", NULL, "each finding as an object on a line of its own",
	.kind = OPTION_FLAG, AT(json)},
    {"lenient", NULL, "unknown attributes and values are warnings, not errors",
	.kind = OPTION_FLAG, AT(check.lenient)},
    {"strict", NULL, "a warning is as bad as an error", .kind = OPTION_FLAG,
	AT(strict)},
    {"schema", NULL, "print the RELAX NG schema of BXML", .kind = OPTION_FLAG,
	AT(schema)},
    {.name = NULL},
};

static int
run(const struct command *c, int argc, char **argv)
{
	struct options o = {.json = false};
	struct option_rest rest;
	int status = command_parse(c, argc, argv, &o, NULL, &rest);

	if (status >= 0)
		return status;
	if (o.schema && rest.argc > 0)
		return command_refuse(c,
		    "--schema takes no file, and \"%.100s\" is one",
		    rest.argv[0]);
	return o.schema ? print_schema()
			: check_files(rest.argc, rest.argv, &o);
}

const struct command command_bxml = {
    .name = "bxml",
    .summary = "tell whether Bandwidth would accept BXML documents",
    .usage = "[OPTION...] [FILE...]\n--schema",
    .about =
	"Check the files (\"-\" or none: standard input), one finding a line: "
	"file:line:column: error or warning: what, where, what to write.",
    .more = "The exit code is 0 without errors, 65 with one.",
    .options = rows,
    .group = 1,
    .most = -1,
    .takes_files = true,
    .examples = "bwcallback bxml --answering transferAnswer whisper.xml",
    .run = run,
};
