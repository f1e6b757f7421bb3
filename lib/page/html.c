/* The one writer of HTML. */
#include "page/html.h"

#include <stdarg.h>
#include <stdio.h>

#include <bwcallback/tools/printable.h>

/* A formatted text is a sentence of ours. */
#define MAX_FORMATTED 512

/* Where text is written. */
enum context {
	IN_ATTRIBUTE,
	IN_TEXT,
	IN_LINES
};

void
bwi_html_begin(struct bwi_html *h, struct bw_buf *out)
{
	*h = (struct bwi_html){.out = out};
	bw_buf_puts(out, "<!DOCTYPE html>\n");
}

void
bwi_html_tree(struct bwi_html *h, struct bw_buf *out)
{
	*h = (struct bwi_html){.out = out, .tree = true};
}

static void
end_tag(struct bwi_html *h)
{
	if (h->in_tag)
		bw_buf_putc(h->out, h->tree ? '}' : '>');
	h->in_tag = false;
}

static void
put_start(struct bwi_html *h, const char *name)
{
	if (h->tree && h->depth > 0)
		bw_buf_putc(h->out, ',');
	bw_buf_puts(h->out, h->tree ? "[\"" : "<");
	bw_buf_puts(h->out, name);
	bw_buf_puts(h->out, h->tree ? "\",{" : "");
}

void
bwi_html_tag(struct bwi_html *h, const char *name)
{
	end_tag(h);
	if (h->depth == BWI_HTML_DEPTH) {
		h->out->err = BW_ERR_LIMIT;
		return;
	}
	put_start(h, name);
	h->open[h->depth++] = name;
	h->in_tag = true;
}

void
bwi_html_class(struct bwi_html *h, const char *name, const char *class)
{
	bwi_html_tag(h, name);
	bwi_html_attr_puts(h, "class", class);
}

/* Elements without content and end tag. */
static bool
is_void(const char *name)
{
	static const char *const names[] = {
	    "meta", "link", "input", "br", "hr", "img"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

void
bwi_html_end(struct bwi_html *h)
{
	const char *name;

	if (h->depth == 0)
		return;
	end_tag(h);
	name = h->open[--h->depth];
	if (h->tree)
		bw_buf_putc(h->out, ']');
	if (h->tree || is_void(name))
		return;
	bw_buf_puts(h->out, "</");
	bw_buf_puts(h->out, name);
	bw_buf_putc(h->out, '>');
}

void
bwi_html_end_to(struct bwi_html *h, size_t depth)
{
	while (h->depth > depth)
		bwi_html_end(h);
}

/* Markup, or NULL: the character stands for itself. */
static const char *
entity(const struct bwi_html *h, uint32_t c)
{
	if (h->tree)
		return c == '"' ? "\\\"" : c == '\\' ? "\\\\" : NULL;
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* A character that cannot be seen: a picture of it (U+2400), or its number. */
static void
put_unseen(struct bwi_html *h, uint32_t c, enum context where)
{
	if (c <= 0x20 || c == 0x7f) {
		bw_buf_printf(h->out, h->tree ? "\\u%04x" : "&#%u;",
		    c == 0x7f ? 0x2421u : 0x2400u + (unsigned)c);
		return;
	}
	if (where != IN_ATTRIBUTE && !h->tree)
		bw_buf_puts(h->out, "<span class=\"unseen\">");
	bw_buf_printf(h->out, "\xe2\x9f\xa8U+%04X\xe2\x9f\xa9", (unsigned)c);
	if (where != IN_ATTRIBUTE && !h->tree)
		bw_buf_puts(h->out, "</span>");
}

/* The end of a line, or a tab. */
static void
put_space(struct bwi_html *h, char c)
{
	if (h->tree)
		bw_buf_puts(h->out, c == '\n' ? "\\n" : "\\t");
	else
		bw_buf_putc(h->out, c);
}

/* Write the next character; returns its length. */
static size_t
put_next(struct bwi_html *h, struct bw_str s, enum context where)
{
	uint32_t c;
	bool plain;
	size_t n = bw_printable_next(s, &c, &plain);

	if (entity(h, c) != NULL)
		bw_buf_puts(h->out, entity(h, c));
	else if (plain)
		bw_buf_add(h->out, s.p, n);
	else if (n == 1 && c >= 0x80)
		bw_buf_puts(h->out, "\xef\xbf\xbd");
	else if (where == IN_LINES && (c == '\n' || c == '\t'))
		put_space(h, (char)c);
	else if (where == IN_LINES && c == '\r' && s.n > 1 && s.p[1] == '\n')
		return n;
	else
		put_unseen(h, c, where);
	return n;
}

/* Letters and digits are most of a text. */
static bool
is_ordinary(char c)
{
	return (c >= '@' && c <= '~') || (c >= '(' && c <= ';') || c == ' ';
}

static void
put(struct bwi_html *h, struct bw_str s, enum context where)
{
	size_t i = 0;

	while (i < s.n && h->out->err == BW_OK) {
		size_t n = 0;

		while (i + n < s.n && is_ordinary(s.p[i + n]) &&
		       s.p[i + n] != '\\')
			n++;
		bw_buf_add(h->out, s.p + i, n);
		i += n;
		if (i < s.n)
			i += put_next(
			    h, (struct bw_str){s.p + i, s.n - i}, where);
	}
}

void
bwi_html_attr(struct bwi_html *h, const char *name, struct bw_str value)
{
	if (!h->tree)
		bw_buf_putc(h->out, ' ');
	else if (h->out->err == BW_OK && h->out->p[h->out->n - 1] != '{')
		bw_buf_putc(h->out, ',');
	bw_buf_puts(h->out, h->tree ? "\"" : "");
	bw_buf_puts(h->out, name);
	bw_buf_puts(h->out, h->tree ? "\":\"" : "=\"");
	put(h, value, IN_ATTRIBUTE);
	bw_buf_putc(h->out, '"');
}

void
bwi_html_attr_puts(struct bwi_html *h, const char *name, const char *value)
{
	bwi_html_attr(h, name, (struct bw_str){value, strlen(value)});
}

void
bwi_html_attr_int(struct bwi_html *h, const char *name, int64_t value)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%lld", (long long)value);

	bwi_html_attr(h, name, (struct bw_str){text, (size_t)n});
}

/* Elements in which there is no markup. */
static bool
holds_only_text(const struct bwi_html *h)
{
	const char *name = h->depth > 0 ? h->open[h->depth - 1] : "";

	return strcmp(name, "title") == 0 || strcmp(name, "option") == 0;
}

static void
put_text(struct bwi_html *h, struct bw_str s, enum context where)
{
	end_tag(h);
	if (h->tree)
		bw_buf_puts(h->out, ",\"");
	put(h, s, where);
	if (h->tree)
		bw_buf_putc(h->out, '"');
}

void
bwi_html_text(struct bwi_html *h, struct bw_str s)
{
	put_text(h, s, holds_only_text(h) ? IN_ATTRIBUTE : IN_TEXT);
}

void
bwi_html_lines(struct bwi_html *h, struct bw_str s)
{
	put_text(h, s, IN_LINES);
}

void
bwi_html_cut(struct bwi_html *h, struct bw_str s, size_t max)
{
	size_t n = s.n;

	if (n > max) {
		for (n = max; n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80;)
			n--;
	}
	bwi_html_lines(h, (struct bw_str){s.p, n});
	if (n == s.n)
		return;
	bwi_html_class(h, "span", "unseen");
	bwi_html_printf(h, "\xe2\x80\xa6 %zu bytes in all", s.n);
	bwi_html_end(h);
}

void
bwi_html_puts(struct bwi_html *h, const char *s)
{
	bwi_html_text(h, (struct bw_str){s, strlen(s)});
}

void
bwi_html_int(struct bwi_html *h, int64_t value)
{
	bwi_html_printf(h, "%lld", (long long)value);
}

void
bwi_html_printf(struct bwi_html *h, const char *fmt, ...)
{
	char text[MAX_FORMATTED];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n > 0)
		bwi_html_text(h, (struct bw_str){text, (size_t)n < sizeof(text)
							   ? (size_t)n
							   : sizeof(text) - 1});
}
