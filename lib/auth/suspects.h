#ifndef BWI_AUTH_SUSPECTS_H
#define BWI_AUTH_SUSPECTS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Counts recent wrong passwords by source: a peer or a user name, given as
 * a hash value. When the table is full, sources with low counts are
 * forgotten. Not thread-safe.
 */
#define BWI_SUSPECTS	 256
#define BWI_SUSPECTS_MAX 16 /* counted for one source */

struct bwi_suspects {
	struct bwi_suspect {
		uint64_t source;
		int64_t wrong; /* 0: a free entry */
		int64_t since; /* when wrong was last decreased, ms */
	} at[BWI_SUSPECTS];
};

/*
 * now: a monotonic time. decay: the time after which a count decreases by one.
 * Both in milliseconds.
 */
int64_t bwi_suspects_count(
    struct bwi_suspects *, uint64_t source, int64_t now, int64_t decay);
void bwi_suspects_add(
    struct bwi_suspects *, uint64_t source, int64_t now, int64_t decay);

#endif
