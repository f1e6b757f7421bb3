/* Masks the answers to events: XML, element by element. */
#include <bwcallback/limits.h>

#include "bxml/value.h"
#include "mask/mask.h"

/* Deeper elements are hidden. */
#define MAX_DEPTH 32

struct document {
	struct bw_buf *out;
	struct bw_str s;
	size_t i;
	struct bw_str open[MAX_DEPTH];
	size_t depth;
	bool reveal; /* all but credentials */
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Take the bytes up to one of a set, or to the end. */
static struct bw_str
take_until(struct document *d, const char *set)
{
	size_t begin = d->i;

	while (d->i < d->s.n && strchr(set, d->s.p[d->i]) == NULL)
		d->i++;
	return (struct bw_str){d->s.p + begin, d->i - begin};
}

static void
copy_space(struct document *d)
{
	size_t begin = d->i;

	while (d->i < d->s.n && is_space(d->s.p[d->i]))
		d->i++;
	bw_buf_add(d->out, d->s.p + begin, d->i - begin);
}

static bool
copy_char(struct document *d, char c)
{
	if (d->i == d->s.n || d->s.p[d->i] != c)
		return false;
	bw_buf_putc(d->out, c);
	d->i++;
	return true;
}

static bool
begins_with(const struct document *d, const char *text)
{
	size_t n = strlen(text);

	return d->s.n - d->i >= n && memcmp(d->s.p + d->i, text, n) == 0;
}

static void
write_text(struct document *d, struct bw_str text)
{
	struct bw_str in = {"", 0};

	if (bwi_bxml_is_blank(text)) {
		bw_buf_str(d->out, text);
		return;
	}
	if (d->depth > 0 && d->depth <= MAX_DEPTH)
		in = d->open[d->depth - 1];
	bw_mask_add(d->out, bwi_mask_of_bxml(in, (struct bw_str){"", 0}), text,
	    d->reveal);
}

/* Write a comment, CDATA section or processing instruction. */
static bool
write_special(struct document *d)
{
	static const struct {
		const char *begin, *end;
	} specials[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};

	for (size_t k = 0; k < sizeof(specials) / sizeof(specials[0]); k++) {
		size_t n = strlen(specials[k].begin);
		struct bw_str rest;
		const char *end;

		if (!begins_with(d, specials[k].begin))
			continue;
		rest = (struct bw_str){d->s.p + d->i + n, d->s.n - d->i - n};
		end = rest.n > 0 ? memmem(rest.p, rest.n, specials[k].end,
				       strlen(specials[k].end))
				 : NULL;
		if (end != NULL)
			rest.n = (size_t)(end - rest.p);
		bw_buf_puts(d->out, specials[k].begin);
		if (k == 1)
			write_text(d, rest);
		else
			bw_mask_add(d->out,
			    k == 0 ? BW_MASK_HIDDEN : BW_MASK_REMARK, rest,
			    d->reveal);
		bw_buf_puts(d->out, end != NULL ? specials[k].end : "");
		d->i +=
		    n + rest.n + (end != NULL ? strlen(specials[k].end) : 0);
		return true;
	}
	return false;
}

/*
 * Write name="value". False when the syntax is another: the rest of the tag is
 * hidden then.
 */
static bool
write_attribute(struct document *d, struct bw_str element)
{
	struct bw_str name = take_until(d, " \t\r\n=/><\"'"), value;
	char quote[2] = "";

	if (name.n == 0)
		return false;
	bw_buf_str(d->out, name);
	copy_space(d);
	if (!copy_char(d, '='))
		return false;
	copy_space(d);
	if (d->i == d->s.n || (d->s.p[d->i] != '"' && d->s.p[d->i] != '\''))
		return false;
	quote[0] = d->s.p[d->i];
	(void)copy_char(d, quote[0]);
	value = take_until(d, quote);
	bw_mask_add(d->out, bwi_mask_of_bxml(element, name), value, d->reveal);
	return copy_char(d, quote[0]);
}

static void
write_tag(struct document *d)
{
	bool end, empty;
	struct bw_str name;

	(void)copy_char(d, '<');
	end = copy_char(d, '/');
	name = take_until(d, " \t\r\n/><\"'=");
	bw_buf_str(d->out, name);
	for (copy_space(d);
	     d->i < d->s.n && d->s.p[d->i] != '>' && d->s.p[d->i] != '/';
	     copy_space(d)) {
		if (!write_attribute(d, name)) {
			bw_mask_add(d->out, BW_MASK_HIDDEN, take_until(d, ">"),
			    d->reveal);
			break;
		}
	}
	empty = copy_char(d, '/');
	if (end && d->depth > 0)
		d->depth--;
	if (!end && !empty && d->depth++ < MAX_DEPTH)
		d->open[d->depth - 1] = name;
	if (!copy_char(d, '>'))
		bw_mask_add(
		    d->out, BW_MASK_HIDDEN, take_until(d, "<"), d->reveal);
}

/* Does the document have a root whose elements are known? */
static bool
is_known(struct bw_str s)
{
	static const char *const roots[] = {
	    "<Response", "<Bxml", "<PortOutValidationResponse"};
	size_t max = s.n < 4096 ? s.n : 4096;

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		if (max > 0 &&
		    memmem(s.p, max, roots[i], strlen(roots[i])) != NULL)
			return true;
	}
	return false;
}

static void
write_document(struct document *d)
{
	while (d->i < d->s.n && d->out->err == BW_OK) {
		if (d->s.p[d->i] != '<')
			write_text(d, take_until(d, "<"));
		else if (!write_special(d))
			write_tag(d);
	}
}

/*
 * Strike the credentials of verbs, and then what looks like a password, for
 * documents that are no BXML.
 */
static void
reveal_answer(struct bw_buf *b, struct bw_str s)
{
	struct bw_buf struck;
	struct document d = {.out = &struck, .s = s, .reveal = true};

	bw_buf_init(&struck, b->max);
	write_document(&d);
	if (struck.err != BW_OK)
		b->err = struck.err;
	else
		bwi_mask_passwords(
		    b, (struct bw_str){struck.p, struck.n}, true);
	bw_buf_free(&struck);
}

void
bw_mask_answer(struct bw_buf *b, struct bw_str s, bool reveal)
{
	struct document d = {.out = b, .s = s};

	if (s.p == NULL)
		return;
	if (reveal && is_known(s))
		reveal_answer(b, s);
	else if (reveal)
		bwi_mask_passwords(b, s, true);
	else if (is_known(s))
		write_document(&d);
	else
		bw_mask_add(b, BW_MASK_HIDDEN, s, false);
}
