/*
 * Answers sent as records: whole through a socket that takes little at a time,
 * and given up if the other end does not read.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "fcgi/bare_answer.h"
#include "fcgi/fcgi_record.h"
#include "tests/tap/tap.h"

/* More than three records. */
#define LARGE 200000

struct reader {
	int fd;
	struct bw_buf got;
};

static void *
read_all(void *arg)
{
	struct reader *r = arg;
	char piece[1000];
	ssize_t n;

	while ((n = read(r->fd, piece, sizeof(piece))) > 0)
		bw_buf_add(&r->got, piece, (size_t)n);
	return NULL;
}

/* A small socket that does not block; [1] is read from. */
static void
make_pair(int fd[2])
{
	const int size = 4096;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0 ||
	    fcntl(fd[0], F_SETFL, O_NONBLOCK) != 0)
		abort();
	setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

/* The output in the records, each of which must be of request 258. */
static struct bw_buf
content_of(const struct bw_buf *records, bool *ended)
{
	const unsigned char *p = (const unsigned char *)records->p;
	size_t at = 0;
	bool closed = false;
	struct bw_buf out;

	bw_buf_init(&out, 2 * LARGE);
	*ended = false;
	while (at + RECORD_HEADER <= records->n && p[at] == 1 &&
	       p[at + 2] == 1 && p[at + 3] == 2 && !*ended) {
		size_t n = (size_t)p[at + 4] << 8 | p[at + 5];

		at += RECORD_HEADER;
		*ended = p[at - 7] == RECORD_END && closed && n == 8;
		if (p[at - 7] == RECORD_STDOUT && !closed)
			bw_buf_add(&out, records->p + at, n);
		closed = n == 0;
		at += n + p[at - 2];
	}
	*ended = *ended && at == records->n;
	return out;
}

static void
test_answer(size_t part_n, size_t n)
{
	char *text = malloc(LARGE + 1);
	struct reader r;
	pthread_t thread;
	struct bw_buf out;
	int fd[2];
	bool sent = true, ended;

	for (size_t i = 0; i <= LARGE; i++)
		text[i] = (char)('a' + i % 23);
	make_pair(fd);
	r.fd = fd[1];
	bw_buf_init(&r.got, 2 * LARGE);
	pthread_create(&thread, NULL, read_all, &r);
	if (part_n > 0)
		sent =
		    bare_answer_part(fd[0], 258, (struct bw_str){text, part_n});
	sent = sent && bare_answer_send(fd[0], 258,
			   (struct bw_str){text + part_n, n - part_n},
			   bw_monotonic_ns() + INT64_C(60000000000));
	close(fd[0]);
	pthread_join(thread, NULL);
	out = content_of(&r.got, &ended);
	ok(sent && ended, "%zu bytes, %zu of them before: ended", n, part_n);
	ok(bw_str_eq((struct bw_str){out.p, out.n}, (struct bw_str){text, n}),
	    "and whole");
	close(fd[1]);
	bw_buf_free(&r.got);
	bw_buf_free(&out);
	free(text);
}

static void
test_nobody_reads(void)
{
	char *text = calloc(1, LARGE);
	const struct bw_str answer = {text, LARGE};
	int64_t begun = bw_monotonic_ns(), until = begun + 20000000;
	int fd[2];

	make_pair(fd);
	ok(!bare_answer_send(fd[0], 1, answer, until),
	    "nobody reads: given up");
	ok(bw_monotonic_ns() >= until, "at the deadline");
	ok(!bare_answer_send(fd[0], 1, answer, 0), "or at once");
	close(fd[1]);
	ok(!bare_answer_send(fd[0], 1, answer, until), "the peer has gone");
	close(fd[0]);
	free(text);
}

int
main(void)
{
	static const size_t sizes[] = {0, 1, 65528, 65529, LARGE};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		test_answer(0, sizes[i]);
	test_answer(100, 300);
	test_answer(100, 100);
	test_nobody_reads();
	return tap_done();
}
