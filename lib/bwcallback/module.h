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
 * Modules: callbacks answered by a C function in a shared object. A rule of
 * callbacks.xml(5) names both:
 *
 *	<on event="gather"><module file="ivr.so" handler="on_gather"/></on>
 *
 * The shared object is loaded with the configuration, and the function is
 *called for each event that the rule matches. One file of the module contains
 * "BW_MODULE;". Link it with the output of "pkg-config --libs bwcallback". A
 * module in C++ declares its handlers and BW_MODULE inside extern "C".
 *
 * A handler runs in the process of the responder, in several threads at a time.
 * If it crashes or blocks, so does the responder; run code that is less
 * reliable as a program with <exec>.
 */

/*
 * The version of the interface that a module is compiled with. It increases
 * when this header or a type used here changes. New members of struct
 * bw_module_request are added at its end only, so older modules continue to
 * work. Loading a configuration fails if a module is newer than the library, or
 * too old for it.
 */
#define BW_MODULE_ABI 2

#define BW_MODULE \
	extern BW_MODULE_SYMBOL const uint32_t bw_module_abi; \
	const uint32_t bw_module_abi = BW_MODULE_ABI

struct bwi_handling;

/* The callback to answer. Valid until the handler returns. */
struct bw_module_request {
	const struct bw_event *event;
	struct bw_str path; /* path of the section, as configured */
	bool post;	    /* false for a GET callback */
	/*
	 * Nanoseconds of CLOCK_MONOTONIC. The handler must return before:
	 * the library cannot interrupt it, and does not use a later answer.
	 */
	int64_t deadline;
	const struct bwi_handling *handling; /* for bw_module_event_json */
};

/*
 * Append the event as one line of JSON, without a line feed: what
 * bwcallback-events(7) describes, and what a program of <exec input="event">
 * reads. bw_event_json gives its fields only. BW_ERR_NOMEM, BW_ERR_LIMIT.
 */
BW_EXPORT enum bw_err bw_module_event_json(
    const struct bw_module_request *, struct bw_buf *) BW_CHECK;

/*
 * A handler. It appends the answer to the buffer: BXML for a call, JSON for
 * emergency calling, nothing where Bandwidth expects a status only (text is
 * then ignored). The buffer holds BW_MAX_PROGRAM_OUTPUT bytes; the handler need
 * not check its error. The answer is validated before it is sent.
 *
 * It returns BW_OK, or fills the bw_error with the reason for the log
 * (bw_error_set) and returns its code. After an error a call is answered with
 * the <fallback> of the section, any other callback with a 5xx.
 */
typedef enum bw_err bw_module_handler(
    const struct bw_module_request *, struct bw_buf *, struct bw_error *);

#ifdef __cplusplus
}
#endif

#endif
