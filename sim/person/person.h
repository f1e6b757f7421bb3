#ifndef SIM_PERSON_H
#define SIM_PERSON_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A person with a telephone: the caller, or somebody who is called. The engine
 * asks what they do next, each time there is something they could do; a
 * script, dice or somebody at a terminal answers.
 */
enum sim_situation {
	SIM_RINGS,   /* their telephone rings */
	SIM_LISTENS, /* something is played, or there is a pause */
	SIM_GATHERS, /* a Gather waits for keys, or for speech */
	SIM_RECORDS, /* a Record listens */
	SIM_TALKS,   /* joined to another call */
	SIM_CONFERS, /* in a conference */
	SIM_WAITS    /* they hear ringing, or nothing */
};

enum sim_action_kind {
	SIM_ACTION_NONE, /* nothing, as long as this situation lasts */
	SIM_ACTION_KEY,
	SIM_ACTION_TALK,
	SIM_ACTION_HANGUP,
	/* where their telephone rings */
	SIM_ACTION_ANSWER,
	SIM_ACTION_BUSY,
	SIM_ACTION_REJECT,
	SIM_ACTION_ERROR /* cannot be reached at all */
};

struct sim_action {
	enum sim_action_kind kind;
	int64_t after;	   /* milliseconds from now */
	char key;	   /* KEY: 0-9 * # A-D */
	const char *words; /* TALK: what they say, until it is said, or NULL */
	int64_t lasts;	   /* TALK: milliseconds */
};

/* What a person can know when asked. Valid during the call only. */
struct sim_person_context {
	enum sim_situation situation;
	const char *call;   /* callId */
	const char *number; /* whose telephone it is */
	const char *verb;   /* what runs: "Gather", or NULL */
	const char *url;    /* where its event will go, or NULL */
	const char *tag;    /* of the call, or NULL */
	int64_t time;	    /* virtual */
	/*
	 * GATHERS: how many keys it has already; the person is asked again
	 * after each. 0 at the begin of each situation.
	 */
	int count;
	/*
	 * GATHERS: its prompts have been played, and it is silent. Who has
	 * done nothing so far, and meant nothing to happen later, is asked
	 * once more then: people hear first what there is to choose from.
	 */
	bool prompted;
	int most;		 /* GATHERS: keys it takes at most */
	const char *terminating; /* keys that end it, or NULL */
};

struct sim_person {
	struct sim_action (*next)(void *arg, const struct sim_person_context *);
	void *arg;
};

/* What somebody called does: the person behind a number or SIP URI. */
struct sim_people {
	struct sim_person (*find)(void *arg, const char *number);
	void *arg;
};

#endif
