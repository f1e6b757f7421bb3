#ifndef CONTRACT_H
#define CONTRACT_H

#include "fixture.h"
#include "tests/tap/tap.h"

/* The store under test, its URL, and the error of the last call. */
extern struct bw_store *s;
extern const char *url;
extern char whole_url[128]; /* with the path */
extern struct bw_error e;

/* Replace the store by an empty one. */
void reset_store(void);
/* Does pruning remove segments as a whole, instead of single events? */
bool drops_segments(void);
/* End the test program unless the result is BW_OK. */
void must(enum bw_err);
/* Record an answer. */
void answer(uint64_t seq, int status, const char *type, const char *body);

/* Append and wait; the results stay valid until it is freed. */
struct bw_store_write *
submit(const struct bw_store_event *, const struct bw_store_result **);

/* Of a PostgreSQL store, see contract_postgresql.c; nothing for others. */
void contract_drop_tables(void);
/* Set the clock of the database, in seconds ahead. */
void contract_set_clock(long off);
/* From now on, close segments between jobs, and compact them if wanted. */
void contract_use_segments(struct bw_store *, bool compact);

/* Each is in the file of the same name. */
void contract_answers(void);
void contract_reading(void);
void contract_consumers(void);
void contract_clock(void);
void contract_many(void);
void contract_memory(void);

#endif
