#ifndef BWO_RESPONDER_H
#define BWO_RESPONDER_H

#include "options/option.h"

/* The options of bwcallback.fcgi, for itself and for completion in shells. */

/* Where the configuration is if nothing says otherwise. */
#define RESPONDER_CONFIG BW_SYSCONFDIR "/bwcallback/callbacks.xml"

/* Maximum number of threads; more would only contend. */
#define RESPONDER_MAX_WORKERS 256

/* What the table sets. */
struct responder_settings {
	const char *config, *overlay, *check, *log, *log_format, *confine;
	struct option_list listen, writable;
	int64_t workers, programs, receive, drain;
	bool version;
};

/* The settings without options, but for the number of workers. */
extern const struct responder_settings responder_defaults;
/* Ends with a row without a name. */
extern const struct option_row responder_rows[];

#endif
