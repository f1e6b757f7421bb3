#ifndef BWI_STORE_POSTGRESQL_DRAIN_H
#define BWI_STORE_POSTGRESQL_DRAIN_H

#include "store/store.h"

/*
 * A thread that moves the events of the spool into the store while the database
 * is there. A batch of them is an ordinary job of the writer, so they are
 * stored in order, and requests are served meanwhile.
 */
struct bwi_pg_drain;

/* Are there events in the spool? */
bool bwi_pg_drain_is_due(const struct bw_store *);
/* Join a drain that has ended. Start one if events are spooled, and if may. */
void bwi_pg_drain_poll(struct bwi_pg_drain **, struct bw_store *, bool may);
/* Let it end after the present batch. True: there is none any more. */
bool bwi_pg_drain_end(struct bwi_pg_drain **);

#endif
