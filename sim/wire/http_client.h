#ifndef SIM_WIRE_HTTP_CLIENT_H
#define SIM_WIRE_HTTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>

#include <bwcallback/str.h>

/*
 * The one set-up of libcurl: every HTTP request of the simulator and of the
 * command line is made with such a handle. It speaks HTTP/1.1 over http and
 * https only, verifies certificates (against SSL_CERT_FILE if that is set,
 * otherwise the system's authorities), follows no redirect, uses no proxy and
 * no netrc file, raises no signal, leaves the path as it is written, and gives
 * up connecting after SIM_HTTP_CONNECT_MS. Each request has a connection of
 * its own unless sim_http_keep() says otherwise.
 */

#define SIM_HTTP_CONNECT_MS 10000

/* agent is the name before "/VERSION" of User-Agent. NULL: out of memory. */
CURL *sim_http_new(const char *agent);

/* Milliseconds for the whole exchange, and for connecting as part of it. */
void sim_http_timeout(CURL *, int64_t whole, int64_t connect);

/* Basic credentials, without waiting for a challenge; user NULL: none. */
void sim_http_user(CURL *, const char *user, const char *password);

/* POST this body, which the caller keeps until the request is done. */
void sim_http_post(CURL *, struct bw_str body);

/* Accept any certificate. */
void sim_http_insecure(CURL *);

/*
 * Keep the connection for the next request. A kept connection may be closed by
 * the server just when a request is sent, and libcurl then sends the request
 * again without saying so. With the counter, which the caller sets to 0 before
 * each request, the second sending fails instead: see sim_http_why().
 */
void sim_http_reuse_connection(CURL *, int *sent);

/*
 * Append "Name: value", in which control characters are replaced; an empty
 * value leaves the header out that libcurl would send. False: out of memory,
 * and the list is as before.
 */
bool
sim_http_header(struct curl_slist **, const char *name, struct bw_str value);

/* Why a request failed; details are of CURLOPT_ERRORBUFFER, may be empty. */
const char *sim_http_why(CURLcode, const char *details);

#endif
