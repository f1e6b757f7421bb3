#ifndef SIM_DELIVER_CALLBACK_TARGET_H
#define SIM_DELIVER_CALLBACK_TARGET_H

#include <libxml/tree.h>

#include "sim/deliver/deliver.h"

/* A sim_target that owns its strings. */
struct sim_target_entry {
	char *url; /* NULL: no callback */
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
 * Read the target in this attribute of a verb: "gatherUrl" comes with
 * gatherMethod, gatherFallbackUrl, username and so on. URLs are resolved
 * against base; one that cannot be resolved is copied and fails on delivery.
 */
void sim_targets_read(struct sim_targets *, const xmlNode *,
    const char *attribute, const char *base);
/* Move the targets: the destination is freed first, from is left empty. */
void sim_targets_move(struct sim_targets *, struct sim_targets *from);
void sim_targets_free(struct sim_targets *);

struct sim_target sim_target_find(const struct sim_target_entry *);

#endif
