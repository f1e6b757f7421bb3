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
 * Listens to one call and says what was bad about it, which ways it took, and
 * where somebody else could have gone another way.
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

/* Where one caller could have gone another way than this. */
enum sim_branch_kind {
	SIM_BRANCH_MOVE,     /* a Gather waits */
	SIM_BRANCH_RECORD,   /* a Record does */
	SIM_BRANCH_CALLEE,   /* somebody is called */
	SIM_BRANCH_WHISPER,  /* a Gather waits for keys of theirs */
	SIM_BRANCH_CALLBACK, /* one could get lost */
	SIM_BRANCH_HANGUP    /* something else: one could hang up */
};

struct sim_branch {
	enum sim_branch_kind kind;
	uint64_t hash;	 /* the same for callers who are at the same point */
	size_t index;	 /* which turn or callback of the caller's */
	char number[64]; /* CALLEE, WHISPER: whose */
	int most;	 /* TURN: keys */
	char terminating;
};

/* So many places of somebody who does nothing are remembered. */
#define SIM_LOOP_WINDOW 32

struct sim_fault_finder {
	struct sim_fault *faults;
	size_t faults_n;
	struct sim_branch *branches;
	size_t branches_n;
	struct sim_position *positions; /* as they were come to */
	size_t positions_n;
	struct bw_buf spoken; /* what was said, for those who listen for keys */
	bool stop_call; /* the rest of the call is of no interest: hang up */

	/* Set by who plays the caller. */
	const char *main;      /* callId of the caller's */
	size_t request_number; /* which callback was last asked */
	bool wire_fault;       /* and its answer got lost on purpose */
	int64_t hangup_time;   /* when the caller hangs up; INT64_MAX: never */

	/* Its own. */
	const struct sim_options *options;
	char *call;
	struct sim_position
	    caller_at; /* what the caller's call was last told */
	struct sim_position
	    other_at;	     /* and another: of a callee, a conference */
	bool wire_fault_hit; /* something went wrong that was meant to */
	bool closed;	     /* one knows how it ends */
	char *refusal;	     /* what the application said to a callback */
	struct sim_position refused_at;
	bool listens; /* the caller should be hearing something */
	int64_t audible_until;
	bool audible; /* something was heard, ever */
	bool answered;
	bool joined;	     /* the caller talked with somebody */
	const char *pending; /* what happened, and nothing was said since */
	bool verbs;	     /* the document has had some */
	bool hung_up;	     /* Hangup came */
	bool confers;
	bool alone; /* in a conference, and nothing was said about it */
	struct sim_position
	    loop[SIM_LOOP_WINDOW]; /* where idle callers were last */
	size_t idle; /* callbacks since the caller last did something */
};

void
sim_fault_finder_init(struct sim_fault_finder *, const struct sim_options *);
void sim_fault_finder_free(struct sim_fault_finder *);

/* An observer's function; its argument is the audit. */
void sim_fault_finder_log(void *finder, const struct sim_log_entry *);

/* The caller is asked what they do; which of their turns would be next. */
void sim_fault_finder_caller(
    struct sim_fault_finder *, const struct sim_person_context *, size_t index);
/* So is somebody who is called. */
void sim_fault_finder_callee(
    struct sim_fault_finder *, const struct sim_person_context *);

#endif
