#ifndef BWC_COMMON_STORE_OPTION_H
#define BWC_COMMON_STORE_OPTION_H

#include <bwcallback/store.h>
#include <bwcallback/tools/config.h>

#include "cli/common/command.h"

/*
 * The values of --store, which is a URL or the id of a store of the
 * configuration, and of --config. Either may be NULL; see store_need().
 */

/*
 * Open the store that they select. BW_ERR_USAGE: the configuration has several,
 * and --store names none of them. BW_ERR_NOTFOUND: no store has that id.
 */
enum bw_err store_get(const char *store, const char *config, struct bw_store **,
    struct bw_error *) BW_CHECK;

/* The store is valid during the call. An error ends store_each(). */
typedef enum bw_err
store_fn(void *arg, const struct bw_config_store *, struct bw_error *);
/*
 * Call fn for each selected store: the store of the URL (it has no id), the
 * store with the id, or every store of the configuration.
 */
enum bw_err store_each(const char *store, const char *config, store_fn *,
    void *arg, struct bw_error *) BW_CHECK;

/*
 * Open all stores that they select, for reading them as one. A store without a
 * file is one without events. If others can be read, one that cannot is passed
 * to store_be_away(), also later; *away is then its error, for the end of the
 * command.
 */
enum bw_err store_get_all(const char *store, const char *config,
    struct bw_error *away, struct bw_store **, struct bw_error *) BW_CHECK;
/* Print the error in *away, if there is one, and replace it. */
void store_be_away(void *away, const char *id, const struct bw_error *why);

/*
 * Option rows for --store and --config; their values are const char *. With
 * _OF, only for a group of actions.
 */
#define STORE_OPTIONS(store_at, config_at) \
	STORE_OPTIONS_OF(0, store_at, config_at)
#define STORE_OPTIONS_OF(which, store_at, config_at) \
	{"store", "URL", \
	    "the store: sqlite:PATH, or the id of one of the configuration", \
	    .kind = OPTION_TEXT, .at = (store_at), .value = &option_store, \
	    .group = (which)}, \
	{ \
		"config", "FILE", \
		    "the store of a configuration; when neither is given, of " \
		    "that in BWCALLBACK_CONFIG", \
		    .kind = OPTION_TEXT, .at = (config_at), .group = (which) \
	}

/*
 * Without --store and --config, use the configuration in BWCALLBACK_CONFIG.
 * Returns -1 if there is a store; otherwise prints what is missing and returns
 * the exit code.
 */
int store_need(const struct command *, const char *store, const char **config);
/* Is it given, and a URL, which needs no configuration? */
bool store_is_url(const char *store);

#endif
