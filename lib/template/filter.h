#ifndef BWI_TEMPLATE_FILTER_H
#define BWI_TEMPLATE_FILTER_H

#include <bwcallback/error.h>

#include "base/arena.h"

/* Filters of placeholders, one for each row of filters.def. */
enum bwi_filter_kind {
#define X(name, argument, text) BWI_FILTER_##name,
#include "template/filters.def"
#undef X
	BWI_FILTER__MAX
};

struct bwi_filter {
	enum bwi_filter_kind kind;
	struct bw_str text; /* TEXT argument */
	size_t count;	    /* COUNT argument */
};

/*
 * Parse "name" or "name:argument". The filter refers to the argument in source,
 * without a copy. BW_ERR_SYNTAX: the message says what to write instead.
 */
enum bw_err bwi_filter_parse(
    struct bwi_filter *, struct bw_str source, struct bw_error *) BW_CHECK;

/*
 * Replace a value, which may be absent (p == NULL), by the filtered one. The
 * result is in the arena or is part of the value or the filter. False: out of
 * memory.
 */
bool bwi_filter_apply(const struct bwi_filter *, struct bwi_arena *,
    struct bw_str *value) BW_CHECK;

#endif
