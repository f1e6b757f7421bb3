#ifndef BWF_CONNECTION_H
#define BWF_CONNECTION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "fcgi_record.h"

/*
 * Connections from the web server, in a table indexed by descriptor.
 *
 * Workers wait on one epoll set (edge-triggered), so an event for a connection
 * may reach a worker while another worker owns the connection, or after it was
 * closed and its descriptor reused. So each entry has a state word with a
 * generation; only the thread that moved it out of IDLE may access the rest:
 *
 *   FREE --open--> BUSY <--claim-- IDLE      BUSY --close--> FREE
 *                  BUSY --release-> IDLE     IDLE --hold--> HELD (sweeper)
 *                  BUSY --claim--> AGAIN     HELD --> IDLE or FREE
 *
 * A claim of a BUSY connection only sets AGAIN: then the owner's release fails,
 * and the owner reads the connection once more. Entries are never freed, so a
 * late event finds a newer generation, not freed memory.
 */

/* A request that arrives in pieces: the part that was read. */
struct inbox {
	struct records records;
	struct bw_buf params;
	struct bw_buf body;
	struct essential_params essential;
};

/* Number of inboxes allocated at start, used when memory runs out. */
#define INBOX_RESERVE 64

struct connection {
	_Atomic uint64_t state; /* generation << 3 | enum */
	_Atomic int64_t
	    deadline; /* CLOCK_MONOTONIC, ns; then the sweeper closes it */
	struct inbox *inbox; /* NULL: no part of a request was read */
	bool watched;	     /* in the epoll set */
	bool late; /* its deadline has passed; shut down for reading */
};

struct connections {
	struct connection *at;
	unsigned limit;	    /* entries */
	atomic_uint top;    /* one past the highest descriptor ever used */
	atomic_uint open;   /* number of entries that are not FREE */
	atomic_size_t held; /* bytes in all inboxes */
	struct inbox *reserve;
	_Atomic uint64_t reserve_used; /* one bit for each */
};

enum bw_err connections_init(
    struct connections *, unsigned limit, struct bw_error *) BW_CHECK;
/* Closes the open connections. */
void connections_free(struct connections *);

/*
 * Add an accepted descriptor; the caller owns the connection. NULL if the
 * descriptor is beyond the table.
 */
struct connection *connection_open(struct connections *, int fd);
int connection_fd(const struct connections *, const struct connection *);
/* The tag of its epoll events. */
uint64_t connection_tag(const struct connections *, const struct connection *);

/*
 * Claim the connection of an event; NULL: another thread owns it, or it is
 * closed.
 */
struct connection *connection_claim(struct connections *, uint64_t tag);
/*
 * false: an event arrived meanwhile; the caller still owns the connection and
 * must read again.
 */
bool connection_release(struct connection *) BW_CHECK;
/* Close the descriptor, unless libfcgi already did. */
void connection_close(struct connections *, struct connection *, bool closed);

/*
 * For the main thread: hold an idle connection briefly, or turn one that it has
 * just opened into a held one, and release it. A worker with an event for it
 * waits meanwhile, so no event is lost.
 */
bool connection_hold(struct connection *) BW_CHECK;
void connection_hold_busy(struct connection *);
void connection_unhold(struct connection *);

/*
 * An inbox for a request that arrives in pieces; NULL: out of memory, and the
 * reserve is used up. inbox_grown adds the growth since before to the total; if
 * there is no memory, or all inboxes together are too large, only the essential
 * parameters of the request remain.
 */
struct inbox *inbox_new(struct connections *);
size_t inbox_size(const struct inbox *);
void inbox_grown(struct connections *, struct inbox *, size_t before);
void inbox_free(struct connections *, struct inbox *);

#endif
