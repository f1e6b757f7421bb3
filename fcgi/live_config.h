#ifndef BWF_LIVE_CONFIG_H
#define BWF_LIVE_CONFIG_H

#include <pthread.h>

#include <bwcallback/config.h>

/* A configuration and the workers that use it. */
struct site_config {
	struct bw_config *config;
	size_t users;
	struct site_config *next;
};

/*
 * The configuration that is in force. A reload swaps it in one step; a file
 * that does not load leaves the old one in force. A thread of its own loads
 * the new one, and frees the old one after its last request: both may take
 * long, when a disk is slow or a program is still running, and neither the
 * workers nor the main thread, which looks after them, wait for that.
 */
struct site {
	const char *file;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	struct site_config *now;
	struct site_config *old; /* a list */
	bool reload;		 /* was asked for */
	bool ends;
	bool started; /* the thread was */
	pthread_t thread;
};

/* Load a file and put what it says in force; findings go to the log. */
enum bw_err
site_init(struct site *, const char *file, struct bw_error *) BW_CHECK;
/* Begin to load the file again. The log says how it ended. */
void site_reload(struct site *);
/* Waits for a reload that is under way. No configuration may be in use. */
void site_free(struct site *);

/* What is in force; give it back after the request. */
struct site_config *site_take(struct site *);
void site_give_back(struct site *, struct site_config *);

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
