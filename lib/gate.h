#ifndef BWI_GATE_H
#define BWI_GATE_H

#include <bwcallback/error.h>
#include <bwcallback/str.h>

#include "remember.h"

/*
 * How many threads of the process may hash passwords, which takes tens of
 * milliseconds of a processor each: without a bound, a flood of wrong
 * passwords would occupy every worker, and calls would wait.
 *
 * Two hash at once. The rest wait, so that a restart under load, where every
 * request brings the same password not verified yet, refuses nobody; whoever
 * waited looks first whether the answer is known by now. Once several hashes
 * in a row proved wrong, no more than six wait, and of them one per peer
 * address: a flood from one place leaves room for everybody else.
 */
#define BWI_GATE_HASHING 2
#define BWI_GATE_WAITING 6

/* Longest wait for a turn, in milliseconds: well under a call's deadline. */
#define BWI_GATE_PATIENCE 2000

struct bwi_gate;

/* The one of the process. */
struct bwi_gate *bwi_gate(void);

/*
 * BW_OK: hash now, and leave afterwards. BW_ERR_BUSY: it was not this one's
 * turn in time. The same digest is never let in twice at once.
 */
enum bw_err bwi_gate_enter(struct bwi_gate *, const struct bwi_digest *,
    struct bw_str peer, struct bw_error *) BW_CHECK;
/* wrong: a password was hashed and did not fit. */
void bwi_gate_leave(struct bwi_gate *, const struct bwi_digest *, bool wrong);

#endif
