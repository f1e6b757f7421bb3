#ifndef GROWTH_H
#define GROWTH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/store.h>
#include <bwcallback/tools/store.h>

/* The smallest store, with which the others are compared. */
#define SMALL UINT64_C(100000)

/* Figures are medians of so many, in alternating rounds. */
#define ROUNDS 5

/* Events in one append, while not measuring, and in one bare transaction. */
#define LIST 64

/* Time of one round of appending, in nanoseconds. */
#define MEASURING INT64_C(1000000000)

/* Look-ups of one round. */
#define LOOKS 30

/* When the first event was received; the next come a millisecond apart. */
#define RECEIVED INT64_C(1700000000000)

struct made {
	struct bw_store_event event;
	char id[64];
	char key[128];
	char thread[80];
	char from[16];
	char to[16];
	char body[800];
};

struct grown {
	char path[256];
	char url[300];
	bool stays_open; /* for look-ups too */
	struct bw_store *store;
	atomic_uint_least64_t next; /* number of the next event */
	uint64_t until;		    /* append lists up to this event, */
	size_t length;		    /* of so many events, */
	int64_t deadline;	    /* until then */
};

int64_t now_ns(void);
void die(const struct bw_error *);
/* A number that looks random. */
uint64_t scatter(uint64_t);
struct bw_str text(const char *);
bool is_call(uint64_t n);
/* Event n; half of them are of calls, half of messages, four of each. */
void make(struct made *, uint64_t n);
/* Its caller. */
unsigned person_of(uint64_t n);
/* The BXML of the answer to a call. */
extern const char bxml[];
/* Record an answer as an application would give it. */
void answer(struct grown *, const struct bw_store_result *, bool call);
/* Append n events, and measure the longest wait; see growth_stall.c. */
void append_list(struct grown *, uint64_t first, uint64_t n);
void create_grown(struct grown *, const char *folder, const char *name);
void open_grown(const struct grown *, struct bw_store **);
/* All its files; segments have the same name and a suffix. */
void remove_grown(struct grown *);
/* Bytes that the files whose names begin so take on the disk. */
double room_of(const char *path);
/* The medians of both, and the ratio. */
void print_row(const char *what, double small[ROUNDS], double large[ROUNDS]);

/* measure.c */

/* Append lists, so many in parallel, until the store has so many events. */
void grow(struct grown *, uint64_t to);
/* Call fn in n threads at once. */
void in_threads(struct grown *, int n, void *(*fn)(void *));
/* For it: append lists of g->length, until g->until or g->deadline. */
void *append_lists(void *);
/* Single events of many callers: how many a second. */
double append_rate(struct grown *);

enum look {
	LOOK_CALL,
	LOOK_MESSAGE,
	LOOK_PERSON,
	LOOK_OFFICE,
	LOOK_NEWEST,
	LOOK_REPEATED,
	LOOK__MAX
};

extern const char *const looks[LOOK__MAX];
/*
 * Read the newest fifty events as "events list" does: open, read, close.
 * Microseconds for each.
 */
double look_up(struct grown *, enum look);
void write_terms(struct grown *);

/* bare.c: a program that only inserts rows with SQLite, the limit of it. */

struct bare {
	char path[256];
	struct sqlite3 *db;
	struct sqlite3_stmt *entry;
	struct sqlite3_stmt *term;
	struct sqlite3_stmt *answer;
	uint64_t next;
};

void bare_open(struct bare *, const char *folder, const char *name);
void bare_append(struct bare *, uint64_t until);
/* Events a second, in transactions of LIST. */
double bare_rate(struct bare *);
/* Microseconds of a look-up of a message, or of a person. */
double bare_look_up(struct bare *, bool person);
/* Delete the oldest events in one transaction; its milliseconds. */
double bare_delete(struct bare *, uint64_t n);
/* Remove it, too. */
void bare_close(struct bare *);

/* stall.c: what keeps appending waiting. */

/* Watch for segments that are closed, until it is stopped. */
void stall_watch(struct grown *);
void stall_add(int64_t ended, int64_t took);
/* Print the longest wait while one was closed, and of all others. */
void stall_print(void);
/* Print what removing the oldest events costs. */
void stall_drop(struct grown *, struct bare *);
/* Print how long a program needs that stores one event. */
void stall_open(struct grown *, const char *folder);

#endif
