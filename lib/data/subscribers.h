#ifndef BWI_DATA_SUBSCRIBERS_H
#define BWI_DATA_SUBSCRIBERS_H

#include <stdint.h>

#include <bwcallback/error.h>

#include "base/arena.h"
#include "data/subscriber.h"

/*
 * The operator's subscribers. A changed file is read again (see file_reload.h).
 * While the file is invalid, lookups fail rather than use old data: a number
 * locked since then would be released.
 */
struct bwi_subscribers;

/*
 * Open a CSV file (see subscribers_csv.h). require: bits of the fields that
 * must have a column. The file is read now and must be valid. Errors are those
 * of file_watch.h and subscribers_csv.h.
 */
enum bw_err bwi_subscribers_open_file(struct bwi_subscribers **,
    const char *file, unsigned require, struct bw_error *) BW_CHECK;
/*
 * Open an SQLite file, read-only, with a query. ?1 is the number as ten digits
 * (a number outside North America in E.164), ?2 in E.164. The query must return
 * at most one row; its columns are named as in a CSV file.
 */
enum bw_err
bwi_subscribers_open_sql(struct bwi_subscribers **, const char *file,
    const char *query, unsigned require, struct bw_error *) BW_CHECK;
void bwi_subscribers_free(struct bwi_subscribers *);

/*
 * Take the warning why a changed file is not in use, as
 * bw_config_take_warning() does.
 */
bool bwi_subscribers_take_warning(struct bwi_subscribers *, struct bw_error *);

/* A group of lookups that use the same version of the data. */
struct bwi_subscriber_lookup {
	struct bwi_subscribers *subscribers;
	struct bwi_snapshot *snapshot;
	struct bwi_arena *arena;
	int64_t deadline; /* CLOCK_MONOTONIC, nanoseconds */
};

/* Begin a group of lookups; set arena and deadline before. */
enum bw_err bwi_subscriber_lookup_begin(struct bwi_subscriber_lookup *,
    struct bwi_subscribers *, struct bw_error *) BW_CHECK;
/*
 * Find the subscriber of a number; fields are valid until the end. *found is
 * false when there is none. BW_ERR_BUSY, _DEADLINE, _IO, _CORRUPT, _NOMEM,
 * _CONFIG.
 */
enum bw_err
bwi_subscriber_lookup_find(struct bwi_subscriber_lookup *, uint64_t number,
    bool *found, struct bwi_subscriber *, struct bw_error *) BW_CHECK;
/* Call it after every begin, also one that failed. */
void bwi_subscriber_lookup_end(struct bwi_subscriber_lookup *);

#endif
