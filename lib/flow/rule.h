#ifndef BWI_FLOW_RULE_H
#define BWI_FLOW_RULE_H

#include <bwcallback/config.h>

#include "flow/flow.h"
#include "flow/pattern.h"
#include "os/dso.h"
#include "portout/response_xml.h"
#include "template/template.h"
#include "time/hours.h"
#include "time/tzfile.h"

enum bwi_action_kind {
	BWI_ANSWER_RESPONSE,
	BWI_ANSWER_REPLY,
	BWI_ANSWER_EXEC,
	BWI_ANSWER_MODULE,
	BWI_ANSWER_VERDICT
};

/* What a rule answers. */
struct bwi_action {
	enum bwi_action_kind kind;
	const struct bwi_template *text; /* RESPONSE; REPLY or NULL */
	bool prepared;			 /* the text is the same every time */
	unsigned contexts;		 /* RESPONSE: of the events named */
	unsigned fit;			 /* RESPONSE: those it may answer */
	int status;			 /* REPLY */
	const char *type;		 /* REPLY */
	const char *const *argv;	 /* EXEC, NULL at the end */
	int64_t timeout;		 /* EXEC, nanoseconds */
	struct bwi_handler handler;	 /* MODULE */
	struct bwi_verdict verdict;	 /* VERDICT */
};

/* One attribute of an <on>. */
struct bwi_condition {
	struct bw_str field;
	const struct bwi_pattern *value;
};

/* One <on>. */
struct bwi_rule {
	const uint64_t *rows;		 /* bit i: row i of bw_event_types() */
	const struct bwi_pattern *event; /* for types not in the table */
	bool any;			 /* whatever the type */
	const struct bwi_condition *conditions;
	size_t nconditions;
	const struct bwi_hours *hours; /* NULL: always */
	const struct bwi_tzfile *zone;
	struct bwi_action answer;
	struct bw_rule place; /* where it stands */
};

struct bwi_flow {
	struct bwi_rule *rules;
	size_t nrules;
	bool bxml;
	struct bw_str fallback;	    /* BXML, in a voice section */
	unsigned fallback_fit;	    /* contexts it may answer, as bits */
	struct bwi_verdict verdict; /* in a portout section */
};

#endif
