#ifndef BWI_STORE_MEM_H
#define BWI_STORE_MEM_H

#include <stdlib.h>

#include "store/store.h"

#include <bwcallback/tools/store.h>

struct mem_row {
	struct bw_store_row row;
	int64_t claim; /* the first delivery is being answered until then */
	char *text;
	char *answer_text;
	struct mem_row *same; /* next row with the same hash of its key */
};

/* An event assigned to a consumer and not done. */
struct mem_work {
	uint64_t seq;
	uint64_t token;
	unsigned tries;
	int64_t since; /* start of the lease or of the delay */
	int64_t until;
	bool dead;
	char *why;
};

struct mem_consumer {
	struct mem_consumer *next;
	char *name;
	char *filter_text;
	struct bw_store_filter filter;
	uint64_t position; /* last event assigned */
	int64_t created;
	int64_t seen;
	struct mem_work *work;
	size_t n;
	size_t cap;
};

struct mem_store {
	struct bw_store base;
	pthread_mutex_t mutex;
	struct mem_row **rows; /* by seq */
	size_t n;
	size_t cap;
	struct mem_row **slots; /* hash table of rows by key */
	size_t nslots;
	uint64_t seq;
	uint64_t token;
	struct mem_consumer *consumers;
};

static inline struct mem_store *
bwi_mem(struct bw_store *s)
{
	return (struct mem_store *)(void *)s;
}

enum bw_err bwi_mem_no_memory(struct bw_error *);
struct mem_row *bwi_mem_find(struct mem_store *, uint64_t seq);
/* Rows by key: mem_key.c. False: out of memory. */
bool bwi_mem_add_key(struct mem_store *, struct mem_row *) BW_CHECK;
void bwi_mem_remove_key(struct mem_store *, struct mem_row *);
/* The newest row that an event is a re-delivery of, however old, or NULL. */
struct mem_row *
bwi_mem_find_key(struct mem_store *, const struct bw_store_event *);
/* Does a consumer still need this event? */
bool bwi_mem_is_needed(const struct mem_store *, uint64_t seq);
void bwi_mem_free_consumers(struct mem_store *);

/* As in struct bwi_store_ops. */
enum bw_err bwi_mem_consumer(struct bw_store *, const char *name,
    const struct bw_store_filter *, uint64_t after_seq, struct bw_error *);
enum bw_err
bwi_mem_consumer_remove(struct bw_store *, const char *name, struct bw_error *);
enum bw_err bwi_mem_consumers(struct bw_store *, int64_t before,
    int64_t deadline, bw_store_consumer_fn *, void *arg, struct bw_error *);
enum bw_err bwi_mem_lease(struct bw_store *, const char *name, size_t max,
    int64_t ms, bw_store_lease_fn *, void *arg, struct bw_error *);
enum bw_err bwi_mem_settle(struct bw_store *, const char *name,
    const struct bw_store_lease *, enum bw_store_outcome, int64_t ms,
    struct bw_str why, struct bw_error *);
enum bw_err bwi_mem_dead(struct bw_store *, const char *name,
    bw_store_dead_fn *, void *arg, struct bw_error *);
enum bw_err bwi_mem_revive(struct bw_store *, const char *name, uint64_t seq,
    size_t *n, struct bw_error *);
enum bw_err bwi_mem_drop_dead(struct bw_store *, const char *name, uint64_t seq,
    size_t *n, struct bw_error *) BW_CHECK;

#endif
