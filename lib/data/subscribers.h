#ifndef BWI_DATA_SUBSCRIBERS_H
#define BWI_DATA_SUBSCRIBERS_H

#include <stdint.h>

#include <bwcallback/error.h>

#include "base/arena.h"
#include "data/subscriber.h"

/*
 * The operator's subscribers. A file that changed is read as renewal.h says;
 * without one that can be used there is no answer out of old data: a number
 * locked since would be let go.
 */
struct bwi_subscribers;

/*
 * CSV, as roster.h has it; require: fields that must have a column. The file
 * is read now, and must be in order. Errors are those of watch.h and roster.h.
 */
enum bw_err bwi_subscribers_open_file(struct bwi_subscribers **,
    const char *file, unsigned require, struct bw_error *) BW_CHECK;
/*
 * A query on an SQLite file, which is opened for reading only. ?1 is the
 * number as ten digits (one that is not North American as E.164), ?2 as E.164.
 * It must give at most one row, and its columns have the names of a CSV
 * file's.
 */
enum bw_err
bwi_subscribers_open_sql(struct bwi_subscribers **, const char *file,
    const char *query, unsigned require, struct bw_error *) BW_CHECK;
void bwi_subscribers_free(struct bwi_subscribers *);

/* Why a changed file was not taken, as bw_config_take_warning says. */
bool bwi_subscribers_take_warning(struct bwi_subscribers *, struct bw_error *);

/* Questions that belong together, so that they see the same data. */
struct bwi_subscriber_lookup {
	struct bwi_subscribers *subscribers;
	struct bwi_snapshot *edition;
	struct bwi_arena *arena;
	int64_t deadline; /* CLOCK_MONOTONIC, nanoseconds */
};

/* Fills the lookup, of which arena and deadline are set before. */
enum bw_err bwi_subscriber_lookup_begin(struct bwi_subscriber_lookup *,
    struct bwi_subscribers *, struct bw_error *) BW_CHECK;
/*
 * Who has a number; fields are valid until the end. *found is false when
 * nobody has. BW_ERR_BUSY, _DEADLINE, _IO, _CORRUPT, _NOMEM, _CONFIG.
 */
enum bw_err
bwi_subscriber_lookup_find(struct bwi_subscriber_lookup *, uint64_t number,
    bool *found, struct bwi_subscriber *, struct bw_error *) BW_CHECK;
/* Always called after a begin, whatever that returned. */
void bwi_subscriber_lookup_end(struct bwi_subscriber_lookup *);

#endif
