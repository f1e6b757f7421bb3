#ifndef BWI_STORE_STORE_MOVE_H
#define BWI_STORE_STORE_MOVE_H

#include "base/arena.h"
#include "store/store.h"

/*
 * What a kind of store has to offer for bw_store_move(): a state that all
 * processes respect, and reading and writing of what the other functions
 * change only step by step.
 */

/* Written to the tables: the numbers stay. */
enum bwi_move_state {
	BWI_MOVE_OPEN = 0,
	BWI_MOVE_CLOSED = 1, /* takes no new event, and grants no lease */
	BWI_MOVE_MOVED = 2,  /* the same; another store has everything */
	BWI_MOVE_FILLING = 3 /* the same; only bw_store_move() adds events */
};

/* Why a store in another state than BWI_MOVE_OPEN refuses an event. */
#define BWI_MOVE_REFUSAL \
	"the store is being moved, or was moved, to another one: see " \
	"bwcallback store move"

/* An event that is assigned to a consumer and not done. */
struct bwi_work {
	uint64_t seq;
	uint64_t token;
	int64_t since;
	int64_t until;
	unsigned tries;
	bool dead;
	struct bw_str why;
};

/* A consumer, with its work in the order of the numbers. */
struct bwi_consumer {
	struct bw_str name;
	uint64_t position;
	uint64_t token;
	int64_t created;
	int64_t seen;
	struct bw_store_filter filter;
	struct bwi_work *work;
	size_t n;
	size_t cap;
};

/* The consumers of a store in the order of their names. */
struct bwi_consumers {
	struct bwi_consumer *list;
	size_t n;
	size_t cap;
	struct bwi_arena strings;
};

void bwi_consumers_init(struct bwi_consumers *);
void bwi_consumers_free(struct bwi_consumers *);
/* Append a copy without work, or a copy to the last consumer. BW_ERR_NOMEM. */
enum bw_err
bwi_consumers_add(struct bwi_consumers *, const struct bwi_consumer *) BW_CHECK;
enum bw_err bwi_consumers_add_work(
    struct bwi_consumers *, const struct bwi_work *) BW_CHECK;

struct bwi_move_ops {
	enum bw_err (*get_state)(
	    struct bw_store *, enum bwi_move_state *, struct bw_error *);
	/* Waits for the transactions that are under way. */
	enum bw_err (*set_state)(
	    struct bw_store *, enum bwi_move_state, struct bw_error *);
	/*
	 * Add events with their numbers, in ascending order and after the last
	 * one, their claims, deliveries and answers. After an error some may
	 * be there. BW_ERR_STALE: the store is not being filled, or has later
	 * events.
	 */
	enum bw_err (*import)(struct bw_store *, const struct bw_store_row *,
	    size_t n, struct bw_error *);
	/* Set the claims, deliveries and answers of events that are there. */
	enum bw_err (*amend)(struct bw_store *, const struct bw_store_row *,
	    size_t n, struct bw_error *);
	/* New events get numbers after this one. */
	enum bw_err (*set_last)(
	    struct bw_store *, uint64_t last, struct bw_error *);
	/* As of one moment. */
	enum bw_err (*get_consumers)(
	    struct bw_store *, struct bwi_consumers *, struct bw_error *);
	/* In one transaction, instead of those that are there. */
	enum bw_err (*set_consumers)(
	    struct bw_store *, const struct bwi_consumers *, struct bw_error *);
};

extern const struct bwi_move_ops bwi_sqlite_move_ops;
extern const struct bwi_move_ops bwi_pg_move_ops;

/* store_rows.c: rows that are read in portions, and compared. */

/* Most rows, and bytes, of a portion. */
#define BWI_ROWS_MAX   500
#define BWI_ROWS_BYTES ((size_t)4 << 20)

#define BWI_ROW_SUM 32 /* SHA-256 */

/* Copies of rows in the order of their numbers. */
struct bwi_rows {
	struct bw_store_row row[BWI_ROWS_MAX];
	size_t n;
	size_t bytes;
	uint64_t up_to; /* no later number is taken */
	bool no_memory;
	struct bwi_arena strings;
};

void bwi_rows_init(struct bwi_rows *);
void bwi_rows_free(struct bwi_rows *);
/*
 * Replace them by a portion of the store's events after a number, and up to
 * another one.
 */
enum bw_err bwi_rows_read(struct bwi_rows *, struct bw_store *, uint64_t after,
    uint64_t up_to, struct bw_error *) BW_CHECK;
/* The digest of all that a store has of an event; or of what never changes. */
void
bwi_row_sum(const struct bw_store_row *, bool whole, uint8_t sum[BWI_ROW_SUM]);
/* The digest of consumers and their work. */
void bwi_consumers_sum(const struct bwi_consumers *, uint8_t sum[BWI_ROW_SUM]);

#endif
