#ifndef BWC_DOCTOR_SOCKET_H
#define BWC_DOCTOR_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

/* How a responder's socket behaves. */
enum socket_state {
	SOCKET_ANSWERS,
	SOCKET_IS_SILENT,  /* connected, and nothing usable came back */
	SOCKET_IS_FULL,	   /* its queue is */
	SOCKET_IS_DEAD,	   /* nobody listens */
	SOCKET_IS_NOT_OURS /* we ourselves may not connect */
};

/*
 * Ask for a path over FastCGI, without credentials, as a web server would.
 * address: a path, or "host:port". *pid: who listens; 0 when that is not
 * told. why: what came instead of an answer.
 */
enum socket_state doctor_socket_ask(
    const char *address, const char *path, pid_t *pid, char *why, size_t size);

#endif
