#ifndef BWC_DOCTOR_REQUEST_H
#define BWC_DOCTOR_REQUEST_H

#include "cli/doctor/doctor.h"

/* A path that is looked at from outside. */
struct doctor_path {
	const char *url;
	const char *path;		    /* of that URL, without a query */
	const struct doctor_family *family; /* NULL: not known */
	const char *realm; /* that the configuration has for it, or NULL */
};

/* The request that is usual on a path, to be changed where needed. */
struct doctor_ask
doctor_question(const struct doctor *, const struct doctor_path *);
/* Ask. False: out of memory, which is recorded; the answer is empty. */
bool
doctor_ask(struct doctor *, const struct doctor_ask *, struct doctor_answer *);

/* Report for a path. */
#define doctor_report_path(d, p, id, ...) \
	doctor_found(&(d)->report, DOCTOR_##id, (p)->url, (p)->family, \
	    (d)->server, __VA_ARGS__)

#endif
