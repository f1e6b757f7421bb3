#include <config.h>

#include "os/file_watch.h"

#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "os/file.h"

#define SECOND 1000000000

/*
 * A few milliseconds late does not matter, and this clock needs no system call.
 */
static int64_t
now(void)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

enum bw_err
bwi_file_watch_init(
    struct bwi_file_watch *w, const char *path, struct bw_error *e)
{
	*w = (struct bwi_file_watch){.path = bwi_strndup(path, strlen(path))};
	if (w->path == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", path);
	atomic_init(&w->next, now() + SECOND);
	atomic_init(&w->has_warning, false);
	return BW_OK;
}

void
bwi_file_watch_free(struct bwi_file_watch *w)
{
	bwi_free(w->path);
	w->path = NULL;
}

bool
bwi_file_watch_due(struct bwi_file_watch *w)
{
	int64_t next = atomic_load_explicit(&w->next, memory_order_relaxed);
	int64_t t = now();

	return t >= next &&
	       atomic_compare_exchange_strong(&w->next, &next, t + SECOND);
}

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* ctime too: a new owner or mode may make the file readable. */
static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size && same_time(a->st_mtim, b->st_mtim) &&
	       same_time(a->st_ctim, b->st_ctim);
}

bool
bwi_file_watch_changed(const struct bwi_file_watch *w)
{
	struct stat st;

	if (!w->known || stat(w->path, &st) != 0)
		return true;
	return !same_file(&st, &w->seen);
}

enum bw_err
bwi_file_watch_read(struct bwi_file_watch *w, size_t max, char **text,
    size_t *n, struct bw_error *e)
{
	enum bw_err err = bwi_file_load(w->path, max, text, n, &w->seen, e);

	w->known = w->seen.st_mode != 0;
	if (err != BW_OK)
		return err;
	if ((w->seen.st_mode & S_IWOTH) != 0) {
		bwi_free(*text);
		return bw_error_set(e, BW_ERR_CONFIG, 0,
		    "%s: writable for everybody: run \"chmod o-w\" on it",
		    w->path);
	}
	return BW_OK;
}

void
bwi_file_watch_failed(struct bwi_file_watch *w, const struct bw_error *e)
{
	if (e->code == BW_ERR_NOMEM || e->code == BW_ERR_IO)
		w->known = false;
	if (strcmp(e->msg, w->warning.msg) == 0)
		return;
	w->warning = *e;
	atomic_store(&w->has_warning, true);
}

enum bw_err
bwi_file_watch_request_error(enum bw_err err)
{
	return bw_err_status(err) < 500 ? BW_ERR_CONFIG : err;
}

void
bwi_file_watch_succeeded(struct bwi_file_watch *w)
{
	w->warning = (struct bw_error){0};
	atomic_store(&w->has_warning, false);
}

bool
bwi_file_watch_take_warning(struct bwi_file_watch *w, struct bw_error *e)
{
	if (!atomic_exchange(&w->has_warning, false))
		return false;
	*e = w->warning;
	return true;
}
