#ifndef BWI_PAGE_LIVE_FEED_H
#define BWI_PAGE_LIVE_FEED_H

#include "page/view.h"

/* The newest rows of a store, which readers that are late get too. */
#define BWI_LIVE_ROWS 200

/* A row as it was when it was looked at. */
struct bwi_live_row {
	uint64_t serial; /* of this version; 0: there is no row */
	bool again;	 /* a newer version of a row */
	bool old;	 /* there is a newer version */
	/* Without bodies. Its texts are in "text". */
	struct bw_store_row row;
	struct bw_buf text;
	struct bw_buf tree; /* as a row of a table of events (html.h) */
};

/*
 * What comes into one store, for all readers of its live pages in this process.
 * The request of the first reader looks into the store; only that changes the
 * rows, while it holds the mutex of live.c.
 */
struct bwi_live_feed {
	struct bwi_live_feed *next;
	struct bwi_store_handle *store;
	struct bwi_live *readers; /* the first one looks into the store */
	struct bwi_live_row rows[BWI_LIVE_ROWS]; /* at the serial, modulo */
	uint64_t serial;			 /* of the last row */
	uint64_t newest;	   /* number of the newest event */
	uint64_t since;		   /* events after this one are all here */
	bool begun;		   /* it has been looked into */
	bool states;		   /* some reader wants the state */
	int64_t look_at, state_at; /* CLOCK_MONOTONIC, nanoseconds */
	struct bw_buf state;	   /* the page "Now" but its rows, as a tree */
	uint64_t state_serial;
};

/* What one look has found. */
struct bwi_live_look {
	struct bwi_live_feed *feed;
	struct bwi_live_row rows[BWI_LIVE_ROWS];
	size_t n;
	enum bw_err err;
	bool full; /* there may be more */
	struct bw_buf state;
};

struct bwi_live_feed *bwi_live_feed_new(struct bwi_store_handle *);
void bwi_live_feed_free(struct bwi_live_feed *);

/*
 * Read what is new, without the mutex; NULL: no memory. state: also write that.
 */
struct bwi_live_look *bwi_live_look(
    struct bwi_live_feed *, const struct bwi_page_request *, bool state);
/* Take over what was found, with the mutex. true: something is new. */
bool bwi_live_feed_take(struct bwi_live_feed *, struct bwi_live_look *);
void bwi_live_look_free(struct bwi_live_look *);

#endif
