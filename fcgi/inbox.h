#ifndef BWF_INBOX_H
#define BWF_INBOX_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "fcgi_record.h"

struct connection;
struct connections;

/*
 * Classes of inboxes, each with its own memory limit. Clients without
 * credentials can send any number of bodies, so the limit for their inboxes
 * is lower. It holds for all of them together and not for one body, because
 * a section without credentials accepts large bodies.
 */
enum inbox_class {
	INBOX_ANONYMOUS,   /* no Authorization header was read */
	INBOX_CREDENTIALS, /* with one, right or wrong */
	INBOX_CLASSES
};

/* A request that arrives in pieces: the part that was read. */
struct inbox {
	struct records records;
	struct bw_buf params;
	struct bw_buf body;
	struct essential_params essential;
	enum inbox_class class;
	struct connection *owner; /* NULL: it has not grown yet */
};

/* Number of inboxes allocated at start, used when memory runs out. */
#define INBOX_RESERVE 64

/* The memory of all inboxes. */
struct inbox_memory {
	atomic_size_t held[INBOX_CLASSES]; /* bytes */
	struct inbox *reserve;
	_Atomic uint64_t reserve_used; /* one bit for each */
};

/*
 * An inbox for a request that arrives in pieces; NULL: out of memory, and the
 * reserve is used up.
 */
struct inbox *inbox_new(struct connections *);
size_t inbox_size(const struct inbox *);
/*
 * The inbox of a connection that the caller owns has grown from this size. If
 * its class or all inboxes are too large now, the largest unfinished request,
 * this one or another, gives its memory back, and only its essential parameters
 * remain. A small one never does. This request gives it back also when no
 * memory was left for its growth.
 */
void inbox_grown(struct connections *, struct connection *, size_t before);
void inbox_free(struct connections *, struct inbox *);

#endif
