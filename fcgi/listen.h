#ifndef BWF_LISTEN_H
#define BWF_LISTEN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include <bwcallback/error.h>

#include "options.h"

/* As many inherited ones (LISTEN_FDS) as own ones. */
#define LISTEN_MAX OPTIONS_MAX_LISTEN

/* A full queue is an immediate 502 from nginx on a unix socket. */
#define LISTEN_BACKLOG 1024

/* A socket that connections come from. */
struct listener {
	int fd;
	bool tcp;
	bool own;   /* opened here, not inherited */
	char *path; /* of an own unix socket, to remove at the end */
	dev_t dev;  /* what path was when it was made */
	ino_t ino;
	atomic_bool paused; /* no descriptors left: not watched for a while */
};

struct listeners {
	struct listener at[LISTEN_MAX];
	size_t n;
};

/* Is this descriptor a socket that listens? */
bool listen_is_socket(int fd);

/*
 * The sockets of --listen, else of LISTEN_FDS, else descriptor 0 if it is one.
 * n is 0 when there is none. All are non-blocking and close on exec. A unix
 * socket that nobody listens on any more is replaced, one that somebody does
 * never is. BW_ERR_USAGE, BW_ERR_IO.
 */
enum bw_err listeners_open(
    struct listeners *, const struct options *, struct bw_error *) BW_CHECK;
/* Take no more connections; own unix sockets disappear from the file system. */
void listeners_unlink(struct listeners *);
void listeners_shutdown(struct listeners *);
void listeners_close(struct listeners *);

/* "unix:/run/x" or "127.0.0.1:9000", for the log. */
void listener_name(const struct listener *, char *out, size_t n);

#endif
