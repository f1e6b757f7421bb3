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
struct bwi_subscribers_sql;

/*
 * As bwi_subscribers_open_sql(). BW_ERR_NOFILE, _CONFIG (the query, a
 * column), _BUSY, _CORRUPT, _IO, _NOMEM.
 */
enum bw_err
bwi_subscribers_sql_open(struct bwi_subscribers_sql **, const char *file,
    const char *query, unsigned require, struct bw_error *) BW_CHECK;
void bwi_subscribers_sql_free(struct bwi_subscribers_sql *);

/*
 * The subscriber who has a number, fields copied into the arena. Threads take
 * turns. BW_ERR_BUSY (locked), _DEADLINE, _CONFIG (more than one row, the
 * query does not fit any more), _CORRUPT, _IO, _NOMEM.
 */
enum bw_err bwi_subscribers_sql_find(struct bwi_subscribers_sql *,
    uint64_t number, struct bwi_arena *, int64_t deadline, bool *found,
    struct bwi_subscriber *, struct bw_error *) BW_CHECK;

#endif
