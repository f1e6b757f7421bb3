#ifndef BWC_DOCTOR_H
#define BWC_DOCTOR_H

#include <stdbool.h>

#include <bwcallback/config.h>

#include "cli/doctor/doctor_report.h"
#include "cli/doctor/doctor_wire.h"

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

#endif
