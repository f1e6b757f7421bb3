#include <config.h>

#include "subscribers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <bwcallback/limits.h>

#include "alloc.h"
#include "register.h"
#include "roster.h"
#include "watch.h"

/* The file as it was once, and who is reading in it. */
struct bwi_generation {
	atomic_int references;
	struct bwi_roster *roster;
};

struct bwi_subscribers {
	unsigned require;
	struct bwi_register *sql; /* NULL: it is a file */

	struct bwi_watch watch;
	atomic_bool loading;
	bool started; /* the thread was, and must be joined */
	pthread_t thread;
	pthread_mutex_t lock;	    /* of what follows */
	struct bwi_generation *now; /* NULL: the file is of no use */
	struct bw_error error;	    /* why */
};

static void
unref(struct bwi_generation *g)
{
	if (g == NULL || atomic_fetch_sub(&g->references, 1) != 1)
		return;
	bwi_roster_free(g->roster);
	bwi_free(g);
}

static enum bw_err
read_file(
    struct bwi_subscribers *s, struct bwi_generation **out, struct bw_error *e)
{
	struct bwi_generation *g = bwi_calloc(1, sizeof(*g));
	char *text = NULL;
	size_t n = 0;
	enum bw_err err;

	if (g == NULL) {
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", s->watch.path);
	}
	atomic_init(&g->references, 1);
	err = bwi_watch_read(&s->watch, BW_MAX_SUBSCRIBERS, &text, &n, e);
	if (err == BW_OK)
		err = bwi_roster_parse_take(
		    &g->roster, s->watch.path, text, n, s->require, e);
	if (err != BW_OK) {
		unref(g);
		return err;
	}
	*out = g;
	return BW_OK;
}

static void
put(struct bwi_subscribers *s, struct bwi_generation *g,
    const struct bw_error *e)
{
	struct bwi_generation *old;

	(void)pthread_mutex_lock(&s->lock);
	old = s->now;
	s->now = g;
	s->error = *e;
	if (g != NULL)
		bwi_watch_succeeded(&s->watch);
	else
		bwi_watch_failed(&s->watch, e);
	(void)pthread_mutex_unlock(&s->lock);
	unref(old);
}

static void *
load(void *arg)
{
	struct bwi_subscribers *s = arg;
	struct bwi_generation *g = NULL;
	struct bw_error e = {0};

	(void)read_file(s, &g, &e);
	put(s, g, &e);
	atomic_store(&s->loading, false);
	return NULL;
}

/* Called by one thread at a time: whoever set loading. */
static void
start_loading(struct bwi_subscribers *s)
{
	struct bw_error e = {0};
	int rc;

	if (s->started)
		(void)pthread_join(s->thread, NULL);
	rc = pthread_create(&s->thread, NULL, load, s);
	s->started = rc == 0;
	if (s->started)
		return;
	(void)bw_error_set(&e, BW_ERR_NOMEM, rc, "%s: no thread to read it: %s",
	    s->watch.path, strerror(rc));
	put(s, NULL, &e);
	atomic_store(&s->loading, false);
}

static void
look(struct bwi_subscribers *s)
{
	if (!bwi_watch_due(&s->watch) || atomic_exchange(&s->loading, true))
		return;
	if (bwi_watch_changed(&s->watch))
		start_loading(s);
	else
		atomic_store(&s->loading, false);
}

static struct bwi_subscribers *
new_subscribers(const char *file, unsigned require, struct bw_error *e)
{
	struct bwi_subscribers *s = bwi_calloc(1, sizeof(*s));

	if (s == NULL) {
		(void)bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
		return NULL;
	}
	s->require = require;
	atomic_init(&s->loading, false);
	(void)pthread_mutex_init(&s->lock, NULL);
	return s;
}

enum bw_err
bwi_subscribers_open_file(struct bwi_subscribers **out, const char *file,
    unsigned require, struct bw_error *e)
{
	struct bwi_subscribers *s = new_subscribers(file, require, e);
	enum bw_err err;

	if (s == NULL)
		return BW_ERR_NOMEM;
	err = bwi_watch_init(&s->watch, file, e);
	if (err == BW_OK)
		err = read_file(s, &s->now, e);
	if (err != BW_OK) {
		bwi_subscribers_free(s);
		return err;
	}
	*out = s;
	return BW_OK;
}

enum bw_err
bwi_subscribers_open_sql(struct bwi_subscribers **out, const char *file,
    const char *query, unsigned require, struct bw_error *e)
{
	struct bwi_subscribers *s = new_subscribers(file, require, e);
	enum bw_err err;

	if (s == NULL)
		return BW_ERR_NOMEM;
	err = bwi_register_open(&s->sql, file, query, require, e);
	if (err != BW_OK) {
		bwi_subscribers_free(s);
		return err;
	}
	*out = s;
	return BW_OK;
}

void
bwi_subscribers_free(struct bwi_subscribers *s)
{
	if (s == NULL)
		return;
	if (s->started)
		(void)pthread_join(s->thread, NULL);
	unref(s->now);
	bwi_register_free(s->sql);
	bwi_watch_free(&s->watch);
	(void)pthread_mutex_destroy(&s->lock);
	bwi_free(s);
}

bool
bwi_subscribers_notice(struct bwi_subscribers *s, struct bw_error *e)
{
	bool found;

	if (s->sql != NULL)
		return false;
	/* It is looked at after every request. */
	if (!atomic_load_explicit(&s->watch.has_notice, memory_order_relaxed))
		return false;
	(void)pthread_mutex_lock(&s->lock);
	found = bwi_watch_take_notice(&s->watch, e);
	(void)pthread_mutex_unlock(&s->lock);
	return found;
}

enum bw_err
bwi_lookup_begin(
    struct bwi_lookup *l, struct bwi_subscribers *s, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	l->subscribers = s;
	l->generation = NULL;
	if (s->sql != NULL)
		return BW_OK;
	look(s);
	(void)pthread_mutex_lock(&s->lock);
	l->generation = s->now;
	if (s->now != NULL)
		atomic_fetch_add(&s->now->references, 1);
	else
		err = bw_error_set(
		    e, s->error.code, s->error.sys, "%s", s->error.msg);
	(void)pthread_mutex_unlock(&s->lock);
	return err;
}

enum bw_err
bwi_lookup_find(struct bwi_lookup *l, uint64_t number, bool *found,
    struct bwi_subscriber *out, struct bw_error *e)
{
	enum bw_err err;

	if (l->subscribers->sql != NULL)
		return bwi_register_find(l->subscribers->sql, number, l->arena,
		    l->deadline, found, out, e);
	err = bwi_roster_find(
	    l->generation->roster, number, l->arena, found, out);
	if (err != BW_OK)
		(void)bw_error_set(
		    e, err, 0, "subscribers: %s", bw_strerror(err));
	return err;
}

void
bwi_lookup_end(struct bwi_lookup *l)
{
	unref(l->generation);
	l->generation = NULL;
}
