#ifndef BWI_STORE_SQLITE_MAINTENANCE_H
#define BWI_STORE_SQLITE_MAINTENANCE_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/sqlite_segment.h"

/*
 * When a segment is closed: at so many events or bytes, whichever comes first.
 * For every 64 segments that there are, twice as many, so that there are never
 * too many files.
 */
struct bwi_segment_limit {
	uint64_t events;
	uint64_t bytes;
};

/*
 * Closes full segments, makes filters and compacts old segments, in a thread
 * that ends when nothing is left to do.
 */
struct bwi_maintenance {
	struct bw_store *store; /* gets warnings */
	const char *path;
	struct bwi_segment_limit limit;
	pthread_t thread;
	bool started;
	bool warned;
	int64_t next; /* when to look for segments to compact */
	atomic_bool running;
	atomic_bool stop;
};

void bwi_maintenance_init(
    struct bwi_maintenance *, struct bw_store *, const char *path);
/* Start the thread if there is something to do and it is not running. */
void bwi_maintenance_look(struct bwi_maintenance *, struct bwi_segments *);
/*
 * Wait for the thread. Afterwards segments may still be closed, but no filters
 * are made.
 */
void bwi_maintenance_stop(struct bwi_maintenance *);

/* The thread's work: close the active segment if it is full, make filters. */
enum bw_err bwi_maintain(const char *path, const struct bwi_segment_limit *,
    atomic_bool *stop, struct bw_error *) BW_CHECK;

/*
 * Close the active segment, and begin the next. Afterwards update the segments.
 * Nothing is done if another process did it.
 */
enum bw_err
bwi_segments_rotate(struct bwi_segments *, struct bw_error *) BW_CHECK;

#endif
