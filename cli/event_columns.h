#ifndef BWC_EVENT_COLUMNS_H
#define BWC_EVENT_COLUMNS_H

#include <stdint.h>

#include <bwcallback/buf.h>

/* A number as it is typed: the id of an event. */
enum bw_err events_id(const char *, uint64_t *, struct bw_error *) BW_CHECK;
/* "2026-03-01 10:00:00.123", UTC. */
void events_time(char out[32], int64_t ms);
/* Append all but the last four of eight digits or more as '*'. */
void events_mask(struct bw_buf *, struct bw_str);
/*
 * Append text for people: what is not printable as '?', and unless reveal is
 * true all but the last four of eight digits or more as '*'.
 */
void events_text(struct bw_buf *, struct bw_str, bool reveal);
/* The same, and spaces up to a width in bytes, one at least. */
void events_cell(struct bw_buf *, struct bw_str, size_t width, bool reveal);
/* The same as a line of "name  text"; nothing when there is no text. */
void events_line(struct bw_buf *, const char *name, struct bw_str, bool reveal);

#endif
