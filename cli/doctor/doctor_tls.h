#ifndef BWC_DOCTOR_TLS_H
#define BWC_DOCTOR_TLS_H

#include "cli/doctor/doctor_report.h"

/*
 * Check the certificate of an https URL as a new client would, and report what
 * keeps Bandwidth from connecting. *trusted: Bandwidth would accept the
 * certificate. False: out of memory.
 */
bool doctor_tls(
    struct doctor_report *, const char *url, enum doctor_server, bool *trusted);

#endif
