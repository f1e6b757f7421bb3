/* bwcallback decode: decode callback bodies. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/event.h>
#include <bwcallback/limits.h>

#include "cli/common/command.h"
#include "cli/common/input.h"
#include "cli/common/json_string.h"
#include "cli/common/terminal.h"

struct options {
	bool query; /* --query: each file is a query string */
	bool json;  /* --json: print one JSON line for each event */
	bool types; /* --types: list the types, decode nothing */
	struct bw_str content_type;
};

/* The JSON of an event may be longer than its body: escapes, names of lists. */
#define MAX_JSON ((size_t)BW_MAX_BODY * 8)

static void
add_member(struct bw_buf *out, const char *name, struct bw_str value)
{
	bw_buf_printf(out, "%s\"%s\":", out->n > 0 ? "," : "{", name);
	if (value.p != NULL)
		json_string(out, value);
	else
		bw_buf_puts(out, "null");
}

static struct bw_str
text(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

/* Print each member of a compact JSON text on a line of its own. */
static void
print_pretty(struct bw_str json, FILE *f)
{
	bool quoted = false;
	int depth = 0;

	for (size_t i = 0; i < json.n; i++) {
		char c = json.p[i];
		bool ends = i + 1 < json.n &&
			    (json.p[i + 1] == '}' || json.p[i + 1] == ']');

		putc(c, f);
		if (quoted && c == '\\')
			putc(json.p[++i], f);
		else if (c == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if (c == '{' || c == '[')
			depth++;
		if (ends && c != '{' && c != '[')
			depth--;
		if (c == ':')
			putc(' ', f);
		else if (c == ',' || ((c == '{' || c == '[') != ends))
			fprintf(f, "\n%*s", depth * 2, "");
		else if (ends) /* an empty pair */
			depth--;
	}
}

static enum bw_err
print_event(const char *file, const struct bw_event *e, const struct options *o)
{
	struct bw_buf key, out;
	enum bw_err err;

	bw_buf_init(&key, MAX_JSON);
	bw_buf_init(&out, MAX_JSON);
	bw_event_key(e, &key);
	add_member(&out, "file", text(file));
	add_member(&out, "family", text(bw_family_name(bw_event_family(e))));
	add_member(&out, "type", bw_event_name(e));
	add_member(
	    &out, "key", (struct bw_str){key.n > 0 ? key.p : NULL, key.n});
	bw_buf_puts(&out, ",\"fields\":");
	err = bw_event_json(e, &out);
	bw_buf_putc(&out, '}');
	if (err == BW_OK)
		err = key.err != BW_OK ? key.err : out.err;
	if (err == BW_OK && o->json)
		fwrite(out.p, 1, out.n, stdout);
	else if (err == BW_OK)
		print_pretty((struct bw_str){out.p, out.n}, stdout);
	if (err == BW_OK)
		putchar('\n');
	bw_buf_free(&key);
	bw_buf_free(&out);
	return err;
}

static bool
ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	return n >= k && strcmp(name + n - k, suffix) == 0;
}

/* Remove the newline at the end: files have one, query strings do not. */
static struct bw_str
chomp(struct bw_str s)
{
	while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

static enum bw_err
decode_body(struct bw_decoder *d, const char *name, struct bw_str body,
    const struct options *o, struct bw_error *error)
{
	struct bw_payload in = {.body = body, .content_type = o->content_type};
	const struct bw_event *const *events;
	struct bw_error why = {0};
	enum bw_err err;
	size_t n;

	if (o->query || ends_in(name, ".query")) {
		in.get = true;
		in.query = chomp(body);
	}
	err = bw_decode(d, &in, &events, &n, &why);
	if (err != BW_OK)
		return bw_error_set(error, err, 0, "%s: %s", name, why.msg);
	for (size_t i = 0; err == BW_OK && i < n; i++)
		err = print_event(name, events[i], o);
	if (err != BW_OK)
		bw_error_set(error, err, 0, "%s: %s", name, bw_strerror(err));
	return err;
}

static enum bw_err
decode_file(struct bw_decoder *d, const char *name, const struct options *o)
{
	struct bw_error error = {0};
	struct bw_buf body;
	enum bw_err err;

	/* One byte more than the limit, to detect a body that is too large. */
	bw_buf_init(&body, BW_MAX_BODY + 1);
	err = input_read(name, &body, &error);
	if (err == BW_OK) {
		err = decode_body(d, name,
		    (struct bw_str){body.p != NULL ? body.p : "", body.n}, o,
		    &error);
	}
	if (err != BW_OK)
		terminal_complain("%s", error.msg);
	bw_buf_free(&body);
	return err;
}

static int
flush_output(void)
{
	if (fflush(stdout) == 0)
		return 0;
	terminal_complain("standard output: %s", strerror(errno));
	return bw_err_exit(BW_ERR_IO);
}

static int
print_types(bool json)
{
	size_t n;
	const struct bw_event_type *types = bw_event_types(&n);

	for (size_t i = 0; i < n; i++) {
		const char *family = bw_family_name(types[i].family);
		const char *answer = bw_answer_name(types[i].answer);

		if (json) {
			printf("{\"family\":\"%s\",\"type\":\"%s\","
			       "\"answer\":\"%s\",\"status\":%d,"
			       "\"key\":\"%s\"}\n",
			    family, types[i].name, answer, types[i].status,
			    types[i].key);
		} else {
			printf("%-14s %-30s %-12s %d  %s\n", family,
			    types[i].name, answer, types[i].status,
			    types[i].key);
		}
	}
	return flush_output();
}

static int
decode_files(int n, char **names, const struct options *o)
{
	static char standard[] = "-";
	char *only[] = {standard};
	struct bw_decoder *d = bw_decoder_new();
	enum bw_err first = BW_OK;

	if (d == NULL) {
		terminal_complain("%s", bw_strerror(BW_ERR_NOMEM));
		return bw_err_exit(BW_ERR_NOMEM);
	}
	if (n == 0) {
		names = only;
		n = 1;
	}
	for (int i = 0; i < n; i++) {
		enum bw_err err = decode_file(d, names[i], o);

		first = first != BW_OK ? first : err;
	}
	bw_decoder_free(d);
	return first != BW_OK ? bw_err_exit(first) : flush_output();
}

#define AT(member) .at = offsetof(struct options, member)
static const struct option_row rows[] = {
    {"json", NULL, "JSON on one line for each, terminal or not",
	.kind = OPTION_FLAG, AT(json)},
    {"query", NULL,
	"the files are query strings of GET callbacks, as are those whose "
	"names end in .query",
	.kind = OPTION_FLAG, AT(query)},
    {"content-type", "TYPE", "what the request said the body is",
	.kind = OPTION_STR, AT(content_type)},
    {"types", NULL, "list every type of callback there is", .kind = OPTION_FLAG,
	AT(types)},
    {.name = NULL},
};

static int
run(const struct command *c, int argc, char **argv)
{
	struct options o = {0};
	struct option_rest rest;
	int status = command_parse(c, argc, argv, &o, NULL, &rest);

	if (status >= 0)
		return status;
	if (o.types && rest.argc > 0)
		return command_refuse(c,
		    "--types takes no file, and \"%.100s\" is one",
		    rest.argv[0]);
	if (o.types)
		return print_types(o.json);
	o.json = o.json || isatty(STDOUT_FILENO) == 0;
	return decode_files(rest.argc, rest.argv, &o);
}

const struct command command_decode = {
    .name = "decode",
    .summary = "tell what the body of a callback is recognised as",
    .usage = "[OPTION...] [FILE...]\n[--json] --types",
    .about =
	"Print family, type, de-duplication key and fields of each event in "
	"the files (\"-\" or none: standard input) as JSON, on one line each "
	"when the output is not a terminal.",
    .more =
	"The exit code is 0, or that of the first file that is malformed (65) "
	"or cannot be read (66).",
    .options = rows,
    .group = 1,
    .most = -1,
    .takes_files = true,
    .examples = "bwcallback decode callback.json\n"
		"bwcallback decode --types",
    .run = run,
};
