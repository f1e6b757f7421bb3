#include <config.h>

#include "os/file_reload.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "os/file_watch.h"
#include "os/thread.h"

struct bwi_snapshot {
	atomic_int references;
	const struct bwi_file_reload_kind *kind;
	void *content;
};

struct bwi_file_reload {
	const struct bwi_file_reload_kind *kind;
	unsigned arg;
	struct bwi_file_watch watch;
	atomic_bool loading;
	bool started; /* thread was started and must be joined */
	pthread_t thread;
	pthread_mutex_t lock;	  /* protects the members below */
	struct bwi_snapshot *now; /* NULL: the file is invalid */
	struct bw_error error;	  /* why it is invalid */
};

const void *
bwi_snapshot_content(const struct bwi_snapshot *d)
{
	return d->content;
}

void
bwi_snapshot_release(struct bwi_snapshot *d)
{
	if (d == NULL || atomic_fetch_sub(&d->references, 1) != 1)
		return;
	if (d->content != NULL)
		d->kind->free(d->content);
	bwi_free(d);
}

static enum bw_err
read_file(
    struct bwi_file_reload *r, struct bwi_snapshot **out, struct bw_error *e)
{
	struct bwi_snapshot *d = bwi_calloc(1, sizeof(*d));
	char *text = NULL;
	size_t n = 0;
	enum bw_err err;

	if (d == NULL) {
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", r->watch.path);
	}
	atomic_init(&d->references, 1);
	d->kind = r->kind;
	err = bwi_file_watch_read(&r->watch, r->kind->max, &text, &n, e);
	if (err == BW_OK)
		err = r->kind->parse(
		    &d->content, r->watch.path, text, n, r->arg, e);
	if (err != BW_OK) {
		bwi_snapshot_release(d);
		return err;
	}
	*out = d;
	return BW_OK;
}

static void
publish(
    struct bwi_file_reload *r, struct bwi_snapshot *d, const struct bw_error *e)
{
	struct bwi_snapshot *old;

	(void)pthread_mutex_lock(&r->lock);
	old = r->now;
	r->now = d;
	r->error = *e;
	if (d != NULL)
		bwi_file_watch_succeeded(&r->watch);
	else
		bwi_file_watch_failed(&r->watch, e);
	(void)pthread_mutex_unlock(&r->lock);
	bwi_snapshot_release(old);
}

static void *
load_thread(void *arg)
{
	struct bwi_file_reload *r = arg;
	struct bwi_snapshot *d = NULL;
	struct bw_error e = {0};

	(void)read_file(r, &d, &e);
	publish(r, d, &e);
	atomic_store(&r->loading, false);
	return NULL;
}

/* One thread at a time calls it: the one that set loading. */
static void
start_loading(struct bwi_file_reload *r)
{
	struct bw_error e = {0};
	int rc;

	if (r->started)
		(void)pthread_join(r->thread, NULL);
	rc = bwi_thread_start(&r->thread, load_thread, r);
	r->started = rc == 0;
	if (r->started)
		return;
	(void)bw_error_set(&e, BW_ERR_NOMEM, rc,
	    "%s: cannot start a thread to read it: %s", r->watch.path,
	    strerror(rc));
	publish(r, NULL, &e);
	atomic_store(&r->loading, false);
}

static void
reload_if_changed(struct bwi_file_reload *r)
{
	if (!bwi_file_watch_due(&r->watch) ||
	    atomic_exchange(&r->loading, true))
		return;
	if (bwi_file_watch_changed(&r->watch))
		start_loading(r);
	else
		atomic_store(&r->loading, false);
}

enum bw_err
bwi_file_reload_open(struct bwi_file_reload **out, const char *file,
    const struct bwi_file_reload_kind *kind, unsigned arg, struct bw_error *e)
{
	struct bwi_file_reload *r = bwi_calloc(1, sizeof(*r));
	enum bw_err err;

	if (r == NULL) {
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	}
	r->kind = kind;
	r->arg = arg;
	atomic_init(&r->loading, false);
	(void)pthread_mutex_init(&r->lock, NULL);
	err = bwi_file_watch_init(&r->watch, file, e);
	if (err == BW_OK)
		err = read_file(r, &r->now, e);
	if (err != BW_OK) {
		bwi_file_reload_free(r);
		return err;
	}
	*out = r;
	return BW_OK;
}

void
bwi_file_reload_free(struct bwi_file_reload *r)
{
	if (r == NULL)
		return;
	if (r->started)
		(void)pthread_join(r->thread, NULL);
	bwi_snapshot_release(r->now);
	bwi_file_watch_free(&r->watch);
	(void)pthread_mutex_destroy(&r->lock);
	bwi_free(r);
}

bool
bwi_file_reload_take_warning(struct bwi_file_reload *r, struct bw_error *e)
{
	bool found;

	/* Checked after every request: avoid the lock. */
	if (!atomic_load_explicit(&r->watch.has_warning, memory_order_relaxed))
		return false;
	(void)pthread_mutex_lock(&r->lock);
	found = bwi_file_watch_take_warning(&r->watch, e);
	(void)pthread_mutex_unlock(&r->lock);
	return found;
}

enum bw_err
bwi_file_reload_acquire(
    struct bwi_file_reload *r, struct bwi_snapshot **out, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	reload_if_changed(r);
	(void)pthread_mutex_lock(&r->lock);
	*out = r->now;
	if (r->now != NULL)
		atomic_fetch_add(&r->now->references, 1);
	else
		err =
		    bw_error_set(e, bwi_file_watch_request_error(r->error.code),
			r->error.sys, "%s", r->error.msg);
	(void)pthread_mutex_unlock(&r->lock);
	return err;
}
