#include "bare_answer.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <bwcallback/tools/clock.h>

#include "fcgi_record.h"

/* Content of one record: the largest multiple of eight. */
#define CHUNK 65528

/* Header, content, and what follows it. */
#define PIECES 3

bool
bare_answer_wait(int fd, int64_t deadline)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int64_t left = deadline - bw_monotonic_ns();

	return deadline != 0 && left > 0 &&
	       poll(&p, 1, (int)(left / 1000000) + 1) > 0;
}

/* Take n bytes that were sent from the front. */
static void
advance(struct msghdr *m, size_t n)
{
	while (m->msg_iovlen > 0 && n >= m->msg_iov->iov_len) {
		n -= m->msg_iov->iov_len;
		m->msg_iov++;
		m->msg_iovlen--;
	}
	if (m->msg_iovlen > 0) {
		m->msg_iov->iov_base = (char *)m->msg_iov->iov_base + n;
		m->msg_iov->iov_len -= n;
	}
}

static bool
send_pieces(int fd, struct iovec *v, int64_t deadline)
{
	struct msghdr m = {.msg_iov = v, .msg_iovlen = PIECES};

	while (m.msg_iovlen > 0) {
		ssize_t sent = sendmsg(fd, &m, MSG_NOSIGNAL);

		if (sent >= 0)
			advance(&m, (size_t)sent);
		else if (errno != EINTR &&
			 (errno != EAGAIN || !bare_answer_wait(fd, deadline)))
			return false;
	}
	return true;
}

/* The output as records, then the end of the answer. */
static bool
send_output(
    int fd, unsigned id, struct bw_str out, struct iovec end, int64_t deadline)
{
	unsigned char header[RECORD_HEADER];
	struct iovec v[PIECES];

	for (;;) {
		size_t n = out.n < CHUNK ? out.n : CHUNK;

		record_header(header, RECORD_STDOUT, id, n);
		/* A record without content would end the stream. */
		v[0] = (struct iovec){header, n > 0 ? sizeof(header) : 0};
		v[1] = (struct iovec){(void *)(uintptr_t)out.p, n};
		v[2] = n == out.n ? end : (struct iovec){0};
		if (!send_pieces(fd, v, deadline))
			return false;
		if (n == out.n)
			return true;
		out.p += n;
		out.n -= n;
	}
}

bool
bare_answer_part(int fd, unsigned id, struct bw_str part)
{
	return send_output(fd, id, part, (struct iovec){0}, 0);
}

bool
bare_answer_send(int fd, unsigned id, struct bw_str answer, int64_t deadline)
{
	/* The end of the stream, and FCGI_END_REQUEST with
	 * FCGI_REQUEST_COMPLETE. */
	unsigned char end[3 * RECORD_HEADER] = {0};

	record_header(end, RECORD_STDOUT, id, 0);
	record_header(end + RECORD_HEADER, RECORD_END, id, 8);
	return send_output(
	    fd, id, answer, (struct iovec){end, sizeof(end)}, deadline);
}
