#ifndef BWI_CONFIG_INSPECTOR_H
#define BWI_CONFIG_INSPECTOR_H

#include "config/loader.h"

/* What users of the pages may do. All that sign in may look. */
enum bwi_permission {
	BWI_MAY_LOOK,
	BWI_MAY_REVEAL, /* see numbers and texts in full */
	BWI_MAY_ACT,	/* retry and drop dead letters */
	BWI_MAY_PLAY,	/* play calls */
	BWI_PERMISSION__MAX
};

/* An <inspector>, in the arena of its configuration. */
struct bwi_inspector {
	/* Names of users, separated by blanks; p NULL: the default. */
	struct bw_str users[BWI_PERMISSION__MAX];
	struct bw_str host; /* "https://ops.example.com"; p NULL: any */
	const char *file;   /* of the configuration, to load it again */
};

/* Compile an <inspector>: the permissions and the host. */
void
bwi_inspector_load(struct bwi_loader *, const xmlNode *, struct bwi_section *);
/* The section of the <inspector>; NULL: none. */
const struct bwi_section *bwi_inspector_find(const struct bw_config *);

/* Is a path the one of an <inspector>, or below it? */
bool bwi_inspector_has(struct bw_str own, struct bw_str path);
/* Does a user that has signed in have the permission? */
bool bwi_inspector_allows(
    const struct bwi_inspector *, enum bwi_permission, struct bw_str user);
/* "act" */
const char *bwi_permission_name(enum bwi_permission);

#endif
