#ifndef BWI_CONFIG_RULE_STATUS_H
#define BWI_CONFIG_RULE_STATUS_H

#include "config/loader.h"
#include "flow/rule.h"

/*
 * Warn about a <reply> whose status Bandwidth does not take as received for one
 * of the events of the rule.
 */
void bwi_rule_status_check(struct bwi_loader *, const xmlNode *,
    const struct bwi_section *, const struct bwi_rule *);

#endif
