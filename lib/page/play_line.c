#include "page/play_line.h"

#include "base/str.h"

void
bwi_play_lines_init(struct bwi_play_lines *l, struct bw_str text)
{
	l->rest = text;
	bwi_tree_init(&l->tree);
}

void
bwi_play_lines_free(struct bwi_play_lines *l)
{
	bwi_tree_free(&l->tree);
}

bool
bwi_play_lines_next(struct bwi_play_lines *l)
{
	const char *end =
	    l->rest.n > 0 ? memchr(l->rest.p, '\n', l->rest.n) : NULL;
	struct bw_str line = l->rest;

	if (end == NULL) /* the rest is no whole line yet */
		return false;
	line.n = (size_t)(end - line.p);
	l->rest.p = end + 1;
	l->rest.n -= line.n + 1;
	bwi_tree_reset(&l->tree);
	return bwi_json_parse(&l->tree, line, NULL) == BW_OK;
}

struct bw_str
bwi_play_member(const struct bwi_play_lines *l, const char *name)
{
	uint32_t at =
	    bwi_tree_find(&l->tree, 0, (struct bw_str){name, strlen(name)});

	return at != 0 ? bwi_node_value(&l->tree.nodes[at])
		       : (struct bw_str){NULL, 0};
}

bool
bwi_play_is(const struct bwi_play_lines *l, const char *name, const char *value)
{
	return bw_str_is(bwi_play_member(l, name), value);
}
