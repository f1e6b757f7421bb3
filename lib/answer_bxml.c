/* Compiling a <Response> into bytes and placeholders. */
#include "rule.h"

#include <bwcallback/limits.h>

struct writer {
	struct bwi_loader *loader;
	struct bwi_template_builder out;
	bool failed;
};

/*
 * How a value of each type is escaped, and whether it may be empty: what is
 * neither words nor part of a URL is not, since "" is no number.
 */
static struct bwi_slot
slot_of(enum bwi_bxml_type type)
{
	switch (type) {
	case BWI_BXML_NONE:
	case BWI_BXML_STRING:
	case BWI_BXML_DISPLAY:
	case BWI_BXML_KEYS:
	case BWI_BXML_CALL_IDS:
	case BWI_BXML_SSML:
		return (struct bwi_slot){BWI_SINK_XML, false, false};
	case BWI_BXML_URL:
	case BWI_BXML_WSURL:
		return (struct bwi_slot){BWI_SINK_URL, false, false};
	case BWI_BXML_SIP_URI:
		return (struct bwi_slot){BWI_SINK_SIP, true, false};
	case BWI_BXML_CALLEE:
		return (struct bwi_slot){BWI_SINK_CALLEE, true, false};
	default:
		return (struct bwi_slot){BWI_SINK_XML, true, false};
	}
}

static void
put(struct writer *w, const char *s)
{
	bwi_template_literal(&w->out, (struct bw_str){s, strlen(s)});
}

static void
put_value(struct writer *w, const xmlNode *node, struct bw_str source,
    enum bwi_bxml_type type)
{
	struct bw_error e = {0};

	if (bwi_template_value(&w->out, source, slot_of(type), &e) == BW_OK)
		return;
	bwi_loader_take(w->loader, node, &e);
	w->failed = true;
}

static void
put_attr(struct writer *w, const xmlNode *node, const xmlAttr *a,
    const struct bwi_bxml_element *row)
{
	const struct bwi_bxml_attr *attr = NULL;
	const char *name = (const char *)a->name;
	struct bw_str value = {"", 0};

	if (a->ns != NULL && strcmp(name, "base") == 0)
		return; /* xml:base is for whoever reads the configuration */
	if (row != NULL)
		attr = bwi_bxml_attr(row, name);
	if (a->children != NULL && a->children->content != NULL) {
		value.p = (const char *)a->children->content;
		value.n = strlen(value.p);
	}
	put(w, " ");
	if (a->ns != NULL && a->ns->prefix != NULL) { /* xml:lang */
		put(w, (const char *)a->ns->prefix);
		put(w, ":");
	}
	put(w, name);
	put(w, "=\"");
	put_value(w, node, value, attr != NULL ? attr->type : BWI_BXML_STRING);
	put(w, "\"");
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * Text as one line: the indentation of the configuration is not for the ear.
 * Returns its new length. trim: of the spaces at both ends, too.
 */
static size_t
fold_lines(char *s, size_t n, bool trim)
{
	size_t out = 0;

	for (size_t i = 0; i < n;) {
		size_t start = i;
		bool line_end = false;

		while (i < n && is_space(s[i]))
			line_end = s[i++] == '\n' || line_end;
		if (line_end || (trim && i > start)) {
			if (!trim || (out != 0 && i < n))
				s[out++] = ' ';
		} else if (i > start) {
			memmove(s + out, s + start, i - start);
			out += i - start;
		}
		if (i < n)
			s[out++] = s[i++];
	}
	return out;
}

static void
put_text(struct writer *w, const xmlNode *text, enum bwi_bxml_type type)
{
	struct bwi_arena *arena = &w->loader->config->arena;
	const char *content = (const char *)text->content;
	struct bw_str s;
	char *copy;

	if (content == NULL || type == BWI_BXML_NONE)
		return;
	s = (struct bw_str){content, strlen(content)};
	copy = bwi_arena_alloc(arena, s.n + 1);
	if (copy == NULL) {
		bwi_loader_no_memory(w->loader);
		w->failed = true;
		return;
	}
	memcpy(copy, s.p, s.n);
	s.n = fold_lines(copy, s.n, type != BWI_BXML_SSML);
	put_value(w, text, (struct bw_str){copy, s.n}, type);
}

static void
put_children(struct writer *, const xmlNode *, const struct bwi_bxml_element *);

static void
put_element(struct writer *w, const xmlNode *node, const char *parent)
{
	const char *name = (const char *)node->name;
	const struct bwi_bxml_element *row = bwi_bxml_element(parent, name);

	put(w, "<");
	put(w, name);
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		put_attr(w, node, a, row);
	if (row != NULL)
		bwi_loader_inject(w->loader, node, row, &w->out);
	if (node->children == NULL) {
		put(w, "/>");
		return;
	}
	put(w, ">");
	put_children(w, node, row);
	put(w, "</");
	put(w, name);
	put(w, ">");
}

/* Comments and instructions stay behind; white space between verbs, too. */
static void
put_children(
    struct writer *w, const xmlNode *node, const struct bwi_bxml_element *row)
{
	enum bwi_bxml_type type = row != NULL ? row->text : BWI_BXML_SSML;

	for (const xmlNode *c = node->children; c != NULL; c = c->next) {
		if (c->type == XML_ELEMENT_NODE)
			put_element(w, c, (const char *)node->name);
		else if (c->type == XML_TEXT_NODE)
			put_text(w, c, type);
	}
}

/* The checker's findings are ours: counted, and passed on. */
static void
on_finding(void *arg, const struct bw_finding *f)
{
	struct bwi_loader *l = arg;

	if (f->severity == BW_SEVERITY_ERROR)
		bwi_loader_error_at(
		    l, BW_ERR_CONFIG, f->file, f->line, f->column, f->text);
	else if (l->reporter != NULL && l->reporter->fn != NULL)
		l->reporter->fn(l->reporter->arg, f);
}

static bool
check(struct bwi_loader *l, const xmlNode *node, unsigned contexts)
{
	const struct bwi_bxml_checking how = {
	    .file = bwi_loader_file(node),
	    .templates = true,
	    .contexts = contexts,
	};
	const struct bw_reporter to_us = {on_finding, l};
	struct bw_error e = {0};
	enum bw_err before = l->err, err;

	l->err = BW_OK;
	err = bwi_bxml_check_node(&how, node, &to_us, &e);
	if (err != BW_OK && l->err == BW_OK)
		bwi_loader_take(l, node, &e);
	if (before != BW_OK)
		l->err = before;
	return err == BW_OK;
}

const struct bwi_template *
bwi_loader_response(struct bwi_loader *l, const xmlNode *node, bool *values)
{
	struct bwi_tables tables = {l->config->tables, l->config->ntables};
	struct writer w = {.loader = l};
	const struct bwi_template *t = NULL;
	struct bw_error e = {0};

	if (!check(l, node, 0))
		return NULL;
	bwi_template_init(&w.out, &l->config->arena, &tables);
	put_element(&w, node, NULL);
	*values = bwi_template_has_values(&w.out);
	if (!w.failed && bwi_template_finish(&w.out, &t, &e) != BW_OK)
		bwi_loader_take(l, node, &e);
	bwi_template_free(&w.out);
	if (t != NULL && !*values && bwi_template_text(t).n > BW_MAX_BXML) {
		bwi_loader_error(l, node,
		    "<Response>: larger than the %d bytes that Bandwidth takes",
		    BW_MAX_BXML);
		return NULL;
	}
	return t;
}
