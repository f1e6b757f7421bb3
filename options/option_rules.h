#ifndef BWO_OPTION_RULES_H
#define BWO_OPTION_RULES_H

#include "options/option.h"

/* BW_ERR_USAGE: an option needs or excludes another. The error names both. */
enum bw_err
option_rules_check(const struct option_given *, struct bw_error *) BW_CHECK;

#endif
