#ifndef BWF_CGI_H
#define BWF_CGI_H

#include <stdbool.h>

#include "options.h"

/* Was the program started by a web server for one request? */
bool cgi_is_one(void);
/*
 * Started by a web server with what a client wrote behind the "?" as command
 * line arguments (RFC 3875 §4.4), none of which may be looked at.
 */
bool cgi_has_foreign_arguments(void);
/*
 * Serve it: body on standard input, answer on standard output. Also that there
 * is no configuration is answered. Returns an exit code.
 */
int cgi_run(const struct options *);

#endif
