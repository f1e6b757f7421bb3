#ifndef BWF_OPTIONS_H
#define BWF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Threads; more would wait for each other. */
#define OPTIONS_MAX_WORKERS 256

/* More sockets than anybody listens on. */
#define OPTIONS_MAX_LISTEN 16

struct options {
	const char *config; /* NULL: see place.h */
	const char *check;  /* NULL: serve */
	const char *log;    /* NULL: standard error */
	const char *listen[OPTIONS_MAX_LISTEN];
	size_t listen_n;
	unsigned workers;
	unsigned receive_timeout; /* seconds */
	unsigned drain_timeout;	  /* seconds */
};

/*
 * -1: go on. Otherwise the program ends with this exit code, everything there
 * was to say having been said.
 */
int options_parse(struct options *, int argc, char **argv);

#endif
