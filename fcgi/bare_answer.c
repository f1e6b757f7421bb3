#include "bare_answer.h"

#include <sys/socket.h>
#include <sys/types.h>

#include "fcgi_record.h"

/* Content of one record: the largest multiple of eight. */
#define CHUNK 65528

static bool
send_all(int fd, const void *p, size_t n, int flags)
{
	const char *at = p;

	while (n > 0) {
		ssize_t sent = send(fd, at, n, flags | MSG_NOSIGNAL);

		if (sent < 0)
			return false;
		at += sent;
		n -= (size_t)sent;
	}
	return true;
}

static bool
send_record(int fd, unsigned type, unsigned id, const char *p, size_t n)
{
	unsigned char header[RECORD_HEADER];

	record_header(header, type, id, n);
	return send_all(fd, header, sizeof(header), MSG_MORE) &&
	       send_all(fd, p, n, MSG_MORE);
}

bool
bare_answer_send(int fd, unsigned id, struct bw_str answer)
{
	/* The end of the stream, and FCGI_END_REQUEST with
	 * FCGI_REQUEST_COMPLETE. */
	unsigned char end[3 * RECORD_HEADER] = {0};

	while (answer.n > 0) {
		size_t n = answer.n < CHUNK ? answer.n : CHUNK;

		if (!send_record(fd, RECORD_STDOUT, id, answer.p, n))
			return false;
		answer.p += n;
		answer.n -= n;
	}
	record_header(end, RECORD_STDOUT, id, 0);
	record_header(end + RECORD_HEADER, RECORD_END, id, 8);
	return send_all(fd, end, sizeof(end), 0);
}
