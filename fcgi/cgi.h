#ifndef BWF_CGI_H
#define BWF_CGI_H

#include <stdbool.h>

#include "options.h"
#include "site.h"

/* Was the program started by a web server for one request? */
bool cgi_is_one(void);
/*
 * Serve it: body on standard input, answer on standard output. broken: why
 * there is no configuration (code BW_OK: there is one), which is answered.
 */
int
cgi_run(const struct options *, struct site *, const struct bw_error *broken);

#endif
