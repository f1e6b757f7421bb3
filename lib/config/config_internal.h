#ifndef BWI_CONFIG_INTERNAL_H
#define BWI_CONFIG_INTERNAL_H

#include <stdatomic.h>

#include <bwcallback/limits.h>

#include "data/dates.h"
#include "flow/flow.h"
#include "os/dso.h"
#include "store/store_handle.h"
#include "template/template.h"
#include "time/tzfile.h"

/* A <credentials> element. */
struct bwi_named_credentials {
	struct bw_str id;
	struct bwi_credentials *credentials;
	const char *file;
};

/* A <store> element. */
struct bwi_named_store {
	struct bw_str id; /* p NULL: none */
	struct bwi_store_handle *handle;
	bool retains_keys; /* as long as its events */
	int64_t compacted; /* age of what is compacted, ms; 0: nothing is */
};

struct bwi_named_zone {
	struct bw_str name;
	struct bwi_tzfile *zone;
};

/* A file with secrets: passwords, keys, subscribers. */
struct bwi_secret {
	struct bwi_secret *next;
	const char *file;
};

/* Compiled parts are in the arena and are freed with it. */
struct bw_config {
	atomic_size_t references;
	struct bwi_arena arena;
	struct bwi_named_store stores[BW_MAX_STORES]; /* as written */
	size_t nstores;
	struct bw_str mount; /* removed from request paths; may be empty */
	struct bwi_section *sections; /* sorted by path */
	size_t nsections;
	const struct bwi_section *inspector; /* one of them; NULL: none */
	struct bwi_named_credentials *credentials;
	size_t ncredentials;
	struct bwi_named_table *tables;
	size_t ntables;
	struct bwi_named_calendar *calendars;
	size_t ncalendars;
	struct bwi_named_zone *zones;
	size_t nzones;
	size_t zones_cap;
	struct bwi_named_module *modules; /* one for each file */
	size_t nmodules;
	size_t modules_cap;
	struct bwi_secret *secrets;
};

#endif
