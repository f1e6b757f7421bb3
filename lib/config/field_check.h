#ifndef BWI_CONFIG_FIELD_CHECK_H
#define BWI_CONFIG_FIELD_CHECK_H

#include "config/loader.h"
#include "flow/rule.h"

/* The events of a rule, whose fields its conditions and placeholders name. */
struct bwi_field_scope {
	uint64_t rows[4]; /* bit i: row i of bw_event_types() */
	const char *name; /* of the only event; NULL: several */
	bool any;	  /* the rule names none of them exactly */
	bool none;	  /* no known event: nothing is checked */
};

/* Is the attribute of an <on> a condition on a field of the event? */
bool bwi_field_is_condition(const char *attribute);

/* The events of the rule that come to such a section. */
void bwi_field_scope_set(
    struct bwi_field_scope *, enum bwi_section_kind, const struct bwi_rule *);

/*
 * Warn about a condition that no event of the rule can meet: no event has the
 * field, or no documented value matches. name is as written.
 */
void
bwi_field_check_condition(struct bwi_loader *, const struct bwi_field_scope *,
    const xmlNode *on, struct bw_str name, struct bw_str value);

/*
 * Warn about placeholders of a template, from that segment on, whose field no
 * event has; it is an error where the answer cannot be sent without the value.
 * element: where they stand, for the message.
 */
void bwi_field_check_values(struct bwi_loader *, const xmlNode *where,
    struct bwi_template_builder *, size_t first, const char *element);

#endif
