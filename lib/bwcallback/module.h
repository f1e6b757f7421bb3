#ifndef BWCALLBACK_MODULE_H
#define BWCALLBACK_MODULE_H

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/event.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Handlers in C. A rule of callbacks.xml names a shared object and one of its
 * functions,
 *
 *	<on event="gather"><module file="ivr.so" handler="on_gather"/></on>
 *
 * which is loaded with the configuration and called for each event that the
 * rule takes. The shared object has BW_MODULE; in one of its files, and is
 * linked with what "pkg-config --libs bwcallback" names.
 *
 * A handler runs in the responder's own process, in several threads at once.
 * Whatever it corrupts or waits for, the responder does too: what is not
 * trusted that far belongs into <exec>.
 */

/*
 * What a module is built against. It rises when anything here, or a type that
 * is named here, changes; members of struct bw_module_request are only ever
 * added at its end, so older modules go on working. A newer module, or one so
 * old that it cannot work, is refused when the configuration is loaded.
 */
#define BW_MODULE_ABI 1

#define BW_MODULE \
	extern BW_MODULE_SYMBOL const uint32_t bw_module_abi; \
	const uint32_t bw_module_abi = BW_MODULE_ABI

/* What is asked. It and all in it is valid until the handler returns. */
struct bw_module_request {
	const struct bw_event *event;
	struct bw_str path; /* of the section, as configured */
	bool post;	    /* false for a GET callback */
	/*
	 * CLOCK_MONOTONIC, nanoseconds. A thread cannot be stopped, so it is
	 * the handler's to return before; what comes later is not used.
	 */
	int64_t deadline;
};

/*
 * Append the answer: BXML for a call, JSON for the emergency calling API,
 * nothing where only a status is wanted (what is appended there is not used).
 * The buffer takes a little more than BW_MAX_BXML bytes; its sticky error
 * need not be looked at. The answer is checked, as a program's is, before it
 * is sent.
 *
 * Return BW_OK, or an error with, in bw_error, the reason for the log. An
 * error sends the section's fallback to a call, a 5xx to others.
 */
typedef enum bw_err bw_module_handler(
    const struct bw_module_request *, struct bw_buf *, struct bw_error *);

#ifdef __cplusplus
}
#endif

#endif
