/* Invariants of the results of all parsers. */
#include <stdlib.h>

#include "base/utf8.h"
#include "fuzz.h"

static void
check_text(const char *p, uint32_t n)
{
	if (n > 0 && (p == NULL || bwi_utf8_valid(p, n) != n))
		abort();
}

/* Subtrees are nested, and each value is where its kind says. */
static void
check_subtree(const struct bwi_tree *t, uint32_t i, uint32_t depth)
{
	const struct bwi_node *node = &t->nodes[i];

	if (node->end <= i || node->end > t->n || depth > BW_MAX_DEPTH + 1)
		abort();
	check_text(node->name, node->name_len);
	check_text(node->value, node->value_len);
	if (bwi_node_is_scalar(node) != (node->value != NULL) &&
	    node->kind != BW_KIND_OBJECT && node->kind != BW_KIND_LIST)
		abort();
	for (uint32_t c = i + 1; c < node->end; c = t->nodes[c].end)
		check_subtree(t, c, depth + 1);
}

void
fuzz_check_tree(const struct bwi_tree *t)
{
	if (t->n == 0 || t->nodes[0].end != t->n || t->n > BW_MAX_NODES)
		abort();
	check_subtree(t, 0, 0);
}

void
fuzz_check_error(enum bw_err err, const struct bw_error *error)
{
	if (err != error->code || (err != BW_OK && error->msg[0] == '\0'))
		abort();
}
