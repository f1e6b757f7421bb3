#ifndef BWC_DOCTOR_REQUEST_H
#define BWC_DOCTOR_REQUEST_H

#include "cli/doctor/doctor.h"

/* A path that is checked from outside. */
struct doctor_path {
	const char *url;
	const char *path; /* path of that URL, without a query */
	const struct doctor_family *family; /* NULL: unknown */
	const char *realm;  /* realm in the configuration, or NULL */
	const char *passwd; /* password file there, or NULL */
};

/*
 * A request with the usual values for a path; the caller changes what it needs.
 */
struct doctor_ask
doctor_question(const struct doctor *, const struct doctor_path *);
/*
 * Send a request. False: out of memory, which is recorded; the answer is empty.
 */
bool
doctor_ask(struct doctor *, const struct doctor_ask *, struct doctor_answer *);

#define doctor_report_path(d, p, id, ...) \
	doctor_found(&(d)->report, DOCTOR_##id, (p)->url, (p)->family, \
	    (d)->server, __VA_ARGS__)

#endif
