#include "log_output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long to wait for a slow reader, in milliseconds. */
#define MAX_WAIT 100

/*
 * O_NONBLOCK belongs to the open file description, which other processes may
 * share, so reopen the pipe. -1: not possible.
 */
static int
reopen(int fd)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
}

void
log_output_init(struct log_output *o, int fd)
{
	struct stat st;
	int again = -1;

	*o = (struct log_output){.fd = fd};
	if (fstat(fd, &st) != 0)
		return;
	o->socket = S_ISSOCK(st.st_mode);
	if (S_ISFIFO(st.st_mode))
		again = reopen(fd);
	if (again >= 0) {
		o->fd = again;
		o->own = true;
	}
}

void
log_output_close(struct log_output *o)
{
	if (o->own)
		close(o->fd);
	o->own = false;
}

/* False: no room now. Other errors count as written: a retry would not help. */
static bool
try_write(const struct log_output *o, const char *line, size_t n)
{
	ssize_t r = o->socket
			? send(o->fd, line, n, MSG_DONTWAIT | MSG_NOSIGNAL)
			: write(o->fd, line, n);

	return r >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

bool
log_output_write(
    const struct log_output *o, const char *line, size_t n, bool wait)
{
	struct pollfd p = {.fd = o->fd, .events = POLLOUT};

	if (try_write(o, line, n))
		return true;
	if (!wait || poll(&p, 1, MAX_WAIT) <= 0)
		return false;
	return try_write(o, line, n);
}
