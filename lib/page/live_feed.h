#ifndef BWI_PAGE_LIVE_FEED_H
#define BWI_PAGE_LIVE_FEED_H

#include "page/live_channel.h"

/* Events that wait for their answer and are looked at again. */
#define BWI_LIVE_WAITING 200

/* Numbers of events, ascending. */
struct bwi_live_waiting {
	size_t n;
	uint64_t seq[BWI_LIVE_WAITING];
};

/*
 * What comes into one store, for all readers of its live pages in this process.
 * The request of the first reader looks into the store; only that changes what
 * is here, while it holds the mutex of live.c.
 */
struct bwi_live_feed {
	struct bwi_live_feed *next;
	struct bwi_store_handle *store;
	struct bwi_live *readers; /* the first one looks into the store */
	struct bwi_live_channel *channels;
	uint64_t seen; /* number of the last event that was looked at */
	struct bwi_live_waiting waiting; /* of those up to it */
	bool begun;			 /* it has been looked into */
	bool states;			 /* some reader wants the state */
	int64_t look_at, state_at;	 /* CLOCK_MONOTONIC, nanoseconds */
	struct bw_buf state; /* the page "Now" but its rows, as a tree */
	uint64_t state_serial;
};

/* What one look has found for a channel. */
struct bwi_live_found {
	struct bwi_live_channel *channel;
	struct bwi_live_rows rows;
};

/* What one look has found. */
struct bwi_live_look {
	struct bwi_live_feed *feed;
	struct bwi_live_found *found;
	size_t n;
	uint64_t seen;
	struct bwi_live_waiting waiting;
	enum bw_err err;
	bool many; /* more has come than a page shows */
	struct bw_buf state;
};

struct bwi_live_feed *bwi_live_feed_new(struct bwi_store_handle *) BW_CHECK;
void bwi_live_feed_free(struct bwi_live_feed *);

/*
 * The channel of these parameters for one more reader; NULL: no memory. As
 * bwi_live_channel_new(), if there is none yet.
 */
struct bwi_live_channel *bwi_live_feed_channel(struct bwi_live_feed *,
    struct bwi_params *, struct bwi_event_filter *) BW_CHECK;
/* One reader less. */
void bwi_live_feed_release(struct bwi_live_feed *, struct bwi_live_channel *);

/* Begin a look, with the mutex; NULL: no memory. */
struct bwi_live_look *bwi_live_look_new(struct bwi_live_feed *) BW_CHECK;
/* Read what is new, without the mutex. state: also write that. */
void bwi_live_look(
    struct bwi_live_look *, const struct bwi_page_request *, bool state);
/* Take over what was found, with the mutex. */
void bwi_live_feed_take(struct bwi_live_feed *, struct bwi_live_look *);
/* With the mutex. NULL is allowed. */
void bwi_live_look_free(struct bwi_live_look *);

#endif
