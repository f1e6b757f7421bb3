#ifndef BWC_DOCTOR_PATH_H
#define BWC_DOCTOR_PATH_H

#include "cli/doctor/doctor_request.h"

/* What happens to requests on a path, and which server answers them. */
void doctor_path(struct doctor *, const struct doctor_path *);

#endif
