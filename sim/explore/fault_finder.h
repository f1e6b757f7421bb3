#ifndef SIM_EXPLORE_FAULT_FINDER_H
#define SIM_EXPLORE_FAULT_FINDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/buf.h>

#include "sim/explore/position.h"
#include "sim/person/person.h"
#include "sim/world/event_log.h"
#include "sim/world/world.h"

/*
 * Observes one call. Finds faults, the positions that were reached, and the
 * points where another caller could act differently.
 */

enum sim_fault_kind {
#define FAULT(name, word, meaning) SIM_FAULT_##name,
#include "sim/explore/faults.def"
#undef FAULT
	SIM_FAULT__MAX
};

const char *sim_fault_word(enum sim_fault_kind);
const char *sim_fault_meaning(enum sim_fault_kind);

struct sim_fault {
	enum sim_fault_kind kind;
	struct sim_position position;
	char *text;
};

/* A point where another caller could act differently. */
enum sim_branch_kind {
	SIM_BRANCH_MOVE,     /* a Gather waits */
	SIM_BRANCH_RECORD,   /* a Record waits */
	SIM_BRANCH_CALLEE,   /* a callee's telephone rings */
	SIM_BRANCH_WHISPER,  /* a Gather waits for keys of a callee */
	SIM_BRANCH_CALLBACK, /* a callback could fail */
	SIM_BRANCH_HANGUP    /* any other situation: the caller could hang up */
};

struct sim_branch {
	enum sim_branch_kind kind;
	uint64_t hash;	 /* identifies the point across calls */
	size_t index;	 /* index of the move or number of the callback */
	char number[64]; /* CALLEE, WHISPER: of the callee */
	int most;	 /* MOVE: maximum number of keys */
	char terminating;
};

/* Number of recent positions of an idle caller that are stored. */
#define SIM_LOOP_WINDOW 32

struct sim_fault_finder {
	struct sim_fault *faults;
	size_t faults_n;
	struct sim_branch *branches;
	size_t branches_n;
	struct sim_position *positions; /* in the order they were reached */
	size_t positions_n;
	struct bw_buf spoken; /* spoken text: names keys to try */
	bool stop_call;	      /* the rest of the call is irrelevant: hang up */

	/* Set by the player. */
	const char *main;      /* callId of the caller's call */
	size_t request_number; /* number of the last callback */
	bool wire_fault;       /* a fault was injected into it */
	int64_t hangup_time;   /* of the caller; INT64_MAX: never */

	/* Private. */
	const struct sim_options *options;
	char *call;
	struct sim_position caller_at; /* last position of the caller's call */
	struct sim_position
	    other_at;	     /* last position of another call or a conference */
	bool wire_fault_hit; /* an injected fault had its effect */
	bool closed;	     /* ignore further faults: the outcome is known */
	char *refusal;	     /* text of the last failed answer to a callback */
	struct sim_position refused_at;
	bool listens; /* the caller expects to hear something */
	int64_t audible_until;
	bool audible; /* the caller has heard something */
	bool answered;
	bool joined;	     /* the caller was joined to another call */
	const char *pending; /* last event without a prompt after it */
	bool verbs;	     /* the current document had verbs */
	bool hung_up;	     /* Hangup was reached */
	bool confers;
	bool alone; /* in a conference without an announcement */
	struct sim_position
	    loop[SIM_LOOP_WINDOW]; /* last positions of an idle caller */
	size_t idle; /* callbacks since the caller's last action */
};

void
sim_fault_finder_init(struct sim_fault_finder *, const struct sim_options *);
void sim_fault_finder_free(struct sim_fault_finder *);

/* For sim_log_observer; the argument is the fault finder. */
void sim_fault_finder_log(void *finder, const struct sim_log_entry *);

/* The caller may act; index: of the next move. */
void sim_fault_finder_caller(
    struct sim_fault_finder *, const struct sim_person_context *, size_t index);
/* A callee may act. */
void sim_fault_finder_callee(
    struct sim_fault_finder *, const struct sim_person_context *);

#endif
