#ifndef BWF_LISTEN_H
#define BWF_LISTEN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include <bwcallback/error.h>

#include "options.h"

/* Maximum number of sockets, inherited (LISTEN_FDS) or own. */
#define LISTEN_MAX OPTIONS_MAX_LISTEN

/* With a full queue nginx immediately answers 502 on a unix socket. */
#define LISTEN_BACKLOG 1024

/* A listening socket. */
struct listener {
	int fd;
	bool tcp;
	bool own;   /* opened here, not inherited */
	char *path; /* of an own unix socket, removed at the end */
	dev_t dev;  /* identity of the socket file */
	ino_t ino;
	atomic_bool paused; /* out of descriptors: not watched for a while */
};

struct listeners {
	struct listener at[LISTEN_MAX];
	size_t n;
};

/* Is this descriptor a listening socket? */
bool listen_is_socket(int fd);

/*
 * Open the sockets of --listen, else those of LISTEN_FDS, else descriptor 0 if
 * it is a listening socket. n is 0 if there is none. All are set non-blocking
 * and close-on-exec. An existing unix socket is replaced only if no process
 * listens on it. BW_ERR_USAGE, BW_ERR_IO.
 */
enum bw_err listeners_open(
    struct listeners *, const struct options *, struct bw_error *) BW_CHECK;
/* Stop accepting; own unix sockets are removed from the file system. */
void listeners_unlink(struct listeners *);
void listeners_shutdown(struct listeners *);
void listeners_close(struct listeners *);

/* "unix:/run/x" or "127.0.0.1:9000", for the log. */
void listener_name(const struct listener *, char *out, size_t n);

#endif
