#ifndef BWCALLBACK_REQUEST_H
#define BWCALLBACK_REQUEST_H

#include <stdint.h>

#include <bwcallback/error.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

enum bw_method {
	BW_METHOD_OTHER,
	BW_METHOD_GET,
	BW_METHOD_HEAD,
	BW_METHOD_POST,
	BW_METHOD_OPTIONS
};

/*
 * An HTTP request, filled either from CGI variables or by the functions below
 * and then passed to bw_callback_answer. It does not copy strings: they belong
 * to the caller, who must not change or free them while the request or its
 * response is used. One thread at a time may use a request.
 */
struct bw_request;

/* A new, empty request, which the caller frees. NULL: out of memory. */
BW_EXPORT struct bw_request *bw_request_new(void);
/* Free a request. NULL is allowed. */
BW_EXPORT void bw_request_free(struct bw_request *);
/* Make a request empty again, to use it for another one. */
BW_EXPORT void bw_request_reset(struct bw_request *);

/*
 * Fill a request from CGI variables (RFC 3875; FastCGI parameters have the same
 * names): a NULL-terminated array of "NAME=value". What the request contained
 * before is discarded. Set the body, and if needed id and times, afterwards.
 *
 * The credentials come from the first of HTTP_AUTHORIZATION,
 * REDIRECT_HTTP_AUTHORIZATION, REDIRECT_REDIRECT_HTTP_AUTHORIZATION,
 * Authorization, and a REMOTE_USER that begins with "Basic ", that is not
 * empty: web servers use each of these names, and rewriting in Apache sets an
 * empty one when the client sent none. REMOTE_USER is ignored otherwise,
 * because nginx and HAProxy fill it with a user name they did not verify.
 *
 * Path and query come from REQUEST_URI, the one variable with the same meaning
 * behind every web server; of an absolute URI its path is used. Without
 * REQUEST_URI the path is PATH_INFO, or SCRIPT_NAME when PATH_INFO is empty,
 * and the query is QUERY_STRING. If a variable occurs twice, the first one
 * counts.
 *
 * BW_ERR_LIMIT: a URI longer than BW_MAX_URI, or credentials longer than
 * BW_MAX_AUTHORIZATION. BW_ERR_USAGE: no REQUEST_METHOD, or no path; an nginx
 * location with a fastcgi_param but without "include fastcgi_params" causes
 * that. The rest of the request is filled nevertheless, and bw_callback_answer
 * answers it: it checks these limits itself.
 */
BW_EXPORT enum bw_err bw_request_from_env(
    struct bw_request *, const char *const *env, struct bw_error *) BW_CHECK;
/* Does bw_request_from_env use a variable of this name? */
BW_EXPORT bool bw_request_uses_variable(struct bw_str name);

/* Set the method: "POST". */
BW_EXPORT void bw_request_set_method(struct bw_request *, struct bw_str);
/* Set the path, percent-encoded as it was received, without the query. */
BW_EXPORT void bw_request_set_path(struct bw_request *, struct bw_str);
/* Set the query, without the '?'; p NULL: there is none. */
BW_EXPORT void bw_request_set_query(struct bw_request *, struct bw_str);
/*
 * Set a header field. Names are compared without case. Authorization,
 * Content-Type, Content-Length, Transfer-Encoding and the signatures of the
 * body, X-Bandwidth-Signature-HMAC-SHA256 (toll-free verification) and
 * X-Bandwidth-Signature-SHA-256 (subscriptions v2), are used, all others
 * ignored: a server may pass all fields that it received.
 */
BW_EXPORT void bw_request_set_header(
    struct bw_request *, struct bw_str name, struct bw_str value);
/*
 * Set the body. If it is longer than BW_MAX_BODY bytes, it may be cut after
 * one byte more than that: the answer is 413.
 */
BW_EXPORT void bw_request_set_body(struct bw_request *, struct bw_str);
/* Set the id of the request in log lines and in the store: [A-Za-z0-9-]. */
BW_EXPORT void bw_request_set_id(struct bw_request *, struct bw_str);
/*
 * Set when the request arrived, in nanoseconds of CLOCK_MONOTONIC; deadlines
 * count from there. By default that is when bw_request_new, bw_request_reset or
 * bw_request_from_env was called.
 */
BW_EXPORT void bw_request_set_arrived(struct bw_request *, int64_t ns);
/*
 * Set the time of day, in milliseconds since 1970-01-01T00:00:00Z, that opening
 * hours are compared with. 0: the present.
 */
BW_EXPORT void bw_request_set_time(struct bw_request *, int64_t ms);
/*
 * Set whether the client has closed the connection before the request was
 * answered. An event that Bandwidth delivers again is then stored only, and
 * handled when the re-delivery arrives; any other event is handled as usual.
 */
BW_EXPORT void bw_request_set_client_gone(struct bw_request *, bool gone);
/*
 * Mark the request as incomplete. err is the reason, and why the same as a
 * sentence, which is not copied. The body is then ignored, but the request is
 * still routed and authenticated: a port-out gets the verdict of its section, a
 * call its fallback.
 */
BW_EXPORT void
bw_request_set_fault(struct bw_request *, enum bw_err, const char *why);

/* What a request contains. Absent strings have p NULL. */
BW_EXPORT enum bw_method bw_request_method(const struct bw_request *);
BW_EXPORT struct bw_str bw_request_method_name(const struct bw_request *);
BW_EXPORT struct bw_str bw_request_path(const struct bw_request *);
BW_EXPORT struct bw_str bw_request_query(const struct bw_request *);
BW_EXPORT struct bw_str bw_request_content_type(const struct bw_request *);
BW_EXPORT struct bw_str bw_request_body(const struct bw_request *);
BW_EXPORT struct bw_str bw_request_id(const struct bw_request *);
/* The declared length of the body in bytes; -1: none, or not a number. */
BW_EXPORT int64_t bw_request_content_length(const struct bw_request *);
/* Whether the body was sent with "Transfer-Encoding: chunked". */
BW_EXPORT bool bw_request_is_chunked(const struct bw_request *);

#ifdef __cplusplus
}
#endif

#endif
