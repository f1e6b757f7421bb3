#ifndef BWC_COMMON_STORE_OPTION_H
#define BWC_COMMON_STORE_OPTION_H

#include <bwcallback/store.h>

#include "cli/common/command.h"

/* Open a store by its URL, or if that is NULL, the store of a configuration. */
enum bw_err store_get(const char *url, const char *config, struct bw_store **,
    struct bw_error *) BW_CHECK;

/* Option rows for --store and --config; their values are const char *. */
#define STORE_OPTIONS(store_at, config_at) \
	{"store", "URL", "the store: sqlite:PATH", .kind = OPTION_TEXT, \
	    .at = (store_at), .value = &option_store}, \
	{ \
		"config", "FILE", \
		    "the store of a configuration; when neither is given, of " \
		    "that in BWCALLBACK_CONFIG", \
		    .kind = OPTION_TEXT, .at = (config_at) \
	}

/*
 * Without --store and --config, use the configuration in BWCALLBACK_CONFIG.
 * Returns -1 if there is a store; otherwise prints what is missing and returns
 * the exit code.
 */
int store_need(const struct command *, const char *store, const char **config);

#endif
