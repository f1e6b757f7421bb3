#ifndef BWCALLBACK_CALLBACK_H
#define BWCALLBACK_CALLBACK_H

#include <bwcallback/config.h>
#include <bwcallback/request.h>
#include <bwcallback/response.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Scratch memory of one thread that answers callbacks. */
struct bw_callback_context;

BW_EXPORT struct bw_callback_context *bw_callback_context_new(void);
BW_EXPORT void bw_callback_context_free(struct bw_callback_context *);

/*
 * The life of a request: route, authenticate, decode, handle, check. The
 * response is always complete and may be sent as it is, whatever went wrong;
 * response->why says what did. It stays valid until the worker, the request
 * or the configuration goes.
 */
BW_EXPORT void bw_callback_answer(struct bw_callback_context *,
    struct bw_config *, const struct bw_request *, struct bw_response *);

/*
 * Content types of what "bwcallback doctor" posts; no callback has them. After
 * the credentials, such a request is answered with one line of text,
 *
 *     probe: SECTION body=BYTES path=BYTES query=BYTES
 *
 * which says what arrived of it; by a port-out section with the verdict that
 * everything unreadable gets, and that line in a comment. Nothing is stored or
 * run. To the second,
 * sent to a section with credentials, the web server is given nothing, or what
 * it cannot read, so that it shows what it answers when the responder fails.
 */
#define BW_PROBE	"application/vnd.bwcallback.probe"
#define BW_PROBE_OUTAGE "application/vnd.bwcallback.outage"

/*
 * What a request would be answered now: routed, decoded, handled and checked,
 * but neither authenticated nor stored, so that it is answered anew. Programs
 * run. Its path is that of a section, without what is in front of all.
 */
BW_EXPORT void bw_callback_replay(struct bw_callback_context *,
    struct bw_config *, const struct bw_request *, struct bw_response *);

/*
 * The same when there is no configuration, for the reason given: a program
 * that is started for each request cannot refuse to start. Nobody can be
 * authenticated and nothing is stored, so everything gets the error's status
 * and comes again where it is repeated at all; but a call that waits hears an
 * apology, and a port-out, for which an error is consent, is refused (7598).
 */
BW_EXPORT void bw_callback_answer_without_config(struct bw_callback_context *,
    const struct bw_request *, const struct bw_error *why,
    struct bw_response *);

#ifdef __cplusplus
}
#endif

#endif
