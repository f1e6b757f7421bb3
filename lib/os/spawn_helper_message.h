#ifndef BWI_OS_SPAWN_HELPER_MESSAGE_H
#define BWI_OS_SPAWN_HELPER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/export.h>

/*
 * What is said between a process and its helper, see spawn_helper.h: a request
 * is one message of a SOCK_SEQPACKET socket, with descriptors. Replies come
 * through the pipe that is the first of these, and end when it is closed.
 */

/* The most bytes of arguments and environment: the kernel takes no more. */
#define BWI_HELPER_MAX_STRINGS ((size_t)6 * 1024 * 1024)

/* Places of the descriptors in a request. */
enum {
	BWI_HELPER_REPLY,
	BWI_HELPER_SOCKET,			/* of the new helper */
	BWI_HELPER_FORK_FDS,			/* their number */
	BWI_HELPER_STRINGS = BWI_HELPER_SOCKET, /* a memory file */
	BWI_HELPER_IN,
	BWI_HELPER_OUT,
	BWI_HELPER_SPAWN_FDS, /* their number without ERR */
	BWI_HELPER_ERR = BWI_HELPER_SPAWN_FDS,
	BWI_HELPER_MAX_FDS
};

struct bwi_helper_request {
	enum {
		BWI_HELPER_SPAWN, /* start a program */
		BWI_HELPER_FORK	  /* make another helper */
	} kind;
	int search;    /* look for the program in PATH */
	uint32_t argc; /* strings that are arguments, each with its NUL */
	uint32_t envc; /* and those of the environment after them */
	uint64_t size; /* bytes of all */
};

/* First with sys 0 by the new process; then, if it fails, with the reason. */
struct bwi_helper_reply {
	int32_t pid; /* 0: there is none */
	int32_t sys;
};

/*
 * Send a request. Returns 0 or an error number: EPIPE when the helper has
 * ended, ETIMEDOUT. The deadline is CLOCK_MONOTONIC in nanoseconds.
 */
int bwi_helper_send(int socket, const struct bwi_helper_request *,
    const int *fds, size_t nfds, int64_t deadline) BW_CHECK;
/*
 * Wait for a request. Returns 1, 0 when the other side has closed the socket,
 * or -1 when what came is no request: its descriptors are in fds all the same.
 */
int bwi_helper_receive(int socket, struct bwi_helper_request *,
    int fds[BWI_HELPER_MAX_FDS], size_t *nfds) BW_CHECK;
/* Poll for events. false: not until the deadline. */
bool bwi_helper_poll(int fd, short events, int64_t deadline) BW_CHECK;

#endif
