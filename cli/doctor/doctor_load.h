#ifndef BWC_DOCTOR_LOAD_H
#define BWC_DOCTOR_LOAD_H

#include "cli/doctor/doctor_request.h"

/* Send large and slow bodies. taken: the path accepted the credentials. */
void doctor_bodies(struct doctor *, const struct doctor_path *, bool taken);
void doctor_burst(struct doctor *, const struct doctor_path *);

#endif
