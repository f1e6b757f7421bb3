#ifndef BWF_OPTIONS_H
#define BWF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Maximum number of threads; more would only contend. */
#define OPTIONS_MAX_WORKERS 256

/* Maximum number of --listen. */
#define OPTIONS_MAX_LISTEN 16

struct options {
	const char *config; /* NULL: see config_path.h */
	const char *check;  /* NULL: serve */
	const char *log;    /* NULL: standard error */
	const char *listen[OPTIONS_MAX_LISTEN];
	size_t listen_n;
	unsigned workers;
	unsigned receive_timeout; /* seconds */
	unsigned drain_timeout;	  /* seconds */
};

/* -1: continue. Otherwise the exit code; everything has been printed. */
int options_parse(struct options *, int argc, char **argv);

#endif
