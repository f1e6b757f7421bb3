#ifndef BWC_DOCTOR_REPORT_H
#define BWC_DOCTOR_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include <bwcallback/buf.h>
#include <bwcallback/finding.h>

/* Rows of doctor.def. */
enum doctor_server {
#define SERVER(NAME, header, label) DOCTOR_##NAME,
#include "cli/doctor/doctor.def"
	DOCTOR_SERVER__MAX
};

enum doctor_id {
#define FINDING(NAME, name, severity, fails, what, means) DOCTOR_##NAME,
#include "cli/doctor/doctor.def"
	DOCTOR_ID__MAX
};

/* What Bandwidth does with what it sends to a section of a kind. */
struct doctor_family {
	const char *element;
	long wait; /* milliseconds */
	const char *consequence;
};

/* NULL: no such section. */
const struct doctor_family *doctor_family(const char *element);

/* Most places that one finding is told of; more are counted. */
#define DOCTOR_LOCATIONS 64

/* A finding, at all the places where it was made. */
struct doctor_found {
	size_t n;
	char *locations[DOCTOR_LOCATIONS]; /* URLs or files */
	char *seen;			   /* at the first */
	const struct doctor_family *families[DOCTOR_LOCATIONS]; /* or NULL */
	enum doctor_server server; /* ANY: not known which */
};

/* What was found, in the order in which it was. */
struct doctor_report {
	struct doctor_found found[DOCTOR_ID__MAX];
	enum doctor_id order[DOCTOR_ID__MAX];
	size_t n;
	bool failed; /* out of memory: something is missing */
};

/*
 * Found at a place: a URL or a file. family, which may be NULL, says who meets
 * it. The format tells what was seen there; what comes from outside in it
 * is made harmless when it is printed.
 */
void doctor_found(struct doctor_report *, enum doctor_id, const char *location,
    const struct doctor_family *, enum doctor_server, const char *format, ...)
    BW_PRINTF(6, 7);
bool doctor_has(const struct doctor_report *, enum doctor_id);
/* Print all to standard output, as text or one JSON object a line. */
void doctor_print(const struct doctor_report *, bool json);
/* Was there an error among it? */
bool doctor_failed(const struct doctor_report *);
void doctor_report_free(struct doctor_report *);

/* Progress, on a line of its own of a terminal; the end clears the line. */
void doctor_step(const char *location, const char *what);
void doctor_step_end(void);

#endif
