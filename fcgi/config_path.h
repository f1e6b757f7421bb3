#ifndef BWF_CONFIG_PATH_H
#define BWF_CONFIG_PATH_H

#include <limits.h>

#define CONFIG_PATH_DEFAULT BW_SYSCONFDIR "/bwcallback/callbacks.xml"
#define CONFIG_PATH_MAX	    PATH_MAX

/*
 * Where the configuration is when no option says so, which a CGI program is
 * not given: BWCALLBACK_CONFIG, for a server whose settings reach us;
 * callbacks.xml beside this program, for a hosting account, where nothing but
 * an upload is possible and suEXEC takes the variable away; PLACE_DEFAULT. The
 * first two are no way in: a client's headers are called HTTP_*, and whoever
 * may write beside the program may replace the program. room has PLACE_MAX
 * bytes, in which the name may be.
 */
const char *config_path_find(char *room);

#endif
