/*
 * The application behind a URL: a test server whose paths select its behaviour,
 * including faulty behaviour.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/base/memory.h"
#include "sim/wire/wire.h"

#include "tests/tap/tap.h"

#define TOGETHER 4

struct server {
	int fd;
	int port;
	pthread_t thread;
	atomic_int connections;
	atomic_int requests;
	pthread_mutex_t mutex;
	pthread_cond_t all_there;
	int there;
	char last[65536]; /* the last request */
};

static struct server server;

static void
send_text(int fd, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t sent = send(fd, text, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		text += sent;
		n -= (size_t)sent;
	}
}

/* Read a request with its body; false at the end, or if it is TLS. */
static bool
read_request(int fd, char *buffer, size_t size)
{
	size_t n = 0, want = SIZE_MAX;

	while (n < want) {
		ssize_t got = recv(fd, buffer + n, size - 1 - n, 0);
		const char *end, *length;

		if (got <= 0 || buffer[0] == 0x16)
			return false;
		n += (size_t)got;
		buffer[n] = '\0';
		end = strstr(buffer, "\r\n\r\n");
		length = strstr(buffer, "Content-Length: ");
		if (end != NULL) {
			want = (size_t)(end - buffer) + 4;
			if (length != NULL)
				want += strtoul(length + 16, NULL, 10);
		}
	}
	return true;
}

static void
wait_for_all(void)
{
	(void)pthread_mutex_lock(&server.mutex);
	if (++server.there >= TOGETHER)
		(void)pthread_cond_broadcast(&server.all_there);
	while (server.there < TOGETHER)
		(void)pthread_cond_wait(&server.all_there, &server.mutex);
	(void)pthread_mutex_unlock(&server.mutex);
}

static void
send_long(int fd)
{
	char line[101];

	memset(line, 'x', sizeof(line) - 1);
	line[100] = '\0';
	send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
	for (int i = 0; i < 10000; i++)
		send_text(fd, line);
}

/* Answer; false: the connection was closed. */
static bool
serve(int fd, const char *request)
{
	const char *path = strchr(request, ' ');

	path = path != NULL ? path + 1 : "";
#define ON(s) (strncmp(path, (s), strlen(s)) == 0)
	if (ON("/ask") && strstr(request, "Authorization: ") == NULL)
		send_text(fd, "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic "
			      "realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
	else if (ON("/redirect"))
		send_text(fd, "HTTP/1.1 302 Found\r\nLocation: /yes\r\n"
			      "Content-Length: 0\r\n\r\n");
	else if (ON("/later"))
		send_text(fd, "HTTP/1.1 503 No\r\nRetry-After: 30\r\n"
			      "Content-Length: 3\r\n\r\nno\n");
	else if (ON("/nothing"))
		send_text(fd, "HTTP/1.1 204 No Content\r\n\r\n");
	else if (ON("/long"))
		send_long(fd);
	else if (ON("/half"))
		send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha");
	else if (ON("/garbage"))
		send_text(fd, "what?\r\n\r\n");
	else if (ON("/fallback/responder"))
		send_text(fd, "HTTP/1.1 200 OK\r\nBwcallback-Fallback: "
			      "responder\r\nContent-Length: 0\r\n\r\n");
	else if (ON("/fallback/server"))
		send_text(fd, "HTTP/1.1 200 OK\r\nbwcallback-fallback: "
			      "web-server\r\nContent-Length: 0\r\n\r\n");
	else if (ON("/die"))
		(void)shutdown(server.fd, SHUT_RDWR);
	else if (!ON("/slow") && !ON("/close"))
		send_text(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
			      "Content-Length: 11\r\n\r\n<Response/>");
	/* A slow answer: wait until the client closes the connection. */
	return !ON("/half") && !ON("/garbage") && !ON("/close") && !ON("/die");
}

static void *
run_connection(void *arg)
{
	int fd = *(int *)arg;
	char request[sizeof(server.last)];
	bool on = true;

	free(arg);
	while (on && read_request(fd, request, sizeof(request))) {
		atomic_fetch_add(&server.requests, 1);
		if (strstr(request, " /together") != NULL)
			wait_for_all();
		(void)pthread_mutex_lock(&server.mutex);
		(void)snprintf(server.last, sizeof(server.last), "%s", request);
		(void)pthread_mutex_unlock(&server.mutex);
		on = serve(fd, request);
	}
	(void)close(fd);
	return NULL;
}

static void *
run_server(void *arg)
{
	(void)arg;
	for (;;) {
		pthread_t thread;
		int fd = accept(server.fd, NULL, NULL);
		int *own;

		if (fd < 0)
			return NULL;
		atomic_fetch_add(&server.connections, 1);
		own = sim_alloc(sizeof(*own));
		*own = fd;
		if (pthread_create(&thread, NULL, run_connection, own) == 0)
			(void)pthread_detach(thread);
	}
}

static bool
start_server(void)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);

	(void)pthread_mutex_init(&server.mutex, NULL);
	(void)pthread_cond_init(&server.all_there, NULL);
	server.fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(server.fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(server.fd, 64) != 0 ||
	    getsockname(server.fd, (struct sockaddr *)&a, &n) != 0)
		return false;
	server.port = ntohs(a.sin_port);
	return pthread_create(&server.thread, NULL, run_server, NULL) == 0;
}

static void
stop_server(void)
{
	(void)shutdown(server.fd, SHUT_RDWR);
	(void)pthread_join(server.thread, NULL);
	(void)close(server.fd);
}

/* Milliseconds. Only a test that hangs reaches it. */
#define LONG 120000

static const struct row {
	const char *path; /* or a whole URL */
	const char *user;
	int64_t timeout;
	enum sim_failure failure;
	int status;
	long long length; /* length of the body */
	bool challenge;
	int64_t retry_after;
} rows[] = {
    {"/yes", NULL, LONG, SIM_ANSWERED, 200, 11, false, -1},
    {"/nothing", NULL, LONG, SIM_ANSWERED, 204, 0, false, -1},
    {"/ask", NULL, LONG, SIM_ANSWERED, 401, 0, true, -1},
    {"/ask", "user", LONG, SIM_ANSWERED, 200, 11, false, -1},
    {"/ask", NULL, LONG, SIM_ANSWERED, 401, 0, true, -1},
    {"/redirect", NULL, LONG, SIM_ANSWERED, 302, 0, false, -1},
    {"/later", NULL, LONG, SIM_ANSWERED, 503, 3, false, 30},
    {"/long", NULL, LONG, SIM_ANSWERED, 200, SIM_MAX_REPLY, false, -1},
    {"/half", NULL, LONG, SIM_FAILED_CUT, 0, 2, false, -1},
    {"/close", NULL, LONG, SIM_FAILED_CUT, 0, 0, false, -1},
    {"/garbage", NULL, LONG, SIM_FAILED_CUT, 0, 0, false, -1},
    {"/slow", NULL, 50, SIM_FAILED_TIMEOUT, 0, 0, false, -1},
    {"/yes", NULL, LONG, SIM_ANSWERED, 200, 11, false, -1},
    {"http://127.0.0.1:1/", NULL, LONG, SIM_FAILED_CONNECT, 0, 0, false, -1},
    {"http://nobody.invalid/", NULL, LONG, SIM_FAILED_NAME, 0, 0, false, -1},
    {"ftp://127.0.0.1/", NULL, LONG, SIM_FAILED_URL, 0, 0, false, -1},
    {"file:///etc/hostname", NULL, LONG, SIM_FAILED_URL, 0, 0, false, -1},
    {"https://127.0.0.1:PORT/", NULL, LONG, SIM_FAILED_TLS, 0, 0, false, -1},
    {"http://", NULL, LONG, SIM_FAILED_URL, 0, 0, false, -1},
};

static char *
make_url(const char *path)
{
	const char *port = strstr(path, "PORT");

	if (port != NULL)
		return sim_format("%.*s%d%s", (int)(port - path), path,
		    server.port, port + 4);
	if (*path != '/')
		return sim_copy(path);
	return sim_format("http://127.0.0.1:%d%s", server.port, path);
}

static void
test_rows(struct sim_wire *w)
{
	struct sim_reply r;

	sim_reply_init(&r);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		char *url = make_url(row->path);
		struct sim_request q = {
		    .method = "POST",
		    .url = url,
		    .type = "application/json",
		    .body = BW_STR("{}"),
		    .user = row->user,
		    .password = "p",
		    .timeout = row->timeout,
		};

		sim_wire_send(w, &q, &r);
		is_int(r.failure, row->failure, "%s: failure", row->path);
		is_int(r.status, row->status, "status");
		is_int((long long)r.body.n, row->length, "body");
		ok((r.challenge != NULL) == row->challenge, "challenge");
		is_int(r.retry_after, row->retry_after, "when to come again");
		ok((r.why != NULL) == (row->failure != SIM_ANSWERED), "why: %s",
		    r.why != NULL ? r.why : "");
		free(url);
	}
	sim_reply_free(&r);
}

static bool
was_sent(const char *text)
{
	bool was;

	(void)pthread_mutex_lock(&server.mutex);
	was = strstr(server.last, text) != NULL;
	if (!was)
		tap_diag("no %s in %s", text, server.last);
	(void)pthread_mutex_unlock(&server.mutex);
	return was;
}

/* The requests, and the number of connections. */
static void
test_requests(struct sim_wire *w)
{
	int connections = atomic_load(&server.connections);
	int requests = atomic_load(&server.requests);
	char *url = make_url("/yes?a=b");
	struct sim_request post = {.method = "POST",
	    .url = url,
	    .type = "application/xml",
	    .body = BW_STR("<x/>"),
	    .user = "u",
	    .signature_name = "X-Signature",
	    .signature = "s1",
	    .timeout = LONG};
	struct sim_request get = {.method = "GET", .url = url, .timeout = LONG};
	struct sim_reply r;

	sim_reply_init(&r);
	sim_wire_send(w, &post, &r);
	ok(was_sent("POST /yes?a=b HTTP/1.1\r\n"), "the line");
	ok(was_sent("\r\nContent-Type: application/xml\r\n"), "type");
	ok(was_sent("\r\nContent-Length: 4\r\n"), "length");
	ok(was_sent("\r\n\r\n<x/>"), "body");
	ok(was_sent("\r\nAuthorization: Basic dTo=\r\n"), "no password");
	ok(was_sent("\r\nX-Signature: s1\r\n"), "signature");
	ok(!strstr(server.last, "Expect"), "nothing is waited for");
	post.signature = "s2";
	sim_wire_send(w, &post, &r);
	ok(was_sent("\r\nX-Signature: s2\r\n"), "another signature");
	sim_wire_send(w, &get, &r);
	ok(was_sent("GET /yes?a=b HTTP/1.1\r\n"), "GET");
	ok(!strstr(server.last, "Authorization"), "without credentials");
	ok(!strstr(server.last, "Signature"), "without the signature");
	ok(!strstr(server.last, "Content-"), "without a body");
	is_str(r.type, "text/xml", "type of the answer");
	is_int(atomic_load(&server.requests) - requests, 3, "three requests");
	ok(atomic_load(&server.connections) - connections <= 1,
	    "over one connection");
	free(url);
	sim_reply_free(&r);
}

/*
 * A request on a reused connection that the server closes without an answer has
 * failed. By default, libcurl would send it again.
 */
static void
test_closed(struct sim_wire *w)
{
	static const char *const methods[] = {"POST", "GET"};
	char *yes = make_url("/yes"), *closed = make_url("/close");
	struct sim_request q = {
	    .type = "application/json", .body = BW_STR("{}"), .timeout = 5000};
	struct sim_reply r;

	sim_reply_init(&r);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		int requests = atomic_load(&server.requests);

		q.method = methods[i];
		q.url = yes;
		sim_wire_send(w, &q, &r);
		is_int(r.status, 200, "%s: a connection is kept", q.method);
		q.url = closed;
		sim_wire_send(w, &q, &r);
		is_int(r.failure, SIM_FAILED_CUT, "closed without an answer");
		is_str(r.why, "the connection was closed before an answer",
		    "the reason");
		is_int(atomic_load(&server.requests) - requests, 2,
		    "the request was sent once");
		q.url = yes;
		sim_wire_send(w, &q, &r);
		is_int(r.status, 200, "the next one is answered");
	}
	free(yes);
	free(closed);
	sim_reply_free(&r);
}

static void
test_fallbacks(struct sim_wire *w)
{
	static const struct {
		const char *path;
		bool fallback, web_server;
	} paths[] = {{"/fallback/responder", true, false},
	    {"/fallback/server", true, true}, {"/yes", false, false}};
	struct sim_request q = {.method = "POST", .timeout = LONG};
	struct sim_reply r;

	sim_reply_init(&r);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *url = make_url(paths[i].path);

		q.url = url;
		sim_wire_send(w, &q, &r);
		is_int(r.fallback, paths[i].fallback, "%s: a fallback",
		    paths[i].path);
		is_int(r.web_server, paths[i].web_server,
		    "%s: the web server's", paths[i].path);
		ok((r.reason != NULL) == r.fallback, "%s: a reason",
		    paths[i].path);
		free(url);
	}
	sim_reply_free(&r);
}

/*
 * The server ends after it has read a request. The first request reports a
 * closed connection although libcurl's second attempt was refused; later ones
 * report no server.
 */
static void
test_dies(struct sim_wire *w)
{
	char *yes = make_url("/yes"), *die = make_url("/die");
	struct sim_request q = {.method = "POST",
	    .url = yes,
	    .type = "application/json",
	    .body = BW_STR("{}"),
	    .timeout = LONG};
	struct sim_reply r;

	sim_reply_init(&r);
	sim_wire_send(w, &q, &r);
	is_int(r.status, 200, "a connection is kept");
	q.url = die;
	sim_wire_send(w, &q, &r);
	is_int(r.failure, SIM_FAILED_CUT, "the server ends: cut");
	is_str(r.why, "the connection was closed before an answer",
	    "the server ends: the reason");
	q.url = yes;
	sim_wire_send(w, &q, &r);
	is_int(r.failure, SIM_FAILED_CONNECT, "then there is no server");
	free(yes);
	free(die);
	sim_reply_free(&r);
}

/* The server answers only after all requests have arrived. */
static void
test_together(struct sim_wire *w)
{
	char *url = make_url("/together");
	struct sim_request q = {.method = "POST",
	    .url = url,
	    .type = "application/json",
	    .body = BW_STR("{}"),
	    .timeout = LONG};
	struct sim_reply r[TOGETHER];

	for (int i = 0; i < TOGETHER; i++)
		sim_reply_init(&r[i]);
	for (int round = 0; round < 2; round++) {
		server.there = 0;
		sim_wire_send_at_once(w, &q, r, TOGETHER);
		for (int i = 0; i < TOGETHER; i++) {
			is_int(r[i].status, 200, "answer %d at once", i);
			is_int((long long)r[i].body.n, 11, "whole");
		}
	}
	sim_wire_send(w, &q, &r[0]);
	is_int(r[0].status, 200, "and one by itself afterwards");
	for (int i = 0; i < TOGETHER; i++)
		sim_reply_free(&r[i]);
	free(url);
}

int
main(void)
{
	struct sim_wire *w;

	/* Only the URL decides where a request is sent. */
	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	w = sim_wire_http();
	if (!start_server())
		return tap_skip_all("no socket on 127.0.0.1");
	test_rows(w);
	test_requests(w);
	test_closed(w);
	test_together(w);
	test_fallbacks(w);
	test_dies(w);
	sim_wire_free(w);
	stop_server();
	return tap_done();
}
