/* Names of nodes in pictures, and how they are found. */
#include <string.h>
#include <sys/stat.h>

#include "graph/graph_draw.h"

static bool
is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return strcmp(a, b) == 0 ||
	       (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
		   x.st_ino == y.st_ino);
}

bool
bwi_graph_is_at(const struct bwi_graph_node *n, const char *file, int line)
{
	return n->line == line && is_same_file(n->file, file);
}

/* The number of files that were named before this node's; the first is 0. */
static size_t
file_number(const struct bw_graph *g, size_t node)
{
	const char *file = g->nodes.v[node].file, *before = g->file;
	size_t n = 0;

	for (size_t i = 0; strcmp(before, file) != 0; i++) {
		bool known = strcmp(g->nodes.v[i].file, g->file) == 0;

		before = g->nodes.v[i].file;
		for (size_t k = 0; k < i && !known; k++)
			known = strcmp(g->nodes.v[k].file, before) == 0;
		n += !known;
	}
	return n;
}

void
bwi_draw_name(struct bw_buf *b, const struct bw_graph *g, size_t node)
{
	const struct bwi_graph_node *n = &g->nodes.v[node];
	size_t file = file_number(g, node), before = 0;

	for (size_t i = 0; i < node; i++)
		before += g->nodes.v[i].line == n->line &&
			  strcmp(g->nodes.v[i].file, n->file) == 0;
	if (file > 0)
		bw_buf_printf(b, "%zu_", file);
	bw_buf_printf(b, "%d", n->line);
	if (before > 0)
		bw_buf_printf(b, "x%zu", before);
}

bool
bw_graph_name(const struct bw_graph *g, const char *file, int line,
    struct bw_buf *name, bool *drawn)
{
	for (size_t i = 0; i < g->nodes.n; i++) {
		if (!bwi_graph_is_at(&g->nodes.v[i], file, line))
			continue;
		bwi_draw_name(name, g, i);
		*drawn = bwi_draw_is_drawn(g, i);
		return true;
	}
	return false;
}

bool
bw_graph_fallback(
    const struct bw_graph *g, struct bw_str path, const char **file, int *line)
{
	const struct bwi_section *section = bwi_config_route(g->config, path);
	const struct bwi_graph_section *s =
	    section != NULL ? bwi_graph_section_of(g, section) : NULL;

	if (s == NULL || s->fallback == SIZE_MAX)
		return false;
	*file = g->nodes.v[s->fallback].file;
	*line = g->nodes.v[s->fallback].line;
	return true;
}
