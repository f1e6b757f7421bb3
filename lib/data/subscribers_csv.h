#ifndef BWI_DATA_SUBSCRIBERS_CSV_H
#define BWI_DATA_SUBSCRIBERS_CSV_H

#include <stdint.h>

#include <bwcallback/error.h>

#include "base/arena.h"
#include "data/subscriber.h"

/*
 * Subscribers in a CSV file (see csv.h), found by number. Made for a million
 * lines and more: the text stays in memory with an index of eight to sixteen
 * bytes per line, and a line is parsed when it is looked up. Immutable once
 * parsed.
 */
struct bwi_subscribers_csv;

/*
 * Takes ownership of text (NUL-terminated, from bwi_alloc), also when it fails.
 * Every field in require (bits of enum bwi_subscriber_field) must have a
 * column. BW_ERR_SYNTAX, _ENCODING, _LIMIT, _NOMEM; messages begin with file
 * and line. Two lines with the same number are an error.
 */
enum bw_err
bwi_subscribers_csv_parse_take(struct bwi_subscribers_csv **, const char *file,
    char *text, size_t n, unsigned require, struct bw_error *) BW_CHECK;
void bwi_subscribers_csv_free(struct bwi_subscribers_csv *);

size_t bwi_subscribers_csv_size(const struct bwi_subscribers_csv *);

/*
 * Find the subscriber of a number: BW_OK, and *found is false when there is
 * none. Fields point into the text or into the arena. BW_ERR_NOMEM.
 */
enum bw_err
bwi_subscribers_csv_find(const struct bwi_subscribers_csv *, uint64_t number,
    struct bwi_arena *, bool *found, struct bwi_subscriber *) BW_CHECK;

#endif
