#ifndef BWC_DOCTOR_SERVER_H
#define BWC_DOCTOR_SERVER_H

#include "cli/doctor/doctor_report.h"
#include "cli/doctor/doctor_wire.h"

/* Which web server sent the answer; DOCTOR_ANY: unknown. */
enum doctor_server doctor_recognise(const struct doctor_answer *);

#endif
