/* bwcallback bxml: would Bandwidth accept these documents? */
#include <stdio.h>
#include <string.h>

#include <bwcallback/bxml.h>
#include <bwcallback/limits.h>

#include "cli/common/command.h"
#include "cli/common/findings.h"
#include "cli/common/input.h"

struct options {
	struct bw_bxml_options check;
	bool json;   /* --json: one line for each finding */
	bool strict; /* --strict: warnings count */
	bool schema; /* --schema: print it, check nothing */
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
		fprintf(stderr, "bwcallback: %s\n", error.msg);
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

	/* Far more than is allowed, so that the checker says how much. */
	bw_buf_init(&document, BW_MAX_CONFIG);
	err = input_read(name, &document, &error);
	if (err == BW_OK)
		err = check_document(name, &document, o);
	else
		fprintf(stderr, "bwcallback: %s\n", error.msg);
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
		fprintf(stderr, "bwcallback: %s\n", bw_strerror(err));
	return bw_err_exit(err);
}

static bool
set_event(struct options *o, const char *event)
{
	o->check.answering = (struct bw_str){event, strlen(event)};
	if (bw_bxml_answers(o->check.answering))
		return true;
	fprintf(stderr, "bwcallback: %s: no event that is answered with BXML\n",
	    event);
	return false;
}

static int
run(int argc, char **argv)
{
	struct options o = {.json = false};
	int i;

	for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (strcmp(argv[i], "--json") == 0)
			o.json = true;
		else if (strcmp(argv[i], "--strict") == 0)
			o.strict = true;
		else if (strcmp(argv[i], "--lenient") == 0)
			o.check.lenient = true;
		else if (strcmp(argv[i], "--schema") == 0)
			o.schema = true;
		else if (strcmp(argv[i], "--answering") != 0 || i + 1 == argc)
			return command_usage("bxml");
		else if (!set_event(&o, argv[++i]))
			return command_usage("bxml");
	}
	if (o.schema)
		return i == argc ? print_schema() : command_usage("bxml");
	return check_files(argc - i, argv + i, &o);
}

const struct command command_bxml = {
    .name = "bxml",
    .summary = "tell whether Bandwidth would accept BXML documents",
    .help =
	"usage: bwcallback bxml [--answering EVENT] [--json] [--lenient]\n"
	"                       [--strict] [FILE...]\n"
	"       bwcallback bxml --schema\n"
	"\n"
	"Check the files (\"-\" or none: standard input), one finding a line:\n"
	"file:line:column: error or warning: what, where, what to write.\n"
	"Exits with 0 when there is no error, with 65 when there is one.\n"
	"\n"
	"  --answering EVENT  check it as the answer to that event: "
	"\"gather\"\n"
	"  --json             each finding as an object on a line of its own\n"
	"  --lenient          unknown attributes and values are warnings, not "
	"errors\n"
	"  --strict           a warning is as bad as an error\n"
	"  --schema           print the RELAX NG schema of BXML\n",
    .run = run,
};
