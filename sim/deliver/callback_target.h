#ifndef SIM_DELIVER_CALLBACK_TARGET_H
#define SIM_DELIVER_CALLBACK_TARGET_H

#include <libxml/tree.h>

#include "sim/deliver/deliver.h"

/* Where a callback goes, kept: a sim_target of its own. */
struct sim_place {
	char *url; /* NULL: nowhere */
	char *method;
	char *user;
	char *password;
};

struct sim_places {
	struct sim_place primary;
	struct sim_place fallback;
};

void sim_places_set(struct sim_places *, const struct sim_target *primary,
    const struct sim_target *fallback);
/*
 * What a verb says about the URL in that attribute: "gatherUrl" comes with
 * gatherMethod, gatherFallbackUrl, username and so on. URLs are resolved
 * against the base; one that cannot be stays as it is, and will fail.
 */
void sim_places_read(struct sim_places *, const xmlNode *,
    const char *attribute, const char *base);
/* Move it; what was there is freed, what it came from is empty. */
void sim_places_move(struct sim_places *, struct sim_places *from);
void sim_places_free(struct sim_places *);

struct sim_target sim_place_target(const struct sim_place *);

#endif
