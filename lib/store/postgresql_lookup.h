#ifndef BWI_STORE_POSTGRESQL_LOOKUP_H
#define BWI_STORE_POSTGRESQL_LOOKUP_H

#include "store/postgresql_url.h"

/*
 * Looks up the addresses of the hosts of a URL, in a thread of its own. libpq
 * would do it in the thread that connects, which would then do nothing else for
 * as long as a name server is silent.
 */
struct bwi_pg_lookup {
	const struct bwi_pg_url *url;
	struct bwi_pg_search *search; /* goes on, or has not been asked */
	struct bwi_pg_hosts found;    /* by the last one that found any */
};

void bwi_pg_lookup_init(struct bwi_pg_lookup *, const struct bwi_pg_url *);
/* A search that goes on ends by itself. */
void bwi_pg_lookup_free(struct bwi_pg_lookup *);

/* Does the URL have a host whose address must be looked up? */
bool bwi_pg_lookup_is_needed(const struct bwi_pg_url *);

/* Begin a search, unless one goes on. */
enum bw_err
bwi_pg_lookup_start(struct bwi_pg_lookup *, struct bw_error *) BW_CHECK;

/*
 * The hosts with their addresses, valid until the next call. While another
 * search goes on, what was found before counts, so that a silent name server
 * delays the first connection only. BW_ERR_DEADLINE: wait until the descriptor
 * is readable; BW_ERR_BUSY: nothing was found.
 */
enum bw_err bwi_pg_lookup_poll(struct bwi_pg_lookup *,
    const struct bwi_pg_hosts **, struct bw_error *) BW_CHECK;
int bwi_pg_lookup_fd(const struct bwi_pg_lookup *);

#endif
