#ifndef SIM_EXPLORE_CALLER_H
#define SIM_EXPLORE_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/buf.h>

#include "sim/wire/wire_fault.h"

/*
 * All that decides how one call goes, written down: what the caller does, what
 * those do whom it is connected to, and what befalls a callback on its way.
 * Whoever plays it twice gets the same call twice. Plain memory, to be copied
 * by assignment.
 */

/* Beyond these, callers find nothing that shorter ones do not. */
#define SIM_MAX_MOVES	20
#define SIM_MAX_CALLEES 6
/* Most keys of a turn: Gather's maxDigits, and the one that ends it. */
#define SIM_MAX_KEYS 51
/* Longest number or SIP URI of a callee that can be told apart. */
#define SIM_MAX_NUMBER 63

enum sim_move_kind {
	SIM_MOVE_SILENCE,
	SIM_MOVE_KEYS,
	SIM_MOVE_SAY,
	SIM_MOVE_HANGUP
};

/* What is done when a Gather or a Record begins to wait. */
struct sim_move {
	enum sim_move_kind kind;
	char words[SIM_MAX_KEYS + 1]; /* KEYS, SAY: without commas */
	int64_t after; /* HANGUP: at any time, so many ms on; -1: when due */
};

/* What somebody does who is called, beginning with the ringing. */
struct sim_callee {
	char number[SIM_MAX_NUMBER + 1];
	const char *does;	     /* NULL: answers; "busy" and so on */
	char keys[SIM_MAX_KEYS + 1]; /* and presses these */
};

struct sim_caller {
	size_t entry_point; /* which of the explorer's */
	int64_t start;	    /* when they call, ms since 1970 */
	struct sim_move moves[SIM_MAX_MOVES];
	size_t moves_n;
	struct sim_callee callees[SIM_MAX_CALLEES];
	size_t callees_n;
	enum sim_wire_fault_kind wire_fault;
	size_t wire_fault_at; /* which callback, from 1 */
	const char *machine;  /* outbound: what is found; NULL: "human" */
};

/* Somebody who calls, says nothing and does nothing. */
void sim_caller_init(struct sim_caller *, size_t entry_point, int64_t start);
/* How much there is to tell of them: the shorter of two has less. */
size_t sim_caller_length(const struct sim_caller *);

/* Set the turn, with silence before it; what came after it goes. */
void sim_caller_move(struct sim_caller *, size_t at, const struct sim_move *);
struct sim_move
sim_move_make(enum sim_move_kind, const char *words, int64_t after);
/* What that number does, instead of what it did. */
void
sim_caller_callee(struct sim_caller *, const char *number, const char *does);
void
sim_caller_callee_keys(struct sim_caller *, const char *number, const char *);
/* What can be done about a ringing telephone but to answer it; NULL ends. */
extern const char *const sim_callee_does[];

/* The turns, and what a callee does, as sim_role_parse() reads them. */
void sim_caller_words(const struct sim_caller *, struct bw_buf *);
void sim_callee_words(const struct sim_callee *, struct bw_buf *);

#endif
