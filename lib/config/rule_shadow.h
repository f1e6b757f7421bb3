#ifndef BWI_CONFIG_RULE_SHADOW_H
#define BWI_CONFIG_RULE_SHADOW_H

#include "flow/rule.h"

/*
 * Do the rules before it take all that a rule could? By combinations: each
 * alternative of its conditions is taken by one of them, whatever else is in
 * the event. Gives the first of those, or NULL; *alone when it needs no other.
 */
const struct bwi_rule *bwi_rule_shadow_find(const struct bwi_rule *earlier,
    size_t n, const struct bwi_rule *rule, bool *alone);

#endif
