#ifndef BWI_FLOW_PATTERN_H
#define BWI_FLOW_PATTERN_H

#include "base/arena.h"

/*
 * A condition's value: alternatives separated by '|', in each '*' for any
 * text, '?' for one character, and '\' before a character that means itself.
 * An absent field is the empty text, so an empty alternative is "absent or
 * empty" and "?*" is "anything at all".
 */
struct bwi_pattern;

/* Compiled into the arena; NULL when it is out of memory. */
struct bwi_pattern *
bwi_pattern_compile(struct bwi_arena *, struct bw_str pattern) BW_CHECK;
bool bwi_pattern(const struct bwi_pattern *, struct bw_str value);
/* Does it match whatever comes ("*")? */
bool bwi_pattern_is_any(const struct bwi_pattern *);

/* Its alternatives, by number. */
size_t bwi_pattern_count(const struct bwi_pattern *);
/* The text of one that is no pattern; absent when it is one. */
struct bw_str bwi_pattern_literal(const struct bwi_pattern *, size_t);
/* Fewest bytes of a value that any of them matches. */
size_t bwi_pattern_shortest(const struct bwi_pattern *);
/* Does it match whatever one alternative of another matches? */
bool bwi_pattern_covers(
    const struct bwi_pattern *, const struct bwi_pattern *other, size_t);

#endif
