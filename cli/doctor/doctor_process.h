#ifndef BWC_DOCTOR_PROCESS_H
#define BWC_DOCTOR_PROCESS_H

#include <sys/types.h>

#define RESPONDER "bwcallback.fcgi"

/*
 * The process id of a running responder that uses this configuration file, or
 * of any responder if config is NULL. 0: there is none, or /proc does not show
 * it.
 */
pid_t process_responder(const char *config);

#endif
