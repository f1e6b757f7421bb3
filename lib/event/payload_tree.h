#ifndef BWI_EVENT_PAYLOAD_TREE_H
#define BWI_EVENT_PAYLOAD_TREE_H

#include <stdint.h>

#include <bwcallback/event.h>
#include <bwcallback/limits.h>

#include "base/arena.h"

/*
 * A payload, whatever its wire form: a flat array of nodes in document order,
 * each subtree contiguous. Names and values point into the body where they
 * stand there literally, else (escapes, entities, percent-encoding) into the
 * arena.
 *
 * All text is well-formed UTF-8. An XML element without child elements is a
 * string, even when it has attributes, which are its children with names that
 * begin with '@'.
 */
struct bwi_node {
	const char *name; /* NULL for list elements and the root */
	/*
	 * Text of scalars. Of a JSON object or list, its text as it stands in
	 * the body; of an XML element with children, its own text, or NULL.
	 */
	const char *value;
	uint32_t name_len;
	uint32_t value_len;
	uint32_t end; /* index of the node after this subtree */
	uint8_t kind; /* enum bw_value_kind */
};

struct bwi_tree {
	struct bwi_node *nodes;
	uint32_t n;
	size_t cap;
	struct bwi_arena arena;
	bool xml; /* the root object's one member is the root element */
	/*
	 * Members of one name are a list (XML, query strings). In JSON they
	 * are a fault of the sender, and the first counts, here and in what
	 * others get from us.
	 */
	bool repeats;
};

void bwi_tree_init(struct bwi_tree *);
/* Forget the nodes. Memory beyond what callbacks really need goes back. */
void bwi_tree_reset(struct bwi_tree *);
void bwi_tree_free(struct bwi_tree *);

/* Room for one more node, or BW_ERR_LIMIT or _NOMEM. */
enum bw_err bwi_tree_grow(struct bwi_tree *, struct bw_error *) BW_CHECK;

/* Append a node without name and value, with end == its index + 1. */
static inline BW_CHECK enum bw_err
bwi_tree_add(struct bwi_tree *t, enum bw_value_kind kind, uint32_t *at,
    struct bw_error *error)
{
	if (t->n == t->cap) {
		enum bw_err err = bwi_tree_grow(t, error);

		if (err != BW_OK)
			return err;
	}
	*at = t->n;
	t->nodes[t->n] =
	    (struct bwi_node){.end = t->n + 1, .kind = (uint8_t)kind};
	t->n++;
	return BW_OK;
}

/* First child of node i with that name, or 0 (the root is never a child). */
uint32_t
bwi_tree_child(const struct bwi_tree *, uint32_t i, struct bw_str name);

/* The node a dotted name leads to from node i, or 0. */
uint32_t bwi_tree_find(const struct bwi_tree *, uint32_t i, struct bw_str name);

/*
 * The parsers, one for each wire form, into a tree that was just reset. The
 * root is node 0. BW_ERR_SYNTAX, _ENCODING, _DEPTH, _LIMIT, _NOMEM.
 */
enum bw_err bwi_json_parse(
    struct bwi_tree *, struct bw_str body, struct bw_error *) BW_CHECK;
enum bw_err bwi_xml_parse(
    struct bwi_tree *, struct bw_str body, struct bw_error *) BW_CHECK;
enum bw_err bwi_query_parse(
    struct bwi_tree *, struct bw_str query, struct bw_error *) BW_CHECK;

/*
 * Append a JSON text that stands depth levels down, as node *at without a name.
 * On an error the tree may have grown; what was there before is as it was.
 */
enum bw_err bwi_json_append(struct bwi_tree *, struct bw_str text,
    uint32_t depth, uint32_t *at, struct bw_error *) BW_CHECK;

static inline struct bw_str
bwi_node_name(const struct bwi_node *node)
{
	return (struct bw_str){node->name, node->name_len};
}

static inline struct bw_str
bwi_node_value(const struct bwi_node *node)
{
	return (struct bw_str){node->value, node->value_len};
}

static inline bool
bwi_node_is_scalar(const struct bwi_node *node)
{
	return node->kind >= BW_KIND_FALSE && node->kind <= BW_KIND_STRING;
}

#endif
