#ifndef CONTRACT_H
#define CONTRACT_H

#include "fixture.h"
#include "tests/tap/tap.h"

/* The store under test, its URL, and the error of the last call. */
extern struct bw_store *s;
extern const char *url;
extern struct bw_error e;

/* Replace the store by an empty one. */
void reset_store(void);
/* End the test program unless the result is BW_OK. */
void must(enum bw_err);
/* Record an answer. */
void answer(uint64_t seq, int status, const char *type, const char *body);

/* Each is in the file of the same name. */
void contract_reading(void);
void contract_consumers(void);
void contract_clock(void);
void contract_memory(void);

#endif
