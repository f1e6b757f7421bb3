#ifndef BWI_STORE_POSTGRESQL_ALIVE_H
#define BWI_STORE_POSTGRESQL_ALIVE_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/error.h>

/*
 * Which processes of this host have died with work that they had claimed. Each
 * has a file beside its spool, ".SPOOL.writer.NUMBER", which it locks as long
 * as it lives: the kernel frees the lock when it ends, however it does. That a
 * connection to the database has ended would prove nothing: its process may
 * still run a program for an event.
 */
struct bwi_pg_alive;

/* The number of a writer, not 0, from its identifier. */
int32_t bwi_pg_writer_number(const unsigned char id[16]);

/* Make the file of this process. NULL: not possible; then it has none. */
struct bwi_pg_alive *
bwi_pg_alive_new(const char *spool, int32_t number) BW_CHECK;
/* Remove it. */
void bwi_pg_alive_free(struct bwi_pg_alive *);
/*
 * A process that has died, of those that had a file when this one began. False:
 * there is none any more.
 */
bool bwi_pg_alive_next_dead(struct bwi_pg_alive *, int32_t *number) BW_CHECK;
/* The database knows of it. */
void bwi_pg_alive_forget(struct bwi_pg_alive *);

#endif
