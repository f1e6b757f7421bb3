#ifndef SIM_DELIVER_H
#define SIM_DELIVER_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/event.h>
#include <bwcallback/str.h>

#include "sim/world/world.h"

/* Where a callback goes: what a verb's attributes or an account say. */
struct sim_target {
	const char *url;    /* NULL: nowhere. Relative ones against base */
	const char *method; /* "POST" or "GET"; NULL: the world's standard */
	const char *user;
	const char *password;
};

/*
 * One callback to deliver. Everything is the caller's and may go when the
 * function returns, for what is to be tried again later is copied.
 */
struct sim_callback {
	const char *event;     /* its type as in payloads: "initiate" */
	const char *about;     /* callId, conferenceId, message id */
	enum bw_family family; /* decides about deadline and retries */
	bool sync;	       /* the answer counts, beyond its status */
	bool once;	       /* never tried again, whatever the family */
	const char *base;      /* URL of the document that named it, or NULL */
	struct sim_target primary;
	struct sim_target fallback; /* url NULL: none */
	const char *type;	    /* Content-Type of the body */
	struct bw_str body;	    /* POST: as it goes */
	struct bw_str query;	    /* GET: the same, encoded */
	int64_t timeout;	    /* milliseconds; 0: the family's standard */
	const char *signature_name;
	const char *signature;
};

/* What became of it. */
struct sim_delivery {
	const char *event;
	const char *about;
	bool sync;
	bool delivered;	 /* somebody said 2xx */
	bool fallback;	 /* and that was the fallback URL */
	bool lost;	 /* asynchronous, and never tried again */
	int attempts;	 /* requests with credentials, or without any asked */
	const char *url; /* absolute, that answered or was asked last */
	const char *method;
	const struct bw_str *payload;  /* body or query as it went */
	const struct sim_reply *reply; /* the last */
};

/*
 * The result of a synchronous callback: the answer's body, and the URL to
 * which URLs in it are relative (NULL: none). Owned by the caller.
 */
struct sim_answer {
	bool delivered;
	bool fallback; /* by the fallback URL */
	int status;
	struct bw_buf body;
	char *type;
	char *base;
	char *why; /* not delivered: for errorMessage */
};

void sim_answer_init(struct sim_answer *);
void sim_answer_free(struct sim_answer *);

/*
 * Deliver as the platform does: first without credentials, with them after a
 * 401 that has a challenge, then the fallback URL. The observer hears of each
 * exchange, and of the callback when its fate is known. Time stands still.
 */
void sim_deliver(
    struct sim_world *, const struct sim_callback *, struct sim_answer *);

/*
 * An asynchronous callback: entered in the agenda (after: milliseconds from
 * now) and tried again by the rules of its family, in virtual time, until it
 * is delivered or lost.
 */
void sim_deliver_with_retries(
    struct sim_world *, const struct sim_callback *, int64_t after);

/*
 * Resolve a reference against a base as RFC 3986 has it; NULL when that is
 * no http or https URL. sim_alloc'ed.
 */
char *sim_url_resolve(const char *base, const char *reference);

#endif
