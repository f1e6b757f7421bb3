#ifndef BWI_DATA_SUBSCRIBERS_SQL_H
#define BWI_DATA_SUBSCRIBERS_SQL_H

#include <stdint.h>

#include <bwcallback/error.h>

#include "base/arena.h"
#include "data/subscriber.h"

/*
 * Subscribers in an SQLite file of the operator's, asked by a query of the
 * operator's. A file that another was put in the place of is opened anew.
 */
struct bwi_register;

/*
 * As bwi_subscribers_open_sql(). BW_ERR_NOFILE, _CONFIG (the query, a
 * column), _BUSY, _CORRUPT, _IO, _NOMEM.
 */
enum bw_err bwi_register_open(struct bwi_register **, const char *file,
    const char *query, unsigned require, struct bw_error *) BW_CHECK;
void bwi_register_free(struct bwi_register *);

/*
 * The subscriber who has a number, fields copied into the arena. Threads take
 * turns. BW_ERR_BUSY (locked), _DEADLINE, _CONFIG (more than one row, the
 * query does not fit any more), _CORRUPT, _IO, _NOMEM.
 */
enum bw_err bwi_register_find(struct bwi_register *, uint64_t number,
    struct bwi_arena *, int64_t deadline, bool *found, struct bwi_subscriber *,
    struct bw_error *) BW_CHECK;

#endif
