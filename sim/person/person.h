#ifndef SIM_PERSON_H
#define SIM_PERSON_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A person with a telephone: the caller or a callee. The engine calls next()
 * for the person's next action whenever one is possible. Actions come from a
 * script, a random generator or a keyboard.
 */
enum sim_situation {
	SIM_RINGS,   /* the telephone rings */
	SIM_LISTENS, /* something is played, or a Pause runs */
	SIM_GATHERS, /* a Gather waits for keys or speech */
	SIM_RECORDS, /* a Record listens */
	SIM_TALKS,   /* joined to another call */
	SIM_CONFERS, /* in a conference */
	SIM_WAITS    /* ringing or silence is heard */
};

enum sim_action_kind {
	SIM_ACTION_NONE, /* nothing in this situation */
	SIM_ACTION_KEY,
	SIM_ACTION_TALK,
	SIM_ACTION_HANGUP,
	/* only while the telephone rings */
	SIM_ACTION_ANSWER,
	SIM_ACTION_BUSY,
	SIM_ACTION_REJECT,
	SIM_ACTION_ERROR /* the number cannot be reached */
};

struct sim_action {
	enum sim_action_kind kind;
	int64_t after;	   /* milliseconds from now */
	char key;	   /* KEY: 0-9 * # A-D */
	const char *words; /* TALK: the words, or NULL. Must stay valid until
			      they are spoken */
	int64_t lasts;	   /* TALK: milliseconds */
};

/* What the person knows at this point. Valid only during the call of next(). */
struct sim_person_context {
	enum sim_situation situation;
	const char *call;   /* callId */
	const char *number; /* of this person's telephone */
	const char *verb;   /* the running verb: "Gather", or NULL */
	const char *url;    /* URL of the verb's event, or NULL */
	const char *tag;    /* of the call, or NULL */
	int64_t time;	    /* virtual */
	/*
	 * GATHERS: the number of keys pressed so far; next() is called after
	 * each. 0 at the start of each situation.
	 */
	int count;
	/*
	 * GATHERS: its prompts are finished. A person who has done nothing so
	 * far, and has nothing scheduled, gets one more call of next() then:
	 * people listen to the menu first.
	 */
	bool prompted;
	int most;		 /* GATHERS: maximum number of keys */
	const char *terminating; /* keys that end the verb, or NULL */
	bool keys, speech;	 /* GATHERS: what is understood */
	int64_t silence; /* GATHERS, RECORDS: it ends after so many ms, or 0 */
};

struct sim_person {
	struct sim_action (*next)(void *arg, const struct sim_person_context *);
	void *arg;
	/* Call next() when the prompts are finished for a second time, too. */
	bool every_round;
};

/* Finds the person behind a number or SIP URI that is called. */
struct sim_people {
	struct sim_person (*find)(void *arg, const char *number);
	void *arg;
};

#endif
