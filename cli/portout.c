/* bwcallback portout test: show the answer to a port-out request. */
#include <stdio.h>
#include <string.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/mask.h>
#include <bwcallback/tools/portout.h>

#include "cli/common/command.h"
#include "cli/common/input.h"
#include "cli/common/json_string.h"
#include "cli/common/terminal.h"

struct options {
	const char *config;
	struct bw_str path;
	bool json;
	bool reveal;
};

/* Collects reasons, printed one on each line. */
struct reasons {
	const struct options *options;
	struct bw_buf text;
};

#define MAX_TEXT ((size_t)BW_MAX_BODY * 8)

/* A denial has its own exit code: it is not an error of the command. */
#define EXIT_DENIED 1

static struct bw_str
text(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

/* Append a value as a JSON string. */
static void
put_json(struct bw_buf *b, enum bw_mask kind, struct bw_str s,
    const struct options *o)
{
	struct bw_buf masked;

	bw_buf_init(&masked, MAX_TEXT);
	bw_mask_add(&masked, kind, s, o->reveal);
	if (masked.err != BW_OK)
		b->err = masked.err;
	else
		json_string(
		    b, (struct bw_str){masked.n > 0 ? masked.p : "", masked.n});
	bw_buf_free(&masked);
}

static void
add_reason(void *arg, struct bw_str number, int code, const char *why)
{
	struct reasons *r = arg;
	struct bw_buf *b = &r->text;

	if (r->options->json) {
		bw_buf_puts(b, b->n > 0 ? "," : "");
		bw_buf_puts(b, "{\"number\":");
		if (number.p != NULL)
			put_json(b, BW_MASK_NUMBER, number, r->options);
		else
			bw_buf_puts(b, "null");
		bw_buf_printf(b, ",\"code\":%d,\"reason\":", code);
		put_json(b, BW_MASK_REMARK, text(why), r->options);
		bw_buf_putc(b, '}');
		return;
	}
	bw_buf_puts(b, "  ");
	if (number.p != NULL)
		bw_mask_add(b, BW_MASK_NUMBER, number, r->options->reveal);
	else
		bw_buf_puts(b, "the request");
	bw_buf_puts(b, ": ");
	if (code != 0)
		bw_buf_printf(b, "%d ", code);
	bw_mask_add(b, BW_MASK_REMARK, text(why), r->options->reveal);
	bw_buf_putc(b, '\n');
}

static void
print_text(const char *name, bool portable, const struct reasons *r,
    const struct bw_buf *verdict, const struct bw_error *e)
{
	struct bw_buf why;

	terminal_text(stdout, (struct bw_str){name, strlen(name)});
	printf(": %s%s\n", portable ? "portable" : "denied",
	    e->code != BW_OK ? " by the on-error policy" : "");
	bw_buf_init(&why, MAX_TEXT);
	bw_mask_add(&why, BW_MASK_REMARK, text(e->msg), r->options->reveal);
	if (e->code != BW_OK && why.err == BW_OK) {
		fputs("  ", stdout);
		terminal_text(stdout, (struct bw_str){why.p, why.n});
		putchar('\n');
	}
	bw_buf_free(&why);
	terminal_lines(stdout, (struct bw_str){r->text.p, r->text.n});
	terminal_lines(stdout, (struct bw_str){verdict->p, verdict->n});
}

static enum bw_err
print_json(const char *name, bool portable, const struct reasons *r,
    const struct bw_buf *verdict, const struct bw_error *e)
{
	enum bw_err err;
	struct bw_buf b;

	bw_buf_init(&b, MAX_TEXT);
	bw_buf_puts(&b, "{\"file\":");
	json_string(&b, text(name));
	bw_buf_printf(
	    &b, ",\"portable\":%s,\"error\":", portable ? "true" : "false");
	if (e->code != BW_OK)
		put_json(&b, BW_MASK_REMARK, text(e->msg), r->options);
	else
		bw_buf_puts(&b, "null");
	bw_buf_puts(&b, ",\"reasons\":[");
	bw_buf_add(&b, r->text.p, r->text.n);
	bw_buf_puts(&b, "],\"verdict\":");
	json_string(&b, (struct bw_str){verdict->p, verdict->n});
	bw_buf_puts(&b, "}\n");
	err = b.err;
	if (err == BW_OK)
		fwrite(b.p, 1, b.n, stdout);
	bw_buf_free(&b);
	return err;
}

/* BW_OK if there is a verdict, including one from the on-error policy. */
static enum bw_err
decide(struct bw_config *c, const char *name, struct bw_str body,
    const struct options *o, bool *portable)
{
	struct reasons r = {.options = o};
	struct bw_portout_trial trial = {
	    .path = o->path, .body = body, .reason = add_reason, .arg = &r};
	struct bw_error e = {0};
	struct bw_buf verdict, shown;
	enum bw_err err;

	bw_buf_init(&shown, MAX_TEXT);
	bw_buf_init(&verdict, MAX_TEXT);
	bw_buf_init(&r.text, MAX_TEXT);
	err = bw_portout_try(c, &trial, &verdict, portable, &e);
	if (err == BW_ERR_ROUTE) {
		terminal_complain("%s: %s", o->config, e.msg);
	} else {
		bw_mask_answer(
		    &shown, (struct bw_str){verdict.p, verdict.n}, o->reveal);
		err = verdict.err != BW_OK ? verdict.err : r.text.err;
		if (err == BW_OK)
			err = shown.err;
		if (err == BW_OK && o->json)
			err = print_json(name, *portable, &r, &shown, &e);
		else if (err == BW_OK)
			print_text(name, *portable, &r, &shown, &e);
		if (err != BW_OK)
			terminal_complain("%s: %s", name, bw_strerror(err));
	}
	bw_buf_free(&shown);
	bw_buf_free(&verdict);
	bw_buf_free(&r.text);
	return err;
}

static enum bw_err
decide_file(struct bw_config *c, const char *name, const struct options *o,
    bool *portable)
{
	struct bw_error e = {0};
	struct bw_buf body;
	enum bw_err err;

	bw_buf_init(&body, BW_MAX_BODY);
	err = input_read(name, &body, &e);
	if (err == BW_OK)
		err = decide(c, name,
		    (struct bw_str){body.p != NULL ? body.p : "", body.n}, o,
		    portable);
	else
		terminal_complain("%s", e.msg);
	bw_buf_free(&body);
	return err;
}

static void
print_finding(void *arg, const struct bw_finding *f)
{
	struct bw_buf line;

	(void)arg;
	bw_buf_init(&line, MAX_TEXT);
	bw_finding_write(f, &line);
	terminal_text(stderr, (struct bw_str){line.p, line.n});
	putc('\n', stderr);
	bw_buf_free(&line);
}

static int
test_files(int n, char **names, const struct options *o)
{
	struct bw_reporter reporter = {.fn = print_finding};
	struct bw_config *config = NULL;
	struct bw_error e = {0};
	bool all = true;
	enum bw_err err = bw_config_load(o->config, &config, &reporter, &e);

	if (err != BW_OK && err != BW_ERR_CONFIG)
		terminal_complain("%s", e.msg);
	for (int i = 0; err == BW_OK && i < n; i++) {
		bool portable = false;

		err = decide_file(config, names[i], o, &portable);
		all = all && portable;
	}
	bw_config_unref(config);
	if (fflush(stdout) != 0 && err == BW_OK)
		err = BW_ERR_IO;
	if (err != BW_OK)
		return bw_err_exit(err);
	return all ? 0 : EXIT_DENIED;
}

#define AT(member) .at = offsetof(struct options, member)
static const struct option_row rows[] = {
    {"config", "FILE",
	"the configuration; when absent that of BWCALLBACK_CONFIG, or "
	"callbacks.xml",
	.kind = OPTION_TEXT, AT(config)},
    {"json", NULL, "one object a line for each request", .kind = OPTION_FLAG,
	AT(json)},
    {"reveal", NULL, "mask nothing", .kind = OPTION_FLAG, AT(reveal)},
    {"path", "PATH", "the section, when there are several", .kind = OPTION_STR,
	AT(path)},
    {.name = NULL},
};

static int
run_test(const struct command *c, int argc, char **argv)
{
	struct options o = {.config = command_config()};
	struct option_rest rest;
	int status;

	if (o.config == NULL)
		o.config = "callbacks.xml";
	status = command_parse(c, argc, argv, &o, NULL, &rest);
	return status >= 0 ? status : test_files(rest.argc, rest.argv, &o);
}

static const struct command actions[] = {
    {
	.name = "portout test",
	.summary = "print the verdict on port-out requests, with the reasons",
	.usage = "[OPTION...] FILE...",
	.about =
	    "Print the verdict that the configuration has for the port-out "
	    "requests in the files (\"-\": standard input), with the reasons. "
	    "Nothing is sent, stored or counted.",
	.more = "The exit code is 0 when all numbers may leave, 1 when a "
		"request is denied.",
	.options = rows,
	.group = 1,
	.least = 1,
	.most = -1,
	.takes_files = true,
	.examples =
	    "bwcallback portout test --config callbacks.xml request.xml",
	.run = run_test,
    },
    {.name = NULL},
};

const struct command command_portout = {
    .name = "portout",
    .summary = "tell what would be said to a port-out request",
    .usage = "test [OPTION...] FILE...",
    .actions = actions,
};
