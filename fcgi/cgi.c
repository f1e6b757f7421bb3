#include "cgi.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/operation.h>

#include "live_config.h"
#include "log.h"
#include "request_run.h"

bool
cgi_is_request(void)
{
	return getenv("GATEWAY_INTERFACE") != NULL ||
	       getenv("REQUEST_METHOD") != NULL;
}

/*
 * By the RFC, and in Apache, a query without "=" is a list of arguments: "GET
 * /voice?--log+FILE". Arguments of a wrapper script look the same, so all are
 * ignored.
 */
bool
cgi_has_foreign_arguments(void)
{
	const char *query = getenv("QUERY_STRING");

	return cgi_is_request() && query != NULL && *query != '\0' &&
	       strchr(query, '=') == NULL;
}

/*
 * How much to read (RFC 3875 §4.2): CONTENT_LENGTH bytes. Without it:
 * everything, if the request is chunked; otherwise nothing, because there is no
 * body, and the server need not close our standard input.
 */
static int64_t
body_length(const struct bw_request *req)
{
	int64_t length = bw_request_content_length(req);

	if (length >= 0)
		return length;
	return bw_request_is_chunked(req) ? INT64_MAX : 0;
}

/* Wait for input; false: none until then. */
static bool
wait_input(int64_t until)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	int64_t left = until - bw_monotonic_ns();

	return left > 0 && poll(&p, 1, (int)(left / 1000000) + 1) > 0;
}

/*
 * Read the whole body, whatever its size and the answer: Apache's mod_cgid
 * loses the answer if input is left unread.
 */
static void
read_body(struct request_run *s, int64_t length, int64_t until)
{
	char piece[16384];
	uint64_t n = 0;

	while (n < (uint64_t)length && wait_input(until)) {
		uint64_t want = (uint64_t)length - n;
		size_t room = s->body.max - s->body.n;
		ssize_t got = read(STDIN_FILENO, piece,
		    want < sizeof(piece) ? (size_t)want : sizeof(piece));

		if (got <= 0)
			break;
		n += (uint64_t)got;
		bw_buf_add(
		    &s->body, piece, (size_t)got < room ? (size_t)got : room);
	}
}

static bool
write_answer(struct bw_str a)
{
	while (a.n > 0) {
		ssize_t n = write(STDOUT_FILENO, a.p, a.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		a.p += n;
		a.n -= (size_t)n;
	}
	return true;
}

int
cgi_run(const struct options *o)
{
	struct bw_config *config = NULL;
	struct bw_error e = {0}, broken = {0};
	struct request_run s;
	struct bw_buf answer;
	bool sent;

	signal(SIGPIPE, SIG_IGN);
	bw_operation_single();
	/* A library may use it, but it is the client's header "Proxy". */
	unsetenv("HTTP_PROXY");
	if (request_run_init(&s, &e) != BW_OK ||
	    request_run_room(&answer, &e) != BW_OK) {
		log_event(LOG_LEVEL_ERROR, "start", "%s", e.msg);
		request_run_free(&s);
		return bw_err_exit(e.code);
	}
	s.answer = &answer;
	s.arrived = bw_monotonic_ns();
	/* An error is reported when the request is answered. */
	(void)!bw_request_from_env(
	    s.request, (const char *const *)environ, NULL);
	config = live_config_load_once(o->config, s.request, &broken);
	read_body(&s, body_length(s.request),
	    s.arrived + (int64_t)o->receive_timeout * 1000000000);
	request_run_answer(&s, config, &broken, (const char *const *)environ);
	sent = write_answer(s.out);
	request_run_finish(&s, sent);
	if (config != NULL)
		bw_config_unref(config);
	request_run_free(&s);
	bw_buf_free(&answer);
	return sent ? 0 : bw_err_exit(BW_ERR_IO);
}
