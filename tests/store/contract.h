#ifndef CONTRACT_H
#define CONTRACT_H

#include "fixture.h"
#include "tests/tap/tap.h"

/* The store tested, which kind it is, and the error of the last call. */
extern struct bw_store *s;
extern const char *url;
extern struct bw_error e;

/* Begin with an empty one. */
void renew(void);
/* What cannot fail. */
void must(enum bw_err);
/* Record an answer. */
void answer(uint64_t seq, int status, const char *type, const char *body);

/* Of the file of the same name. */
void contract_reading(void);
void contract_consumers(void);
void contract_clock(void);
void contract_memory(void);

#endif
