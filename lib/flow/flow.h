#ifndef BWI_FLOW_H
#define BWI_FLOW_H

#include <stdint.h>

#include <bwcallback/config.h>
#include <bwcallback/event.h>
#include <bwcallback/response.h>

#include "auth/credentials.h"
#include "base/arena.h"
#include "base/parking.h"
#include "base/steps.h"

enum bwi_section_kind {
#define ALSO(name, family)
#define PAGE(name, element)	       BWI_SECTION_##name,
#define X(name, element, family, bxml) BWI_SECTION_##name,
#include "flow/sections.def"
#undef X
#undef PAGE
#undef ALSO
	BWI_SECTION__MAX
};

struct bwi_inspector;

/* One section of a compiled configuration, which owns it. Immutable. */
struct bwi_section {
	enum bwi_section_kind kind;
	struct bw_str path;		     /* as configured */
	struct bwi_credentials *credentials; /* NULL: no authentication */
	struct bwi_hmac *hmac;		     /* NULL: no signatures */
	struct bwi_section_counts *counts;
	struct bwi_store_handle *store; /* NULL: events are not stored */
	int64_t deadline;	     /* time limit of an answer, nanoseconds */
	struct bwi_flow *flow;	     /* its rules and fallback, compiled */
	struct bwi_portout *portout; /* NULL: no <subscribers> */
	struct bwi_notify *notify;   /* NULL: no <notify> */
	struct bwi_locations *locations; /* NULL: no <locations> */
	int unknown; /* status for a caller without a location */
	struct bwi_inspector *inspector; /* NULL: no <inspector> */
};

/* Remove the mount point from a request's path; false: it is not below it. */
bool bwi_config_below(struct bw_str mount, struct bw_str *path);
/*
 * The section of a path below the mount point, or NULL. Of the paths that no
 * other section has, an <inspector> has all below its own, and a <health> two.
 */
const struct bwi_section *
bwi_config_route(const struct bw_config *, struct bw_str path);
/* The section with that configured path, or NULL. */
const struct bwi_section *
bwi_config_section(const struct bw_config *, struct bw_str path);

/*
 * Which page of a <health> a path below the mount point is: "live", "ready" or,
 * for its own path, empty. p NULL: none of it.
 */
struct bw_str bwi_health_part(struct bw_str own, struct bw_str path);

/* "voice" */
const char *bwi_section_element(enum bwi_section_kind);
/* Are its answers BXML? */
bool bwi_section_is_bxml(enum bwi_section_kind);
/* Is it a page for the operator, to which no callbacks come? */
bool bwi_section_is_page(enum bwi_section_kind);
/* Do callbacks of the family come to such a section? */
bool bwi_section_expects(enum bwi_section_kind, enum bw_family);

struct bw_store;
struct bw_store_row;
struct bwi_exec;

/* The context in which an event is handled. */
struct bwi_handling {
	struct bwi_arena *arena;     /* the request's */
	int64_t deadline;	     /* CLOCK_MONOTONIC, nanoseconds */
	int64_t time;		     /* seconds since 1970, for opening hours */
	bool post;		     /* false for a GET callback */
	struct bw_store *store;	     /* holds the event; NULL: not stored */
	struct bwi_parking *parking; /* while a program runs */
	struct bwi_exec *exec;	     /* that program */
	bool no_programs;	     /* a program or a module fails instead */
	struct bwi_steps *steps;     /* how long each step takes */
	/* The event as a row of a store, for programs that read all of it. */
	enum bw_err (*describe)(const void *arg, struct bw_store_row *);
	const void *describe_arg;
};

/*
 * Answer an event by a section's rules: set status, content type and body of
 * the response. The first <on> that matches answers. If none does, the answer
 * is the status of the event's row without a body, or the fallback for a call.
 * Output of external programs is checked first. After an error, *err, the
 * response is unchanged except for what it tells about the rule and its
 * program. false: a program runs; the
 * handling's parking says what to wait for, then call this again.
 */
bool bwi_flow_handle(const struct bwi_section *, const struct bw_event *,
    const struct bwi_handling *, struct bw_response *, enum bw_err *,
    struct bw_error *) BW_CHECK;

/*
 * Answer an event before it is stored. false: not possible, because handling it
 * has a side effect, waits, or depends on the stored events.
 */
bool bwi_flow_foresee(const struct bwi_section *, const struct bw_event *,
    const struct bwi_handling *, struct bw_response *, enum bw_err *,
    struct bw_error *) BW_CHECK;

/* Where the rule is that answers an event at a time; NULL: none does. */
const struct bw_rule *bwi_flow_rule(
    const struct bwi_section *, const struct bw_event *, int64_t time);
/*
 * The name of the program or module that would answer an event at a time; NULL:
 * none would.
 */
const char *bwi_flow_program(
    const struct bwi_section *, const struct bw_event *, int64_t time);

/* Is the event decided by the operator's subscriber data? */
bool
bwi_flow_uses_subscribers(const struct bwi_section *, const struct bw_event *);

/*
 * The answer after an error: a section's <fallback> (voice) or on-error verdict
 * (port-outs). It was built at load and is not copied, so this cannot fail.
 * Returns false for other sections, with the response unchanged. event may be
 * NULL. If the verbs of the <fallback> are not allowed in the answer to the
 * event, the call is ended instead.
 */
bool bwi_flow_fallback(
    const struct bwi_section *, const struct bw_event *, struct bw_response *);

/* The default <fallback>. */
struct bw_str bwi_flow_default_fallback(void);

/*
 * The answer to an event if no configuration could be loaded: an apology for a
 * call, a refusal for a port-out, where Bandwidth treats an error as consent.
 * Returns false for all other events, with the response unchanged.
 */
bool
bwi_flow_answer_without_config(const struct bw_event *, struct bw_response *);
/* Refuse a port-out without any configuration. */
void bwi_flow_refuse_portout(struct bw_response *);

#endif
