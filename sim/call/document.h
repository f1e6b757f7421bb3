#ifndef SIM_CALL_DOCUMENT_H
#define SIM_CALL_DOCUMENT_H

#include <libxml/tree.h>

#include "sim/deliver/deliver.h"

/* A parsed answer and the position of the interpreter in it. */
struct sim_document {
	xmlDoc *xml;
	const xmlNode *next; /* the next verb, NULL at the end */
	char *base;	     /* base of relative URLs, or NULL */
};

/* What a document answers, and what happens if it is invalid. */
struct sim_reading {
	const char *about;     /* callId or conferenceId */
	const char *event;     /* "gather" */
	const char *answering; /* the event that decides which verbs are
				  allowed, or NULL */
	const char *otherwise; /* "the call ends: invalid-bxml" */
};

/*
 * Check and parse an answer as the platform would. NULL: it would refuse the
 * answer. All findings, including warnings, are logged.
 */
struct sim_document *sim_document_read(
    struct sim_world *, const struct sim_reading *, const struct sim_answer *);
void sim_document_free(struct sim_document *);
/* Returns the next verb and advances; NULL at the end. */
const xmlNode *sim_document_step(struct sim_document *);

/* Log a finding about an answer. */
void sim_document_report(
    struct sim_world *, const struct sim_reading *, const struct bw_finding *);

#endif
