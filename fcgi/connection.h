#ifndef BWF_CONNECTION_H
#define BWF_CONNECTION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/error.h>

#include "inbox.h"

/*
 * Connections from the web server, in a table indexed by descriptor.
 *
 * Workers wait on one epoll set (edge-triggered), so an event for a connection
 * may reach a worker while another worker owns the connection, or after it was
 * closed and its descriptor reused. So each entry has a state word with a
 * generation; only the thread that moved it out of IDLE may access the rest:
 *
 *   FREE --open--> BUSY <--claim-- IDLE      BUSY --close--> FREE
 *                  BUSY --release-> IDLE     IDLE --hold--> HELD
 *                  BUSY --claim--> AGAIN     HELD --> IDLE or FREE
 *
 * A claim of a BUSY connection only sets AGAIN: then the owner's release fails,
 * and the owner reads the connection once more. Entries are never freed, so a
 * late event finds a newer generation, not freed memory.
 */

struct connection {
	_Atomic uint64_t state; /* generation << 3 | enum */
	_Atomic int64_t
	    deadline; /* CLOCK_MONOTONIC, ns; then the sweeper closes it */
	_Atomic int64_t idle_since; /* likewise: when it was last released */
	struct inbox *inbox;	    /* NULL: no part of a request was read */
	atomic_size_t held; /* bytes in it, for threads that do not own it */
	/* Bytes that were received after a request; NULL: none. */
	unsigned char *rest;
	size_t rest_n;
	bool watched; /* in the epoll set */
	bool late;    /* its deadline has passed; shut down for reading */
};

struct connections {
	struct connection *at;
	unsigned limit;	  /* entries */
	unsigned most;	  /* maximum number of them that are open */
	atomic_uint top;  /* one past the highest descriptor ever used */
	atomic_uint open; /* number of entries that are not FREE */
	struct inbox_memory memory;
};

enum bw_err connections_init(
    struct connections *, unsigned limit, struct bw_error *) BW_CHECK;
/* Closes the open connections. */
void connections_free(struct connections *);

/*
 * Are as many connections open as may be? Accept no more then: a request also
 * needs descriptors for the store and for programs.
 */
bool connections_full(const struct connections *);
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
void connection_close(struct connections *, struct connection *);

/*
 * Keep bytes that belong to the next request; false: out of memory. They are
 * read before the connection is released.
 */
bool connection_set_rest(
    struct connection *, const unsigned char *, size_t n) BW_CHECK;

/* The sweeper closes it in so many seconds from now. */
void connection_set_deadline(struct connection *, unsigned seconds);

/* Does it wait for an event? Another thread may change that at any time. */
bool connection_is_idle(struct connection *);
/* How many wait; the others may change meanwhile. */
unsigned connections_idle(const struct connections *);
/*
 * Hold an idle connection for a few microseconds, or turn one that was just
 * opened into a held one, and release it. A worker with an event for it waits
 * meanwhile, so no event is lost.
 */
bool connection_hold(struct connection *) BW_CHECK;
void connection_hold_busy(struct connection *);
void connection_unhold(struct connection *);

#endif
