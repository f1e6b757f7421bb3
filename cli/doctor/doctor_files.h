#ifndef BWC_DOCTOR_FILES_H
#define BWC_DOCTOR_FILES_H

#include <bwcallback/store.h>
#include <bwcallback/tools/config.h>

#include "cli/doctor/doctor_report.h"
#include "cli/doctor/doctor_text.h"

/*
 * Check the modes of the configuration's files. config NULL: the configuration
 * is invalid. responder NULL: the responder does not run.
 */
void doctor_files(struct doctor_report *, const char *file,
    const struct bw_config *config, const struct person *responder);
/* Check that the store opens and that its disk has room. */
enum bw_err doctor_store(struct doctor_report *, const struct bw_config_store *,
    const struct person *responder, struct bw_error *) BW_CHECK;
/*
 * Check the consumers of an open store. of: "store east: ", or "" for a store
 * without an id.
 */
enum bw_err doctor_consumers(struct doctor_report *, const char *of,
    struct bw_store *, struct bw_error *) BW_CHECK;
/* Check which libfcgi the process uses. */
void doctor_libfcgi(struct doctor_report *, pid_t);

#endif
