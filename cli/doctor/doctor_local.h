#ifndef BWC_DOCTOR_LOCAL_H
#define BWC_DOCTOR_LOCAL_H

#include "cli/doctor/doctor.h"

/* Run all checks on this machine: bwcallback doctor --local. */
enum bw_err doctor_local(struct doctor *, struct bw_error *) BW_CHECK;

#endif
