#include "listen_own.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* nginx must be able to write: its user is in the group. */
#define DEFAULT_MODE 0660

struct unix_spec {
	struct sockaddr_un sa;
	mode_t mode;
	gid_t group;
	bool has_group;
};

static enum bw_err
failed(
    struct bw_error *e, enum bw_err code, const char *what, const char *reason)
{
	return bw_error_set(e, code, errno, "listen: %s: %s", what, reason);
}

static bool
parse_mode(const char *s, size_t n, mode_t *mode)
{
	unsigned v = 0;

	if (n == 0 || n > 4)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '7')
			return false;
		v = v * 8 + (unsigned)(s[i] - '0');
	}
	*mode = v;
	return v <= 0777;
}

static bool
find_group(const char *s, size_t n, gid_t *gid)
{
	char name[256];
	const struct group *g;

	if (n == 0 || n >= sizeof(name))
		return false;
	memcpy(name, s, n);
	name[n] = '\0';
	g = getgrnam(name); /* not thread-safe, but no thread is running yet */
	if (g != NULL)
		*gid = g->gr_gid;
	return g != NULL;
}

/* ",mode=0660,group=www-data" */
static enum bw_err
parse_settings(struct unix_spec *u, const char *s, struct bw_error *e)
{
	while (*s == ',') {
		const char *item = s + 1;
		size_t n = strcspn(item, ",");

		if (strncmp(item, "mode=", 5) == 0 && n >= 5) {
			if (!parse_mode(item + 5, n - 5, &u->mode)) {
				return failed(e, BW_ERR_USAGE, item,
				    "mode must be octal, as in mode=0660");
			}
		} else if (strncmp(item, "group=", 6) == 0 && n >= 6) {
			if (!find_group(item + 6, n - 6, &u->group)) {
				return failed(
				    e, BW_ERR_USAGE, item, "no such group");
			}
			u->has_group = true;
		} else {
			return failed(e, BW_ERR_USAGE, item,
			    "unknown setting: only mode= and group= may follow "
			    "the path");
		}
		s = item + n;
	}
	return BW_OK;
}

static enum bw_err
parse_unix(struct unix_spec *u, const char *s, struct bw_error *e)
{
	size_t n = strcspn(s, ",");

	*u = (struct unix_spec){.sa.sun_family = AF_UNIX, .mode = DEFAULT_MODE};
	if (n == 0 || n >= sizeof(u->sa.sun_path)) {
		return failed(e, BW_ERR_USAGE, s,
		    "a unix socket's path must have 1 to 107 bytes");
	}
	memcpy(u->sa.sun_path, s, n);
	return parse_settings(u, s + n, e);
}

/*
 * Remove an old socket, but only if it refuses connections: then the process
 * that created it has ended.
 */
static enum bw_err
remove_stale(const struct unix_spec *u, struct bw_error *e)
{
	const char *path = u->sa.sun_path;
	struct stat st;
	int fd, rc;

	if (lstat(path, &st) < 0) {
		return errno == ENOENT
			   ? BW_OK
			   : failed(e, BW_ERR_IO, path, strerror(errno));
	}
	if (!S_ISSOCK(st.st_mode)) {
		errno = 0;
		return failed(e, BW_ERR_IO, path, "exists and is not a socket");
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return failed(e, BW_ERR_IO, path, strerror(errno));
	rc = connect(fd, (const struct sockaddr *)&u->sa, sizeof(u->sa));
	if (rc < 0)
		rc = errno;
	close(fd);
	if (rc != ECONNREFUSED) {
		errno = rc;
		return failed(
		    e, BW_ERR_BUSY, path, "another process listens there");
	}
	if (unlink(path) < 0 && errno != ENOENT)
		return failed(e, BW_ERR_IO, path, strerror(errno));
	return BW_OK;
}

static enum bw_err
bind_unix(struct listener *l, const struct unix_spec *u, struct bw_error *e)
{
	const char *path = u->sa.sun_path;
	mode_t before = umask(~u->mode & 0777);
	int rc = bind(l->fd, (const struct sockaddr *)&u->sa, sizeof(u->sa));
	struct stat st;

	umask(before);
	if (rc < 0 || lstat(path, &st) < 0)
		return failed(e, BW_ERR_IO, path, strerror(errno));
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	if (u->has_group && lchown(path, (uid_t)-1, u->group) < 0)
		return failed(e, BW_ERR_IO, path, strerror(errno));
	if (listen(l->fd, LISTEN_BACKLOG) < 0)
		return failed(e, BW_ERR_IO, path, strerror(errno));
	return BW_OK;
}

/* Attempts to lock a folder, and milliseconds between two of them. */
#define LOCK_TRIES 150
#define LOCK_PAUSE 20

/*
 * Two processes that start at the same time must not take each other's socket
 * for an old one, so they lock the folder during bind(). Any process that may
 * read the folder can hold the lock forever, and some file systems have no
 * locks, so finally continue without it.
 */
static int
lock_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; fd >= 0 && i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 ||
		    (errno != EWOULDBLOCK && errno != EINTR))
			break;
		nanosleep(&(struct timespec){0, LOCK_PAUSE * 1000000L}, NULL);
	}
	return fd;
}

static enum bw_err
listen_unix(struct listener *l, const char *s, struct bw_error *e)
{
	struct unix_spec u;
	enum bw_err err = parse_unix(&u, s, e);
	int lock;

	if (err != BW_OK)
		return err;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return failed(e, BW_ERR_IO, s, strerror(errno));
	lock = lock_folder(u.sa.sun_path);
	l->path = strdup(u.sa.sun_path);
	if (l->path == NULL)
		err = failed(e, BW_ERR_NOMEM, s, "out of memory");
	if (err == BW_OK)
		err = remove_stale(&u, e);
	if (err == BW_OK)
		err = bind_unix(l, &u, e);
	if (lock >= 0)
		close(lock);
	return err;
}

/* getaddrinfo() accepts 99999 and takes it for 34463. */
static bool
is_port(const char *s)
{
	unsigned v = 0;

	if (*s == '\0')
		return false;
	for (; *s >= '0' && *s <= '9' && v <= 65535; s++)
		v = v * 10 + (unsigned)(*s - '0');
	return *s == '\0' && v <= 65535;
}

/* Split "host:port" or "[::1]:port"; false: neither. */
static bool
split_host(const char *spec, char host[NI_MAXHOST], const char **port)
{
	const char *colon = strrchr(spec, ':');
	size_t n;

	if (colon == NULL || !is_port(colon + 1))
		return false;
	n = (size_t)(colon - spec);
	if (n >= 2 && spec[0] == '[' && spec[n - 1] == ']') {
		spec++;
		n -= 2;
	} else if (memchr(spec, ':', n) != NULL) {
		return false;
	}
	if (n == 0 || n >= NI_MAXHOST)
		return false;
	memcpy(host, spec, n);
	host[n] = '\0';
	*port = colon + 1;
	return true;
}

static enum bw_err
bind_inet(struct listener *l, const struct addrinfo *ai, const char *spec,
    struct bw_error *e)
{
	int on = 1;

	l->fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return failed(e, BW_ERR_IO, spec, strerror(errno));
	setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (ai->ai_family == AF_INET6)
		setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(l->fd, ai->ai_addr, ai->ai_addrlen) < 0 ||
	    listen(l->fd, LISTEN_BACKLOG) < 0) {
		enum bw_err code =
		    errno == EADDRINUSE ? BW_ERR_BUSY : BW_ERR_IO;

		return failed(e, code, spec, strerror(errno));
	}
	return BW_OK;
}

static enum bw_err
listen_inet(struct listener *l, const char *spec, struct bw_error *e)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *ai = NULL;
	char host[NI_MAXHOST];
	const char *port;
	enum bw_err err;
	int rc;

	if (!split_host(spec, host, &port)) {
		return failed(
		    e, BW_ERR_USAGE, spec, "expected unix:PATH or HOST:PORT");
	}
	rc = getaddrinfo(host, port, &hints, &ai);
	if (rc != 0)
		return failed(e, BW_ERR_USAGE, spec, gai_strerror(rc));
	err = bind_inet(l, ai, spec, e);
	freeaddrinfo(ai);
	return err;
}

enum bw_err
listen_own(struct listener *l, const char *spec, struct bw_error *e)
{
	enum bw_err err;

	errno = 0;
	if (strncmp(spec, "unix:", 5) == 0)
		err = listen_unix(l, spec + 5, e);
	else
		err = listen_inet(l, spec, e);
	if (err != BW_OK && l->fd >= 0) {
		listen_own_unlink(l);
		close(l->fd);
		l->fd = -1;
	}
	return err;
}

void
listen_own_unlink(struct listener *l)
{
	struct stat st;

	if (l->path == NULL)
		return;
	if (lstat(l->path, &st) == 0 && st.st_dev == l->dev &&
	    st.st_ino == l->ino)
		unlink(l->path);
	free(l->path);
	l->path = NULL;
}
