#ifndef BWI_CONFIG_QUERY_NAMES_H
#define BWI_CONFIG_QUERY_NAMES_H

#include "config/loader.h"

/* A parameter in the query of a URL of the configuration. */
struct bwi_query_name {
	const struct bwi_query_name *next;
	struct bw_str name;
};

/* Collect the names of all parameters of the documents. */
void bwi_query_names_collect(struct bwi_loader *, const xmlNode *root);
/* Has any URL such a parameter? */
bool bwi_query_names_has(const struct bwi_loader *, struct bw_str name);

#endif
