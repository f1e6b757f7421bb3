#include "event/payload_tree.h"

#include "base/alloc.h"
#include "base/decimal.h"

/* A message has under 30 nodes, the largest published payload under 60. */
#define FIRST_NODES    32
#define RETAINED_NODES 1024

void
bwi_tree_init(struct bwi_tree *t)
{
	*t = (struct bwi_tree){0};
	bwi_arena_init(&t->arena);
}

void
bwi_tree_reset(struct bwi_tree *t)
{
	if (t->cap > RETAINED_NODES) {
		bwi_free(t->nodes);
		t->nodes = NULL;
		t->cap = 0;
	}
	t->n = 0;
	t->xml = false;
	t->repeats = false;
	bwi_arena_reset(&t->arena);
}

void
bwi_tree_free(struct bwi_tree *t)
{
	bwi_free(t->nodes);
	bwi_arena_free(&t->arena);
	bwi_tree_init(t);
}

enum bw_err
bwi_tree_grow(struct bwi_tree *t, struct bw_error *error)
{
	size_t cap = t->cap != 0 ? t->cap * 2 : FIRST_NODES;
	struct bwi_node *nodes;

	if (t->n >= BW_MAX_NODES) {
		return bw_error_set(error, BW_ERR_LIMIT, 0,
		    "body: more than %d values", BW_MAX_NODES);
	}
	nodes = bwi_realloc(t->nodes, cap * sizeof(*nodes));
	if (nodes == NULL) {
		return bw_error_set(
		    error, BW_ERR_NOMEM, 0, "body: out of memory");
	}
	t->nodes = nodes;
	t->cap = cap;
	return BW_OK;
}

static bool
has_name(const struct bwi_node *node, struct bw_str name)
{
	return node->name_len == name.n && node->name != NULL &&
	       memcmp(node->name, name.p, name.n) == 0;
}

uint32_t
bwi_tree_child(const struct bwi_tree *t, uint32_t i, struct bw_str name)
{
	uint32_t end = t->nodes[i].end;

	for (uint32_t c = i + 1; c < end; c = t->nodes[c].end) {
		if (has_name(&t->nodes[c], name))
			return c;
	}
	return 0;
}

/* A list index; UINT32_MAX when s is not one. */
static uint32_t
list_index(struct bw_str s)
{
	int64_t v;

	if (s.n == 0 || s.p[0] > '9' || !bwi_decimal_parse(s, BW_MAX_NODES, &v))
		return UINT32_MAX;
	return (uint32_t)v;
}

static uint32_t
list_element(const struct bwi_tree *t, uint32_t i, uint32_t k)
{
	uint32_t c = i + 1;

	while (c < t->nodes[i].end) {
		if (k-- == 0)
			return c;
		c = t->nodes[c].end;
	}
	return 0;
}

/* The kth sibling with i's name, counted from i. */
static uint32_t
nth_sibling(const struct bwi_tree *t, uint32_t i, uint32_t parent, uint32_t k)
{
	struct bw_str name = bwi_node_name(&t->nodes[i]);

	for (uint32_t c = i; c < t->nodes[parent].end; c = t->nodes[c].end) {
		if (has_name(&t->nodes[c], name) && k-- == 0)
			return c;
	}
	return 0;
}

/* The part of a dotted name before its first '.', which is removed. */
static struct bw_str
take_part(struct bw_str *name)
{
	const char *dot = memchr(name->p, '.', name->n);
	struct bw_str part = *name;

	if (dot != NULL)
		part.n = (size_t)(dot - name->p);
	name->p = dot != NULL ? dot + 1 : NULL;
	name->n -= part.n + (dot != NULL);
	return part;
}

/* Follow one part of a dotted name from node *i, a child of *parent. */
static bool
step(
    const struct bwi_tree *t, uint32_t *i, uint32_t *parent, struct bw_str part)
{
	uint32_t k = list_index(part);
	uint32_t c = 0;

	while (t->nodes[*i].kind == BW_KIND_LIST) {
		c = list_element(t, *i, k != UINT32_MAX ? k : 0);
		if (c == 0)
			return false;
		*parent = *i;
		*i = c;
		if (k != UINT32_MAX)
			return true;
	}
	c = bwi_tree_child(t, *i, part);
	if (c != 0) {
		*parent = *i;
		*i = c;
		return true;
	}
	if (!t->repeats || k == UINT32_MAX || t->nodes[*i].name == NULL)
		return false;
	c = nth_sibling(t, *i, *parent, k);
	*i = c;
	return c != 0;
}

uint32_t
bwi_tree_find(const struct bwi_tree *t, uint32_t i, struct bw_str name)
{
	uint32_t parent = i;

	while (name.p != NULL) {
		if (!step(t, &i, &parent, take_part(&name)))
			return 0;
	}
	return i;
}

/* A search for values at a name. */
struct any {
	const struct bwi_tree *tree;
	bool (*fn)(const void *arg, struct bw_str value);
	const void *arg;
	bool *found;
};

static bool any_at(const struct any *, uint32_t i, struct bw_str name);

static bool
any_element(const struct any *a, uint32_t i, struct bw_str name)
{
	struct bw_str rest = name;
	uint32_t k = name.p != NULL ? list_index(take_part(&rest)) : UINT32_MAX;

	if (k != UINT32_MAX) {
		uint32_t c = list_element(a->tree, i, k);

		return c != 0 && any_at(a, c, rest);
	}
	for (uint32_t c = i + 1; c < a->tree->nodes[i].end;
	     c = a->tree->nodes[c].end) {
		if (any_at(a, c, name))
			return true;
	}
	return false;
}

/* Below the members of that name: one, or all where names may repeat. */
static bool
any_member(const struct any *a, uint32_t parent, struct bw_str part,
    struct bw_str rest)
{
	const struct bwi_tree *t = a->tree;
	uint32_t first = bwi_tree_child(t, parent, part);
	struct bw_str after = rest;
	uint32_t k = UINT32_MAX;

	if (first == 0)
		return false;
	if (t->repeats && rest.p != NULL &&
	    t->nodes[first].kind != BW_KIND_LIST)
		k = list_index(take_part(&after));
	if (k != UINT32_MAX && bwi_tree_find(t, first, rest) == 0) {
		first = nth_sibling(t, first, parent, k);
		return first != 0 && any_at(a, first, after);
	}
	for (uint32_t c = first; c < t->nodes[parent].end;
	     c = t->nodes[c].end) {
		if (has_name(&t->nodes[c], part) && any_at(a, c, rest))
			return true;
		if (!t->repeats)
			break;
	}
	return false;
}

/* Depth: the parts of the name and nested lists, both limited. */
static bool
any_at(const struct any *a, uint32_t i, struct bw_str name)
{
	const struct bwi_node *node = &a->tree->nodes[i];
	struct bw_str part;

	if (node->kind == BW_KIND_LIST)
		return any_element(a, i, name);
	if (name.p == NULL) {
		if (!bwi_node_is_scalar(node))
			return false;
		*a->found = true;
		return a->fn(a->arg, bwi_node_value(node));
	}
	part = take_part(&name);
	return any_member(a, i, part, name);
}

bool
bwi_tree_any(const struct bwi_tree *t, uint32_t i, struct bw_str name,
    bool (*fn)(const void *arg, struct bw_str value), const void *arg,
    bool *found)
{
	const struct any a = {t, fn, arg, found};

	*found = false;
	return any_at(&a, i, name);
}
