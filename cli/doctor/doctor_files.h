#ifndef BWC_DOCTOR_FILES_H
#define BWC_DOCTOR_FILES_H

#include <bwcallback/config.h>

#include "cli/doctor/doctor_report.h"
#include "cli/doctor/doctor_text.h"

/*
 * Modes of the configuration's files. config NULL: it does not check;
 * responder NULL: it does not run.
 */
void doctor_files(struct doctor_report *, const char *file,
    const struct bw_config *config, const struct person *responder);
/* Does the store open, and is there room for more? */
enum bw_err doctor_store(struct doctor_report *, const char *url,
    const struct person *responder, struct bw_error *) BW_CHECK;
/* Which libfcgi does the process have? */
void doctor_libfcgi(struct doctor_report *, pid_t);

#endif
