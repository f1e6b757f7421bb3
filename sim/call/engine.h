#ifndef SIM_CALL_ENGINE_H
#define SIM_CALL_ENGINE_H

#include <json-c/json.h>

#include "sim/base/xml_attribute.h"
#include "sim/call/call.h"
#include "sim/call/document.h"
#include "sim/deliver/callback_target.h"

/*
 * Internals shared by the parts of a call: the call, its document, the current
 * verb, and the person at the telephone.
 */
struct sim_conference;
struct sim_recording;
struct sim_stream;

enum sim_call_kind {
	SIM_CALL_IN,
	SIM_CALL_OUT,
	SIM_CALL_LEG,	/* made by Transfer */
	SIM_CALL_SILENT /* made by Forward, Refer, Connect: no events */
};

enum sim_step {
	SIM_DONE, /* the verb is complete */
	SIM_RUNS  /* the verb completes later */
};

/*
 * A verb. Its data while it runs is in the call's state. If there is any, stop
 * is called to free it however the verb ends: complete, interrupted, or with
 * the call.
 */
struct sim_verb {
	const char *name;
	bool answers;	 /* answers a ringing call when it begins */
	bool may_answer; /* does so if the options say so */
	enum sim_step (*run)(struct sim_call *, const xmlNode *);
	/* All may be NULL. takes: the verb consumes keys: no dtmf event. */
	bool (*takes)(const struct sim_call *);
	void (*key)(struct sim_call *, char);
	void (*talk)(struct sim_call *, const char *words, int64_t lasts);
	void (*stop)(struct sim_call *);
};

/* Callbacks for a call that rings. */
struct sim_ringing {
	void (*answered)(struct sim_call *);
	/* cause must be a static string. */
	void (*failed)(struct sim_call *, const char *cause, const char *why);
};

/* The callback that the call sends in its next step. */
struct sim_pending {
	char *event; /* NULL: none, the document continues */
	struct sim_targets targets;
	json_object *members; /* specific to the event, or NULL */
	bool waited;	      /* earlier events have been sent */
};

/* The person's current situation and next action. */
struct sim_person_turn {
	struct sim_person_context context;
	struct sim_action action;
	uint64_t timer;
	uint64_t serial; /* of the situation, to detect that it has ended */
	bool idle;	 /* no action is scheduled */
};

struct sim_call {
	struct sim_world *world;
	struct sim_call *next; /* in the call list */
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
	char *sip[SIM_SIP__MAX];
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
	const char *cause; /* a static string; NULL: not ended */
	char *message;
	char *error_id;

	struct sim_document *document;
	const struct sim_verb *verb; /* the running verb, or NULL */
	const xmlNode *node;	     /* the verb's element */
	void *state;		     /* the verb's data */
	uint64_t timer;		     /* the verb's timer */
	uint64_t step;		     /* scheduled step of the interpreter */
	bool stepping;		     /* a step is running */
	struct sim_pending pending;
	int callbacks;

	const struct sim_ringing *ringing;
	uint64_t ring_timer;
	struct sim_person_turn turn;

	struct sim_recording *recording; /* running or paused */
	struct sim_targets keys;	 /* of StartGather */
	struct sim_stream *streams;

	/* Only legs and silent calls: */
	struct sim_call *parent;
	char *transfer_caller;
	char *transfer_to;
	bool joined;			  /* its document is finished */
	void (*ready)(struct sim_call *); /* the leg can be joined */
	/* Called when the leg ends or a REST action redirects it. */
	void (*gone)(struct sim_call *);
};

/* call.c */
bool sim_call_is_up(const struct sim_call *);
/* End the call: a static cause and, for errors, the message. */
void sim_call_end(struct sim_call *, const char *cause, const char *message);
void sim_call_answer(struct sim_call *);
void sim_call_set_tag(struct sim_call *, const char *);
void sim_call_log(const struct sim_call *, enum sim_log_kind, const char *name,
    const char *text);
void sim_call_report(
    const struct sim_call *, const char *otherwise, const char *text);
/* Call fn(call) after ms; a task already in the slot is cancelled. */
void sim_call_after(
    struct sim_call *, uint64_t *slot, int64_t ms, void (*fn)(void *));
void sim_call_key(struct sim_call *, char key);

/* The callee answers, or the call fails, while it rings. */
void sim_ring_answered(struct sim_call *);
void sim_ring_failed(struct sim_call *, const char *cause, const char *why);

/* begin.c: a new call that belongs to another one. */
struct sim_call *
sim_call_leg(struct sim_call *parent, enum sim_call_kind, const char *number);
/* Start ringing: the person decides. */
void
sim_call_ring(struct sim_call *, const struct sim_ringing *, int64_t timeout);
/* NULL, or the limit of the account that forbids another call now. */
const char *sim_call_limit(struct sim_world *);

/* interpreter.c */
void sim_interpreter_document(struct sim_call *, struct sim_document *);
/* Send the event and continue with the answer. Takes over members. */
void sim_interpreter_fetch(struct sim_call *, const char *event,
    struct sim_targets *, json_object *members);
/*
 * The current verb is complete: send the event if the attribute has a URL,
 * otherwise continue with the next verb.
 */
void sim_interpreter_finish(struct sim_call *, const char *attribute,
    const char *event, json_object *members);
/* The current verb is complete: continue with the next one. */
void sim_interpreter_next(struct sim_call *);
/* Stop the verb, drop the document and any pending event. */
void sim_interpreter_stop(struct sim_call *);
/* Occupy the call with a verb that is in no document. */
void
sim_interpreter_hold(struct sim_call *, const struct sim_verb *, void *state);

/* person_turn.c */
void
sim_person_turn_begin(struct sim_call *, const struct sim_person_context *);
/* The prompts are over: an idle person gets another turn. */
void sim_person_turn_prompted(struct sim_call *);
/* The prompts begin again. */
void sim_person_turn_round(struct sim_call *);
void sim_person_turn_end(struct sim_call *);

#endif
