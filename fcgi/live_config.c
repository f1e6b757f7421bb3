#include "live_config.h"

#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/config.h>
#include <bwcallback/tools/operation.h>
#include <bwcallback/tools/store.h>

#include "log.h"

/* Maximum length of a finding: the name of a file and a sentence. */
#define FINDING_MAX (8 * 1024)

static void
log_finding(void *arg, const struct bw_finding *f)
{
	enum log_level level = f->severity == BW_SEVERITY_ERROR
				   ? LOG_LEVEL_ERROR
				   : LOG_LEVEL_WARNING;
	struct bw_buf line;

	(void)arg;
	bw_buf_init(&line, FINDING_MAX);
	bw_finding_write(f, &line);
	log_event(level, "config", "%.*s", (int)line.n, line.p);
	bw_buf_free(&line);
}

/*
 * The file is beside the store or the spool of a database, whose folder the
 * responder must be able to write, or else beside the configuration.
 */
static enum bw_err
set_auth_cache(struct bw_config *config, const char *file, struct bw_error *e)
{
	static const char end[] = ".verified";
	const char *store = bw_config_store(config);
	struct bw_buf path;
	enum bw_err err = BW_OK;

	bw_buf_init(&path, PATH_MAX);
	if (store != NULL)
		err = bw_store_put_local(store, &path, e);
	if (path.n == 0)
		bw_buf_puts(&path, file);
	bw_buf_add(&path, end, sizeof(end));
	if (err == BW_OK)
		err = path.err == BW_OK
			  ? bw_config_set_auth_cache(config, path.p, e)
			  : bw_error_set(
				e, path.err, 0, "%s: path too long", file);
	bw_buf_free(&path);
	return err;
}

static enum bw_err
load(const char *file, struct bw_config **config, struct bw_error *e)
{
	struct bw_reporter reporter = {.fn = log_finding};
	enum bw_err err = bw_config_load(file, config, &reporter, e);

	if (err == BW_OK) {
		err = set_auth_cache(*config, file, e);
		if (err != BW_OK)
			bw_config_unref(*config);
	}
	/* Loading frees much more memory than it leaves in use. */
	malloc_trim(0);
	return err;
}

struct bw_config *
live_config_load_once(
    const char *file, const struct bw_request *req, struct bw_error *e)
{
	struct bw_reporter reporter = {.fn = log_finding};
	struct bw_config *config = NULL;

	if (bw_config_load_for_request(file, req, &config, &reporter, e) !=
	    BW_OK)
		log_event(LOG_LEVEL_ERROR, "start", "%s", e->msg);
	else if (e->code != BW_OK)
		log_event(LOG_LEVEL_ERROR, "start",
		    "the last valid configuration decides this port-out: %s",
		    e->msg);
	return config;
}

static enum bw_err
load_config(
    struct live_config *s, struct live_config_version **out, struct bw_error *e)
{
	struct live_config_version *c = calloc(1, sizeof(*c));
	enum bw_err err;

	if (c == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "config: out of memory");
	err = load(s->file, &c->config, e);
	if (err != BW_OK) {
		free(c);
		return err;
	}
	*out = c;
	return BW_OK;
}

static void
free_config(struct live_config_version *c)
{
	bw_config_unref(c->config);
	free(c);
}

enum bw_err
live_config_init(struct live_config *s, const char *file, struct bw_error *e)
{
	enum bw_err err;

	*s = (struct live_config){.file = file};
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	bw_operation_started();
	err = load_config(s, &s->now, e);
	if (err == BW_OK)
		bw_config_start_stores(s->now->config);
	return err;
}

static void
reload(struct live_config *s)
{
	struct live_config_version *fresh = NULL;
	struct bw_error e = {0};

	if (load_config(s, &fresh, &e) != BW_OK) {
		bw_operation_reloaded(false);
		log_event(LOG_LEVEL_ERROR, "reload",
		    "the old configuration stays in force: %s", e.msg);
		return;
	}
	bw_config_start_stores(fresh->config);
	pthread_mutex_lock(&s->lock);
	s->now->next = s->old;
	s->old = s->now;
	s->now = fresh;
	pthread_mutex_unlock(&s->lock);
	bw_operation_reloaded(true);
	log_event(LOG_LEVEL_INFO, "reload", "%s is in force", s->file);
}

/* Unlink an unused old configuration; NULL: none. The lock is held. */
static struct live_config_version *
take_unused(struct live_config *s)
{
	struct live_config_version **at = &s->old, *c;

	while (*at != NULL && (*at)->users > 0)
		at = &(*at)->next;
	c = *at;
	if (c != NULL)
		*at = c->next;
	return c;
}

/*
 * Reload, or free one old configuration. False: nothing to do. The lock is
 * held.
 */
static bool
work_once(struct live_config *s)
{
	struct live_config_version *unused = s->reload ? NULL : take_unused(s);

	if (!s->reload && unused == NULL)
		return false;
	s->reload = false;
	pthread_mutex_unlock(&s->lock);
	if (unused != NULL)
		free_config(unused);
	else
		reload(s);
	pthread_mutex_lock(&s->lock);
	return true;
}

static void *
work(void *arg)
{
	struct live_config *s = arg;

	pthread_mutex_lock(&s->lock);
	while (!s->ends) {
		if (!work_once(s))
			pthread_cond_wait(&s->changed, &s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

void
live_config_reload(struct live_config *s)
{
	int rc = 0;

	pthread_mutex_lock(&s->lock);
	s->reload = true;
	if (!s->started)
		rc = pthread_create(&s->thread, NULL, work, s);
	s->started = rc == 0;
	if (!s->started)
		s->reload = false;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
	if (rc != 0)
		log_event(LOG_LEVEL_ERROR, "reload",
		    "the old configuration stays in force: cannot start a "
		    "thread: %s",
		    strerror(rc));
}

void
live_config_free(struct live_config *s)
{
	pthread_mutex_lock(&s->lock);
	s->ends = true;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
	if (s->started)
		pthread_join(s->thread, NULL);
	for (struct live_config_version *c; (c = take_unused(s)) != NULL;)
		free_config(c);
	if (s->now != NULL)
		free_config(s->now);
	s->now = NULL;
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

struct live_config_version *
live_config_acquire(struct live_config *s)
{
	struct live_config_version *c;

	pthread_mutex_lock(&s->lock);
	c = s->now;
	c->users++;
	pthread_mutex_unlock(&s->lock);
	return c;
}

void
live_config_release(struct live_config *s, struct live_config_version *c)
{
	bool unused;

	pthread_mutex_lock(&s->lock);
	unused = --c->users == 0 && c != s->now;
	pthread_mutex_unlock(&s->lock);
	if (unused)
		pthread_cond_signal(&s->changed);
}

static void
print_finding(void *arg, const struct bw_finding *f)
{
	struct bw_buf line;

	(void)arg;
	bw_buf_init(&line, FINDING_MAX);
	bw_finding_write(f, &line);
	printf("%.*s\n", (int)line.n, line.p);
	bw_buf_free(&line);
}

int
live_config_check(const char *file)
{
	struct bw_reporter reporter = {.fn = print_finding};
	struct bw_error e = {0};
	struct bw_config *config;
	enum bw_err err = bw_config_load(file, &config, &reporter, &e);

	if (err == BW_OK) {
		bw_config_unref(config);
		return 0;
	}
	/* BW_ERR_CONFIG: all findings have been printed. */
	if (err != BW_ERR_CONFIG)
		fprintf(stderr, "bwcallback.fcgi: %s\n", e.msg);
	return bw_err_exit(err);
}
