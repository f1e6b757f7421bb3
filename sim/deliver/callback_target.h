#ifndef SIM_DELIVER_CALLBACK_TARGET_H
#define SIM_DELIVER_CALLBACK_TARGET_H

#include <libxml/tree.h>

#include "sim/deliver/deliver.h"

/* Where a callback goes, kept: a sim_target of its own. */
struct sim_target_entry {
	char *url; /* NULL: nowhere */
	char *method;
	char *user;
	char *password;
};

struct sim_targets {
	struct sim_target_entry primary;
	struct sim_target_entry fallback;
};

void sim_targets_set(struct sim_targets *, const struct sim_target *primary,
    const struct sim_target *fallback);
/*
 * What a verb says about the URL in that attribute: "gatherUrl" comes with
 * gatherMethod, gatherFallbackUrl, username and so on. URLs are resolved
 * against the base; one that cannot be stays as it is, and will fail.
 */
void sim_targets_read(struct sim_targets *, const xmlNode *,
    const char *attribute, const char *base);
/* Move it; what was there is freed, what it came from is empty. */
void sim_targets_move(struct sim_targets *, struct sim_targets *from);
void sim_targets_free(struct sim_targets *);

struct sim_target sim_target_find(const struct sim_target_entry *);

#endif
