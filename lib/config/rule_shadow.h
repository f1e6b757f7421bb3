#ifndef BWI_CONFIG_RULE_SHADOW_H
#define BWI_CONFIG_RULE_SHADOW_H

#include "flow/rule.h"

/*
 * Find the earlier rule because of which a rule is never reached. Each
 * combination of alternatives of its conditions must be matched by an earlier
 * rule regardless of the other fields. Returns the first of those rules, or
 * NULL; *alone: it suffices by itself.
 */
const struct bwi_rule *bwi_rule_shadow_find(const struct bwi_rule *earlier,
    size_t n, const struct bwi_rule *rule, bool *alone);

#endif
