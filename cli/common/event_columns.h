#ifndef BWC_COMMON_EVENT_COLUMNS_H
#define BWC_COMMON_EVENT_COLUMNS_H

#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/tools/mask.h>

/* A number as it is typed: the id of an event. */
enum bw_err events_id(const char *, uint64_t *, struct bw_error *) BW_CHECK;
/* "2026-03-01 10:00:00.123", UTC. */
void events_time(char out[32], int64_t ms);
/*
 * Append a value for people, as <bwcallback/tools/mask.h> shows one of its
 * kind, and what is not printable as '?'; "-" for an absent one.
 */
void events_text(struct bw_buf *, enum bw_mask, struct bw_str, bool reveal);
/* The same, and spaces up to a width in bytes, one at least. */
void events_cell(
    struct bw_buf *, enum bw_mask, struct bw_str, size_t width, bool reveal);
/* The same as a line of "name  text"; nothing when there is no text. */
void events_line(struct bw_buf *, const char *name, enum bw_mask, struct bw_str,
    bool reveal);
/* The de-duplication key as a value for people. */
void events_key(struct bw_buf *, const struct bw_store_event *, bool reveal);
/* Replace what is not printable, from a position on. */
void events_printable(struct bw_buf *, size_t from);

#endif
