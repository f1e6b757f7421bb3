#ifndef BWI_CONFIG_QUERY_NAMES_H
#define BWI_CONFIG_QUERY_NAMES_H

#include "config/loader.h"

/*
 * A parameter in the query of a URL of the configuration. In a GET callback it
 * is a field beside those of the event.
 */
struct bwi_query_name {
	const struct bwi_query_name *next;
	struct bw_str name;
	bool get; /* a URL with it is called by GET */
};

/* Collect the names of all parameters of the documents. */
void bwi_query_names_collect(struct bwi_loader *, const xmlNode *root);
/* NULL: no URL has such a parameter. */
const struct bwi_query_name *
bwi_query_names_find(const struct bwi_loader *, struct bw_str name);

#endif
