#include "store/store_handle.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "store/store.h"

struct bwi_store_handle {
	struct bwi_store_handle *next;
	size_t references;
	char *url;
	char *spool_path; /* NULL: this kind has no spool */
	struct bwi_spool *spool;
	pthread_mutex_t mutex; /* protects store; never held during I/O */
	struct bw_store *store;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct bwi_store_handle *handles;

static void
free_handle(struct bwi_store_handle *h)
{
	bw_store_free(h->store);
	bwi_spool_free(h->spool);
	(void)pthread_mutex_destroy(&h->mutex);
	bwi_free(h->spool_path);
	bwi_free(h->url);
	bwi_free(h);
}

/* "sqlite:/var/lib/x.db" has its spool in "/var/lib/x.db.spool". */
static bool
set_spool(struct bwi_store_handle *h)
{
	static const char scheme[] = "sqlite:";
	size_t n = sizeof(scheme) - 1, size;

	if (strncmp(h->url, scheme, n) != 0)
		return true;
	size = strlen(h->url + n) + sizeof(".spool");
	h->spool_path = bwi_alloc(size);
	if (h->spool_path == NULL)
		return false;
	(void)snprintf(h->spool_path, size, "%s.spool", h->url + n);
	return bwi_spool_open(h->spool_path, BWI_SPOOL_MAX, &h->spool) == BW_OK;
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
		if (*at == h)
			*at = h->next;
	}
	(void)pthread_mutex_unlock(&lock);
	if (last)
		free_handle(h);
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

enum bw_err
bwi_store_handle_spool(struct bwi_store_handle *h,
    const struct bw_store_event *events, size_t n, int64_t deadline,
    struct bw_error *e)
{
	int64_t left = (deadline - bw_monotonic_ns()) / 1000000;

	if (h->spool == NULL) {
		return bw_error_set(
		    e, BW_ERR_UNSUPPORTED, 0, "store: this kind has no spool");
	}
	return bwi_spool_append(h->spool, events, n, left, e);
}
