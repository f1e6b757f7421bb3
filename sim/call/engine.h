#ifndef SIM_CALL_ENGINE_H
#define SIM_CALL_ENGINE_H

#include <json-c/json.h>

#include "sim/base/xml_attribute.h"
#include "sim/call/call.h"
#include "sim/call/document.h"
#include "sim/deliver/callback_target.h"

/*
 * What the parts of a call know of each other: the call itself, its document
 * being played, the verb at hand, and who is at the telephone.
 */
struct sim_conference;
struct sim_recording;
struct sim_stream;

enum sim_call_kind {
	SIM_CALL_IN,
	SIM_CALL_OUT,
	SIM_CALL_LEG,	/* made by Transfer */
	SIM_CALL_SILENT /* made by Forward, Refer, Connect: has no events */
};

enum sim_step {
	SIM_DONE, /* the next verb may begin */
	SIM_RUNS  /* the verb says later that it is done */
};

/*
 * A verb. What it keeps while it runs is in the call's state, which stop
 * frees; stop is called however it ends, also when the call is interrupted
 * or over, unless there is no state.
 */
struct sim_verb {
	const char *name;
	bool answers;	 /* a ringing call, as it begins */
	bool may_answer; /* the same, where the options say so */
	enum sim_step (*run)(struct sim_call *, const xmlNode *);
	/* All may be NULL. takes: keys make no dtmf events. */
	bool (*takes)(const struct sim_call *);
	void (*key)(struct sim_call *, char);
	void (*talk)(struct sim_call *, const char *words, int64_t lasts);
	void (*stop)(struct sim_call *);
};

/* How an attempt to reach somebody goes on. */
struct sim_ringing {
	void (*answered)(struct sim_call *);
	/* cause is static. */
	void (*failed)(struct sim_call *, const char *cause, const char *why);
};

/* What the call will ask for as soon as the agenda comes to it. */
struct sim_pending {
	char *event; /* NULL: nothing, the document goes on */
	struct sim_targets targets;
	json_object *members; /* of the event's own, or NULL */
	bool waited;	      /* let what was told before go first */
};

/* The person's turn. */
struct sim_person_turn {
	struct sim_person_context context;
	struct sim_action action;
	uint64_t timer;
	uint64_t serial; /* of the situation, to see that it is over */
	bool idle;	 /* they meant nothing to happen */
};

struct sim_call {
	struct sim_world *world;
	struct sim_call *next; /* in the switchboard */
	enum sim_call_kind kind;
	char *id;
	char *from;
	char *to;
	char *tag; /* NULL: none */
	char *sip_id;
	struct sim_targets first;
	struct sim_targets last;
	struct sim_targets machine;
	char *machine_mode;
	char *machine_result;
	char *fields; /* more members of the first event, JSON */
	int64_t timeout;
	int64_t call_timeout;
	bool queued;
	struct sim_person person;
	struct sim_people people;

	/* Times; 0: not yet. */
	int64_t enqueued;
	int64_t started;
	int64_t answered;
	int64_t ended;
	const char *cause; /* static; NULL: not ended */
	char *message;
	char *error_id;

	struct sim_document *document;
	const struct sim_verb *verb; /* that runs, or NULL */
	const xmlNode *node;	     /* its element */
	void *state;		     /* its own */
	uint64_t timer;		     /* its own */
	uint64_t step;		     /* the document's */
	bool stepping;		     /* just now */
	struct sim_pending pending;
	int callbacks;

	const struct sim_ringing *ringing;
	uint64_t ring_timer;
	struct sim_person_turn turn;

	struct sim_recording *recording; /* running or paused */
	struct sim_targets keys;	 /* of StartGather */
	struct sim_stream *streams;

	/* Of a leg and a silent one: */
	struct sim_call *parent;
	char *transfer_caller;
	char *transfer_to;
	bool joined;			  /* its document is over */
	void (*ready)(struct sim_call *); /* to be joined */
	/* It ended, or a script took it away. */
	void (*gone)(struct sim_call *);
};

/* call.c */
bool sim_call_is_up(const struct sim_call *);
/* For good: a static cause and, for errors, the message. */
void sim_call_end(struct sim_call *, const char *cause, const char *message);
void sim_call_answer(struct sim_call *);
void sim_call_set_tag(struct sim_call *, const char *);
void sim_call_log(const struct sim_call *, enum sim_log_kind, const char *name,
    const char *text);
void sim_call_report(
    const struct sim_call *, const char *otherwise, const char *text);
/* fn(call) after so many milliseconds; what the slot held is taken back. */
void sim_call_after(
    struct sim_call *, uint64_t *slot, int64_t ms, void (*fn)(void *));
void sim_call_key(struct sim_call *, char key);

/* Their telephone does what they decided while it rang. */
void sim_ring_answered(struct sim_call *);
void sim_ring_failed(struct sim_call *, const char *cause, const char *why);

/* begin.c: a call whose telephone will ring, belonging to another. */
struct sim_call *
sim_call_leg(struct sim_call *parent, enum sim_call_kind, const char *number);
/* Let it ring: its person decides. */
void
sim_call_ring(struct sim_call *, const struct sim_ringing *, int64_t timeout);
/* NULL, or why the account may not make another call now. */
const char *sim_call_limit(struct sim_world *);

/* play.c */
void sim_interpreter_document(struct sim_call *, struct sim_document *);
/* Ask for a document as soon as may be; members become the event's. */
void sim_interpreter_fetch(struct sim_call *, const char *event,
    struct sim_targets *, json_object *members);
/* The verb at hand is over: the event of that URL, or else the next verb. */
void sim_interpreter_finish(struct sim_call *, const char *attribute,
    const char *event, json_object *members);
/* The same without an event. */
void sim_interpreter_next(struct sim_call *);
/* Nothing of the document is left, and nothing will come of it. */
void sim_interpreter_stop(struct sim_call *);
/* Nothing in a document: the call is held by something that happened. */
void
sim_interpreter_hold(struct sim_call *, const struct sim_verb *, void *state);

/* turn.c */
void
sim_person_turn_begin(struct sim_call *, const struct sim_person_context *);
/* The prompts are over: ask once more who has done nothing. */
void sim_person_turn_prompted(struct sim_call *);
void sim_person_turn_end(struct sim_call *);

#endif
