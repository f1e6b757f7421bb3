#ifndef BWF_LIVE_CONFIG_H
#define BWF_LIVE_CONFIG_H

#include <pthread.h>

#include <bwcallback/config.h>

/* A configuration and the workers that use it. */
struct live_config_config {
	struct bw_config *config;
	size_t users;
	struct live_config_config *next;
};

/*
 * The configuration that is in force. A reload swaps it in one step; a file
 * that does not load leaves the old one in force. A thread of its own loads
 * the new one, and frees the old one after its last request: both may take
 * long, when a disk is slow or a program is still running, and neither the
 * workers nor the main thread, which looks after them, wait for that.
 */
struct live_config {
	const char *file;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	struct live_config_config *now;
	struct live_config_config *old; /* a list */
	bool reload;			/* was asked for */
	bool ends;
	bool started; /* the thread was */
	pthread_t thread;
};

/* Load a file and put what it says in force; findings go to the log. */
enum bw_err live_config_init(
    struct live_config *, const char *file, struct bw_error *) BW_CHECK;
/* Begin to load the file again. The log says how it ended. */
void live_config_reload(struct live_config *);
/* Waits for a reload that is under way. No configuration may be in use. */
void live_config_free(struct live_config *);

/* What is in force; give it back after the request. */
struct live_config_config *live_config_take(struct live_config *);
void live_config_give_back(struct live_config *, struct live_config_config *);

/*
 * What one request needs, for a process that answers no other; the caller gives
 * it back. NULL: there is none, for that reason; findings go to the log.
 */
struct bw_config *live_config_load_once(
    const char *file, const struct bw_request *, struct bw_error *);

/*
 * Only load a file, and print what is to be said of it to standard output, as
 * "file:line:column: error: text". Returns the exit code.
 */
int live_config_check(const char *file);

#endif
