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

/* Where a signature of the raw body was found (bit set in signatures). */
enum bw_signature {
	BW_SIGNATURE_TFV,     /* X-Bandwidth-Signature-HMAC-SHA256, hex */
	BW_SIGNATURE_NUMBERS, /* X-Bandwidth-Signature-SHA-256, base64 */
	BW_SIGNATURE__MAX
};

/*
 * One HTTP request as a web server hands it on. Everything points into memory
 * of the caller, which must outlive the request; absent strings have p NULL.
 */
struct bw_request {
	struct bw_str id; /* request id for log lines; [A-Za-z0-9-] */
	enum bw_method method;
	struct bw_str method_name;
	struct bw_str path;  /* of REQUEST_URI, still encoded, no query */
	struct bw_str query; /* without the '?' */
	struct bw_str content_type; /* absent when empty */
	struct bw_str authorization;
	struct bw_str signatures[BW_SIGNATURE__MAX];
	struct bw_str remote_addr;
	struct bw_str server_software;
	bool authorization_empty; /* a header was there, with nothing in it */
	bool chunked;		  /* HTTP_TRANSFER_ENCODING: chunked */
	int64_t content_length;	  /* as declared; -1 absent or not a number */
	struct bw_str body;
	bool body_too_large; /* more than BW_MAX_BODY came: body is cut there */
	int64_t arrived;     /* CLOCK_MONOTONIC, nanoseconds */
	bool client_gone;    /* the client has closed the connection */
	/*
	 * The time of day that it comes in, milliseconds since 1970; 0: the
	 * system's clock knows.
	 */
	int64_t time;
};

/*
 * Fill a request from CGI variables (RFC 3875; the same names come as
 * FastCGI parameters): a NULL-terminated array of "NAME=value". The body, the
 * id and the arrival time are the caller's to set.
 *
 * Authorization is taken from the first of HTTP_AUTHORIZATION,
 * REDIRECT_HTTP_AUTHORIZATION, REDIRECT_REDIRECT_HTTP_AUTHORIZATION,
 * Authorization and a REMOTE_USER beginning "Basic " that is not empty:
 * servers leave it in all of these, and Apache's rewriting leaves an empty
 * one when the client sent none. REMOTE_USER is otherwise ignored: nginx and
 * HAProxy fill it from the client's unchecked word.
 *
 * REQUEST_URI is the one path variable that means the same behind every
 * server; an absolute one gives its path. Where it is missing, SCRIPT_NAME and
 * PATH_INFO cannot be joined without memory, so the path is PATH_INFO, or
 * SCRIPT_NAME when that is empty, and the query QUERY_STRING. Of a variable
 * that comes twice the first counts.
 *
 * The request is filled as far as it goes whatever is returned.
 * BW_ERR_LIMIT: a URI beyond BW_MAX_URI or an Authorization beyond
 * BW_MAX_AUTHORIZATION. BW_ERR_USAGE: no REQUEST_METHOD or path at all, which
 * an nginx location with a fastcgi_param of its own but no include causes.
 */
BW_EXPORT enum bw_err bw_request_from_env(
    struct bw_request *, const char *const *env, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
