#ifndef BWO_OPTION_RULES_H
#define BWO_OPTION_RULES_H

#include "options/option.h"

/* Limit for the options of one command line; further ones are not compared. */
#define OPTION_MAX_GIVEN 256

/* The options that were given, with their values; NULL: a flag. */
struct option_given {
	const struct option_row *rows[OPTION_MAX_GIVEN];
	const char *values[OPTION_MAX_GIVEN];
	size_t n;
};

/* BW_ERR_USAGE: an option needs or excludes another. The error names both. */
enum bw_err
option_rules_check(const struct option_given *, struct bw_error *) BW_CHECK;

#endif
