#ifndef BWC_COMMON_EVENT_COLUMNS_H
#define BWC_COMMON_EVENT_COLUMNS_H

#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/tools/mask.h>

/* Parse the id of an event, a number. */
enum bw_err events_id(const char *, uint64_t *, struct bw_error *) BW_CHECK;
/* "2026-03-01 10:00:00.123", UTC. */
void events_time(char out[32], int64_t ms);
/* "12s", "5m", "3h" or "20d", rounded down. */
void events_age(char out[32], int64_t ms);
/*
 * Append a value as readable text: masked by its kind as in
 * <bwcallback/tools/mask.h>, what is not printable in escaped
 * form, an absent value as "-".
 */
void events_text(struct bw_buf *, enum bw_mask, struct bw_str, bool reveal);
/* The same, padded with spaces to a width in bytes, by at least one space. */
void events_cell(
    struct bw_buf *, enum bw_mask, struct bw_str, size_t width, bool reveal);
/* The same as a line "name  text"; appends nothing if the value is empty. */
void events_line(struct bw_buf *, const char *name, enum bw_mask, struct bw_str,
    bool reveal);
/* Append the de-duplication key as readable text. */
void events_key(struct bw_buf *, const struct bw_store_event *, bool reveal);
/* Replace unprintable bytes from this position on. */
void events_printable(struct bw_buf *, size_t from);

#endif
