#ifndef BWCALLBACK_CALLBACK_H
#define BWCALLBACK_CALLBACK_H

#include <bwcallback/config.h>
#include <bwcallback/request.h>
#include <bwcallback/response.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Memory for answering callbacks, reused from one request to the next: one for
 * each thread that answers.
 */
struct bw_callback_context;

/* A new context, which the caller frees. NULL: out of memory. */
BW_EXPORT struct bw_callback_context *bw_callback_context_new(void);
/* Free a context. NULL is allowed. */
BW_EXPORT void bw_callback_context_free(struct bw_callback_context *);

/*
 * Answer a callback: find its section, authenticate, decode and store it, run
 * the rules and validate the answer. This always produces a complete response,
 * also after an error, which bw_response_error describes. Send it as it is:
 * its status decides whether Bandwidth repeats the callback.
 *
 * The call blocks while a password is hashed, an event is written to the store
 * or a program runs, at most until the deadlines of the configuration. Any
 * number of threads may answer with one configuration, each with its own
 * context, request and response. The response is valid until the context, the
 * request or the configuration is changed or freed.
 */
BW_EXPORT void bw_callback_answer(struct bw_callback_context *,
    struct bw_config *, const struct bw_request *, struct bw_response *);

/*
 * Produce the answer that a stored event would get now: decoded, handled and
 * validated, but neither authenticated nor stored, so it is not taken for a
 * re-delivery. Programs do run, but not those of <notify>. The path is the
 * section's, without the prefix that all paths have in the configuration.
 */
BW_EXPORT void bw_callback_replay(struct bw_callback_context *,
    struct bw_config *, const struct bw_request *, struct bw_response *);

/*
 * Answer a callback when the configuration cannot be loaded, for the reason
 * given: a CGI program must answer even then. Nothing is authenticated or
 * stored. The status is that of the error, so Bandwidth repeats what it repeats
 * at all. Two kinds get an answer with status 200, since an error would do
 * harm: a call that waits for BXML is told to call again later, and a port-out
 * request is refused with code 7598, since Bandwidth takes an error as consent.
 */
BW_EXPORT void bw_callback_answer_without_config(struct bw_callback_context *,
    const struct bw_request *, const struct bw_error *why,
    struct bw_response *);

#ifdef __cplusplus
}
#endif

#endif
