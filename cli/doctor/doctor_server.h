#ifndef BWC_DOCTOR_SERVER_H
#define BWC_DOCTOR_SERVER_H

#include "cli/doctor/doctor_report.h"
#include "cli/doctor/doctor_wire.h"

/* Which web server answered; DOCTOR_ANY: not known. */
enum doctor_server doctor_recognise(const struct doctor_answer *);

#endif
