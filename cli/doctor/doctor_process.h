#ifndef BWC_DOCTOR_PROCESS_H
#define BWC_DOCTOR_PROCESS_H

#include <sys/types.h>

#define RESPONDER "bwcallback.fcgi"

/*
 * A running responder: the one whose configuration is that file; any when it
 * is NULL. 0: there is none, or nothing is told of it.
 */
pid_t process_responder(const char *config);

#endif
