#ifndef BWF_SITE_H
#define BWF_SITE_H

#include <pthread.h>

#include <bwcallback/config.h>

/*
 * The configuration that is in force. A reload swaps it in one step; a file
 * that does not load leaves the old one in force.
 */
struct site {
	const char *file;
	pthread_mutex_t lock;
	struct bw_config *config;
};

/* Load a file and put what it says in force; findings go to the log. */
enum bw_err
site_init(struct site *, const char *file, struct bw_error *) BW_CHECK;
enum bw_err site_reload(struct site *, struct bw_error *) BW_CHECK;
void site_free(struct site *);

/* A reference to what is in force; the caller gives it back. */
struct bw_config *site_config(struct site *);

/*
 * What one request needs, for a process that answers no other; the caller gives
 * it back. NULL: there is none, for that reason; findings go to the log.
 */
struct bw_config *
site_load_once(const char *file, const struct bw_request *, struct bw_error *);

/*
 * Only load a file, and print what is to be said of it to standard output, as
 * "file:line:column: error: text". Returns the exit code.
 */
int site_check(const char *file);

#endif
