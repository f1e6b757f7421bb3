/*
 * The application behind a URL. libcurl's handles and their connections live as
 * long as the wire, and each request sets only what differs from the previous
 * one: the simulator must cost less than the application it tests.
 */
#include <stdlib.h>
#include <string.h>

#include <bwcallback/response.h>
#include <curl/curl.h>

#include "sim/base/memory.h"
#include "sim/wire/fallback_signal.h"
#include "sim/wire/http_client.h"
#include "sim/wire/wire_kind.h"

/* A persistent connection; one request at a time. */
struct connection {
	CURL *curl;
	struct curl_slist *headers;
	/* The values in headers. */
	char *type;
	char *signature;
	char why[CURL_ERROR_SIZE];
	struct sim_reply *reply;
	int sent;  /* how often libcurl tried to send the request */
	bool full; /* the answer exceeded SIM_MAX_REPLY */
};

struct http {
	struct sim_wire wire;
	CURLM *multi; /* NULL: not yet used */
	struct connection connections[SIM_MAX_AT_ONCE];
};

/* Returning 0 ends the transfer: no more bytes are needed. */
static size_t
receive_body(char *p, size_t size, size_t n, void *arg)
{
	struct connection *l = arg;
	struct bw_buf *body = &l->reply->body;
	size_t room = SIM_MAX_REPLY - body->n;

	n *= size;
	bw_buf_add(body, p, n < room ? n : room);
	if (n < room)
		return n;
	l->full = true;
	return 0;
}

static void *
require(void *handle)
{
	if (handle == NULL)
		sim_no_memory();
	return handle;
}

static void
open_connection(struct connection *l)
{
	CURL *c = require(sim_http_new("bwcallback"));

	l->curl = c;
	sim_http_reuse_connection(c, &l->sent);
	(void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, l->why);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, receive_body);
	(void)curl_easy_setopt(c, CURLOPT_WRITEDATA, l);
	(void)curl_easy_setopt(c, CURLOPT_PRIVATE, (char *)l);
}

static void
close_connection(struct connection *l)
{
	curl_easy_cleanup(l->curl);
	curl_slist_free_all(l->headers);
	free(l->type);
	free(l->signature);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
add_header(struct connection *l, const char *name, const char *value)
{
	if (!sim_http_header(
		&l->headers, name, (struct bw_str){value, strlen(value)}))
		sim_no_memory();
}

/* Disables "Expect: 100-continue": few servers answer it. */
static void
set_headers(struct connection *l, const struct sim_request *request)
{
	const char *signature =
	    request->signature_name != NULL ? request->signature : NULL;

	if (l->headers != NULL && same_text(l->type, request->type) &&
	    same_text(l->signature, signature))
		return;
	curl_slist_free_all(l->headers);
	free(l->type);
	free(l->signature);
	l->headers = NULL;
	l->type = sim_copy(request->type);
	l->signature = sim_copy(signature);
	add_header(l, "Accept", "*/*");
	add_header(l, "Expect", "");
	if (request->type != NULL)
		add_header(l, "Content-Type", request->type);
	if (signature != NULL)
		add_header(l, request->signature_name, signature);
	(void)curl_easy_setopt(l->curl, CURLOPT_HTTPHEADER, l->headers);
}

static void
prepare(struct connection *l, const struct sim_request *request,
    struct sim_reply *reply)
{
	CURL *c = l->curl;

	sim_reply_reset(reply);
	l->reply = reply;
	l->sent = 0;
	l->full = false;
	l->why[0] = '\0';
	set_headers(l, request);
	(void)curl_easy_setopt(c, CURLOPT_URL, request->url);
	/* The platform has one time limit for connecting and answering. */
	sim_http_timeout(c, request->timeout, request->timeout);
	if (strcmp(request->method, "GET") == 0)
		(void)curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
	else
		sim_http_post(c, request->body);
	sim_http_user(c, request->user, request->password);
}

/*
 * The result of a failed request. sent: how often libcurl began to send it. If
 * the server closed the connection, libcurl tries another one, and its code may
 * be that of the second attempt.
 */
static enum sim_failure
failure_of(CURLcode code, int sent)
{
	if (sent > 0 && code != CURLE_OPERATION_TIMEDOUT)
		return SIM_FAILED_CUT;
	switch (code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL: /* after sending: the answer is not
					    HTTP */
		return SIM_FAILED_URL;
	case CURLE_COULDNT_RESOLVE_HOST:
		return SIM_FAILED_NAME;
	case CURLE_COULDNT_CONNECT:
		return SIM_FAILED_CONNECT;
	case CURLE_OPERATION_TIMEDOUT:
		return SIM_FAILED_TIMEOUT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CIPHER:
		return SIM_FAILED_TLS;
	default:
		return SIM_FAILED_CUT;
	}
}

/* Did it fail before a request was sent? */
static bool
is_unconnected(enum sim_failure failure)
{
	return failure == SIM_FAILED_NAME || failure == SIM_FAILED_CONNECT ||
	       failure == SIM_FAILED_TLS;
}

static char *
copy_header(CURL *c, const char *name)
{
	struct curl_header *h = NULL;

	if (curl_easy_header(c, name, 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
		return NULL;
	return sim_copy(h->value);
}

static void
take_headers(CURL *c, struct sim_reply *r)
{
	long status = 0;
	const char *type = NULL;
	char *fallback;
	curl_off_t after = -1;

	(void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
	r->status = (int)status;
	r->type = sim_copy(type);
	if (status == 401)
		r->challenge = copy_header(c, "WWW-Authenticate");
	if (status >= 300) {
		(void)curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &after);
		r->retry_after = after > 0 ? (int64_t)after : -1;
	}
	fallback = copy_header(c, BW_FALLBACK_HEADER);
	sim_fallback_recognise(r, fallback);
	free(fallback);
}

static void
finish(struct connection *l, CURLcode code)
{
	struct sim_reply *r = l->reply;
	curl_off_t took = 0;

	(void)curl_easy_getinfo(l->curl, CURLINFO_TOTAL_TIME_T, &took);
	r->took = took;
	if (r->body.err == BW_ERR_NOMEM || code == CURLE_OUT_OF_MEMORY)
		sim_no_memory();
	if (code == CURLE_OK || l->full) {
		take_headers(l->curl, r);
		return;
	}
	r->failure = failure_of(code, l->sent);
	r->late = r->failure == SIM_FAILED_TIMEOUT;
	if (l->sent > 0 && is_unconnected(failure_of(code, 0)))
		code = CURLE_GOT_NOTHING;
	r->why = sim_copy(sim_http_why(code, l->why));
}

/* Run all added transfers to the end. */
static void
perform(CURLM *multi)
{
	int running = 1;

	while (running > 0) {
		CURLMcode code = curl_multi_perform(multi, &running);

		if (code == CURLM_OK && running > 0)
			code = curl_multi_poll(multi, NULL, 0, 1000, NULL);
		if (code == CURLM_OUT_OF_MEMORY)
			sim_no_memory();
		if (code != CURLM_OK)
			break;
	}
}

static void
send_at_once(struct http *h, const struct sim_request *request,
    struct sim_reply *r, size_t n)
{
	const CURLMsg *m;
	int left;

	if (h->multi == NULL)
		h->multi = require(curl_multi_init());
	for (size_t i = 0; i < n; i++) {
		if (h->connections[i].curl == NULL)
			open_connection(&h->connections[i]);
		prepare(&h->connections[i], request, &r[i]);
		r[i].failure = SIM_FAILED_CUT;
		if (curl_multi_add_handle(h->multi, h->connections[i].curl) !=
		    CURLM_OK)
			sim_no_memory();
	}
	perform(h->multi);
	while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
		struct connection *l = NULL;

		if (curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE,
			(char **)&l) != CURLE_OK)
			continue;
		l->reply->failure = SIM_ANSWERED;
		finish(l, m->data.result);
	}
	for (size_t i = 0; i < n; i++)
		(void)curl_multi_remove_handle(
		    h->multi, h->connections[i].curl);
}

static void
send_http(struct sim_wire *w, const struct sim_request *request,
    struct sim_reply *r, size_t n)
{
	struct http *h = (struct http *)w;

	if (n > 1) {
		send_at_once(h, request, r, n);
		return;
	}
	prepare(&h->connections[0], request, r);
	finish(&h->connections[0], curl_easy_perform(h->connections[0].curl));
}

static void
free_http(struct sim_wire *w)
{
	struct http *h = (struct http *)w;

	for (size_t i = 0;
	     i < SIM_MAX_AT_ONCE && h->connections[i].curl != NULL; i++)
		close_connection(&h->connections[i]);
	curl_multi_cleanup(h->multi);
	free(h);
}

struct sim_wire *
sim_wire_http(void)
{
	struct http *h = sim_alloc(sizeof(*h));

	h->wire.send = send_http;
	h->wire.free = free_http;
	open_connection(&h->connections[0]);
	return &h->wire;
}
