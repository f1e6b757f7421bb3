#ifndef BWC_DOCTOR_REPORT_H
#define BWC_DOCTOR_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include <bwcallback/buf.h>
#include <bwcallback/finding.h>

/* From the rows of doctor.def. */
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

/* What Bandwidth does when a callback to this kind of section fails. */
struct doctor_family {
	const char *element;
	long wait; /* milliseconds */
	const char *consequence;
};

/* NULL: no such section. */
const struct doctor_family *doctor_family(const char *element);

/* Most locations listed for one finding; further ones are only counted. */
#define DOCTOR_LOCATIONS 64

/* A finding, with all locations where it was made. */
struct doctor_found {
	size_t n;
	char *locations[DOCTOR_LOCATIONS]; /* URLs or files */
	char *seen;			   /* at the first location */
	const struct doctor_family *families[DOCTOR_LOCATIONS]; /* or NULL */
	enum doctor_server server;	 /* ANY: unknown */
	char *passwds[DOCTOR_LOCATIONS]; /* password files of the locations */
	size_t npasswds;
};

/* All findings, in the order in which they were made. */
struct doctor_report {
	struct doctor_found found[DOCTOR_ID__MAX];
	enum doctor_id order[DOCTOR_ID__MAX];
	size_t n;
	bool failed; /* out of memory: findings are missing */
	/* For the lines of cures. */
	const char *config; /* NULL: not given */
	const char *login;  /* the user of --user; NULL: not given */
	char user[64];	    /* empty: unknown */
};

/*
 * Record a finding at a location: a URL or a file. family, which may be NULL,
 * says which callbacks it affects. The format describes the observation; text
 * from outside is made harmless when it is printed.
 */
void doctor_found(struct doctor_report *, enum doctor_id, const char *location,
    const struct doctor_family *, enum doctor_server, const char *format, ...)
    BW_PRINTF(6, 7);
/* Add the password file of a finding's location, for its cure; once each. */
void
doctor_found_passwd(struct doctor_report *, enum doctor_id, const char *file);
bool doctor_has(const struct doctor_report *, enum doctor_id);
/* Print all findings to standard output, as text or one JSON object a line. */
void doctor_print(const struct doctor_report *, bool json);
/* Returns true if a finding is an error. */
bool doctor_failed(const struct doctor_report *);
void doctor_report_free(struct doctor_report *);

/* Show progress on one line of the terminal; doctor_step_end() clears it. */
void doctor_step(const char *location, const char *what);
void doctor_step_end(void);

#endif
