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
	char *spool_path; /* NULL: of a kind that has none */
	struct bwi_spool *spool;
	pthread_mutex_t mutex; /* of store; never held during I/O */
	struct bw_store *store;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct bwi_store_handle *keeps;

static void
free_keep(struct bwi_store_handle *k)
{
	bw_store_free(k->store);
	bwi_spool_free(k->spool);
	(void)pthread_mutex_destroy(&k->mutex);
	bwi_free(k->spool_path);
	bwi_free(k->url);
	bwi_free(k);
}

/* "sqlite:/var/lib/x.db" has its spool in "/var/lib/x.db.spool". */
static bool
set_spool(struct bwi_store_handle *k)
{
	static const char scheme[] = "sqlite:";
	size_t n = sizeof(scheme) - 1, size;

	if (strncmp(k->url, scheme, n) != 0)
		return true;
	size = strlen(k->url + n) + sizeof(".spool");
	k->spool_path = bwi_alloc(size);
	if (k->spool_path == NULL)
		return false;
	(void)snprintf(k->spool_path, size, "%s.spool", k->url + n);
	return bwi_spool_open(k->spool_path, BWI_SPOOL_MAX, &k->spool) == BW_OK;
}

static struct bwi_store_handle *
new_keep(const char *url)
{
	struct bwi_store_handle *k = bwi_calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	(void)pthread_mutex_init(&k->mutex, NULL);
	k->references = 1;
	k->url = bwi_strndup(url, strlen(url));
	if (k->url == NULL || !set_spool(k)) {
		free_keep(k);
		return NULL;
	}
	return k;
}

struct bwi_store_handle *
bwi_store_handle_alone(const char *url)
{
	return new_keep(url);
}

struct bwi_store_handle *
bwi_store_handle_get(const char *url)
{
	struct bwi_store_handle *k;

	(void)pthread_mutex_lock(&lock);
	k = keeps;
	while (k != NULL && strcmp(k->url, url) != 0)
		k = k->next;
	if (k != NULL) {
		k->references++;
	} else {
		k = new_keep(url);
		if (k != NULL) {
			k->next = keeps;
			keeps = k;
		}
	}
	(void)pthread_mutex_unlock(&lock);
	return k;
}

void
bwi_store_handle_unref(struct bwi_store_handle *k)
{
	struct bwi_store_handle **at = &keeps;
	bool last;

	if (k == NULL)
		return;
	(void)pthread_mutex_lock(&lock);
	last = --k->references == 0;
	if (last) {
		while (*at != NULL && *at != k)
			at = &(*at)->next;
		if (*at == k)
			*at = k->next;
	}
	(void)pthread_mutex_unlock(&lock);
	if (last)
		free_keep(k);
}

const char *
bwi_store_handle_url(const struct bwi_store_handle *k)
{
	return k->url;
}

static enum bw_err
attach(struct bwi_store_handle *k, struct bw_error *e)
{
	struct bw_store *s = NULL;
	enum bw_err err = bwi_store_attach(k->url, &s, e);

	if (err == BW_OK && k->spool_path != NULL)
		err = bw_store_set_spool(s, k->spool_path, e);
	if (err != BW_OK) {
		bw_store_free(s);
		return err;
	}
	k->store = s;
	return BW_OK;
}

enum bw_err
bwi_store_handle_store(
    struct bwi_store_handle *k, struct bw_store **out, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	(void)pthread_mutex_lock(&k->mutex);
	if (k->store == NULL)
		err = attach(k, e);
	*out = k->store;
	(void)pthread_mutex_unlock(&k->mutex);
	return err;
}

enum bw_err
bwi_store_handle_spool(struct bwi_store_handle *k,
    const struct bw_store_event *events, size_t n, int64_t deadline,
    struct bw_error *e)
{
	int64_t left = (deadline - bw_monotonic_ns()) / 1000000;

	if (k->spool == NULL) {
		return bw_error_set(
		    e, BW_ERR_UNSUPPORTED, 0, "store: it has no spool");
	}
	return bwi_spool_append(k->spool, events, n, left, e);
}
