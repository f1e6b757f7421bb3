#include "replay_file.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* Content of one record: the largest multiple of eight. */
#define CHUNK 65528

/*
 * BEGIN, three records of parameters, six of body: each has a header and
 * content.
 */
#define MAX_PARTS 24

struct parts {
	unsigned id;
	struct iovec iov[MAX_PARTS];
	unsigned char headers[MAX_PARTS][RECORD_HEADER];
	size_t n;
	size_t headers_n;
};

enum bw_err
replay_file_open(struct replay_file *s, struct bw_error *e)
{
	s->request_n = 0;
	s->fd = memfd_create("bwcallback-request", MFD_CLOEXEC);
	if (s->fd < 0) {
		return bw_error_set(
		    e, BW_ERR_IO, errno, "memory file: %s", strerror(errno));
	}
	return BW_OK;
}

void
replay_file_close(struct replay_file *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static void
add_part(struct parts *p, const void *data, size_t n)
{
	union { /* iovec has no const */
		const void *in;
		void *out;
	} u = {.in = data};

	p->iov[p->n++] = (struct iovec){u.out, n};
}

static void
add_record(struct parts *p, unsigned type, const void *data, size_t n)
{
	unsigned char *h = p->headers[p->headers_n++];

	record_header(h, type, p->id, n);
	add_part(p, h, RECORD_HEADER);
	if (n > 0)
		add_part(p, data, n);
}

/* A stream ends with an empty record (FastCGI 1.0 §3.3). */
static void
add_stream(struct parts *p, unsigned type, const struct bw_buf *b)
{
	for (size_t at = 0; at < b->n; at += CHUNK) {
		size_t n = b->n - at < CHUNK ? b->n - at : CHUNK;

		add_record(p, type, b->p + at, n);
	}
	add_record(p, type, NULL, 0);
}

static bool
write_all(int fd, struct iovec *iov, size_t n)
{
	while (n > 0) {
		ssize_t wrote = writev(fd, iov, (int)n);
		size_t left;

		if (wrote < 0)
			return false;
		left = (size_t)wrote;
		while (n > 0 && left >= iov->iov_len) {
			left -= iov->iov_len;
			iov++;
			n--;
		}
		if (n > 0) {
			iov->iov_base = (char *)iov->iov_base + left;
			iov->iov_len -= left;
		}
	}
	return true;
}

enum bw_err
replay_file_request(struct replay_file *s, const struct inbox *in)
{
	unsigned char begin[8] = {0, 1, in->records.keep_conn ? 1 : 0};
	struct parts p = {.id = in->records.id};

	if (in->params.err != BW_OK || in->body.err != BW_OK)
		return BW_ERR_NOMEM;
	add_record(&p, RECORD_BEGIN, begin, sizeof(begin));
	add_stream(&p, RECORD_PARAMS, &in->params);
	add_stream(&p, RECORD_STDIN, &in->body);
	if (ftruncate(s->fd, 0) < 0 || lseek(s->fd, 0, SEEK_SET) < 0 ||
	    !write_all(s->fd, p.iov, p.n))
		return BW_ERR_IO;
	s->request_n = lseek(s->fd, 0, SEEK_CUR);
	return lseek(s->fd, 0, SEEK_SET) < 0 ? BW_ERR_IO : BW_OK;
}
