#ifndef BWI_DATA_SUBSCRIBERS_CSV_H
#define BWI_DATA_SUBSCRIBERS_CSV_H

#include <stdint.h>

#include <bwcallback/error.h>

#include "base/arena.h"
#include "data/subscriber.h"

/*
 * Subscribers in a CSV file (see csv.h), found by number. Made for a
 * million lines and more: the file stays in memory as it is, and beside it
 * stand eight to sixteen bytes for each line; a line is taken apart when it is
 * asked for. Immutable once parsed.
 */
struct bwi_subscribers_csv;

/*
 * Takes text (terminated, from bwi_alloc) over, whatever comes of it. Every
 * field in require (bits by enum bwi_subscriber_field) must have a column.
 * BW_ERR_SYNTAX, _ENCODING, _LIMIT, _NOMEM; messages begin "file:line: ". A
 * number that stands in two lines is an error, since only one can be meant.
 */
enum bw_err
bwi_subscribers_csv_parse_take(struct bwi_subscribers_csv **, const char *file,
    char *text, size_t n, unsigned require, struct bw_error *) BW_CHECK;
void bwi_subscribers_csv_free(struct bwi_subscribers_csv *);

size_t bwi_subscribers_csv_size(const struct bwi_subscribers_csv *);

/*
 * The subscriber who has a number: BW_OK, and *found false when nobody has.
 * Fields point into the roster or into the arena. BW_ERR_NOMEM.
 */
enum bw_err
bwi_subscribers_csv_find(const struct bwi_subscribers_csv *, uint64_t number,
    struct bwi_arena *, bool *found, struct bwi_subscriber *) BW_CHECK;

#endif
