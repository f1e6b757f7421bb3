#ifndef BWCALLBACK_RESPONSE_H
#define BWCALLBACK_RESPONSE_H

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/event.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The answer to a request, and what a log should say about it. Use one response
 * for many requests, to reuse its memory. Strings that the functions below
 * return belong to the response, its request or the configuration, and are
 * valid until one of these is changed or freed. One thread at a time may use a
 * response.
 */
struct bw_response;

/* A new response, which the caller frees. NULL: out of memory. */
BW_EXPORT struct bw_response *bw_response_new(void);
/* Free a response. NULL is allowed. */
BW_EXPORT void bw_response_free(struct bw_response *);
/* Make a response empty. The functions that fill one do that themselves. */
BW_EXPORT void bw_response_reset(struct bw_response *);

/*
 * Append the whole answer in the form of CGI (RFC 3875, section 6): Status,
 * header fields, an empty line and the body. Content-Length is always exact.
 */
BW_EXPORT void bw_response_write(const struct bw_response *, struct bw_buf *);

/*
 * Make the response an error: the HTTP status of its code, and its message as
 * one line of text. Messages about credentials are replaced by a fixed text.
 */
BW_EXPORT void bw_response_fail(struct bw_response *, const struct bw_error *);

/* The HTTP status: never a 3xx, because Bandwidth documents no redirects. */
BW_EXPORT int bw_response_status(const struct bw_response *);
/* The body; n is 0 when there is none. */
BW_EXPORT struct bw_str bw_response_body(const struct bw_response *);
/* The header field Content-Type. NULL: no body. */
BW_EXPORT const char *bw_response_content_type(const struct bw_response *);
/*
 * With status 401, the realm of "WWW-Authenticate: Basic realm=...". p NULL:
 * no such field. It is not escaped.
 */
BW_EXPORT struct bw_str bw_response_realm(const struct bw_response *);
/* The header field Allow, with status 405 and for OPTIONS. NULL: none. */
BW_EXPORT const char *bw_response_allow(const struct bw_response *);
/* The header field Retry-After in seconds. 0: none. */
BW_EXPORT int bw_response_retry_after(const struct bw_response *);

/* The family of the event; of several events, the first one's. */
BW_EXPORT enum bw_family bw_response_family(const struct bw_response *);
/*
 * The type of the event as in bw_event_name; p NULL: nothing was decoded. It
 * may be any text, so escape it in logs.
 */
BW_EXPORT struct bw_str bw_response_type(const struct bw_response *);
/*
 * The ids of the call or conference and of the message that the first event
 * belongs to; p NULL: none. Escape them in logs.
 */
BW_EXPORT struct bw_str bw_response_call(const struct bw_response *);
BW_EXPORT struct bw_str bw_response_message(const struct bw_response *);
/* The number of events in the request. */
BW_EXPORT size_t bw_response_events(const struct bw_response *);
/* The authenticated user. p NULL: none. */
BW_EXPORT struct bw_str bw_response_user(const struct bw_response *);
/*
 * Whether the <fallback> of the section was sent in place of an answer. The
 * answer then has the header BW_FALLBACK_HEADER with the value "responder"; the
 * fallback of a web server should have it with "web-server". Tests use it to
 * tell a fallback from an ordinary answer; Bandwidth ignores it. The header
 * gives no reason.
 */
#define BW_FALLBACK_HEADER "Bwcallback-Fallback"
BW_EXPORT bool bw_response_is_fallback(const struct bw_response *);
/*
 * What went wrong, for the log: code BW_OK if nothing did. There may be an
 * error although the status is 200, for example when the fallback was sent.
 */
BW_EXPORT const struct bw_error *bw_response_error(const struct bw_response *);

#ifdef __cplusplus
}
#endif

#endif
