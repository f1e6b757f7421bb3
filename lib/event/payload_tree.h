#ifndef BWI_EVENT_PAYLOAD_TREE_H
#define BWI_EVENT_PAYLOAD_TREE_H

#include <stdint.h>

#include <bwcallback/event.h>
#include <bwcallback/limits.h>

#include "base/arena.h"

/*
 * A payload of any format: a flat array of nodes in document order, each
 * subtree contiguous. Names and values point into the body where they appear
 * there literally, else (escapes, entities, percent-encoding) into the arena.
 *
 * All text is well-formed UTF-8. An XML element without child elements is a
 * string; its attributes, if any, are children with names that begin with '@'.
 */
struct bwi_node {
	const char *name; /* NULL for list elements and the root */
	/*
	 * Text of a scalar; of a JSON object or list, its text in the body; of
	 * an XML element with children, its own text, or NULL.
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
	bool xml; /* the root object has one member, the root element */
	/*
	 * Members with the same name are a list (XML, query strings). In JSON
	 * they are an error of the sender: the first one counts, here and in
	 * everything that we send on.
	 */
	bool repeats;
};

void bwi_tree_init(struct bwi_tree *);
/* Remove all nodes. Frees memory beyond what callbacks usually need. */
void bwi_tree_reset(struct bwi_tree *);
void bwi_tree_free(struct bwi_tree *);

/* Ensure room for one more node. BW_ERR_LIMIT, _NOMEM. */
enum bw_err bwi_tree_grow(struct bwi_tree *, struct bw_error *) BW_CHECK;

/* Append a node without name and value; its end is its index + 1. */
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

/* First child of node i with that name; 0 for none (the root is no child). */
uint32_t
bwi_tree_child(const struct bwi_tree *, uint32_t i, struct bw_str name);

/* The node at a dotted name below node i; 0 for none. */
uint32_t bwi_tree_find(const struct bwi_tree *, uint32_t i, struct bw_str name);

/*
 * Call fn for the value of each node at a dotted name below node i, until it is
 * true: a name that leads through lists means all their elements. *found: there
 * was a value.
 */
bool bwi_tree_any(const struct bwi_tree *, uint32_t i, struct bw_str name,
    bool (*fn)(const void *arg, struct bw_str value), const void *arg,
    bool *found);

/*
 * Parsers, one for each format, into a tree that was just reset. The root is
 * node 0. BW_ERR_SYNTAX, _ENCODING, _DEPTH, _LIMIT, _NOMEM.
 */
enum bw_err bwi_json_parse(
    struct bwi_tree *, struct bw_str body, struct bw_error *) BW_CHECK;
enum bw_err bwi_xml_parse(
    struct bwi_tree *, struct bw_str body, struct bw_error *) BW_CHECK;
enum bw_err bwi_query_parse(
    struct bwi_tree *, struct bw_str query, struct bw_error *) BW_CHECK;

/*
 * Append a JSON text as node *at without a name; the node is depth levels below
 * the root. On an error the tree may have more nodes; the old ones are
 * unchanged.
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
