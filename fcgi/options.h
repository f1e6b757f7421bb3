#ifndef BWF_OPTIONS_H
#define BWF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "log_line.h"

/* Maximum number of --listen and of --writable. */
#define OPTIONS_MAX_LISTEN   16
#define OPTIONS_MAX_WRITABLE 16

enum options_confine {
	OPTIONS_CONFINE_TRY, /* if it can be had */
	OPTIONS_CONFINE_YES,
	OPTIONS_CONFINE_NO
};

struct options {
	const char *config;  /* NULL: see config_path.h */
	const char *overlay; /* NULL: none */
	const char *check;   /* NULL: serve */
	const char *log;     /* NULL: standard error */
	enum log_format log_format;
	const char *listen[OPTIONS_MAX_LISTEN];
	size_t listen_n;
	enum options_confine confine;
	const char *writable[OPTIONS_MAX_WRITABLE];
	size_t writable_n; /* 0: any folder */
	unsigned workers;
	unsigned programs;
	unsigned receive_timeout; /* seconds */
	unsigned drain_timeout;	  /* seconds */
};

/* -1: continue. Otherwise the exit code; everything has been printed. */
int options_parse(struct options *, int argc, char **argv);

#endif
