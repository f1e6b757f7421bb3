#ifndef BWF_LIVE_CONFIG_H
#define BWF_LIVE_CONFIG_H

#include <pthread.h>

#include <bwcallback/config.h>

/* A loaded configuration and the number of workers that use it. */
struct live_config_version {
	struct bw_config *config;
	size_t users;
	struct live_config_version *next;
};

/*
 * The configuration in use. A reload replaces it in one step; a file that does
 * not load leaves the old one in use. A separate thread loads the new one and
 * frees the old one after its last request. Both may take long, if a disk is
 * slow or a program is still running; neither the workers nor the main thread
 * wait for that.
 */
struct live_config {
	const char *file;
	pthread_mutex_t lock; /* protects the members below */
	pthread_cond_t changed;
	struct live_config_version *now;
	struct live_config_version *old; /* linked list */
	bool reload;			 /* a reload is requested */
	bool ends;
	bool started; /* the thread is running */
	pthread_t thread;
};

/* Load a file and use it; findings go to the log. */
enum bw_err live_config_init(
    struct live_config *, const char *file, struct bw_error *) BW_CHECK;
/* Begin to reload the file. The result goes to the log. */
void live_config_reload(struct live_config *);
/* Waits for a running reload. No request may use a configuration. */
void live_config_free(struct live_config *);

/* The configuration in use; give it back after the request. */
struct live_config_version *live_config_acquire(struct live_config *);
void live_config_release(struct live_config *, struct live_config_version *);

/*
 * Load only what one request needs, for a CGI process; the caller drops the
 * reference. NULL: not loaded, *error says why; findings go to the log.
 */
struct bw_config *live_config_load_once(
    const char *file, const struct bw_request *, struct bw_error *);

/*
 * Only load a file, and print the findings to standard output, as
 * "file:line:column: error: text". Returns the exit code.
 */
int live_config_check(const char *file);

#endif
