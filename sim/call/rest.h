#ifndef SIM_CALL_REST_H
#define SIM_CALL_REST_H

#include "sim/call/call.h"

/*
 * REST API requests that a scenario makes while calls are up. Each returns the
 * HTTP status of the platform (Voice API, OpenAPI). The effect follows at the
 * same virtual time, after the current task, so that a request may be made
 * while a callback is being answered. A new call is sim_call_out().
 */
enum {
	SIM_REST_OK = 200,
	SIM_REST_DONE = 204,
	SIM_REST_BAD = 400,	/* invalid BXML, unknown state */
	SIM_REST_UNKNOWN = 404, /* no such call, conference or member */
	SIM_REST_CONFLICT = 409 /* the call has ended or is not answered */
};

struct sim_redirect {
	struct sim_target primary;
	struct sim_target fallback; /* url NULL: none */
	const char *tag;	    /* NULL: unchanged */
};

/* POST /calls/ID, state completed. */
int sim_rest_complete(struct sim_world *, const char *call);
/* POST /calls/ID, redirectUrl: interrupts the running verb. */
int sim_rest_redirect(
    struct sim_world *, const char *call, const struct sim_redirect *);
/* PUT /calls/ID/bxml */
int sim_rest_bxml(struct sim_world *, const char *call, struct bw_str);
/* PUT /calls/ID/recording: "paused" or "recording" */
int sim_rest_recording(struct sim_world *, const char *call, const char *state);
/* PUT /endpoints/ID/bxml, for an endpoint that Connect has reached */
int sim_rest_endpoint(struct sim_world *, const char *endpoint, struct bw_str);

/* Conferences; here the id may also be the name. */
/* POST /conferences/ID, status completed. */
int sim_rest_conference_complete(struct sim_world *, const char *conference);
/* POST /conferences/ID, redirectUrl: its answer is queued. */
int sim_rest_conference_redirect(
    struct sim_world *, const char *conference, const struct sim_redirect *);
/* PUT /conferences/ID/bxml */
int sim_rest_conference_bxml(
    struct sim_world *, const char *conference, struct bw_str);

enum sim_change {
	SIM_UNCHANGED,
	SIM_ON,
	SIM_OFF
};

/* PUT /conferences/ID/members/ID */
struct sim_rest_member {
	enum sim_change mute;
	enum sim_change hold;
	const char *coached; /* callIdsToCoach; NULL: unchanged */
};

int sim_rest_member(struct sim_world *, const char *conference,
    const char *call, const struct sim_rest_member *);

#endif
