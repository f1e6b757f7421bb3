#ifndef BWC_DOCTOR_REMOTE_H
#define BWC_DOCTOR_REMOTE_H

#include "cli/doctor/doctor.h"

/* Run all checks from outside: bwcallback doctor URL. */
enum bw_err doctor_remote(struct doctor *, struct bw_error *) BW_CHECK;

#endif
