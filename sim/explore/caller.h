#ifndef SIM_EXPLORE_CALLER_H
#define SIM_EXPLORE_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/buf.h>

#include "sim/call/sip_members.h"
#include "sim/wire/wire_fault.h"

/*
 * A complete script of one call: what the caller and the callees do, and which
 * fault is injected. The same script always produces the same call. Plain
 * memory: copy it by assignment.
 */

/* Longer scripts find nothing that shorter ones do not. */
#define SIM_MAX_MOVES	20
#define SIM_MAX_CALLEES 6
/* Maximum keys of a move: Gather's maxDigits and a terminating digit. */
#define SIM_MAX_KEYS 51
/* Maximum length of a callee's number or SIP URI. */
#define SIM_MAX_NUMBER 63
/* Maximum length of a text of a SIP member. */
#define SIM_MAX_SIP 79
/* The caller of a call with SIP headers, which only SIP URIs have. */
#define SIM_SIP_CALLER "sip:caller@pbx.example.com"

/* Texts of a call's SIP members; "": the usual value. */
struct sim_sip_texts {
	char texts[SIM_SIP__MAX][SIM_MAX_SIP + 1];
};

enum sim_move_kind {
	SIM_MOVE_SILENCE,
	SIM_MOVE_KEYS,
	SIM_MOVE_SAY,
	SIM_MOVE_HANGUP
};

/* What the caller does when a Gather or a Record starts to wait. */
struct sim_move {
	enum sim_move_kind kind;
	char words[SIM_MAX_KEYS + 1]; /* KEYS, SAY: without commas */
	int64_t after; /* HANGUP: after this many ms in any situation; -1: at
			  the next Gather or Record */
};

/* What a callee does, starting with the ringing. */
struct sim_callee {
	char number[SIM_MAX_NUMBER + 1];
	const char *does;	     /* NULL: answers; "busy" and so on */
	char keys[SIM_MAX_KEYS + 1]; /* keys pressed after answering */
};

struct sim_caller {
	size_t entry_point; /* index into the explorer's entry points */
	int64_t start;	    /* time of the call, ms since 1970 */
	struct sim_move moves[SIM_MAX_MOVES];
	size_t moves_n;
	struct sim_callee callees[SIM_MAX_CALLEES];
	size_t callees_n;
	enum sim_wire_fault_kind wire_fault;
	size_t wire_fault_at; /* which callback, from 1 */
	const char *machine;  /* outbound: what is detected; NULL: "human" */
	struct sim_sip_texts sip; /* inbound */
};

/* A caller who does nothing. */
void sim_caller_init(struct sim_caller *, size_t entry_point, int64_t start);
/* A measure of the script's length: shorter scripts are easier to read. */
size_t sim_caller_length(const struct sim_caller *);

/* Is any SIP member set? */
bool sim_sip_texts_set(const struct sim_sip_texts *);

/*
 * Set the move at this index: gaps before it become silence, moves after it are
 * dropped.
 */
void sim_caller_move(struct sim_caller *, size_t at, const struct sim_move *);
struct sim_move
sim_move_make(enum sim_move_kind, const char *words, int64_t after);
/* Set what a callee does. */
void
sim_caller_callee(struct sim_caller *, const char *number, const char *does);
void
sim_caller_callee_keys(struct sim_caller *, const char *number, const char *);
/* Reactions to ringing other than answering; NULL-terminated. */
extern const char *const sim_callee_does[];

/* The moves, or what a callee does, in the syntax of sim_role_parse(). */
void sim_caller_words(const struct sim_caller *, struct bw_buf *);
void sim_callee_words(const struct sim_callee *, struct bw_buf *);

#endif
