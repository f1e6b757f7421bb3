#ifndef BWC_DOCTOR_SOCKET_H
#define BWC_DOCTOR_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

/* State of a responder's socket. */
enum socket_state {
	SOCKET_ANSWERS,
	SOCKET_IS_SILENT,  /* connected, but no usable answer */
	SOCKET_IS_FULL,	   /* its queue is full */
	SOCKET_IS_DEAD,	   /* no process listens */
	SOCKET_IS_NOT_OURS /* we have no permission to connect */
};

/*
 * Send a request for a path over FastCGI, without credentials, as a web server
 * would. address: a path, or "host:port". *pid: the listening process; 0 if
 * unknown. why: what was received instead of an answer.
 */
enum socket_state doctor_socket_ask(
    const char *address, const char *path, pid_t *pid, char *why, size_t size);

#endif
