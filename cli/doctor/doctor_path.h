#ifndef BWC_DOCTOR_PATH_H
#define BWC_DOCTOR_PATH_H

#include "cli/doctor/doctor_request.h"

/* Check how requests on a path are answered, and by which server. */
void doctor_path(struct doctor *, const struct doctor_path *);

#endif
