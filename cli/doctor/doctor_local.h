#ifndef BWC_DOCTOR_LOCAL_H
#define BWC_DOCTOR_LOCAL_H

#include "cli/doctor/doctor.h"

/* All that can be seen on the machine itself: bwcallback doctor --local. */
enum bw_err doctor_local(struct doctor *, struct bw_error *) BW_CHECK;

#endif
