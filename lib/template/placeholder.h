#ifndef BWI_TEMPLATE_PLACEHOLDER_H
#define BWI_TEMPLATE_PLACEHOLDER_H

#include <bwcallback/event.h>

#include "base/arena.h"
#include "data/table.h"

/*
 * The text between the braces of a template:
 *
 *	value  = field / table "[" key "]" "." column
 *	key    = field / "'" text "'"
 *	whole  = value *( "|" filter )
 *
 * In a filter's argument, a backslash makes the next '|', '}' or '\' literal.
 */
struct bwi_placeholder {
	struct bw_str source;  /* as written, for messages */
	struct bw_str name;    /* of the field, as written */
	struct bw_str field;   /* of the event: the value, or the table's key */
	struct bw_str literal; /* a literal key; p NULL: none */
	/* NULL: the value is a field of the event. */
	const struct bwi_table *table;
	size_t column;
	const struct bwi_filter *filters;
	size_t nfilters;
	bool absent; /* no documented event has the field; for checks only */
};

/* Copies what it needs into the arena. BW_ERR_SYNTAX, BW_ERR_NOMEM. */
enum bw_err bwi_placeholder_parse(struct bwi_placeholder *, struct bwi_arena *,
    const struct bwi_tables *, struct bw_str source,
    struct bw_error *) BW_CHECK;

/*
 * The value for an event, or without any event (NULL); false: out of memory.
 */
bool bwi_placeholder_get(const struct bwi_placeholder *,
    const struct bw_event *, struct bwi_arena *, struct bw_str *value) BW_CHECK;

#endif
