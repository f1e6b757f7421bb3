/* bwcallback simulate telephone: the lines that it reads and writes. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "sim/base/memory.h"
#include "sim/base/printable.h"
#include "sim/report/transcript.h"

#include "cli/simulate/telephone.h"

#define MAX_DEPTH 4

/* Wait for input. False: the time is over. */
static bool
wait_for_input(const struct telephone *t)
{
	int64_t now = bw_monotonic_ms(), until = now + t->options->idle;
	struct pollfd p = {STDIN_FILENO, POLLIN, 0};
	int n;

	if (until > t->until)
		until = t->until;
	do {
		int64_t left = until - bw_monotonic_ms();

		n = left <= 0
			? 0
			: poll(&p, 1, left < 1000000 ? (int)left : 1000000);
	} while (
	    (n < 0 && errno == EINTR) || (n == 0 && bw_monotonic_ms() < until));
	return n > 0;
}

/* Read until there is a whole line in t->in; its length, or SIZE_MAX: gone. */
static size_t
read_line(struct telephone *t)
{
	char part[4096];
	ssize_t n;

	for (;;) {
		const char *end =
		    t->in.n > 0 ? memchr(t->in.p, '\n', t->in.n) : NULL;

		if (end != NULL)
			return (size_t)(end - t->in.p);
		if (!wait_for_input(t)) {
			t->left = "time";
			return SIZE_MAX;
		}
		n = read(STDIN_FILENO, part, sizeof(part));
		if (n > 0)
			bw_buf_add(&t->in, part, (size_t)n);
		if (n <= 0 || t->in.err != BW_OK) {
			t->left = n > 0 ? "length" : "end";
			return SIZE_MAX;
		}
	}
}

static json_object *
parse(const char *line, size_t n)
{
	json_tokener *parser = json_tokener_new_ex(MAX_DEPTH);
	json_object *o;

	if (parser == NULL)
		sim_no_memory();
	json_tokener_set_flags(
	    parser, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* n is at most TELEPHONE_MAX_LINE */
	o = json_tokener_parse_ex(parser, line, (int)n);
	if (json_tokener_get_error(parser) != json_tokener_success) {
		json_object_put(o);
		o = NULL;
	}
	json_tokener_free(parser);
	return o;
}

/* Remove the first n bytes. */
static void
consume(struct bw_buf *b, size_t n)
{
	char *rest = sim_copy_str((struct bw_str){b->p + n, b->n - n});
	size_t left = b->n - n;

	bw_buf_reset(b);
	bw_buf_add(b, rest, left);
	free(rest);
}

const char *
telephone_member(const struct telephone *t, const char *name)
{
	json_object *o = NULL;

	return json_object_object_get_ex(t->said, name, &o) &&
		       json_object_is_type(o, json_type_string)
		   ? json_object_get_string(o)
		   : NULL;
}

bool
telephone_read(struct telephone *t)
{
	while (t->left == NULL) {
		size_t n = read_line(t);

		if (n == SIZE_MAX)
			break;
		json_object_put(t->said);
		/* A terminator of its own, which json-c needs to end "12". */
		t->said = parse(t->in.p, n + 1);
		consume(&t->in, n + 1);
		if (json_object_is_type(t->said, json_type_object) &&
		    telephone_member(t, "do") != NULL) {
			if (strcmp(telephone_member(t, "do"), "end") == 0)
				t->left = "end";
			return t->left == NULL;
		}
		telephone_refuse(t, "not an object with a member \"do\"");
	}
	return false;
}

void
telephone_say(const struct telephone *t, const char *kind, const char *text)
{
	printf("{\"t\":%" PRId64 ",\"kind\":\"%s\"", t->now - t->begin, kind);
	if (text != NULL) {
		fputs(",\"text\":", stdout);
		sim_printable_json_text(stdout, text);
	}
	puts("}");
	(void)fflush(stdout);
}

void
telephone_refuse(const struct telephone *t, const char *text)
{
	telephone_say(t, "refused", text);
}

/* The path of an absolute URL. */
static struct bw_str
path_of(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = host != NULL ? strchr(host + 3, '/') : NULL;

	return path != NULL ? (struct bw_str){path, strcspn(path, "?#")}
			    : (struct bw_str){"/", 1};
}

/* The node that answered; false: none did. */
static bool
find_node(const struct telephone *t, const struct sim_log_entry *n,
    struct bw_buf *name, bool *drawn)
{
	const char *file = n->reply->rule_file;
	int line = n->reply->rule_line;

	if (n->reply->status == 401)
		return false;
	if (n->reply->fallback && !bw_graph_fallback(t->graph,
				      path_of(n->request->url), &file, &line))
		return false;
	return file != NULL && bw_graph_name(t->graph, file, line, name, drawn);
}

/* Write the node that answered, and the edge to it. */
static void
put_node(struct telephone *t, FILE *f, const struct sim_log_entry *n)
{
	struct bw_buf name;
	bool drawn = false;

	bw_buf_init(&name, 64);
	if (n->reply != NULL && find_node(t, n, &name, &drawn)) {
		fprintf(f, ",\"node\":\"n%.*s\"", (int)name.n, name.p);
		if (drawn) {
			fprintf(f, ",\"edge\":\"e%.*s-%.*s\"", (int)t->at.n,
			    t->at.p, (int)name.n, name.p);
			bw_buf_reset(&t->at);
			bw_buf_add(&t->at, name.p, name.n);
		}
	}
	bw_buf_free(&name);
}

/* An entry as one line; too long a line becomes a line without its members. */
void
telephone_log(void *arg, const struct sim_log_entry *n)
{
	struct telephone *t = arg;
	char *line = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&line, &size);

	if (f == NULL)
		sim_no_memory();
	t->now = n->time;
	fprintf(f, "{\"t\":%" PRId64, n->time - t->begin);
	put_node(t, f, n);
	putc(',', f);
	sim_transcript_json_members(f, n);
	fputs("}\n", f);
	if (fclose(f) != 0)
		sim_no_memory();
	if (size <= TELEPHONE_MAX_LINE)
		fputs(line, stdout);
	else
		telephone_say(t, "cut", "too long a line was left out");
	free(line);
	(void)fflush(stdout);
}
