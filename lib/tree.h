#ifndef BWI_TREE_H
#define BWI_TREE_H

#include <stdint.h>

#include <bwcallback/event.h>

#include "arena.h"

/*
 * A payload, whatever its wire form: a flat array of nodes in document order,
 * each subtree contiguous. Names and values point into the body where they
 * stand there literally, else (escapes, entities, percent-encoding) into the
 * arena.
 */
struct bwi_node {
	const char *name;  /* NULL for list elements and the root */
	const char *value; /* text of scalars, or NULL */
	uint32_t name_len;
	uint32_t value_len;
	uint32_t end; /* index of the node after this subtree */
	uint8_t kind; /* enum bw_kind */
};

struct bwi_tree {
	struct bwi_node *nodes;
	uint32_t n;
	size_t cap;
	struct bwi_arena arena;
	bool xml; /* the root object's one member is the root element */
};

void bwi_tree_init(struct bwi_tree *);
void bwi_tree_reset(struct bwi_tree *);
void bwi_tree_free(struct bwi_tree *);

/* Append a node with end == its index + 1; UINT32_MAX on failure. */
enum bw_err bwi_tree_add(
    struct bwi_tree *, enum bw_kind, uint32_t *at, struct bw_error *) BW_CHECK;

/* First child of node i with that name, or 0 (the root is never a child). */
uint32_t
bwi_tree_child(const struct bwi_tree *, uint32_t i, struct bw_str name);

/* The node a dotted name leads to from node i, or 0. */
uint32_t bwi_tree_find(const struct bwi_tree *, uint32_t i, struct bw_str name);

/* The parsers, one for each wire form. The root is node 0. */
enum bw_err bwi_json_parse(
    struct bwi_tree *, struct bw_str body, struct bw_error *) BW_CHECK;
enum bw_err bwi_xml_parse(
    struct bwi_tree *, struct bw_str body, struct bw_error *) BW_CHECK;
enum bw_err bwi_query_parse(
    struct bwi_tree *, struct bw_str query, struct bw_error *) BW_CHECK;

#endif
