#ifndef BWC_DOCTOR_H
#define BWC_DOCTOR_H

#include <stdbool.h>

#include <bwcallback/config.h>

#include "doctor_report.h"
#include "doctor_wire.h"

/* What is asked, and what is known so far. */
struct doctor {
	const char *url; /* NULL with --local */
	const char *user;
	const char *password_file;
	const char *config_file;
	const char *socket;
	bool local;
	bool json;
	bool outage;

	const char *password;
	struct bw_config *config; /* NULL: none was given */
	struct doctor_report report;
	enum doctor_server server; /* what answers; ANY: not known */
	bool insecure;		   /* its certificate is not to be trusted */
	bool hurried;		   /* several requests at once have been made */
	bool failed;		   /* out of memory */
};

/* A path that is looked at from outside. */
struct doctor_path {
	const char *url;
	const char *path;		    /* of that URL, without a query */
	const struct doctor_family *family; /* NULL: not known */
	const char *realm; /* that the configuration has for it, or NULL */
};

/* Progress, where a person waits. */
void doctor_step(const char *place, const char *what);

/* doctor_remote.c: all that can be seen from outside. */
enum bw_err doctor_remote(struct doctor *, struct bw_error *) BW_CHECK;
/* doctor_path.c: what becomes of a request, and who answers it. */
void doctor_path(struct doctor *, const struct doctor_path *);
/*
 * doctor_load.c: large and slow bodies on a path, taken: with credentials that
 * it takes; and many requests at once.
 */
void doctor_bodies(struct doctor *, const struct doctor_path *, bool taken);
void doctor_burst(struct doctor *, const struct doctor_path *);
/* doctor_server.c: who answered. */
enum doctor_server doctor_recognise(const struct doctor_answer *);

/* doctor_local.c: all that can be seen on the machine itself. */
enum bw_err doctor_local(struct doctor *, struct bw_error *) BW_CHECK;

/* Report for a path. */
#define doctor_report_path(d, p, id, ...) \
	doctor_found(&(d)->report, DOCTOR_##id, (p)->url, (p)->family, \
	    (d)->server, __VA_ARGS__)

/* What is asked on a path, to be changed where it is another. */
struct doctor_ask
doctor_question(const struct doctor *, const struct doctor_path *);
/* Ask, and note when memory is short: then the answer is empty. */
bool
doctor_ask(struct doctor *, const struct doctor_ask *, struct doctor_answer *);

#endif
