#ifndef BWF_CONNECTION_H
#define BWF_CONNECTION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "fcgi_record.h"

/*
 * Connections from the web server, in a table indexed by descriptor.
 *
 * Workers wait on one epoll set (edge-triggered), so an event for a
 * connection may reach a worker while another one has it, or after it was
 * closed and its descriptor used again. Each entry therefore has a state word
 * with a generation, and only who moved it out of IDLE may touch the rest:
 *
 *   FREE --open--> BUSY <--claim-- IDLE      BUSY --close--> FREE
 *                  BUSY --release-> IDLE     IDLE --hold--> HELD (sweeper)
 *                  BUSY --claim--> AGAIN     HELD --> IDLE or FREE
 *
 * A claim while BUSY says "look once more" (AGAIN) and goes away: the owner's
 * release then fails and it goes round again. Entries are never given back to
 * the allocator, so a late event finds a newer generation, not freed memory.
 */

/* A request that is coming in pieces: what of it has been read. */
struct inbox {
	struct records records;
	struct bw_buf params;
	struct bw_buf body;
};

struct connection {
	_Atomic uint64_t state;	  /* generation << 3 | enum */
	_Atomic int64_t deadline; /* CLOCK_MONOTONIC, ns; the sweeper closes */
	struct inbox *inbox;	  /* NULL: nothing of a request was read */
	bool watched;		  /* it is in the epoll set */
};

struct connections {
	struct connection *at;
	unsigned limit;	    /* entries */
	atomic_uint top;    /* one past the highest descriptor ever used */
	atomic_uint open;   /* how many are not FREE */
	atomic_size_t held; /* bytes in inboxes */
};

enum bw_err connections_init(
    struct connections *, unsigned limit, struct bw_error *) BW_CHECK;
/* Closes what is still open. */
void connections_free(struct connections *);

/*
 * A descriptor that was just accepted; the caller has the connection. NULL
 * when it is beyond the table.
 */
struct connection *connection_open(struct connections *, int fd);
int connection_fd(const struct connections *, const struct connection *);
/* What its events carry. */
uint64_t connection_tag(const struct connections *, const struct connection *);

/* The connection of an event, which the caller then has; NULL: not now. */
struct connection *connection_claim(struct connections *, uint64_t tag);
/* false: an event came meanwhile, look again; the caller still has it. */
bool connection_release(struct connection *) BW_CHECK;
/* Close the descriptor, unless libfcgi already did. */
void connection_close(struct connections *, struct connection *, bool closed);

/*
 * For the main thread: take an idle connection for a moment, or turn one that
 * it has opened into such, and put it back. A worker that has an event for it
 * waits, so no event is lost.
 */
bool connection_hold(struct connection *) BW_CHECK;
void connection_lend(struct connection *);
void connection_unhold(struct connection *);

/*
 * An inbox for what comes in pieces; NULL when memory is short. inbox_grown
 * accounts for what was added since before; false when all inboxes together
 * hold too much.
 */
struct inbox *inbox_new(unsigned limit);
size_t inbox_size(const struct inbox *);
bool inbox_grown(struct connections *, const struct inbox *, size_t before);
void inbox_free(struct connections *, struct inbox *);

#endif
