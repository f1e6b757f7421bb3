#ifndef SIM_DELIVER_H
#define SIM_DELIVER_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/event.h>
#include <bwcallback/str.h>

#include "sim/world/world.h"

/* The target of a callback, from a verb's attributes or an account. */
struct sim_target {
	const char *url;    /* NULL: no callback. May be relative to base */
	const char *method; /* "POST" or "GET"; NULL: the world's default */
	const char *user;
	const char *password;
};

/*
 * One callback to deliver. All members belong to the caller and may be freed
 * when the function returns: retries use a copy.
 */
struct sim_callback {
	const char *event;     /* event type as in payloads: "initiate" */
	const char *about;     /* callId, conferenceId or message id */
	enum bw_family family; /* determines deadline and retries */
	bool sync;	  /* the answer's body matters, not only its status */
	bool once;	  /* never retried, whatever the family */
	const char *base; /* URL of the document with the target, or NULL */
	struct sim_target primary;
	struct sim_target fallback; /* url NULL: none */
	const char *type;	    /* Content-Type of the body */
	struct bw_str body;	    /* POST: the body */
	struct bw_str query;	    /* GET: the same data, URL-encoded */
	int64_t timeout;	    /* milliseconds; 0: the family's default */
	const char *signature_name;
	const char *signature;
};

/* The result of a delivery. */
struct sim_delivery {
	const char *event;
	const char *about;
	bool sync;
	bool delivered;	 /* the answer was 2xx */
	bool fallback;	 /* by the fallback URL */
	bool unasked;	 /* answered without a challenge, despite credentials */
	bool lost;	 /* asynchronous, and not retried any more */
	int attempts;	 /* requests, not counting challenged ones */
	const char *url; /* absolute; of the last request */
	const char *method;
	const struct bw_str *payload;  /* body or query as sent */
	const struct sim_reply *reply; /* the last */
};

/*
 * The result of a synchronous callback: the answer's body, and the base of
 * relative URLs in it (NULL: none). Owned by the caller.
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
 * Deliver as the platform does: without credentials, after a 401 with a
 * challenge with them, then to the fallback URL. Logs each exchange and the
 * result. Virtual time does not advance.
 */
void sim_deliver(
    struct sim_world *, const struct sim_callback *, struct sim_answer *);

/*
 * Schedule an asynchronous callback (after: milliseconds from now). It is
 * retried by the rules of its family, in virtual time, until it is delivered or
 * lost.
 */
void sim_deliver_with_retries(
    struct sim_world *, const struct sim_callback *, int64_t after);

/*
 * Resolve a reference against a base (RFC 3986); NULL if the result is not an
 * http or https URL. sim_alloc'ed.
 */
char *sim_url_resolve(const char *base, const char *reference);

#endif
