#ifndef BWCALLBACK_TOOLS_CONFIG_H
#define BWCALLBACK_TOOLS_CONFIG_H

/* An interface for the programs of this package: any release may change it. */

#include <bwcallback/config.h>
#include <bwcallback/response.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * From now on, elements of this file replace those of the same names in every
 * configuration that this process loads, except <credentials>, which are added;
 * NULL: no longer. It is for trying a configuration with another store and
 * with pages. file must stay valid; no other thread loads meanwhile.
 */
BW_EXPORT void bw_config_overlay(const char *file);

/* A section of a configuration, such as <voice>. */
struct bw_section {
	struct bw_str mount; /* prefix of all paths; may be empty */
	struct bw_str path;  /* after the prefix */
	const char *element; /* "voice" */
	bool page;	     /* for the operator: no callbacks come to it */
	struct bw_str realm; /* p NULL: no credentials are required */
	const char *passwd;  /* the file of the credentials; NULL: none */
};

/* A rule: an <on> of a section. */
struct bw_rule {
	const char *file;
	int line;
	struct bw_str section; /* its path */
	struct bw_str event;   /* as configured; p NULL: any */
};

/*
 * The rules by number from 0, ordered by the paths of their sections, then as
 * written; NULL after the last. They belong to the configuration.
 */
BW_EXPORT const struct bw_rule *
bw_config_rule(const struct bw_config *, size_t i);

/*
 * Get a section by number from 0, ordered by path. Its strings belong to the
 * configuration. False: there is none.
 */
BW_EXPORT bool
bw_config_section(const struct bw_config *, size_t i, struct bw_section *);
/* Call each() with the name of every file that contains a secret. */
BW_EXPORT void bw_config_secrets(const struct bw_config *,
    void (*each)(void *arg, const char *file), void *arg);

/*
 * A process begins to serve requests with this configuration: its stores do
 * what a process that has died left undone. Never waits.
 */
BW_EXPORT void bw_config_start_stores(const struct bw_config *);

/* A <store> of a configuration. */
struct bw_config_store {
	struct bw_str id; /* p NULL: none */
	const char *url;  /* for bw_store_open() */
};

/*
 * Get a store by number from 0, in the order of the configuration. Its strings
 * belong to the configuration. False: there is none.
 */
BW_EXPORT bool bw_config_store_of(
    const struct bw_config *, size_t i, struct bw_config_store *);

/*
 * The rule that was to answer. NULL: none, or a recorded answer was sent. It
 * belongs to the configuration.
 */
BW_EXPORT const struct bw_rule *bw_response_rule(const struct bw_response *);

#ifdef __cplusplus
}
#endif

#endif
