#include "graph/graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

bool
bwi_graph_grow(struct bw_graph *g, void **v, size_t n, size_t *cap, size_t size)
{
	void *more = bwi_grow(*v, n, cap, size);

	if (more == NULL) {
		g->err = BW_ERR_NOMEM;
		return false;
	}
	*v = more;
	return true;
}

void *
bwi_graph_alloc(struct bw_graph *g, size_t n)
{
	void *p = bwi_arena_alloc(&g->arena, n);

	if (p == NULL)
		g->err = BW_ERR_NOMEM;
	return p;
}

struct bw_str
bwi_graph_copy(struct bw_graph *g, struct bw_str s)
{
	struct bw_str copy = bwi_arena_copy(&g->arena, s);

	if (copy.p == NULL)
		g->err = BW_ERR_NOMEM;
	return copy;
}

void
bwi_graph_find(struct bw_graph *g, enum bw_severity severity, const char *file,
    int line, const char *fmt, ...)
{
	char text[BW_ERROR_MSG_SIZE];
	struct bw_str copy;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	copy = bwi_graph_copy(g, (struct bw_str){text, strlen(text)});
	if (copy.p == NULL || !BWI_GRAPH_GROW(g, findings))
		return;
	g->findings.v[g->findings.n++] =
	    (struct bwi_graph_finding){severity, file, line, copy.p};
}

struct bwi_graph_section *
bwi_graph_section_of(const struct bw_graph *g, const struct bwi_section *s)
{
	for (size_t i = 0; i < g->sections.n; i++) {
		if (g->sections.v[i].section == s)
			return &g->sections.v[i];
	}
	return NULL;
}

static int
compare_findings(const void *a, const void *b)
{
	const struct bwi_graph_finding *x = a, *y = b;
	int d = strcmp(x->file, y->file);

	if (d == 0)
		d = (x->line > y->line) - (x->line < y->line);
	return d != 0 ? d : strcmp(x->text, y->text);
}

static void
analyse(struct bw_graph *g)
{
	bwi_graph_link(g);
	bwi_graph_entries(g);
	bwi_graph_login(g);
	bwi_graph_reach(g);
	bwi_graph_loops(g);
	if (g->err == BW_OK && g->findings.n != 0)
		qsort(g->findings.v, g->findings.n, sizeof(*g->findings.v),
		    compare_findings);
}

static void
build(void *arg, struct bwi_loader *l, const xmlNode *root)
{
	bwi_graph_build(arg, l, root);
}

enum bw_err
bw_graph_load(const char *file, struct bw_graph **out,
    const struct bw_reporter *reporter, struct bw_error *e)
{
	struct bw_graph *g = bwi_calloc(1, sizeof(*g));
	const struct bwi_loader_hook hook = {build, g, true};
	enum bw_err err;

	if (g == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "graph: out of memory");
	bwi_arena_init(&g->arena);
	err = bwi_config_load(file, &g->config, &hook, reporter, e);
	if (err == BW_OK)
		analyse(g);
	if (err == BW_OK && g->err != BW_OK)
		err = bw_error_set(e, g->err, 0, "graph: out of memory");
	if (err != BW_OK) {
		bw_graph_free(g);
		return err;
	}
	*out = g;
	return BW_OK;
}

const struct bw_config *
bw_graph_config(const struct bw_graph *g)
{
	return g->config;
}

void
bw_graph_free(struct bw_graph *g)
{
	if (g == NULL)
		return;
	bw_config_unref(g->config);
	for (size_t i = 0; i < g->leads.n; i++) {
		if (g->leads.v[i].query != NULL)
			bwi_tree_free(g->leads.v[i].query);
	}
	bwi_free(g->names.v);
	bwi_free(g->sections.v);
	bwi_free(g->nodes.v);
	bwi_free(g->steps.v);
	bwi_free(g->leads.v);
	bwi_free(g->targets.v);
	bwi_free(g->edges.v);
	bwi_free(g->findings.v);
	bwi_arena_free(&g->arena);
	bwi_free(g);
}

bool
bw_graph_cover(
    struct bw_graph *g, const char *file, int line, unsigned long long count)
{
	bool found = false;

	for (size_t i = 0; i < g->nodes.n; i++) {
		struct bwi_graph_node *n = &g->nodes.v[i];

		if (!bwi_graph_is_at(n, file, line))
			continue;
		n->covered += count;
		found = true;
	}
	g->covered = true;
	return found;
}
