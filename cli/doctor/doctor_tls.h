#ifndef BWC_DOCTOR_TLS_H
#define BWC_DOCTOR_TLS_H

#include "cli/doctor/doctor_report.h"

/*
 * Look at the certificate of an https URL as one who has never seen it, and
 * report what keeps Bandwidth from connecting. *trusted: would it? False: out
 * of memory.
 */
bool doctor_tls(
    struct doctor_report *, const char *url, enum doctor_server, bool *trusted);

#endif
