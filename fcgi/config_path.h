#ifndef BWF_CONFIG_PATH_H
#define BWF_CONFIG_PATH_H

#include <limits.h>

#define CONFIG_PATH_MAX PATH_MAX

/*
 * The path of the configuration if no option gives one, as for a CGI program:
 * BWCALLBACK_CONFIG, for a server that passes environment variables;
 * callbacks.xml beside this program, for a hosting account, where only uploads
 * are possible and suEXEC removes the variable; RESPONDER_CONFIG. A client
 * cannot set the first two: its headers are passed as HTTP_*, and a user who
 * may write beside the program may replace the program. room has
 * CONFIG_PATH_MAX bytes; the result may point into it.
 */
const char *config_path_find(char *room);

#endif
