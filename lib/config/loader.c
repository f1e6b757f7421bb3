#include "config/loader.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/alloc.h"

static void
report(struct bwi_loader *l, enum bw_severity severity, const char *file,
    int line, int column, const char *text)
{
	struct bw_finding f = {severity, file, line, column, text};

	if (l->reporter != NULL && l->reporter->fn != NULL)
		l->reporter->fn(l->reporter->arg, &f);
}

void
bwi_loader_error_at(struct bwi_loader *l, enum bw_err err, const char *file,
    int line, int column, const char *text)
{
	char where[48] = "";

	if (line > 0 && column > 0)
		(void)snprintf(where, sizeof(where), ":%d:%d", line, column);
	else if (line > 0)
		(void)snprintf(where, sizeof(where), ":%d", line);
	if (l->err == BW_OK)
		l->err = err;
	(void)bw_error_set(l->error, err, 0, "%s%s: %s", file, where, text);
	report(l, BW_SEVERITY_ERROR, file, line, column, text);
}

void
bwi_loader_no_memory(struct bwi_loader *l)
{
	l->err = BW_ERR_NOMEM;
	(void)bw_error_set(
	    l->error, BW_ERR_NOMEM, 0, "configuration: out of memory");
}

void
bwi_loader_error(
    struct bwi_loader *l, const xmlNode *where, const char *fmt, ...)
{
	char text[BW_ERROR_MSG_SIZE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	bwi_loader_error_at(l, BW_ERR_CONFIG, bwi_loader_file(where),
	    bwi_loader_line(where), 0, text);
}

void
bwi_loader_warn(
    struct bwi_loader *l, const xmlNode *where, const char *fmt, ...)
{
	char text[BW_ERROR_MSG_SIZE];
	va_list ap;

	if (l->compiled) /* reported when the compiled form was written */
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	report(l, BW_SEVERITY_WARNING, bwi_loader_file(where),
	    bwi_loader_line(where), 0, text);
}

void
bwi_loader_fails(
    struct bwi_loader *l, const xmlNode *where, const char *fmt, ...)
{
	char text[BW_ERROR_MSG_SIZE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (l->hook != NULL)
		bwi_loader_error(l, where, "%s", text);
	else
		bwi_loader_warn(l, where, "%s", text);
}

void
bwi_loader_report_error(
    struct bwi_loader *l, const xmlNode *where, const struct bw_error *e)
{
	if (e->code == BW_ERR_NOMEM)
		bwi_loader_no_memory(l);
	else if (e->code != BW_OK) /* no code: already reported */
		bwi_loader_error(l, where, "%s", e->msg);
}

const char *
bwi_loader_file(const xmlNode *node)
{
	const struct bwi_source *s = node->_private;

	return s != NULL ? s->path : "configuration";
}

int
bwi_loader_line(const xmlNode *node)
{
	long line = xmlGetLineNo(node);

	return line > 0 && line < INT_MAX ? (int)line : 0;
}

bool
bwi_node_is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && node->ns == NULL &&
	       strcmp((const char *)node->name, name) == 0;
}

const xmlNode *
bwi_node_element(const xmlNode *node)
{
	while (node != NULL && node->type != XML_ELEMENT_NODE)
		node = node->next;
	return node;
}

static const xmlAttr *
find_attr(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		if (a->ns == NULL && strcmp((const char *)a->name, name) == 0)
			return a;
	}
	return NULL;
}

/* The joined text nodes of a list. There are no entities to expand. */
static struct bw_str
join_text(struct bwi_loader *l, const xmlNode *first)
{
	size_t n = 0;
	char *p;

	for (const xmlNode *c = first; c != NULL; c = c->next) {
		if (c->type == XML_TEXT_NODE && c->content != NULL)
			n += strlen((const char *)c->content);
	}
	p = bwi_arena_alloc(&l->config->arena, n + 1);
	if (p == NULL) {
		bwi_loader_no_memory(l);
		return (struct bw_str){NULL, 0};
	}
	n = 0;
	for (const xmlNode *c = first; c != NULL; c = c->next) {
		size_t len;

		if (c->type != XML_TEXT_NODE || c->content == NULL)
			continue;
		len = strlen((const char *)c->content);
		memcpy(p + n, c->content, len);
		n += len;
	}
	p[n] = '\0';
	return (struct bw_str){p, n};
}

struct bw_str
bwi_loader_attr(struct bwi_loader *l, const xmlNode *node, const char *name)
{
	const xmlAttr *a = find_attr(node, name);

	if (a == NULL)
		return (struct bw_str){NULL, 0};
	return join_text(l, a->children);
}

struct bw_str
bwi_loader_text(struct bwi_loader *l, const xmlNode *node)
{
	return join_text(l, node->children);
}

const char *
bwi_loader_path(struct bwi_loader *l, const xmlNode *node, struct bw_str name)
{
	const char *file = bwi_loader_file(node);
	const char *slash = strrchr(file, '/');
	size_t dir = slash != NULL && (name.n == 0 || name.p[0] != '/')
			 ? (size_t)(slash - file) + 1
			 : 0;
	char *path = bwi_arena_alloc(&l->config->arena, dir + name.n + 1);

	if (path == NULL) {
		bwi_loader_no_memory(l);
		return NULL;
	}
	memcpy(path, file, dir);
	if (name.n != 0)
		memcpy(path + dir, name.p, name.n);
	path[dir + name.n] = '\0';
	return path;
}

const char *
bwi_loader_secret(struct bwi_loader *l, const xmlNode *node, struct bw_str name)
{
	const char *path = bwi_loader_path(l, node, name);
	struct bwi_secret *s;

	if (path == NULL)
		return NULL;
	s = bwi_arena_alloc(&l->config->arena, sizeof(*s));
	if (s == NULL) {
		bwi_loader_no_memory(l);
		return NULL;
	}
	*s = (struct bwi_secret){l->config->secrets, path};
	l->config->secrets = s;
	return path;
}

const char *
bwi_loader_exact_path(
    struct bwi_loader *l, const xmlNode *node, const char *attr)
{
	struct bw_str name = bwi_loader_attr(l, node, attr);
	const char *path = bwi_loader_path(l, node, name);
	char *dotted;
	size_t n;

	if (path == NULL || strchr(path, '/') != NULL)
		return path;
	n = strlen(path);
	dotted = bwi_arena_alloc(&l->config->arena, n + 3);
	if (dotted == NULL) {
		bwi_loader_no_memory(l);
		return NULL;
	}
	memcpy(dotted, "./", 2);
	memcpy(dotted + 2, path, n + 1);
	return dotted;
}
