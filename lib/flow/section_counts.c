#include "flow/section_counts.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct bwi_section_counts *all;

static struct bwi_section_counts none = {.path = NULL};

static struct bwi_section_counts *
new_counts(struct bw_str path)
{
	struct bwi_section_counts *c = bwi_calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->path = bwi_strndup(path.p, path.n);
	if (c->path == NULL) {
		bwi_free(c);
		return NULL;
	}
	c->next = all;
	all = c;
	return c;
}

struct bwi_section_counts *
bwi_section_counts_get(struct bw_str path)
{
	struct bwi_section_counts *c;

	if (path.p == NULL)
		path = BW_STR("");
	(void)pthread_mutex_lock(&lock);
	c = all;
	while (c != NULL && !bw_str_is(path, c->path))
		c = c->next;
	if (c == NULL)
		c = new_counts(path);
	if (c != NULL)
		c->references++;
	(void)pthread_mutex_unlock(&lock);
	return c;
}

void
bwi_section_counts_unref(struct bwi_section_counts *c)
{
	struct bwi_section_counts **at = &all;
	bool last;

	if (c == NULL)
		return;
	(void)pthread_mutex_lock(&lock);
	last = --c->references == 0;
	if (last) {
		while (*at != c)
			at = &(*at)->next;
		*at = c->next;
	}
	(void)pthread_mutex_unlock(&lock);
	if (!last)
		return;
	bwi_free(c->path);
	bwi_free(c);
}

struct bwi_section_counts *
bwi_section_counts_none(void)
{
	return &none;
}

static const int statuses[] = {
#define STATUS(status) status,
#include "flow/outcomes.def"
};

static const char *const status_names[] = {
#define STATUS(status) #status,
#include "flow/outcomes.def"
    "other",
};

static const char *const outcome_names[] = {
#define OUTCOME(name, value) value,
#include "flow/outcomes.def"
};

static const char *const reason_names[] = {
#define REASON(name, value) value,
#include "flow/outcomes.def"
};

static const enum bwi_reason reasons[] = {
    [BW_OK] = BWI_REASON_INTERNAL,
#define CAUSE(reason, error) [BW_ERR_##error] = BWI_REASON_##reason,
#include "flow/outcomes.def"
};
_Static_assert(sizeof(reasons) / sizeof(reasons[0]) == BW_ERR__MAX,
    "every error has a reason");

void
bwi_section_counts_add(struct bwi_section_counts *c, enum bw_family family,
    int status, enum bwi_outcome outcome)
{
	size_t i = 0;

	while (i < BWI_STATUS_OTHER && statuses[i] != status)
		i++;
	atomic_fetch_add_explicit(
	    &c->requests[family][i][outcome], 1, memory_order_relaxed);
}

void
bwi_section_counts_fallback(struct bwi_section_counts *c, enum bw_err why)
{
	atomic_fetch_add_explicit(
	    &c->fallbacks[reasons[why]], 1, memory_order_relaxed);
}

const char *
bwi_status_name(int i)
{
	return status_names[i];
}

const char *
bwi_outcome_name(enum bwi_outcome outcome)
{
	return outcome_names[outcome];
}

const char *
bwi_reason_name(enum bwi_reason reason)
{
	return reason_names[reason];
}
