#ifndef BWF_CGI_H
#define BWF_CGI_H

#include <stdbool.h>

#include "options.h"

/* Was the program started by a web server for one CGI request? */
bool cgi_is_request(void);
/*
 * Did a web server pass a client's query string as command line arguments (RFC
 * 3875 §4.4)? Then the arguments must be ignored.
 */
bool cgi_has_foreign_arguments(void);
/*
 * Run one CGI request: body on standard input, answer on standard output. Also
 * answers if there is no configuration. Returns an exit code.
 */
int cgi_run(const struct options *);

#endif
