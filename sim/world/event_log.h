#ifndef SIM_WORLD_EVENT_LOG_H
#define SIM_WORLD_EVENT_LOG_H

#include <stdint.h>

#include <bwcallback/finding.h>

#include "sim/wire/wire.h"

/*
 * What happened in a simulation, as it happens: the only thing that those who
 * tell it, check it, count it or explore know of the engine.
 */
enum sim_log_kind {
	/*
	 * A call begins; name is the number of whoever is at the telephone;
	 * text "inbound", "outbound", "transfer" for a leg of it, or "third
	 * party" for whom Forward, Refer or Connect calls.
	 */
	SIM_LOG_CALL,
	SIM_LOG_ANSWERED, /* a call is answered */
	SIM_LOG_VERB,	  /* name: its element; text: whom or what, or NULL */
	SIM_LOG_SAID,	  /* the caller hears text, spoken */
	SIM_LOG_PLAYED,	  /* the caller hears the file of the URL text */
	SIM_LOG_KEY,	  /* a key is pressed; text is it */
	SIM_LOG_TALKED,	  /* the person says something; text is it, or "" */
	SIM_LOG_SILENCE,  /* a time-out passed; name is which attribute */
	SIM_LOG_ACTION,	  /* the person does something else; text tells it */
	SIM_LOG_REQUEST,  /* one HTTP exchange; ask and reply */
	SIM_LOG_CALLBACK, /* a callback is delivered, or is not: delivery */
	/* A finding about an answer; text: what the platform does, or NULL. */
	SIM_LOG_FINDING,
	SIM_LOG_RETRY, /* the platform will try again; text tells when */
	SIM_LOG_STATE, /* of anything, in text; name: its id, or "REST" */
	SIM_LOG_END    /* a call ends; name is the cause */
};

struct sim_delivery;

struct sim_log_entry {
	enum sim_log_kind kind;
	int64_t time;	  /* virtual, milliseconds since 1970 */
	const char *call; /* callId, conferenceId, message id; NULL: none */
	const char *name; /* see the kinds; a callback's: its event type */
	const char *text;
	const struct sim_request *request;
	const struct sim_reply *reply;
	const struct sim_delivery *delivery;
	const struct bw_finding *finding;
};

/* Everything in a note is valid during the call only. */
struct sim_log_observer {
	void (*fn)(void *arg, const struct sim_log_entry *);
	void *arg;
};

#endif
