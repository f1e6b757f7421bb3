/* Requests and answers as text. */
#include "page/payload_view.h"

#include <bwcallback/limits.h>

/* The longest dotted name that masks know is shorter. */
#define MAX_NAME 512

/* Members of one event that are shown. */
#define MAX_MEMBERS 2000

struct writer {
	struct bwi_view *view;
	const struct bwi_tree *tree;
	struct bw_buf name; /* dotted name of the current member */
	int depth;
	unsigned n;
};

static void put_node(struct writer *, uint32_t i);

static void
put_indent(struct writer *w)
{
	bwi_html_lines(&w->view->html, BW_STR("\n"));
	for (int i = 0; i < w->depth; i++)
		bwi_html_puts(&w->view->html, "  ");
}

/* The name under which masks know the member. */
static enum bw_mask
kind_of(const struct writer *w)
{
	static const char pin[] = "Pin";
	struct bw_str name = {w->name.n > 0 ? w->name.p : "", w->name.n};
	size_t n = sizeof(pin) - 1;

	if (w->name.err != BW_OK)
		return BW_MASK_HIDDEN;
	if (name.n >= n && memcmp(name.p + name.n - n, pin, n) == 0)
		return BW_MASK_SECRET;
	return bw_mask_of_member(name);
}

static void
put_scalar(struct writer *w, const struct bwi_node *node)
{
	struct bwi_html *h = &w->view->html;
	bool quoted = node->kind == BW_KIND_STRING;

	if (node->kind == BW_KIND_NULL) {
		bwi_html_puts(h, "null");
		return;
	}
	bwi_html_puts(h, quoted ? "\"" : "");
	bwi_view_value(w->view, kind_of(w),
	    (struct bw_str){
		node->value_len > 0 ? node->value : "", node->value_len});
	bwi_html_puts(h, quoted ? "\"" : "");
}

/* Go to a member, or with an absent name to an element of a list. */
static size_t
enter(struct writer *w, struct bw_str name)
{
	size_t before = w->name.n;

	if (name.p == NULL)
		return before;
	if (before > 0)
		bw_buf_putc(&w->name, '.');
	bw_buf_str(&w->name, name);
	return before;
}

static void
leave(struct writer *w, size_t before)
{
	if (w->name.err == BW_OK)
		w->name.n = before;
}

static void
put_member(struct writer *w, uint32_t i)
{
	struct bw_str name = bwi_node_name(&w->tree->nodes[i]);
	size_t before = enter(w, name);

	put_indent(w);
	if (name.p != NULL) {
		bwi_html_puts(&w->view->html, "\"");
		bwi_html_class(&w->view->html, "span", "k");
		bwi_html_cut(&w->view->html, name, MAX_NAME);
		bwi_html_end(&w->view->html);
		bwi_html_puts(&w->view->html, "\": ");
	}
	put_node(w, i);
	leave(w, before);
}

static void
put_members(struct writer *w, uint32_t i)
{
	const struct bwi_node *nodes = w->tree->nodes;
	bool list = nodes[i].kind == BW_KIND_LIST;

	bwi_html_puts(&w->view->html, list ? "[" : "{");
	w->depth++;
	for (uint32_t c = i + 1; c < nodes[i].end; c = nodes[c].end) {
		if (w->n++ >= MAX_MEMBERS) {
			bwi_html_puts(&w->view->html, " \xe2\x80\xa6");
			break;
		}
		put_member(w, c);
		if (nodes[c].end < nodes[i].end)
			bwi_html_puts(&w->view->html, ",");
	}
	w->depth--;
	if (nodes[i].end > i + 1)
		put_indent(w);
	bwi_html_puts(&w->view->html, list ? "]" : "}");
}

static void
put_node(struct writer *w, uint32_t i)
{
	const struct bwi_node *node = &w->tree->nodes[i];

	if (node->kind == BW_KIND_OBJECT || node->kind == BW_KIND_LIST)
		put_members(w, i);
	else
		put_scalar(w, node);
}

void
bwi_payload_put(struct bwi_view *v, const struct bw_event *e)
{
	struct writer w = {.view = v, .tree = e->tree};

	bw_buf_init(&w.name, MAX_NAME);
	bwi_html_tag(&v->html, "pre");
	bwi_html_attr_puts(&v->html, "tabindex", "0");
	put_node(&w, e->node);
	bwi_html_end(&v->html);
	bw_buf_free(&w.name);
}

struct lines {
	struct bw_buf *to;
	int depth;
};

static void
break_line(struct lines *l)
{
	if (l->to->n == 0)
		return;
	bw_buf_putc(l->to, '\n');
	for (int i = 0; i < l->depth; i++)
		bw_buf_puts(l->to, "  ");
}

/* The length of a tag, or of a comment or declaration. */
static size_t
tag_length(struct bw_str s)
{
	char quote = '\0';

	for (size_t i = 1; i < s.n; i++) {
		if (quote != '\0')
			quote = s.p[i] == quote ? '\0' : quote;
		else if (s.p[i] == '"' || s.p[i] == '\'')
			quote = s.p[i];
		else if (s.p[i] == '>')
			return i + 1;
	}
	return s.n;
}

static void
add_tag(struct lines *l, struct bw_str tag, bool alone)
{
	bool ends = tag.n > 1 && tag.p[1] == '/',
	     empty = tag.n > 1 && (tag.p[tag.n - 2] == '/' || tag.p[1] == '!' ||
				      tag.p[1] == '?');

	if (ends && l->depth > 0)
		l->depth--;
	if (alone)
		break_line(l);
	bw_buf_str(l->to, tag);
	if (!ends && !empty && l->depth < BW_MAX_BXML_DEPTH)
		l->depth++;
}

/* Break lines between tags that have no text between them. */
static void
add_lines(struct bw_buf *to, struct bw_str s)
{
	struct lines l = {.to = to};
	bool after_tag = true, opened = false;

	for (size_t i = 0; i < s.n;) {
		struct bw_str rest = {s.p + i, s.n - i};
		size_t n = 1;

		if (*rest.p == '<') {
			bool ends = rest.n > 1 && rest.p[1] == '/';

			n = tag_length(rest);
			rest.n = n;
			add_tag(&l, rest, after_tag && !(ends && opened));
			opened = !ends && !(n > 2 && rest.p[n - 2] == '/');
			after_tag = true;
		} else {
			while (n < rest.n && rest.p[n] != '<')
				n++;
			rest.n = n;
			bw_buf_str(to, rest);
			after_tag = opened = false;
		}
		i += n;
	}
}

void
bwi_answer_body_put(struct bwi_view *v, struct bw_str body)
{
	struct bw_buf masked, lines;

	bw_buf_init(&masked, BW_MAX_PAGE);
	bw_buf_init(&lines, BW_MAX_PAGE);
	bw_mask_answer(&masked, body, v->reveal);
	if (masked.n > 0 && masked.p[0] == '<')
		add_lines(&lines, (struct bw_str){masked.p, masked.n});
	else
		bw_buf_add(&lines, masked.p, masked.n);
	if (masked.err != BW_OK || lines.err != BW_OK)
		v->out->err = BW_ERR_NOMEM;
	bwi_html_tag(&v->html, "pre");
	bwi_html_attr_puts(&v->html, "tabindex", "0");
	bwi_html_cut(
	    &v->html, (struct bw_str){lines.p, lines.n}, BWI_VIEW_BODY);
	bwi_html_end(&v->html);
	bw_buf_free(&masked);
	bw_buf_free(&lines);
}
