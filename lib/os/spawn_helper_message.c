#include <config.h>

#include "os/spawn_helper_message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <bwcallback/tools/clock.h>

#include "os/poll.h"

/* Room for the descriptors of a message. */
union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(BWI_HELPER_MAX_FDS * sizeof(int))];
};

bool
bwi_helper_poll(int fd, short events, int64_t deadline)
{
	struct pollfd p = {.fd = fd, .events = events};
	int n;

	do {
		n = bwi_poll(&p, 1, deadline - bw_monotonic_ns());
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

static void
put_fds(struct msghdr *m, union control *c, const int *fds, size_t n)
{
	struct cmsghdr *h;

	memset(c, 0, sizeof(*c));
	m->msg_control = c;
	m->msg_controllen = CMSG_SPACE(n * sizeof(int));
	h = &c->align; /* CMSG_FIRSTHDR(m), which compilers think may be NULL */
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(h), fds, n * sizeof(int));
}

int
bwi_helper_send(int socket, const struct bwi_helper_request *r, const int *fds,
    size_t nfds, int64_t deadline)
{
	struct bwi_helper_request copy = *r;
	struct iovec v = {&copy, sizeof(copy)};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	union control c;

	put_fds(&m, &c, fds, nfds);
	for (;;) {
		if (sendmsg(socket, &m, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno == ECONNRESET || errno == ENOTCONN)
			return EPIPE;
		if (errno != EAGAIN && errno != EINTR)
			return errno;
		if (errno == EAGAIN &&
		    !bwi_helper_poll(socket, POLLOUT, deadline))
			return ETIMEDOUT;
	}
}

static size_t
take_fds(struct msghdr *m, int fds[BWI_HELPER_MAX_FDS])
{
	struct cmsghdr *h = CMSG_FIRSTHDR(m);
	size_t n;

	if (h == NULL || h->cmsg_level != SOL_SOCKET ||
	    h->cmsg_type != SCM_RIGHTS || h->cmsg_len < CMSG_LEN(0))
		return 0;
	n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	if (n > BWI_HELPER_MAX_FDS)
		n = BWI_HELPER_MAX_FDS;
	memcpy(fds, CMSG_DATA(h), n * sizeof(int));
	return n;
}

int
bwi_helper_receive(int socket, struct bwi_helper_request *r,
    int fds[BWI_HELPER_MAX_FDS], size_t *nfds)
{
	struct iovec v = {r, sizeof(*r)};
	union control c;
	struct msghdr m = {
	    .msg_iov = &v,
	    .msg_iovlen = 1,
	    .msg_control = &c,
	    .msg_controllen = sizeof(c),
	};
	ssize_t n;

	*nfds = 0;
	do
		n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n == 0 ? 0 : -1;
	*nfds = take_fds(&m, fds);
	return (size_t)n == sizeof(*r) && (m.msg_flags & MSG_CTRUNC) == 0 ? 1
									  : -1;
}
