#ifndef BWI_FLOW_H
#define BWI_FLOW_H

#include <stdint.h>

#include <bwcallback/config.h>
#include <bwcallback/event.h>
#include <bwcallback/response.h>

#include "auth/credentials.h"
#include "base/arena.h"

enum bwi_section_kind {
#define X(name, element, family, bxml) BWI_SECTION_##name,
#include "flow/sections.def"
#undef X
	BWI_SECTION__MAX
};

/* One section of a compiled configuration. Belongs to it and never changes. */
struct bwi_section {
	enum bwi_section_kind kind;
	struct bw_str path;		     /* as configured */
	struct bwi_credentials *credentials; /* NULL: none asked for */
	struct bwi_hmac *hmac;		     /* NULL: not a signed section */
	int64_t deadline;		 /* nanoseconds an answer may take */
	struct bwi_flow *flow;		 /* its rules and fallback, compiled */
	struct bwi_portout *portout;	 /* NULL: no <subscribers> */
	struct bwi_notify *notify;	 /* NULL: nobody is told of verdicts */
	struct bwi_locations *locations; /* NULL: no <locations> */
	int unknown; /* status for callers who are not in them */
};

/* Take the mount point off a request's path; false: it is not below it. */
bool bwi_config_below(struct bw_str mount, struct bw_str *path);
/* The section of a path below the mount point, or NULL. */
const struct bwi_section *
bwi_config_route(const struct bw_config *, struct bw_str path);
/* The same by the path as configured. */
const struct bwi_section *
bwi_config_section(const struct bw_config *, struct bw_str path);

/* "voice" */
const char *bwi_section_element(enum bwi_section_kind);

struct bw_store;

/* What handling one event has to work with. */
struct bwi_handling {
	struct bwi_arena *arena; /* the request's */
	int64_t deadline;	 /* CLOCK_MONOTONIC, nanoseconds */
	int64_t time;		 /* of day, seconds since 1970 */
	bool post;		 /* false for a GET callback */
	struct bw_store *store;	 /* the event is in it; NULL: in none */
};

/*
 * Produce the answer to an event from a section's rules: status, content type
 * and body of the response. The first <on> that matches answers; when none
 * does, the row's own status without a body, or for BXML the fallback. What
 * an external program wrote has been checked before it is in the response.
 * On an error the response is as it was, but for the rule.
 */
enum bw_err bwi_flow_handle(const struct bwi_section *, const struct bw_event *,
    const struct bwi_handling *, struct bw_response *,
    struct bw_error *) BW_CHECK;

/* Is it the operator's subscribers who decide about the event? */
bool
bwi_flow_asks_subscribers(const struct bwi_section *, const struct bw_event *);

/*
 * The answer for when there is none: a section's <fallback> (voice) or its
 * on-error verdict (port-outs), prepared at load and put into the response as
 * prepared text, so that it cannot fail. Other sections have none: false, and
 * the response is as it was. Where the event, which may be NULL, must not be
 * answered with the verbs of the <fallback>, the call is ended instead.
 */
bool bwi_flow_fallback(
    const struct bwi_section *, const struct bw_event *, struct bw_response *);

/* The fallback where none is configured. */
struct bw_str bwi_flow_apology(void);

/*
 * The answer to an event when no configuration could be loaded: an apology for
 * a call that waits, and for a port-out, where an error would be consent, the
 * verdict that refuses. False for all others, with the response as it was.
 */
bool bwi_flow_unconfigured(const struct bw_event *, struct bw_response *);
/* Refuse a port-out where nothing says how. */
void bwi_flow_refuse(struct bw_response *);

#endif
