/*
 * Contender c: a responder that does nothing, with its own epoll loop,
 * keep-alive connections and no FastCGI library. It parses record headers only
 * to find the end of a request: the minimal cost of a program behind a web
 * server.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "answer.h"

#define FCGI_END_REQUEST 3
#define FCGI_STDIN	 5
#define FCGI_STDOUT	 6

struct connection {
	int fd;
	size_t n;
	unsigned char buf[65536];
};

/* STDOUT with the answer, padded to eight bytes, then END_REQUEST. */
static unsigned char reply[1024];
static size_t reply_len;

static void
put_header(unsigned char type, size_t len, size_t padding)
{
	unsigned char *h = reply + reply_len;

	memset(h, 0, 8);
	h[0] = 1;
	h[1] = type;
	h[3] = 1;
	h[4] = (unsigned char)(len >> 8);
	h[5] = (unsigned char)len;
	h[6] = (unsigned char)padding;
	reply_len += 8;
}

static void
make_reply(void)
{
	static const char answer[] = BENCH_ANSWER;
	size_t len = sizeof(answer) - 1, padding = (8 - len % 8) % 8;

	put_header(FCGI_STDOUT, len, padding);
	memcpy(reply + reply_len, answer, len);
	reply_len += len + padding;
	put_header(FCGI_END_REQUEST, 8, 0);
	reply_len += 8;
}

/* Does the buffer contain a request up to its empty STDIN record? */
static bool
is_complete(const struct connection *c)
{
	size_t at = 0;

	while (c->n - at >= 8) {
		const unsigned char *h = c->buf + at;
		size_t len = (size_t)h[4] << 8 | h[5];

		if (h[1] == FCGI_STDIN && len == 0)
			return true;
		at += 8 + len + h[6];
		if (at > c->n)
			return false;
	}
	return false;
}

static void
serve(int ep, struct connection *c)
{
	ssize_t got = read(c->fd, c->buf + c->n, sizeof(c->buf) - c->n);

	if (got <= 0) {
		if (got < 0 && errno == EAGAIN)
			return;
		(void)epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, NULL);
		close(c->fd);
		free(c);
		return;
	}
	c->n += (size_t)got;
	if (!is_complete(c))
		return;
	c->n = 0;
	if (write(c->fd, reply, reply_len) != (ssize_t)reply_len)
		perror("write");
}

static void
add(int ep, int listener)
{
	struct epoll_event e = {.events = EPOLLIN};
	struct connection *c = malloc(sizeof(*c));

	if (c == NULL)
		return;
	c->n = 0;
	c->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	e.data.ptr = c;
	if (c->fd < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e) != 0)
		free(c);
}

static int
open_listener(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(a.sun_path))
		return -1;
	memcpy(a.sun_path, path, strlen(path) + 1);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(fd, 1024) != 0)
		return -1;
	return fd;
}

int
main(int argc, char **argv)
{
	struct epoll_event e = {.events = EPOLLIN}, ready[64];
	int ep = epoll_create1(EPOLL_CLOEXEC);
	int listener = argc == 2 ? open_listener(argv[1]) : -1;

	if (ep < 0 || listener < 0) {
		perror("usage: epoll SOCKET");
		return 64;
	}
	signal(SIGPIPE, SIG_IGN); /* nginx may close first */
	make_reply();
	e.data.ptr = NULL;
	if (epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e) != 0)
		return 1;
	for (;;) {
		int n = epoll_wait(ep, ready, 64, -1);

		for (int i = 0; i < n; i++) {
			if (ready[i].data.ptr == NULL)
				add(ep, listener);
			else
				serve(ep, ready[i].data.ptr);
		}
	}
}
