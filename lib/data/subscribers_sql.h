#ifndef BWI_DATA_SUBSCRIBERS_SQL_H
#define BWI_DATA_SUBSCRIBERS_SQL_H

#include <stdint.h>

#include <bwcallback/error.h>

#include "base/arena.h"
#include "data/subscriber.h"

/*
 * Subscribers in an SQLite file of the operator, found with the operator's
 * query. When another file replaces it, it is opened again.
 */
struct bwi_subscribers_sql;

/*
 * Like bwi_subscribers_open_sql(). BW_ERR_NOFILE, _CONFIG (the query or a
 * column is wrong), _BUSY, _CORRUPT, _IO, _NOMEM.
 */
enum bw_err
bwi_subscribers_sql_open(struct bwi_subscribers_sql **, const char *file,
    const char *query, unsigned require, struct bw_error *) BW_CHECK;
void bwi_subscribers_sql_free(struct bwi_subscribers_sql *);

/*
 * Find the subscriber of a number; fields are copied into the arena. One thread
 * at a time runs the query. BW_ERR_BUSY (locked), _DEADLINE, _CONFIG (more than
 * one row, or the schema has changed), _CORRUPT, _IO, _NOMEM.
 */
enum bw_err bwi_subscribers_sql_find(struct bwi_subscribers_sql *,
    uint64_t number, struct bwi_arena *, int64_t deadline, bool *found,
    struct bwi_subscriber *, struct bw_error *) BW_CHECK;

#endif
