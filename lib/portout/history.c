#include "portout/history.h"

#include <nettle/sha2.h>
#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "os/timed_lock.h"

#define HOUR INT64_C(3600000000000)

/* Most verdicts stored at a time. */
#define MAX_VERDICTS 512

/* Longer verdicts, of hundreds of numbers, are not stored. */
#define MAX_VERDICT 4096

struct entry {
	struct bwi_history_id request;
	uint64_t number;
	int64_t when;
	uint64_t before; /* 1 + the previous one of its bucket; 0: none */
};

struct verdict {
	struct bwi_history_id request;
	int64_t when;
	char *text; /* NULL: unused */
	size_t n;
};

struct bwi_history {
	struct bwi_history *next;
	size_t references;
	char *name;
	size_t name_len;
	pthread_mutex_t lock; /* protects the next members */
	/* The last BWI_HISTORY_MAX requests: a ring, chained by number. */
	struct entry *entries;
	uint64_t *buckets; /* 1 + the latest of the bucket; 0: none */
	uint64_t recorded; /* requests ever recorded */
	struct verdict verdicts[MAX_VERDICTS];
	size_t oldest;
	struct bwi_timed_lock reading; /* protects the next members */
	const void *store; /* the store read so far, compared only */
	uint64_t read;	   /* number of the last event read */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct bwi_history *all;

static void
free_history(struct bwi_history *a)
{
	for (size_t i = 0; i < MAX_VERDICTS; i++)
		bwi_free(a->verdicts[i].text);
	(void)pthread_mutex_destroy(&a->lock);
	bwi_timed_lock_destroy(&a->reading);
	bwi_free(a->entries);
	bwi_free(a->buckets);
	bwi_free(a->name);
	bwi_free(a);
}

void
bwi_history_identify(struct bwi_history_id *id, struct bw_str body)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, body.n, (const uint8_t *)body.p);
	sha256_digest(&ctx, sizeof(digest), digest);
	memcpy(id->words, digest, sizeof(id->words));
}

static struct bwi_history *
new_history(struct bw_str name)
{
	struct bwi_history *a = bwi_calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	(void)pthread_mutex_init(&a->lock, NULL);
	bwi_timed_lock_init(&a->reading);
	a->references = 1;
	a->name = bwi_strndup(name.p, name.n);
	a->name_len = name.n;
	a->entries = bwi_calloc(BWI_HISTORY_MAX, sizeof(*a->entries));
	a->buckets = bwi_calloc(BWI_HISTORY_MAX, sizeof(*a->buckets));
	if (a->name == NULL || a->entries == NULL || a->buckets == NULL) {
		free_history(a);
		return NULL;
	}
	a->next = all;
	all = a;
	return a;
}

struct bwi_history *
bwi_history_get(struct bw_str name)
{
	struct bwi_history *a;

	(void)pthread_mutex_lock(&lock);
	a = all;
	while (a != NULL &&
	       !bw_str_eq((struct bw_str){a->name, a->name_len}, name))
		a = a->next;
	if (a != NULL)
		a->references++;
	else
		a = new_history(name);
	(void)pthread_mutex_unlock(&lock);
	return a;
}

void
bwi_history_unref(struct bwi_history *a)
{
	struct bwi_history **at = &all;
	bool last;

	if (a == NULL)
		return;
	(void)pthread_mutex_lock(&lock);
	last = --a->references == 0;
	if (last) {
		while (*at != a)
			at = &(*at)->next;
		*at = a->next;
	}
	(void)pthread_mutex_unlock(&lock);
	if (last)
		free_history(a);
}

static bool
same_request(const struct bwi_history_id *a, const struct bwi_history_id *b)
{
	return a->words[0] == b->words[0] && a->words[1] == b->words[1];
}

static struct entry *
get_entry(const struct bwi_history *a, uint64_t serial)
{
	/* Overwritten since. */
	if (serial == 0 || a->recorded - (serial - 1) > BWI_HISTORY_MAX)
		return NULL;
	return &a->entries[(serial - 1) % BWI_HISTORY_MAX];
}

/*
 * Count the requests for a number within the hour before until, starting at an
 * entry of its bucket.
 */
static unsigned
count_from(const struct bwi_history *a, uint64_t serial, uint64_t number,
    int64_t until)
{
	const struct entry *q;
	unsigned n = 0;

	while ((q = get_entry(a, serial)) != NULL && until - q->when < HOUR) {
		n += q->number == number;
		serial = q->before;
	}
	return n;
}

unsigned
bwi_history_count(struct bwi_history *a, const struct bwi_history_id *request,
    uint64_t number, int64_t now)
{
	uint64_t *bucket =
	    &a->buckets[number * UINT64_C(0x9e3779b97f4a7c15) >> 49];
	const struct entry *q;
	uint64_t serial;
	unsigned n;

	(void)pthread_mutex_lock(&a->lock);
	serial = *bucket;
	while ((q = get_entry(a, serial)) != NULL && now - q->when < HOUR &&
	       !(q->number == number && same_request(&q->request, request)))
		serial = q->before;
	if (q != NULL && now - q->when < HOUR) {
		/* A re-delivery: count what came before the first delivery. */
		n = count_from(a, q->before, number, q->when);
	} else {
		n = count_from(a, *bucket, number, now);
		a->entries[a->recorded % BWI_HISTORY_MAX] =
		    (struct entry){*request, number, now, *bucket};
		*bucket = ++a->recorded;
	}
	(void)pthread_mutex_unlock(&a->lock);
	return n;
}

bool
bwi_history_begin_reading(struct bwi_history *a, const void *store,
    int64_t deadline, uint64_t *cursor)
{
	if (!bwi_timed_lock_acquire(&a->reading, deadline))
		return false;
	if (a->store != store)
		a->read = 0;
	a->store = store;
	*cursor = a->read;
	return true;
}

void
bwi_history_end_reading(struct bwi_history *a, uint64_t cursor)
{
	a->read = cursor;
	bwi_timed_lock_release(&a->reading);
}

static struct verdict *
find(struct bwi_history *a, const struct bwi_history_id *request, int64_t now)
{
	for (size_t i = 0; i < MAX_VERDICTS; i++) {
		struct verdict *v = &a->verdicts[i];

		if (v->text != NULL && same_request(&v->request, request) &&
		    now - v->when < HOUR)
			return v;
	}
	return NULL;
}

void
bwi_history_add(struct bwi_history *a, const struct bwi_history_id *request,
    struct bw_str verdict, int64_t now)
{
	struct verdict *v;
	char *text;

	if (verdict.n > MAX_VERDICT)
		return;
	text = bwi_strndup(verdict.p, verdict.n);
	if (text == NULL)
		return;
	(void)pthread_mutex_lock(&a->lock);
	v = &a->verdicts[a->oldest];
	a->oldest = (a->oldest + 1) % MAX_VERDICTS;
	bwi_free(v->text);
	*v = (struct verdict){*request, now, text, verdict.n};
	(void)pthread_mutex_unlock(&a->lock);
}

bool
bwi_history_find(struct bwi_history *a, const struct bwi_history_id *request,
    int64_t now, void (*put)(void *arg, struct bw_str), void *arg)
{
	const struct verdict *v;

	(void)pthread_mutex_lock(&a->lock);
	v = find(a, request, now);
	if (v != NULL)
		put(arg, (struct bw_str){v->text, v->n});
	(void)pthread_mutex_unlock(&a->lock);
	return v != NULL;
}
