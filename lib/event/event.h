#ifndef BWI_EVENT_H
#define BWI_EVENT_H

#include "event/payload_tree.h"

/* One event of a decoded body. */
struct bw_event {
	const struct bwi_tree *tree;
	uint32_t node; /* the event's object; in XML the root element */
	const struct bw_event_type *row;
	struct bw_str name;
	struct bw_str raw; /* its part of the body, as it came */
};

/*
 * The row of a family's type, by its name or an alias; NULL when it is not in
 * the table.
 */
const struct bw_event_type *
bwi_event_type_find(enum bw_family, struct bw_str name);
/*
 * The row for what the configuration says is of that family and which names
 * no type; the family's "other" for most.
 */
const struct bw_event_type *bwi_event_type_unnamed(enum bw_family);
/* The family's "other". */
const struct bw_event_type *bwi_event_type_other(enum bw_family);

/*
 * Say which callback an event is, from its tree and node: fills row and name.
 * element: it stands in a list, as messaging events do.
 */
void bwi_event_recognise(struct bw_event *, enum bw_family hint, bool element);

#endif
