#ifndef BWC_DOCTOR_H
#define BWC_DOCTOR_H

#include <stdbool.h>

#include <bwcallback/config.h>

#include "cli/doctor/doctor_report.h"
#include "cli/doctor/doctor_wire.h"

/* The options, and the results so far. */
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
	struct bw_config *config; /* NULL: not given */
	struct doctor_report report;
	enum doctor_server server; /* the web server found; ANY: unknown */
	bool insecure;		   /* its certificate is not trusted */
	bool hurried;		   /* the burst of requests has been sent */
	bool failed;		   /* out of memory */
};

#endif
