#ifndef BWI_EVENT_FIELD_H
#define BWI_EVENT_FIELD_H

#include <bwcallback/tools/field.h>

/* A name that begins so is never checked: "field.NAME" means NAME. */
#define BWI_FIELD_UNCHECKED "field."

/* The member that a name in a rule or placeholder means; a part of it. */
struct bw_str bwi_field_name(struct bw_str);

/*
 * Does the name mean that member in events of its family? List positions and
 * the root element of XML are left out of the comparison.
 */
bool bwi_field_matches(const struct bw_field *, struct bw_str name);

/* The name or value of the list that was probably meant; NULL: none is near. */
const char *
bwi_field_guess(struct bw_str got, const char *const *names, size_t n);
/*
 * What people usually mean by a name or value that is not documented: the
 * suggestion after the one at *i, which begins at 0; NULL: no more.
 */
const char *bwi_field_instead(struct bw_str wrong, size_t *i);

/* Call fn for each word of a list with that separator, until it is true. */
bool bwi_field_any_word(const char *list, char separator,
    bool (*fn)(const void *arg, struct bw_str word), const void *arg);

#endif
