#ifndef BWI_FLOW_PATTERN_H
#define BWI_FLOW_PATTERN_H

#include "base/arena.h"

/*
 * The value of a condition: alternatives separated by '|'. In each, '*' matches
 * any text, '?' one character, and '\' makes the next character literal. An
 * absent field is the empty text: an empty alternative matches an absent or
 * empty field, "?*" any non-empty one.
 */
struct bwi_pattern;

/* Compile into the arena; NULL: out of memory. */
struct bwi_pattern *
bwi_pattern_compile(struct bwi_arena *, struct bw_str pattern) BW_CHECK;
bool bwi_pattern_match(const struct bwi_pattern *, struct bw_str value);
/* Does it match every value ("*")? */
bool bwi_pattern_is_any(const struct bwi_pattern *);

/* The number of alternatives. */
size_t bwi_pattern_count(const struct bwi_pattern *);
/* The text of an alternative without wildcards; p NULL if it has some. */
struct bw_str bwi_pattern_literal(const struct bwi_pattern *, size_t);
/* The fewest bytes of a value that matches. */
size_t bwi_pattern_shortest(const struct bwi_pattern *);
/* Does it match every value that alternative number i of other matches? */
bool bwi_pattern_includes(
    const struct bwi_pattern *, const struct bwi_pattern *other, size_t);

#endif
