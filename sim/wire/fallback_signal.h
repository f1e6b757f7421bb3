#ifndef SIM_WIRE_FALLBACK_SIGNAL_H
#define SIM_WIRE_FALLBACK_SIGNAL_H

#include "sim/wire/wire.h"

/*
 * Recognise an answer over HTTP that is a fallback: by the value of its header
 * BW_FALLBACK_HEADER, which may be NULL, or by the document of the web server
 * files that come with the library. Sets the reply's fallback, web_server and
 * reason.
 */
void sim_fallback_recognise(struct sim_reply *, const char *header);

#endif
