#include "responder.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fcgios.h>

#include "bare_answer.h"
#include "replay_file.h"

void
responder_init(struct responder *r)
{
	/* No listening socket (-1): it never accepts connections itself. */
	FCGX_InitRequest(&r->request, -1, 0);
}

static _Thread_local struct {
	const unsigned char *p; /* NULL: read from the descriptor */
	size_t n;
} feed;

/*
 * Replaces libfcgi's function in a dynamically linked program. Weak,
 * because a static program contains both.
 */
__attribute__((weak, visibility("default"))) int
OS_Read(int fd, char *to, size_t n)
{
	if (feed.p == NULL)
		return (int)read(fd, to, n);
	if (n > feed.n)
		n = feed.n;
	memcpy(to, feed.p, n);
	feed.p += n;
	feed.n -= n;
	return (int)n;
}

void
responder_feed(const unsigned char *p, size_t n)
{
	feed.p = p;
	feed.n = n;
}

/* How long the thread waits for a peer that reads slowly; 0: not at all. */
static _Thread_local int64_t write_deadline;

/* Replaces libfcgi's function in the same way. */
__attribute__((weak, visibility("default"))) int
OS_Write(int fd, char *from, size_t n)
{
	ssize_t wrote;

	do
		wrote = write(fd, from, n);
	while (wrote < 0 && errno == EAGAIN &&
	       bare_answer_wait(fd, write_deadline));
	return (int)wrote;
}

/* libfcgi's three buffers of 8 kB, and its other allocations for a request. */
#define LIBFCGI_NEEDS (56 * 1024)

/*
 * Blocks smaller than malloc()'s threshold for mmap(). Nearly always one is
 * enough.
 */
#define BLOCK	   (size_t)(96 * 1024)
#define MAX_BLOCKS 3

bool
responder_has_room(size_t n)
{
	/* One block for each name and value, with malloc()'s overhead. */
	size_t left = LIBFCGI_NEEDS + 2 * n, blocks = 0;
	void *block[MAX_BLOCKS];

	while (left > 0 && blocks < MAX_BLOCKS) {
		size_t size = left < BLOCK ? left : BLOCK;

		block[blocks] = malloc(size);
		if (block[blocks] == NULL)
			break;
		blocks++;
		left -= size;
	}
	for (size_t i = 0; i < blocks; i++)
		free(block[i]);
	return left == 0;
}

enum bw_err
responder_begin(struct responder *r, int fd)
{
	r->request.ipcFd = fd;
	r->request.keepConnection = 1;
	/* If libfcgi closes fd on an error: at once, not after two seconds. */
	FCGX_Detach(&r->request);
	if (FCGX_Accept_r(&r->request) != 0) {
		r->request.ipcFd = -1;
		feed.p = NULL;
		return BW_ERR_IO;
	}
	return BW_OK;
}

enum bw_err
responder_body(struct responder *r, struct bw_buf *body)
{
	char piece[4096];
	int got;

	while ((got = FCGX_GetStr(piece, sizeof(piece), r->request.in)) > 0) {
		size_t room = body->max - body->n;

		bw_buf_add(
		    body, piece, (size_t)got < room ? (size_t)got : room);
	}
	feed.p = NULL;
	return FCGX_GetError(r->request.in) != 0 ? BW_ERR_IO : BW_OK;
}

void
responder_park(struct responder *r, int fd)
{
	FCGX_FreeStream(&r->request.in);
	r->request.ipcFd = fd;
}

void
responder_rest(struct responder *r)
{
	FCGX_FreeStream(&r->request.out);
	FCGX_FreeStream(&r->request.err);
}

bool
responder_keep_conn(const struct responder *r)
{
	return r->request.keepConnection != 0;
}

/*
 * These two functions do what FCGX_Finish_r() does, but never close the
 * descriptor: the connection's entry must be freed first, and libfcgi's close
 * aborts the process for descriptors from 1024 on.
 */
enum bw_err
responder_answer(struct responder *r, struct bw_str answer, int64_t deadline)
{
	FCGX_Request *q = &r->request;
	enum bw_err err = BW_OK;

	if (q->out == NULL)
		return bare_answer_send(
			   q->ipcFd, (unsigned)q->requestId, answer, deadline)
			   ? BW_OK
			   : BW_ERR_IO;
	write_deadline = deadline;
	if (answer.n > INT_MAX ||
	    FCGX_PutStr(answer.p, (int)answer.n, q->out) < 0)
		err = BW_ERR_IO;
	if (FCGX_FClose(q->err) != 0 || FCGX_FClose(q->out) != 0)
		err = BW_ERR_IO;
	write_deadline = 0;
	return err;
}

enum bw_err
responder_part(const struct responder *r, struct bw_str part)
{
	const FCGX_Request *q = &r->request;

	return bare_answer_part(q->ipcFd, (unsigned)q->requestId, part)
		   ? BW_OK
		   : BW_ERR_IO;
}

void
responder_end(struct responder *r)
{
	r->request.ipcFd = -1;
	FCGX_Free(&r->request, 0);
}

static enum bw_err
exchange(struct responder *r, struct replay_file *s, struct bw_error *e)
{
	struct bw_buf body;
	enum bw_err err;

	bw_buf_init(&body, 16);
	if (responder_begin(r, s->fd) != BW_OK) {
		s->fd = -1;
		return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "libfcgi: cannot use a descriptor of ours");
	}
	err = responder_body(r, &body);
	if (err != BW_OK || body.n != 4 || memcmp(body.p, "body", 4) != 0 ||
	    !responder_keep_conn(r) || r->request.ipcFd != s->fd ||
	    FCGX_GetParam("NAME", r->request.envp) == NULL) {
		err = bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "libfcgi: does not read from the descriptor given");
	}
	responder_park(r, s->fd);
	if (responder_answer(r, BW_STR("answer"), 0) != BW_OK) {
		err = bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "libfcgi: does not write to the descriptor given");
	}
	responder_end(r);
	bw_buf_free(&body);
	return err;
}

/* STDOUT "answer" padded to 8, STDOUT end, END_REQUEST. */
#define TEST_ANSWER (8 + 8 + 8 + 16)

/* Does libfcgi read this request from the feed, not from its descriptor? */
static bool
is_fed(struct responder *r, struct replay_file *s)
{
	unsigned char request[256];
	struct bw_error unused = {0};
	size_t n = (size_t)s->request_n;

	/* The file also has the answer of the first test. */
	if (n > sizeof(request) ||
	    pread(s->fd, request, n, 0) != s->request_n ||
	    lseek(s->fd, 0, SEEK_SET) != 0)
		return false;
	responder_feed(request, n);
	return exchange(r, s, &unused) == BW_OK &&
	       lseek(s->fd, 0, SEEK_CUR) == TEST_ANSWER;
}

enum bw_err
responder_test(bool *feeds, struct bw_error *e)
{
	struct responder r;
	struct inbox *in = calloc(1, sizeof(*in));
	struct replay_file s = {.fd = -1};
	enum bw_err err = replay_file_open(&s, e);

	responder_init(&r);
	if (in == NULL)
		err =
		    bw_error_set(e, BW_ERR_NOMEM, 0, "libfcgi: out of memory");
	if (err == BW_OK) {
		bw_buf_init(&in->params, 64);
		bw_buf_init(&in->body, 64);
		in->records.id = 1;
		in->records.keep_conn = true;
		bw_buf_add(&in->params, "\4\5NAMEvalue", 11);
		bw_buf_puts(&in->body, "body");
		err = replay_file_request(&s, in);
	}
	if (err == BW_OK)
		err = exchange(&r, &s, e);
	if (err == BW_OK &&
	    lseek(s.fd, 0, SEEK_END) != s.request_n + TEST_ANSWER) {
		err = bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "libfcgi: does not answer as expected");
	}
	if (err == BW_OK)
		*feeds = is_fed(&r, &s);
	replay_file_close(&s);
	if (in != NULL) {
		bw_buf_free(&in->params);
		bw_buf_free(&in->body);
		free(in);
	}
	return err;
}
