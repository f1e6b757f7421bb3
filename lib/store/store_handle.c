#include "store/store_handle.h"

#include <pthread.h>
#include <string.h>

#include <bwcallback/tools/store.h>

#include "base/alloc.h"
#include "store/spooler.h"
#include "store/store.h"
#include "store/writer.h"

struct bwi_store_handle {
	struct bwi_store_handle *next;
	size_t references;
	char *url;
	char *spool_path; /* NULL: this kind has no spool */
	struct bwi_spool *spool;
	struct bwi_spooler *spooler;
	atomic_uint parked;
	pthread_mutex_t mutex; /* protects these; never held during I/O */
	struct bw_store *store;
	bool retains_keys;
	int64_t compacted;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct bwi_store_handle *handles;

static void
free_handle(struct bwi_store_handle *h)
{
	bw_store_free(h->store);
	bwi_spooler_free(h->spooler);
	bwi_spool_free(h->spool);
	(void)pthread_mutex_destroy(&h->mutex);
	bwi_free(h->spool_path);
	bwi_free(h->url);
	bwi_free(h);
}

static bool
set_spool(struct bwi_store_handle *h)
{
	struct bw_error unused = {0};

	if (bwi_store_spool_path(h->url, &h->spool_path, &unused) ==
	    BW_ERR_NOMEM)
		return false;
	if (h->spool_path == NULL)
		return true; /* attaching reports the error */
	if (bwi_spool_open(h->spool_path, BWI_SPOOL_MAX, &h->spool) != BW_OK)
		return false;
	h->spooler = bwi_spooler_new(h->spool);
	return h->spooler != NULL;
}

static struct bwi_store_handle *
new_handle(const char *url)
{
	struct bwi_store_handle *h = bwi_calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	(void)pthread_mutex_init(&h->mutex, NULL);
	h->references = 1;
	h->url = bwi_strndup(url, strlen(url));
	if (h->url == NULL || !set_spool(h)) {
		free_handle(h);
		return NULL;
	}
	return h;
}

struct bwi_store_handle *
bwi_store_handle_alone(const char *url)
{
	return new_handle(url);
}

struct bwi_store_handle *
bwi_store_handle_get(const char *url)
{
	struct bwi_store_handle *h;

	(void)pthread_mutex_lock(&lock);
	h = handles;
	while (h != NULL && strcmp(h->url, url) != 0)
		h = h->next;
	if (h != NULL) {
		h->references++;
	} else {
		h = new_handle(url);
		if (h != NULL) {
			h->next = handles;
			handles = h;
			bwi_writer_expect(true);
		}
	}
	(void)pthread_mutex_unlock(&lock);
	return h;
}

void
bwi_store_handle_unref(struct bwi_store_handle *h)
{
	struct bwi_store_handle **at = &handles;
	bool last;

	if (h == NULL)
		return;
	(void)pthread_mutex_lock(&lock);
	last = --h->references == 0;
	if (last) {
		while (*at != NULL && *at != h)
			at = &(*at)->next;
		if (*at == h) {
			*at = h->next;
			bwi_writer_expect(false);
		}
	}
	(void)pthread_mutex_unlock(&lock);
	if (last)
		free_handle(h);
}

void
bwi_store_handle_retain_keys(struct bwi_store_handle *h, bool retain)
{
	(void)pthread_mutex_lock(&h->mutex);
	h->retains_keys = retain;
	if (h->store != NULL)
		bwi_store_retain_keys(h->store, retain);
	(void)pthread_mutex_unlock(&h->mutex);
}

void
bwi_store_handle_compact(struct bwi_store_handle *h, int64_t age)
{
	(void)pthread_mutex_lock(&h->mutex);
	h->compacted = age;
	if (h->store != NULL)
		bwi_store_compact(h->store, age);
	(void)pthread_mutex_unlock(&h->mutex);
}

const char *
bwi_store_handle_url(const struct bwi_store_handle *h)
{
	return h->url;
}

static enum bw_err
attach(struct bwi_store_handle *h, struct bw_error *e)
{
	struct bw_store *s = NULL;
	enum bw_err err = bwi_store_attach(h->url, &s, e);

	if (err == BW_OK && h->spool_path != NULL)
		err = bw_store_set_spool(s, h->spool_path, e);
	if (err != BW_OK) {
		bw_store_free(s);
		return err;
	}
	bwi_store_retain_keys(s, h->retains_keys);
	bwi_store_compact(s, h->compacted);
	s->spooler = h->spooler;
	h->store = s;
	return BW_OK;
}

enum bw_err
bwi_store_handle_store(
    struct bwi_store_handle *h, struct bw_store **out, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	(void)pthread_mutex_lock(&h->mutex);
	if (h->store == NULL)
		err = attach(h, e);
	*out = h->store;
	(void)pthread_mutex_unlock(&h->mutex);
	return err;
}

void
bwi_store_handle_start(struct bwi_store_handle *h)
{
	struct bw_store *s = NULL;

	if (bwi_store_handle_store(h, &s, NULL) == BW_OK &&
	    s->ops->start != NULL)
		s->ops->start(s);
}

void
bwi_store_handle_count_parked(struct bwi_store_handle *h, bool more)
{
	if (more)
		(void)atomic_fetch_add(&h->parked, 1);
	else
		(void)atomic_fetch_sub(&h->parked, 1);
}

unsigned
bwi_store_handle_parked(const struct bwi_store_handle *h)
{
	return atomic_load(&h->parked);
}

int64_t
bwi_store_handle_spooled(const struct bwi_store_handle *h)
{
	return h->spool != NULL ? bwi_spool_size(h->spool) : 0;
}

void
bwi_store_handle_files(
    const struct bwi_store_handle *h, struct bwi_store_files *f)
{
	bwi_store_files_look(h->url, h->spool_path, f);
}

bool
bwi_store_handle_lacks_standby(struct bwi_store_handle *h, int64_t deadline)
{
	struct bw_error unused = {0};
	struct bw_store *s = NULL;

	return bwi_store_handle_store(h, &s, &unused) == BW_OK &&
	       s->ops->lacks_standby != NULL &&
	       s->ops->lacks_standby(s, deadline);
}

enum bw_err
bw_store_spooled(const char *url, uint64_t *bytes, struct bw_error *e)
{
	struct bwi_store_handle *h = bwi_store_handle_alone(url);

	*bytes = 0;
	if (h == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "spool: out of memory");
	*bytes = (uint64_t)bwi_store_handle_spooled(h);
	bwi_store_handle_unref(h);
	return BW_OK;
}

enum bw_err
bwi_store_handle_spool(struct bwi_store_handle *h,
    const struct bw_store_event *events, size_t n, int64_t deadline,
    struct bw_store_write **out, struct bw_error *e)
{
	*out = NULL;
	if (h->spooler == NULL) {
		return bw_error_set(
		    e, BW_ERR_UNSUPPORTED, 0, "store: this kind has no spool");
	}
	return bwi_spooler_append(h->spooler, events, n, deadline, out, e);
}
