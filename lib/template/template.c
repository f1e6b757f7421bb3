#include "template/template.h"

#include <bwcallback/limits.h>

#include "base/alloc.h"
#include "base/json_quote.h"
#include "base/utf8.h"
#include "template/filter.h"
#include "template/placeholder.h"
#include "template/url_guard.h"

enum kind {
	LITERAL,
	VALUE,
	BEGIN, /* start of a checked part */
	END
};

/* Nesting of BEGIN and END: an attribute inside an element. */
#define MAX_PARTS 4

struct bwi_segment {
	enum kind kind;
	struct bw_str literal;
	struct bwi_template_check check; /* END */
	struct bwi_placeholder value;
	struct bwi_slot slot;
};

struct bwi_template {
	size_t n;
	size_t literal_bytes;
	struct bwi_segment segments[];
};

void
bwi_template_init(struct bwi_template_builder *b, struct bwi_arena *arena,
    const struct bwi_tables *tables)
{
	*b = (struct bwi_template_builder){.arena = arena, .tables = tables};
	bw_buf_init(&b->literal, BW_MAX_CONFIG);
	bw_buf_init(&b->outline, BW_MAX_CONFIG);
}

void
bwi_template_free(struct bwi_template_builder *b)
{
	bw_buf_free(&b->literal);
	bw_buf_free(&b->outline);
	bwi_free(b->segments);
	b->segments = NULL;
}

void
bwi_template_literal(struct bwi_template_builder *b, struct bw_str s)
{
	bw_buf_str(&b->literal, s);
}

bool
bwi_template_has_values(const struct bwi_template_builder *b)
{
	return b->has_values;
}

static enum bw_err
no_memory(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_NOMEM, 0, "answer: out of memory");
}

static struct bwi_segment *
add_segment(struct bwi_template_builder *b)
{
	struct bwi_segment *s =
	    bwi_grow(b->segments, b->n, &b->cap, sizeof(*s));

	if (s == NULL)
		return NULL;
	b->segments = s;
	s += b->n++;
	*s = (struct bwi_segment){0};
	return s;
}

/* Turn the pending literal bytes into a segment. */
static enum bw_err
flush_literal(struct bwi_template_builder *b, struct bw_error *e)
{
	struct bwi_segment *s;

	if (b->literal.err != BW_OK)
		return no_memory(e);
	if (b->literal.n == 0)
		return BW_OK;
	s = add_segment(b);
	if (s == NULL)
		return no_memory(e);
	s->literal = bwi_arena_copy(
	    b->arena, (struct bw_str){b->literal.p, b->literal.n});
	bw_buf_reset(&b->literal);
	return s->literal.p != NULL ? BW_OK : no_memory(e);
}

static void
add_literal(
    struct bwi_template_builder *b, struct bw_str s, struct bwi_slot slot)
{
	if (slot.markup || slot.sink == BWI_SINK_TEXT ||
	    slot.sink == BWI_SINK_JSON)
		bw_buf_str(&b->literal, s);
	else
		bw_buf_xml(&b->literal, s);
	bw_buf_str(&b->outline, s);
}

static enum bw_err
add_placeholder(struct bwi_template_builder *b, struct bw_str source,
    struct bwi_slot slot, struct bw_error *e)
{
	struct bwi_placeholder value;
	struct bwi_segment *s;
	enum bw_err err;

	err = bwi_placeholder_parse(&value, b->arena, b->tables, source, e);
	if (err != BW_OK)
		return err;
	err = flush_literal(b, e);
	if (err != BW_OK)
		return err;
	s = add_segment(b);
	if (s == NULL)
		return no_memory(e);
	s->kind = VALUE;
	s->value = value;
	s->slot = slot;
	b->has_values = true;
	bw_buf_putc(&b->outline,
	    value.table != NULL ? BWI_OUTLINE_TABLE : BWI_OUTLINE_EVENT);
	return BW_OK;
}

/* Length of "{...}" at the front, 0 if it is not terminated. */
static size_t
placeholder_length(struct bw_str s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '}')
			return i + 1;
	}
	return 0;
}

static enum bw_err
add_source(struct bwi_template_builder *b, struct bw_str s,
    struct bwi_slot slot, struct bw_error *e)
{
	size_t start = 0, i = 0;

	while (i < s.n) {
		char c = s.p[i];
		bool doubled = i + 1 < s.n && s.p[i + 1] == c;
		size_t len;
		enum bw_err err;

		if (c != '{' && c != '}') {
			i++;
			continue;
		}
		/* A doubled brace stands for one brace. */
		add_literal(
		    b, (struct bw_str){s.p + start, i + doubled - start}, slot);
		if (doubled) {
			start = i += 2;
			continue;
		}
		len = c == '{' ? placeholder_length(
				     (struct bw_str){s.p + i, s.n - i})
			       : 0;
		if (len == 0) {
			return bw_error_set(e, BW_ERR_SYNTAX, 0,
			    "\"%c\" is unmatched: write \"%c%c\" for a brace "
			    "in the text",
			    c, c, c);
		}
		err = add_placeholder(
		    b, (struct bw_str){s.p + i + 1, len - 2}, slot, e);
		if (err != BW_OK)
			return err;
		start = i += len;
	}
	add_literal(b, (struct bw_str){s.p + start, s.n - start}, slot);
	return BW_OK;
}

/*
 * Values in a URL's path must not be empty: with an empty a, "/{a}/{b}" would
 * be "//b", whose host is b.
 */
static void
require_path_values(struct bwi_template_builder *b, size_t first)
{
	struct bw_str outline = {b->outline.p, b->outline.n};
	size_t path = bwi_url_guard_path(outline);

	for (size_t i = 0; i < path && first < b->n; i++) {
		if (outline.p[i] != BWI_OUTLINE_EVENT &&
		    outline.p[i] != BWI_OUTLINE_TABLE)
			continue;
		while (first < b->n && b->segments[first].kind != VALUE)
			first++;
		if (first < b->n)
			b->segments[first++].slot.required = true;
	}
}

enum bw_err
bwi_template_value(struct bwi_template_builder *b, struct bw_str source,
    struct bwi_slot slot, struct bw_error *e)
{
	size_t first = b->n;
	const char *why = NULL;
	struct bw_str outline;
	enum bw_err err;

	bw_buf_reset(&b->outline);
	err = add_source(b, source, slot, e);
	if (err != BW_OK)
		return err;
	if (b->outline.err != BW_OK || b->literal.err != BW_OK)
		return no_memory(e);
	outline = (struct bw_str){b->outline.p, b->outline.n};
	if (slot.sink == BWI_SINK_URL) {
		why = bwi_url_guard_check(outline);
		require_path_values(b, first);
	} else if (slot.sink == BWI_SINK_SIP) {
		why = bwi_url_guard_check_sip(outline);
	} else if (slot.sink == BWI_SINK_CALLEE && outline.n != 0 &&
		   memchr(outline.p, ':', outline.n) != NULL) {
		/* Without a literal colon, no value can make it a URI. */
		why = bwi_url_guard_check_sip(outline);
	}
	return why == NULL ? BW_OK
			   : bw_error_set(e, BW_ERR_SYNTAX, 0, "%s", why);
}

/* bwi_template_finish reports a failure. */
static struct bwi_segment *
add_mark(struct bwi_template_builder *b, enum kind kind)
{
	struct bwi_segment *s = NULL;

	if (flush_literal(b, NULL) == BW_OK)
		s = add_segment(b);
	if (s == NULL)
		b->literal.err = BW_ERR_NOMEM;
	else
		s->kind = kind;
	return s;
}

void
bwi_template_begin(struct bwi_template_builder *b)
{
	if (b->depth++ < MAX_PARTS)
		(void)add_mark(b, BEGIN);
}

void
bwi_template_end(
    struct bwi_template_builder *b, const struct bwi_template_check *check)
{
	struct bwi_segment *s;

	if (--b->depth >= MAX_PARTS)
		return;
	s = add_mark(b, END);
	if (s != NULL)
		s->check = *check;
}

enum bw_err
bwi_template_finish(struct bwi_template_builder *b,
    const struct bwi_template **out, struct bw_error *e)
{
	struct bwi_template *t;
	enum bw_err err = flush_literal(b, e);

	if (err != BW_OK)
		return err;
	t = bwi_arena_alloc(
	    b->arena, sizeof(*t) + b->n * sizeof(t->segments[0]));
	if (t == NULL)
		return no_memory(e);
	t->n = b->n;
	t->literal_bytes = 0;
	for (size_t i = 0; i < b->n; i++) {
		t->segments[i] = b->segments[i];
		t->literal_bytes += b->segments[i].literal.n;
	}
	*out = t;
	return BW_OK;
}

struct bw_str
bwi_template_text(const struct bwi_template *t)
{
	return t->n == 1 ? t->segments[0].literal : (struct bw_str){"", 0};
}

/*
 * In a SIP user part '+' is literal (RFC 3261 §25.1), and gateways that do not
 * decode the user part need it literal.
 */
static void
put_sip(struct bw_buf *b, struct bw_str s)
{
	size_t start = 0;

	if (s.n == 0) /* absent: there is no address */
		return;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '+')
			continue;
		bw_buf_url(b, (struct bw_str){s.p + start, i - start});
		bw_buf_putc(b, '+');
		start = i + 1;
	}
	bw_buf_url(b, (struct bw_str){s.p + start, s.n - start});
}

/* Append as valid UTF-8: replace invalid bytes and control characters. */
static void
put_text(struct bw_buf *b, struct bw_str s)
{
	size_t i = 0;

	while (i < s.n) {
		uint32_t cp = 0;
		size_t len = bwi_utf8_next(s.p + i, s.n - i, &cp);
		unsigned char c = (unsigned char)s.p[i];
		bool control = c < 0x20 && c != '\t' && c != '\n' && c != '\r';

		if (len == 0 || control)
			bw_buf_puts(b, "\xef\xbf\xbd");
		else
			bw_buf_add(b, s.p + i, len);
		i += len != 0 ? len : 1;
	}
}

static void
put_value(struct bw_buf *b, const struct bwi_segment *s, struct bw_str value)
{
	/* Values of a table are the operator's own: they may hold URLs. */
	bool own = s->value.table != NULL;

	switch (s->slot.sink) {
	case BWI_SINK_URL:
		if (own)
			bw_buf_xml(b, value);
		else
			bw_buf_url(b, value);
		break;
	case BWI_SINK_SIP:
	case BWI_SINK_CALLEE:
		if (own)
			bw_buf_xml(b, value);
		else
			put_sip(b, value);
		break;
	case BWI_SINK_XML:
		bw_buf_xml(b, value);
		break;
	case BWI_SINK_TEXT:
		put_text(b, value);
		break;
	case BWI_SINK_JSON:
		bwi_json_quote(b, value);
		break;
	}
}

/* Offsets in the output of the open parts. */
struct parts {
	size_t begin[MAX_PARTS];
	size_t depth;
};

static enum bw_err
render_end(const struct bwi_segment *s, struct parts *parts,
    struct bwi_arena *arena, const struct bw_buf *out, struct bw_error *e)
{
	size_t begin = parts->begin[--parts->depth];
	struct bw_str part = {"", 0};

	if (out->err != BW_OK)
		return BW_OK; /* reported at the end */
	if (out->n > begin)
		part = (struct bw_str){out->p + begin, out->n - begin};
	return s->check.fn(s->check.arg, part, arena)
		   ? BW_OK
		   : bw_error_set(
			 e, BW_ERR_BXML, 0, "answer: %s", s->check.why);
}

/* "." and ".." change the path, encoded or not (RFC 3986 §6.2.2). */
static bool
is_dots(struct bw_str s)
{
	return bw_str_is(s, ".") || bw_str_is(s, "..");
}

static enum bw_err
render_value(const struct bwi_segment *s, const struct bw_event *event,
    struct bwi_arena *arena, struct bw_buf *out, struct bw_error *e)
{
	struct bw_str value;

	if (!bwi_placeholder_get(&s->value, event, arena, &value))
		return no_memory(e);
	if (s->slot.required && (value.n == 0 || is_dots(value))) {
		return bw_error_set(e, BW_ERR_BXML, 0, "answer: {%.*s} %s",
		    (int)s->value.source.n, s->value.source.p,
		    value.n == 0 ? "has no value"
				 : "would change the URL's path");
	}
	put_value(out, s, value);
	return BW_OK;
}

enum bw_err
bwi_template_render(const struct bwi_template *t, const struct bw_event *event,
    struct bwi_arena *arena, struct bw_buf *out, struct bw_error *e)
{
	size_t before = out->n;
	struct parts parts = {.depth = 0};
	enum bw_err err = BW_OK;

	bw_buf_reserve(out, before + t->literal_bytes);
	for (size_t i = 0; i < t->n && err == BW_OK; i++) {
		const struct bwi_segment *s = &t->segments[i];

		switch (s->kind) {
		case LITERAL:
			bw_buf_str(out, s->literal);
			break;
		case VALUE:
			err = render_value(s, event, arena, out, e);
			break;
		case BEGIN:
			parts.begin[parts.depth++] = out->n;
			break;
		case END:
			err = render_end(s, &parts, arena, out, e);
			break;
		}
	}
	if (err == BW_OK && out->err != BW_OK) {
		err = bw_error_set(
		    e, out->err, 0, "answer: %s", bw_strerror(out->err));
	}
	if (err != BW_OK)
		out->n = before;
	return err;
}

struct bwi_placeholder *
bwi_template_placeholder(struct bwi_template_builder *b, size_t i)
{
	return b->segments[i].kind == VALUE ? &b->segments[i].value : NULL;
}

bool
bwi_template_needs(const struct bwi_template_builder *b, size_t i)
{
	const struct bwi_segment *s = &b->segments[i];
	struct bw_str value = {NULL, 0};

	return s->slot.required &&
	       bwi_placeholder_get(&s->value, NULL, b->arena, &value) &&
	       value.n == 0;
}

/* Are there placeholders from that segment on, all of them absent? */
static bool
all_absent(const struct bwi_template_builder *b, size_t first)
{
	bool some = false;

	for (size_t i = first; i < b->n; i++) {
		if (b->segments[i].kind != VALUE)
			continue;
		if (!b->segments[i].value.absent)
			return false;
		some = true;
	}
	return some;
}

bool
bwi_template_always_fails(const struct bwi_template_builder *b, size_t first,
    const struct bwi_template_check *check)
{
	struct bw_buf out;
	enum bw_err err = BW_OK;
	bool fails;

	if (!all_absent(b, first))
		return false;
	bw_buf_init(&out, BW_MAX_CONFIG);
	for (size_t i = first; i < b->n && err == BW_OK; i++) {
		const struct bwi_segment *s = &b->segments[i];

		bw_buf_str(&out, s->literal);
		if (s->kind == VALUE)
			err = render_value(s, NULL, b->arena, &out, NULL);
	}
	if (b->literal.n != 0)
		bw_buf_add(&out, b->literal.p, b->literal.n);
	fails = err == BW_OK && out.err == BW_OK &&
		!check->fn(check->arg,
		    (struct bw_str){out.n != 0 ? out.p : "", out.n}, b->arena);
	bw_buf_free(&out);
	return fails;
}
