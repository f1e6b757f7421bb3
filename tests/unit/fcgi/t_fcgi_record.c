/*
 * FastCGI records: results, replies and collected content do not depend on how
 * the bytes are split, and no bytes cause harm.
 */
#include <stdlib.h>

#include "fcgi/fcgi_record.h"
#include "tests/tap/tap.h"

#define BEGIN	  "\1\1\0\1\0\10\0\0\0\1\1\0\0\0\0\0"
#define PARAMS	  "\1\4\0\1\0\13\5\0\4\5NAMEvalue\0\0\0\0\0"
#define NO_PARAMS "\1\4\0\1\0\0\0\0"
#define BODY	  "\1\5\0\1\0\4\0\0body"
#define NO_BODY	  "\1\5\0\1\0\0\0\0"
#define REQUEST	  BEGIN PARAMS NO_PARAMS BODY NO_BODY
#define VALUES	  "\1\11\0\0\0\21\0\0\17\0FCGI_MPXS_CONNS"
#define ABORT	  "\1\2\0\1\0\0\0\0"
#define OTHER	  "\1\5\0\7\0\2\0\0xx"
#define SECOND	  "\1\1\0\2\0\10\0\0\0\1\1\0\0\0\0\0"
#define BAD_ROLE  "\1\1\0\1\0\10\0\0\0\2\0\0\0\0\0\0"

#define IN(literal) \
	{ \
		(literal), sizeof(literal) - 1 \
	}

/*
 * The results of an input, as a string: a letter for each result but MORE: A a
 * reply, H a reply after which the connection is closed, R a request (r if it
 * is not plain), B bad (nothing follows).
 */
static const struct {
	const char *name;
	struct bw_str in;
	const char *results;
} cases[] = {
    {"nothing", IN(""), ""},
    {"a request", IN(REQUEST), "R"},
    {"two", IN(REQUEST REQUEST), "RR"},
    {"no body", IN(BEGIN NO_PARAMS NO_BODY), "R"},
    {"half a request", IN(BEGIN PARAMS), ""},
    {"values", IN(VALUES), "A"},
    {"values before", IN(VALUES REQUEST), "Ar"},
    {"values within", IN(BEGIN VALUES PARAMS NO_PARAMS NO_BODY), "Ar"},
    {"late record", IN(OTHER REQUEST), "r"},
    {"padded begin",
	IN("\1\1\0\1\0\10\2\0\0\1\1\0\0\0\0\0xx" NO_PARAMS NO_BODY), "r"},
    {"padded end", IN(BEGIN NO_PARAMS "\1\5\0\1\0\0\3\0xxx"), "r"},
    {"another's begin", IN(BEGIN SECOND PARAMS NO_PARAMS NO_BODY), "Ar"},
    {"aborted", IN(BEGIN PARAMS ABORT REQUEST), "Ar"},
    {"abort without a request", IN(ABORT REQUEST), "r"},
    {"wrong role", IN(BAD_ROLE), "H"},
    {"unknown management", IN("\1\117\0\0\0\1\0\0x"), "A"},
    {"version", IN("\2\1\0\1\0\10\0\0"), "B"},
    {"short begin", IN("\1\1\0\1\0\7\0\0"), "B"},
    {"begun twice", IN(BEGIN BEGIN), "B"},
    {"body first", IN(BEGIN BODY), "B"},
    {"parameters again", IN(BEGIN NO_PARAMS PARAMS), "B"},
    {"data", IN(BEGIN NO_PARAMS "\1\10\0\1\0\0\0\0"), "B"},
    {"cut pair", IN(BEGIN "\1\4\0\1\0\2\0\0\3a" NO_PARAMS), "B"},
    {"cut length", IN(BEGIN "\1\4\0\1\0\1\0\0\200" NO_PARAMS), "B"},
    {"huge lengths",
	IN(BEGIN "\1\4\0\1\0\10\0\0\377\377\377\376\377\377\377\376"), "B"},
    {"huge value", IN(BEGIN "\1\4\0\1\0\6\0\0\1\377\377\377\377a"), "B"},
    {"wide lengths",
	IN(BEGIN "\1\4\0\1\0\13\0\0\200\0\0\1\200\0\0\2abc" NO_PARAMS NO_BODY),
	"R"},
    {"large FCGI_GET_VALUES", IN("\1\11\0\0\377\377\0\0"), "B"},
};

struct seen {
	struct bw_buf results;
	struct bw_buf content; /* of all requests, and all replies */
};

static void
seen_init(struct seen *s)
{
	bw_buf_init(&s->results, 1 << 16);
	bw_buf_init(&s->content, 1 << 20);
}

static void
seen_free(struct seen *s)
{
	bw_buf_free(&s->results);
	bw_buf_free(&s->content);
}

static void
add_result(struct seen *s, struct records *r, enum record_result v)
{
	switch (v) {
	case RECORD_MORE:
		return;
	case RECORD_ANSWER:
		bw_buf_putc(&s->results, r->hang_up ? 'H' : 'A');
		bw_buf_add(&s->content, (const char *)r->reply, r->reply_n);
		return;
	case RECORD_REQUEST:
		bw_buf_putc(&s->results, r->plain ? 'R' : 'r');
		bw_buf_add(&s->content, r->params->p, r->params->n);
		bw_buf_add(&s->content, r->body->p, r->body->n);
		for (const char *const *env =
			 essential_params_env(r->essential);
		     *env != NULL; env++)
			bw_buf_puts(&s->content, *env);
		bw_buf_reset(r->params);
		bw_buf_reset(r->body);
		records_init(r, 9, r->params, r->body, r->essential);
		return;
	case RECORD_BAD:
		bw_buf_putc(&s->results, 'B');
		return;
	}
}

/*
 * Feed the input in pieces of at most size bytes, the first of at most first
 * bytes.
 */
static void
feed(struct bw_str in, size_t first, size_t size, struct seen *s)
{
	struct records r;
	struct bw_buf params, body;
	struct essential_params essential;
	enum record_result v = RECORD_MORE;
	size_t at = 0, end = first;

	bw_buf_init(&params, 1 << 20);
	bw_buf_init(&body, 1 << 20);
	records_init(&r, 9, &params, &body, &essential);
	while (at < in.n && v != RECORD_BAD) {
		/* A copy, so that tools detect reading past its end. */
		size_t n = (end < in.n ? end : in.n) - at;
		unsigned char *copy = malloc(n > 0 ? n : 1);
		size_t used = 0;

		if (copy == NULL)
			break;
		memcpy(copy, in.p + at, n);
		v = records_feed(&r, copy, n, &used);
		free(copy);
		add_result(s, &r, v);
		at += used;
		if (at == end || v == RECORD_MORE)
			end = at + size;
	}
	bw_buf_free(&params);
	bw_buf_free(&body);
}

static struct bw_str
text_of(const struct bw_buf *b)
{
	return (struct bw_str){b->n > 0 ? b->p : "", b->n};
}

static bool
same(const struct seen *a, const struct seen *b)
{
	return bw_str_eq(text_of(&a->results), text_of(&b->results)) &&
	       bw_str_eq(text_of(&a->content), text_of(&b->content));
}

/* Do all splits give the same results as the whole? */
static bool
any_pieces(struct bw_str in, const struct seen *whole)
{
	bool good = true;

	for (size_t first = 1; first <= in.n && good; first++) {
		size_t sizes[] = {1, 3, in.n};

		for (size_t i = 0; i < 3 && good; i++) {
			struct seen s;

			seen_init(&s);
			feed(in, first, sizes[i], &s);
			good = same(&s, whole);
			seen_free(&s);
		}
	}
	return good;
}

static void
test_cases(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen s;

		seen_init(&s);
		feed(cases[i].in, cases[i].in.n, cases[i].in.n, &s);
		is_text(
		    text_of(&s.results), cases[i].results, "%s", cases[i].name);
		ok(any_pieces(cases[i].in, &s), "%s: in pieces", cases[i].name);
		seen_free(&s);
	}
}

static void
test_content(void)
{
	struct seen s;

	seen_init(&s);
	feed(BW_STR(REQUEST), 5, 5, &s);
	is_text(text_of(&s.content), "\4\5NAMEvaluebody", "collected content");
	seen_free(&s);
}

/* Mutations: each byte of each case is replaced by special values. */
static void
test_mutations(void)
{
	static const unsigned char values[] = {
	    0, 1, 2, 4, 5, 9, 0x7f, 0x80, 255};
	unsigned runs = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bw_str in = cases[i].in;
		char *copy = malloc(in.n + 1);

		for (size_t at = 0; copy != NULL && at < in.n; at++) {
			memcpy(copy, in.p, in.n);
			for (size_t v = 0; v < sizeof(values); v++) {
				struct seen s;

				copy[at] = (char)values[v];
				seen_init(&s);
				feed((struct bw_str){copy, in.n}, 7, in.n, &s);
				seen_free(&s);
				runs++;
			}
		}
		free(copy);
	}
	ok(runs > 5000, "%u mutations", runs);
}

int
main(void)
{
	test_cases();
	test_content();
	test_mutations();
	return tap_done();
}
