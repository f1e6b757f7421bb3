/* bwcallback graph: draw the call flow. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/graph.h>
#include <bwcallback/tools/printable.h>
#include <bwcallback/tools/process.h>

#include "cli/common/command.h"
#include "cli/common/findings.h"
#include "cli/common/input.h"
#include "cli/common/terminal.h"

struct options {
	const char *format;   /* "svg", "brief" or "dot" */
	const char *output;   /* -o; NULL: standard output */
	const char *coverage; /* file; NULL: none */
};

static enum bw_err
fail(const char *what, int sys)
{
	terminal_complain("%s: %s", what, strerror(sys));
	return BW_ERR_IO;
}

static enum bw_err
write_all(int fd, struct bw_str s, const char *name)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EPIPE)
			return BW_OK; /* the reader closed the pipe */
		if (n == 0 || (n < 0 && errno != EINTR))
			return fail(name, n == 0 ? EIO : errno);
		if (n > 0) {
			s.p += n;
			s.n -= (size_t)n;
		}
	}
	return BW_OK;
}

/* Run Graphviz with its output to out. */
static enum bw_err
draw(struct bw_str dot, int out)
{
	static const char *const argv[] = {"dot", "-Tsvg", NULL};
	const struct bw_process p = {
	    .argv = argv,
	    .search = true,
	    .input = dot,
	    .deadline = INT64_MAX,
	    .output = out,
	};
	struct bw_process_result result;
	struct bw_error e = {0};
	enum bw_err err = bw_process_run(&p, &result, &e);

	if (err == BW_OK)
		return BW_OK;
	if (result.end == BW_PROCESS_NOT_STARTED && e.sys == ENOENT)
		fputs(
		    "bwcallback: graph: to draw, Graphviz's program dot is "
		    "needed, and it is not installed (package graphviz): "
		    "install it, draw it elsewhere from --format dot, or take "
		    "--format brief\n",
		    stderr);
	else
		terminal_complain("graph: dot failed: %s", e.msg);
	return err;
}

static enum bw_err
print(struct bw_str dot, const struct options *o)
{
	const char *name = o->output != NULL ? o->output : "standard output";
	enum bw_err err;
	int out = STDOUT_FILENO;

	if (o->output != NULL)
		out = open(
		    o->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (out < 0)
		return fail(name, errno);
	err = strcmp(o->format, "svg") == 0 ? draw(dot, out)
					    : write_all(out, dot, name);
	if (o->output != NULL && close(out) != 0 && err == BW_OK)
		err = fail(name, errno);
	return err;
}

/* Parse one line, "3 callbacks.xml:57", for one rule. */
static bool
cover_line(struct bw_graph *g, char *line)
{
	char *colon = strrchr(line, ':'), *name;
	unsigned long long count;
	unsigned long number;

	/* strtoull() would accept signs and blanks. */
	if (*line < '0' || *line > '9')
		return false;
	errno = 0;
	count = strtoull(line, &name, 10);
	if (*name != ' ' || colon == NULL || colon < name || colon[1] < '0' ||
	    colon[1] > '9')
		return false;
	*colon = '\0';
	number = strtoul(colon + 1, NULL, 10);
	if (errno != 0 || number == 0 || number > INT_MAX)
		return false;
	(void)bw_graph_cover(g, name + 1, (int)number, count);
	return true;
}

static enum bw_err
cover(struct bw_graph *g, const char *name, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	char *line, *rest;
	struct bw_buf b;

	bw_buf_init(&b, BW_MAX_CONFIG);
	err = input_read(name, &b, e);
	bw_buf_putc(&b, '\0');
	if (err == BW_OK && b.err != BW_OK)
		err = bw_error_set(
		    e, b.err, 0, "%s: %s", name, bw_strerror(b.err));
	for (rest = b.p;
	     err == BW_OK && (line = strsep(&rest, "\n")) != NULL;) {
		if (*line != '\0' && !cover_line(g, line))
			err = bw_error_set(e, BW_ERR_SYNTAX, 0,
			    "%s: not what simulate --coverage writes", name);
	}
	bw_buf_free(&b);
	return err;
}

/* Append the picture, or what dot makes it of. */
static enum bw_err
make(const struct bw_graph *g, const char *file, const struct options *o,
    struct bw_buf *b, struct bw_error *e)
{
	if (strcmp(o->format, "brief") == 0)
		return bw_graph_svg(g, b, e);
	bw_graph_dot(g, b);
	return b->err == BW_OK ? BW_OK
			       : bw_error_set(e, b->err, 0, "%s: %s", file,
				     bw_strerror(b->err));
}

static enum bw_err
graph(const char *file, const struct options *o)
{
	struct findings found = {0};
	const struct bw_reporter to = {findings_take, &found};
	struct bw_graph *g = NULL;
	struct bw_error error = {0};
	struct bw_buf raw, dot;
	enum bw_err err;

	bw_buf_init(&raw, BW_MAX_DOT);
	bw_buf_init(&dot, BW_MAX_DOT);
	err = bw_graph_load(file, &g, &to, &error);
	if (err == BW_OK && o->coverage != NULL)
		err = cover(g, o->coverage, &error);
	if (err == BW_OK)
		err = make(g, file, o, &raw, &error);
	if (err == BW_OK) {
		bw_printable_lines(&dot, (struct bw_str){raw.p, raw.n});
		err = dot.err;
		if (err != BW_OK)
			(void)bw_error_set(
			    &error, err, 0, "%s: %s", file, bw_strerror(err));
	}
	bw_graph_free(g);
	if (err != BW_OK)
		terminal_complain("%s", error.msg);
	else
		err = print((struct bw_str){dot.p, dot.n}, o);
	bw_buf_free(&raw);
	bw_buf_free(&dot);
	findings_free(&found);
	return err;
}

#define AT(member) .at = offsetof(struct options, member)
static const struct option_row rows[] = {
    {"format", "FORMAT",
	"a picture, the default, which needs Graphviz; a brief picture, which "
	"needs nothing; or Graphviz's input",
	.kind = OPTION_TEXT, AT(format), .words = "svg|brief|dot"},
    {"coverage", "FILE", "shade what \"bwcallback simulate test\" tried",
	.kind = OPTION_TEXT, AT(coverage)},
    {"output", "FILE", "write there, not to standard output", .letter = 'o',
	.kind = OPTION_TEXT, AT(output)},
    {.name = NULL},
};

static int
run(const struct command *c, int argc, char **argv)
{
	struct options o = {.format = "svg"};
	struct option_rest rest;
	int status = command_parse(c, argc, argv, &o, NULL, &rest);
	const char *file = rest.argc > 0 ? rest.argv[0] : command_config();

	if (status >= 0)
		return status;
	if (file == NULL)
		return command_refuse_config(c, "FILE");
	return bw_err_exit(graph(file, &o));
}

const struct command command_graph = {
    .name = "graph",
    .summary = "draw the calls that a configuration can lead",
    .usage = "[OPTION...] [FILE]",
    .about =
	"Draw the call flow of a configuration: what each rule says and does, "
	"and where the caller's choices lead. What \"bwcallback check\" would "
	"find is marked red. Without FILE, the configuration is that of "
	"BWCALLBACK_CONFIG.",
    .more =
	"The exit code is 0, 78 when the configuration does not load, 66 when "
	"it cannot be read, 70 when Graphviz is missing or fails.",
    .options = rows,
    .group = 1,
    .most = 1,
    .takes_files = true,
    .examples = "bwcallback graph -o flow.svg callbacks.xml",
    .run = run,
};
