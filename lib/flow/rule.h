#ifndef BWI_FLOW_RULE_H
#define BWI_FLOW_RULE_H

#include <bwcallback/config.h>
#include <bwcallback/tools/config.h>

#include "data/dates.h"
#include "flow/flow.h"
#include "flow/pattern.h"
#include "os/dso.h"
#include "portout/response_xml.h"
#include "template/template.h"
#include "time/hours.h"
#include "time/tzfile.h"

enum bwi_action_kind {
	BWI_ACTION_RESPONSE,
	BWI_ACTION_REPLY,
	BWI_ACTION_EXEC,
	BWI_ACTION_MODULE,
	BWI_ACTION_PORTOUT_VERDICT
};

/* The action of a rule: how it answers. */
struct bwi_action {
	enum bwi_action_kind kind;
	const struct bwi_template *text; /* RESPONSE; REPLY or NULL */
	bool prepared;			 /* the text has no placeholders */
	unsigned contexts;	 /* RESPONSE: contexts of the rule's events */
	unsigned fit;		 /* RESPONSE: contexts that allow its verbs */
	int status;		 /* REPLY */
	const char *type;	 /* REPLY */
	const char *const *argv; /* EXEC, NULL-terminated */
	int64_t timeout;	 /* EXEC, nanoseconds */
	bool input_event;	 /* EXEC: it reads the event, not the payload */
	struct bwi_handler handler;		    /* MODULE */
	struct bwi_portout_verdict portout_verdict; /* PORTOUT_VERDICT */
};

/* One attribute of an <on>. */
struct bwi_condition {
	struct bw_str field;
	const struct bwi_pattern *value;
};

/* A calendar of a rule, and the zone in which its dates are compared. */
struct bwi_rule_dates {
	const struct bwi_named_calendar *calendar;
	const struct bwi_tzfile *zone;
};

/* One <on>. */
struct bwi_rule {
	const uint64_t *rows; /* bit i: row i of bw_event_types() */
	/* Name pattern for types not in the table. */
	const struct bwi_pattern *event;
	bool any; /* any type */
	const struct bwi_condition *conditions;
	size_t nconditions;
	const struct bwi_hours *hours; /* NULL: always */
	const struct bwi_tzfile *zone;
	const struct bwi_rule_dates *dates; /* NULL: on all */
	size_t ndates;
	bool outside; /* matches on other dates than these */
	struct bwi_action action;
	struct bw_rule location; /* file and line of the <on> */
};

/* Does it match at some times only? */
bool bwi_rule_is_timed(const struct bwi_rule *);
/* Do the hours and dates of the rule hold at this time (seconds since 1970)? */
bool bwi_rule_time_match(const struct bwi_rule *, int64_t time);
/* Does the time of a rule hold whenever that of the inner one does? */
bool
bwi_rule_time_includes(const struct bwi_rule *, const struct bwi_rule *inner);

struct bwi_flow {
	struct bwi_rule *rules;
	size_t nrules;
	bool bxml;
	struct bw_str fallback; /* BXML, in a voice section */
	unsigned fallback_fit;	/* contexts that allow it, as bits */
	struct bwi_portout_verdict portout_verdict; /* in a portout section */
};

#endif
