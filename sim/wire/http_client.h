#ifndef SIM_WIRE_HTTP_CLIENT_H
#define SIM_WIRE_HTTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>

#include <bwcallback/str.h>

/*
 * The only set-up of libcurl: the simulator and the command line send every
 * HTTP request with such a handle. It uses HTTP/1.1 over http and https only,
 * verifies certificates (against SSL_CERT_FILE if set, otherwise the system's
 * authorities), follows no redirect, uses no proxy and no netrc file, raises no
 * signal, sends the path unchanged, and gives up connecting after
 * SIM_HTTP_CONNECT_MS. Each request uses a new connection unless
 * sim_http_reuse_connection() was called.
 */

#define SIM_HTTP_CONNECT_MS 10000

/*
 * agent is the product name before "/VERSION" in User-Agent. NULL: out of
 * memory.
 */
CURL *sim_http_new(const char *agent);

/* Milliseconds for the whole exchange, and for connecting as part of it. */
void sim_http_timeout(CURL *, int64_t whole, int64_t connect);

/* Basic credentials, without waiting for a challenge; user NULL: none. */
void sim_http_user(CURL *, const char *user, const char *password);

/* POST this body. It must stay valid until the request is done. */
void sim_http_post(CURL *, struct bw_str body);

/* Accept any certificate. */
void sim_http_insecure(CURL *);

/*
 * Reuse the connection for the next request. The server may close an idle
 * connection just when a request is sent, and libcurl then resends the request
 * silently. With the counter, which the caller sets to 0 before each request,
 * the second attempt fails instead: see sim_http_why().
 */
void sim_http_reuse_connection(CURL *, int *sent);

/*
 * Append "Name: value"; control characters are replaced. An empty value removes
 * a header that libcurl would send. False: out of memory, the list is
 * unchanged.
 */
bool
sim_http_header(struct curl_slist **, const char *name, struct bw_str value);

/* Why a request failed; details is the CURLOPT_ERRORBUFFER and may be empty. */
const char *sim_http_why(CURLcode, const char *details);

#endif
