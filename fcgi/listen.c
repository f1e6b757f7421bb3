#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "listen_own.h"

/* The first descriptor of LISTEN_FDS (sd_listen_fds(3)). */
#define LISTEN_FDS_START 3

bool
listen_is_socket(int fd)
{
	int on = 0;
	socklen_t n = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &n) == 0 &&
	       on != 0;
}

/* Number of sockets passed to this process (sd_listen_fds(3)); 0 if none. */
static size_t
passed_sockets(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");
	char self[32];
	size_t n = 0;

	snprintf(self, sizeof(self), "%ld", (long)getpid());
	if (pid == NULL || fds == NULL || strcmp(pid, self) != 0)
		return 0;
	for (; *fds >= '0' && *fds <= '9' && n < 1000; fds++)
		n = n * 10 + (size_t)(*fds - '0');
	/* Programs that we run must not use them. */
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return n;
}

static enum bw_err
add(struct listeners *ls, const struct listener *l, struct bw_error *e)
{
	struct sockaddr_storage sa = {0};
	socklen_t n = sizeof(sa);
	int flags = fcntl(l->fd, F_GETFL);

	if (flags < 0 || fcntl(l->fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(l->fd, F_SETFD, FD_CLOEXEC) < 0 ||
	    getsockname(l->fd, (struct sockaddr *)&sa, &n) < 0) {
		return bw_error_set(e, BW_ERR_IO, errno, "listen: %d: %s",
		    l->fd, strerror(errno));
	}
	ls->at[ls->n] = *l;
	ls->at[ls->n].tcp = sa.ss_family != AF_UNIX;
	ls->n++;
	return BW_OK;
}

static enum bw_err
add_inherited(struct listeners *ls, int fd, struct bw_error *e)
{
	struct listener l = {.fd = fd};

	if (!listen_is_socket(fd)) {
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "listen: descriptor %d: not a listening socket", fd);
	}
	return add(ls, &l, e);
}

static enum bw_err
add_passed(struct listeners *ls, size_t n, struct bw_error *e)
{
	if (n > LISTEN_MAX) {
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "listen: LISTEN_FDS: at most %d sockets", LISTEN_MAX);
	}
	for (size_t i = 0; i < n; i++) {
		enum bw_err err =
		    add_inherited(ls, LISTEN_FDS_START + (int)i, e);

		if (err != BW_OK)
			return err;
	}
	return BW_OK;
}

static enum bw_err
add_own(struct listeners *ls, const struct options *o, struct bw_error *e)
{
	for (size_t i = 0; i < o->listen_n; i++) {
		struct listener l = {.fd = -1, .own = true};
		enum bw_err err = listen_own(&l, o->listen[i], e);

		if (err == BW_OK)
			err = add(ls, &l, e);
		if (err != BW_OK)
			return err;
	}
	return BW_OK;
}

enum bw_err
listeners_open(
    struct listeners *ls, const struct options *o, struct bw_error *e)
{
	size_t passed = passed_sockets();

	ls->n = 0;
	if (o->listen_n > 0)
		return add_own(ls, o, e);
	if (passed > 0)
		return add_passed(ls, passed, e);
	return listen_is_socket(0) ? add_inherited(ls, 0, e) : BW_OK;
}

void
listeners_unlink(struct listeners *ls)
{
	for (size_t i = 0; i < ls->n; i++)
		listen_own_unlink(&ls->at[i]);
}

/*
 * Not close(): a worker may be about to accept from the descriptor, whose
 * number could be reused meanwhile.
 */
void
listeners_shutdown(struct listeners *ls)
{
	for (size_t i = 0; i < ls->n; i++) {
		if (ls->at[i].own)
			shutdown(ls->at[i].fd, SHUT_RDWR);
	}
}

void
listeners_close(struct listeners *ls)
{
	listeners_unlink(ls);
	for (size_t i = 0; i < ls->n; i++)
		close(ls->at[i].fd);
	ls->n = 0;
}

static void
inet_name(const struct sockaddr_storage *sa, char *out, size_t n)
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (sa->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)sa;

		inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
		snprintf(out, n, "[%s]:%u", host, ntohs(in6->sin6_port));
	} else {
		const struct sockaddr_in *in = (const void *)sa;

		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		snprintf(out, n, "%s:%u", host, ntohs(in->sin_port));
	}
}

void
listener_name(const struct listener *l, char *out, size_t n)
{
	struct sockaddr_storage sa = {0};
	socklen_t len = sizeof(sa);

	snprintf(out, n, "descriptor %d", l->fd);
	if (getsockname(l->fd, (struct sockaddr *)&sa, &len) < 0)
		return;
	if (sa.ss_family == AF_UNIX) {
		const struct sockaddr_un *un = (const void *)&sa;

		snprintf(out, n, "unix:%.*s", (int)sizeof(un->sun_path),
		    len > offsetof(struct sockaddr_un, sun_path) ? un->sun_path
								 : "");
	} else if (sa.ss_family == AF_INET || sa.ss_family == AF_INET6) {
		inet_name(&sa, out, n);
	}
}
