#ifndef BWI_PAGE_LIVE_ROWS_H
#define BWI_PAGE_LIVE_ROWS_H

#include "page/event_filter.h"
#include "page/event_row.h"

/* As many as a page shows. */
#define BWI_LIVE_ROWS 50

/* A row of a table of events, as a tree (html.h). */
struct bwi_live_row {
	uint64_t serial; /* of this version; 0: there is no row */
	uint64_t seq;
	struct bw_buf tree; /* empty: not written */
};

/*
 * The newest rows that one filter takes. Each version of a row has a serial
 * number; those that are not here any more were left out.
 */
struct bwi_live_rows {
	uint64_t serial;			/* of the last row */
	struct bwi_live_row row[BWI_LIVE_ROWS]; /* at the serial, modulo */
};

/* Writes one row of the store, once however many filters take it. */
struct bwi_live_writer {
	const struct bwi_page_request *request;
	struct bwi_event_words words;
	struct bw_buf tree;
	bool written;
};

void
bwi_live_writer_init(struct bwi_live_writer *, const struct bwi_page_request *);
void bwi_live_writer_free(struct bwi_live_writer *);
/* The next row. */
void bwi_live_writer_next(struct bwi_live_writer *);
/* A copy of the tree of this row; its error is BW_ERR_NOMEM without memory. */
void bwi_live_write(
    struct bwi_live_writer *, const struct bw_store_row *, struct bw_buf *to);

/* Add a row, which is left out if it is not written. */
void bwi_live_rows_add(struct bwi_live_rows *, uint64_t seq);
/* Write the rows of an event. BW_ERR_NOMEM: they are left out. */
enum bw_err bwi_live_rows_write(struct bwi_live_rows *,
    struct bwi_live_writer *, const struct bw_store_row *) BW_CHECK;
/* The first event from one on whose row is not written; UINT64_MAX: none. */
uint64_t bwi_live_rows_unwritten(const struct bwi_live_rows *, uint64_t from);
/* n rows are left out. */
void bwi_live_rows_skip(struct bwi_live_rows *, uint64_t n);
/* Append the second ones, which are empty then. */
void bwi_live_rows_move(struct bwi_live_rows *, struct bwi_live_rows *);
/* NULL: it was left out. */
const struct bwi_live_row *
bwi_live_rows_get(const struct bwi_live_rows *, uint64_t serial);
void bwi_live_rows_free(struct bwi_live_rows *);

/* What the store has for one reader, when it begins. */
struct bwi_live_past {
	struct bwi_live_row row[BWI_LIVE_ROWS]; /* newest first */
	size_t n;
	bool more;    /* there are, or may be, more before them */
	bool waiting; /* one that waits for its answer was left out */
};

/*
 * Read the newest events after one, and before another (0: up to the last).
 * held: leave out those from the first one on that waits for its answer for
 * less than so many milliseconds.
 */
struct bwi_live_past_range {
	uint64_t after, before;
	int64_t held;
};
enum bw_err
bwi_live_past_read(struct bwi_live_past *, struct bwi_store_handle *,
    const struct bwi_event_filter *, const struct bwi_live_past_range *,
    const struct bwi_page_request *) BW_CHECK;
void bwi_live_past_free(struct bwi_live_past *);

/* Does the row wait for its answer, for less than so many milliseconds? */
bool bwi_live_waits(const struct bw_store_row *, int64_t ms);

/* Does the filter take a row? */
bool
bwi_live_takes(const struct bwi_event_filter *, const struct bw_store_row *);

#endif
