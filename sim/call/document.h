#ifndef SIM_CALL_DOCUMENT_H
#define SIM_CALL_DOCUMENT_H

#include <libxml/tree.h>

#include "sim/deliver/deliver.h"

/* An answer that plays: its verbs, and how far it has come. */
struct sim_document {
	xmlDoc *xml;
	const xmlNode *next; /* the verb to come, NULL at the end */
	char *base;	     /* what its URLs are relative to, or NULL */
};

/* What an answer answers, and what the platform does when it is wrong. */
struct sim_reading {
	const char *about; /* callId or conferenceId */
	const char *event; /* "gather" */
	const char
	    *answering; /* what decides which verbs it may hold, or NULL */
	const char *otherwise; /* "the call ends: invalid-bxml" */
};

/*
 * Read an answer as the platform would. NULL when it would not take it; all
 * findings, also warnings, are told.
 */
struct sim_document *sim_document_read(
    struct sim_world *, const struct sim_reading *, const struct sim_answer *);
void sim_document_free(struct sim_document *);
/* The verb to come, which then counts as come; NULL at the end. */
const xmlNode *sim_document_step(struct sim_document *);

/* Say that something about an answer is wrong, or surely not meant. */
void sim_document_report(
    struct sim_world *, const struct sim_reading *, const struct bw_finding *);

#endif
