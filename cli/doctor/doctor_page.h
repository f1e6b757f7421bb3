#ifndef BWC_DOCTOR_PAGE_H
#define BWC_DOCTOR_PAGE_H

#include "cli/doctor/doctor_request.h"

/*
 * Look whether a page for the operator, <metrics>, <health> or <inspector>,
 * answers here, to one GET without credentials.
 */
void
doctor_page(struct doctor *, const struct doctor_path *, const char *element);

#endif
