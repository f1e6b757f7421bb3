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
	struct sim_position place;
	char *text;
};

/* Where one caller could have gone another way than this. */
enum sim_crossing_kind {
	SIM_CROSSING_MOVE,     /* a Gather waits */
	SIM_CROSSING_RECORD,   /* a Record does */
	SIM_CROSSING_CALLEE,   /* somebody is called */
	SIM_CROSSING_WHISPER,  /* a Gather waits for keys of theirs */
	SIM_CROSSING_CALLBACK, /* one could get lost */
	SIM_CROSSING_MOMENT    /* something else: one could hang up */
};

struct sim_crossing {
	enum sim_crossing_kind kind;
	uint64_t place;	 /* the same for callers who are at the same point */
	size_t index;	 /* which turn or callback of the caller's */
	char number[64]; /* CALLEE, WHISPER: whose */
	int most;	 /* TURN: keys */
	char terminating;
};

/* So many places of somebody who does nothing are remembered. */
#define SIM_CIRCLE 32

struct sim_fault_finder {
	struct sim_fault *faults;
	size_t faults_n;
	struct sim_crossing *crossings;
	size_t crossings_n;
	struct sim_position *spots; /* as they were come to */
	size_t spots_n;
	struct bw_buf heard; /* what was said, for those who listen for keys */
	bool enough; /* the rest of the call is of no interest: hang up */

	/* Set by who plays the caller. */
	const char *main; /* callId of the caller's */
	size_t asked;	  /* which callback was last asked */
	bool wire_fault;  /* and its answer got lost on purpose */
	int64_t leaves;	  /* when the caller hangs up; INT64_MAX: never */

	/* Its own. */
	const struct sim_options *options;
	char *call;
	struct sim_position here;  /* what the caller's call was last told */
	struct sim_position there; /* and another: of a callee, a conference */
	bool harmed;		   /* something went wrong that was meant to */
	bool over;		   /* one knows how it ends */
	char *refusal;		   /* what the application said to a callback */
	struct sim_position refused;
	bool listens; /* the caller should be hearing something */
	int64_t heard_until;
	bool audible; /* something was heard, ever */
	bool answered;
	bool joined;	  /* the caller talked with somebody */
	const char *open; /* what happened, and nothing was said since */
	bool verbs;	  /* the document has had some */
	bool hung_up;	  /* Hangup came */
	bool confers;
	bool alone; /* in a conference, and nothing was said about it */
	struct sim_position
	    circle[SIM_CIRCLE]; /* where idle callers were last */
	size_t idle; /* callbacks since the caller last did something */
};

void
sim_fault_finder_init(struct sim_fault_finder *, const struct sim_options *);
void sim_fault_finder_free(struct sim_fault_finder *);

/* An observer's function; its argument is the audit. */
void sim_fault_finder_log(void *audit, const struct sim_log_entry *);

/* The caller is asked what they do; which of their turns would be next. */
void sim_fault_finder_moment(
    struct sim_fault_finder *, const struct sim_moment *, size_t index);
/* So is somebody who is called. */
void
sim_fault_finder_callee(struct sim_fault_finder *, const struct sim_moment *);

#endif
