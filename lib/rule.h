#ifndef BWI_RULE_H
#define BWI_RULE_H

#include <bwcallback/config.h>

#include "bxml.h"
#include "hours.h"
#include "loader.h"
#include "match.h"
#include "module.h"
#include "verdict.h"

enum bwi_answer_kind {
	BWI_ANSWER_RESPONSE,
	BWI_ANSWER_REPLY,
	BWI_ANSWER_EXEC,
	BWI_ANSWER_MODULE,
	BWI_ANSWER_VERDICT
};

/* What a rule answers. */
struct bwi_answer {
	enum bwi_answer_kind kind;
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
	const struct bwi_match *value;
};

/* One <on>. */
struct bwi_rule {
	const uint64_t *rows;	       /* bit i: row i of bw_event_types() */
	const struct bwi_match *event; /* for types not in the table */
	bool any;		       /* whatever the type */
	const struct bwi_condition *conditions;
	size_t nconditions;
	const struct bwi_hours *hours; /* NULL: always */
	const struct bwi_zone *zone;
	struct bwi_answer answer;
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

/* A section as its rules are compiled. */
struct bwi_section_loading {
	struct bwi_section *section;
	const xmlNode *node;
};

/* rule.c: all <on> and <fallback> of a section. */
void bwi_loader_rules(struct bwi_loader *, struct bwi_section_loading *);

/* portout_loader.c: a <subscribers>, and who is told of verdicts. */
void bwi_loader_subscribers(
    struct bwi_loader *, struct bwi_section_loading *, const xmlNode *);
void bwi_loader_notify(
    struct bwi_loader *, struct bwi_section_loading *, const xmlNode *);

/* locations_loader.c: a <locations>. */
void bwi_loader_locations(
    struct bwi_loader *, struct bwi_section_loading *, const xmlNode *);

/* answer.c: argv of an <exec> or <notify>, NULL after an error. */
const char *const *bwi_loader_argv(struct bwi_loader *, const xmlNode *);

/* answer_module.c: a <module>; false after an error. */
bool
bwi_loader_module(struct bwi_loader *, const xmlNode *, struct bwi_answer *);

/* answer.c: what stands in an <on>; false after an error. */
bool bwi_loader_answer(struct bwi_loader *, const struct bwi_section *,
    const xmlNode *, struct bwi_answer *);

/*
 * answer_bxml.c: a <Response>, checked for all of these contexts (bits, see
 * bxml.h) and compiled; NULL after an error. *values tells whether it has
 * placeholders.
 */
const struct bwi_template *bwi_loader_response(
    struct bwi_loader *, const xmlNode *, unsigned contexts, bool *values);

/* The contexts, as bits, whose answers may hold all its verbs. */
unsigned bwi_loader_fit(const xmlNode *response);

/*
 * login.c: the attributes that give Bandwidth our credentials with the URLs
 * of this element, as text to stand in its tag.
 */
void bwi_loader_inject(struct bwi_loader *, const xmlNode *,
    const struct bwi_bxml_element *, struct bwi_template_builder *);

#endif
