#ifndef SIM_WORLD_EVENT_LOG_H
#define SIM_WORLD_EVENT_LOG_H

#include <stdint.h>

#include <bwcallback/finding.h>

#include "sim/wire/wire.h"

/*
 * The events of a simulation as they happen. The transcript, the tally, the
 * scenario checks and the explorer learn about the engine only from these.
 */
enum sim_log_kind {
	/*
	 * A call begins; name is the person's number; text is "inbound",
	 * "outbound", "transfer" for a leg of Transfer, or "third party" for a
	 * callee of Forward, Refer or Connect.
	 */
	SIM_LOG_CALL,
	SIM_LOG_ANSWERED, /* a call is answered */
	SIM_LOG_VERB,	  /* name: its element; text: its target, or NULL */
	SIM_LOG_SAID,	  /* the caller hears text, spoken */
	SIM_LOG_PLAYED,	  /* the caller hears the file of the URL text */
	SIM_LOG_KEY,	  /* a key is pressed: text */
	SIM_LOG_TALKED,	  /* the person says text, which may be "" */
	SIM_LOG_SILENCE,  /* a time-out expired; name: its attribute */
	SIM_LOG_ACTION,	  /* another action of the person: text */
	SIM_LOG_REQUEST,  /* one HTTP exchange: request, reply */
	SIM_LOG_CALLBACK, /* a callback was delivered or failed: delivery */
	/* A finding about an answer; text: what the platform does, or NULL. */
	SIM_LOG_FINDING,
	SIM_LOG_RETRY, /* a retry is scheduled; text: when */
	SIM_LOG_STATE, /* a state change: text; name: an id, or "REST" */
	SIM_LOG_END    /* a call ends; name is the cause */
};

struct sim_delivery;

struct sim_log_entry {
	enum sim_log_kind kind;
	int64_t time;	  /* virtual, milliseconds since 1970 */
	const char *call; /* callId, conferenceId or message id, or NULL */
	const char *name; /* see the kinds; CALLBACK: the event type */
	const char *text;
	const struct sim_request *request;
	const struct sim_reply *reply;
	const struct sim_delivery *delivery;
	const struct bw_finding *finding;
};

/* The entry is valid only during the call of fn. */
struct sim_log_observer {
	void (*fn)(void *arg, const struct sim_log_entry *);
	void *arg;
};

#endif
