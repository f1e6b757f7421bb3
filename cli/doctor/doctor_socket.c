/*
 * One FastCGI request, with the parts of the protocol that a health check
 * needs.
 */
#include "cli/doctor/doctor_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <bwcallback/buf.h>

/* Longer than any answer that needs neither a program nor the store. */
#define WAIT_SECONDS 5

#define MAX_REQUEST 8192

/* FastCGI specification, section 8: record types. */
enum {
	BEGIN_REQUEST = 1,
	PARAMS = 4,
	STDIN = 5,
	STDOUT = 6
};

static void
put_record(struct bw_buf *b, int type, struct bw_str content)
{
	const char head[8] = {1, (char)type, 0, 1, (char)(content.n >> 8),
	    (char)(content.n & 0xff), 0, 0};

	bw_buf_add(b, head, sizeof(head));
	bw_buf_str(b, content);
}

static void
put_length(struct bw_buf *b, size_t n)
{
	if (n > 127) {
		bw_buf_putc(b, (char)(0x80 | (n >> 24)));
		bw_buf_putc(b, (char)(n >> 16));
		bw_buf_putc(b, (char)(n >> 8));
	}
	bw_buf_putc(b, (char)n);
}

static void
put_pair(struct bw_buf *b, const char *name, const char *value)
{
	put_length(b, strlen(name));
	put_length(b, strlen(value));
	bw_buf_puts(b, name);
	bw_buf_puts(b, value);
}

static void
put_request(struct bw_buf *b, const char *path)
{
	/* Role: responder. Close the connection after the request. */
	static const char begin[8] = {0, 1, 0, 0, 0, 0, 0, 0};
	struct bw_buf pairs;

	bw_buf_init(&pairs, MAX_REQUEST);
	put_pair(&pairs, "REQUEST_METHOD", "POST");
	put_pair(&pairs, "REQUEST_URI", path);
	put_pair(&pairs, "CONTENT_LENGTH", "0");
	put_pair(&pairs, "SERVER_SOFTWARE", "bwcallback-doctor");
	put_record(b, BEGIN_REQUEST, (struct bw_str){begin, sizeof(begin)});
	put_record(b, PARAMS, (struct bw_str){pairs.p, pairs.n});
	put_record(b, PARAMS, (struct bw_str){"", 0});
	put_record(b, STDIN, (struct bw_str){"", 0});
	if (pairs.err != BW_OK)
		b->err = pairs.err;
	bw_buf_free(&pairs);
}

/*
 * A non-blocking connect to a unix socket fails if its queue is full; nginx
 * connects in the same way.
 */
static int
connect_path(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = -1;

	if (strlen(path) >= sizeof(a.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(a.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&a, sizeof(a)) != 0) {
		int sys = errno;

		(void)close(fd);
		errno = sys;
		fd = -1;
	}
	return fd;
}

/* Make the socket blocking, with a timeout. */
static void
block(int fd)
{
	const struct timeval limit = {.tv_sec = WAIT_SECONDS};
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0)
		(void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

static int
connect_host(const char *address)
{
	const struct addrinfo want = {.ai_socktype = SOCK_STREAM};
	const char *colon = strrchr(address, ':');
	struct addrinfo *found = NULL;
	char host[256];
	int fd = -1;

	(void)snprintf(
	    host, sizeof(host), "%.*s", (int)(colon - address), address);
	if (getaddrinfo(host, colon + 1, &want, &found) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	for (const struct addrinfo *a = found; a != NULL && fd < 0;
	     a = a->ai_next) {
		fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0)
			block(fd);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
			int sys = errno;

			(void)close(fd);
			errno = sys;
			fd = -1;
		}
	}
	freeaddrinfo(found);
	return fd;
}

static enum socket_state
state_of(int sys)
{
	switch (sys) {
	case EAGAIN:
		return SOCKET_IS_FULL;
	case EACCES:
	case EPERM:
		return SOCKET_IS_NOT_OURS;
	default:
		return SOCKET_IS_DEAD;
	}
}

/* The first record of an answer has its header: "Status: 401 ..." */
static enum socket_state
exchange(int fd, const char *path, char *why, size_t size)
{
	static const char status[] = "Status: ";
	struct bw_buf request;
	char answer[64];
	ssize_t got = -1;
	bool sent;

	bw_buf_init(&request, 2 * MAX_REQUEST);
	put_request(&request, path);
	sent = request.err == BW_OK && send(fd, request.p, request.n,
					   MSG_NOSIGNAL) == (ssize_t)request.n;
	if (sent)
		got = recv(fd, answer, sizeof(answer), MSG_WAITALL);
	bw_buf_free(&request);
	if (got >= (ssize_t)(8 + sizeof(status)) && answer[1] == STDOUT &&
	    memcmp(answer + 8, status, sizeof(status) - 1) == 0)
		return SOCKET_ANSWERS;
	if (got > 0)
		(void)snprintf(why, size, "what came back is no answer");
	else if (got == 0)
		(void)snprintf(why, size, "the connection was closed");
	else
		(void)snprintf(
		    why, size, "nothing came within %d s", WAIT_SECONDS);
	return SOCKET_IS_SILENT;
}

enum socket_state
doctor_socket_ask(
    const char *address, const char *path, pid_t *pid, char *why, size_t size)
{
	struct ucred peer = {.pid = 0};
	socklen_t n = sizeof(peer);
	enum socket_state state;
	int fd = address[0] == '/' || strchr(address, ':') == NULL
		     ? connect_path(address)
		     : connect_host(address);

	*pid = 0;
	if (fd < 0) {
		(void)snprintf(why, size, "connect: %s", strerror(errno));
		return state_of(errno);
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0)
		*pid = peer.pid;
	block(fd);
	state = exchange(fd, path, why, size);
	(void)close(fd);
	return state;
}
