#ifndef BWI_EVENT_H
#define BWI_EVENT_H

#include "event/payload_tree.h"

/* Prefix of the names of fields that are parameters of the URL. */
#define BWI_EVENT_QUERY "query."

/* One event of a decoded body. */
struct bw_event {
	const struct bwi_tree *tree;
	uint32_t node; /* the event's object; in XML, the root element */
	const struct bw_event_type *row;
	struct bw_str name;
	struct bw_str raw;   /* its part of the body, unchanged */
	struct bw_str query; /* of the URL, as received; p NULL: none */
	/* The parameters of the query; NULL: none, or too many. */
	const struct bwi_tree *parameters;
};

/*
 * Does fn return true for the value of a field, or for any element if the name
 * leads through lists? If there is no value, fn is called once with an absent
 * one. name.p is not NULL.
 */
bool bwi_event_any(const struct bw_event *, struct bw_str name,
    bool (*fn)(const void *arg, struct bw_str value), const void *arg);

/*
 * The row of a family's type, by the type's name or an alias; NULL when the
 * table has none.
 */
const struct bw_event_type *
bwi_event_type_find(enum bw_family, struct bw_str name);
/*
 * The row for a payload that names no type, in a section of that family; for
 * most families their "other".
 */
const struct bw_event_type *bwi_event_type_unnamed(enum bw_family);
/* The row "other" of the family. */
const struct bw_event_type *bwi_event_type_other(enum bw_family);

/*
 * Determine which callback an event is, from its tree and node: sets row and
 * name. element: the event is an element of a list, as messaging events are.
 */
void bwi_event_recognise(struct bw_event *, enum bw_family hint, bool element);

#endif
