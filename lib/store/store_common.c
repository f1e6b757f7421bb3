/* Shared by all kinds of store: initialization, filter, claims. */
#include "store/store.h"

#include <string.h>

#include <bwcallback/tools/str.h>

#include "store/spool.h"

void
bwi_store_init(struct bw_store *s, const struct bwi_store_ops *ops)
{
	s->ops = ops;
	(void)pthread_mutex_init(&s->warning_mutex, NULL);
}

void
bwi_store_done(struct bw_store *s)
{
	bwi_spool_free(s->spool);
	(void)pthread_mutex_destroy(&s->warning_mutex);
}

void
bwi_store_warn(struct bw_store *s, const struct bw_error *e)
{
	(void)pthread_mutex_lock(&s->warning_mutex);
	s->warning = *e;
	(void)pthread_mutex_unlock(&s->warning_mutex);
}

static bool
field_matches(struct bw_str want, struct bw_str got)
{
	return want.p == NULL || (got.p != NULL && bw_str_eq(want, got));
}

bool
bwi_store_matches(
    const struct bw_store_filter *f, const struct bw_store_event *e)
{
	return field_matches(f->family, e->family) &&
	       field_matches(f->type, e->type) &&
	       field_matches(f->call, e->call) &&
	       field_matches(f->message, e->message) &&
	       (field_matches(f->number, e->from) ||
		   field_matches(f->number, e->to)) &&
	       (f->since == 0 || e->received >= f->since) &&
	       (f->until == 0 || e->received < f->until);
}

static bool
has_status(const struct bw_store_filter *f, int status)
{
	for (size_t i = 0; i < BW_STORE_MAX_STATUSES; i++) {
		if (f->statuses[i] == status)
			return true;
	}
	return false;
}

bool
bwi_store_answer_matches(
    const struct bw_store_filter *f, const struct bw_store_answer *a)
{
	if (!bwi_store_selects_answers(f))
		return true;
	return a->status != 0 &&
	       (!f->failed || a->failed || a->fallback || a->status >= 400) &&
	       (!f->fallback || a->fallback) && a->duration >= f->slow &&
	       (f->statuses[0] == 0 || has_status(f, a->status));
}

bool
bwi_store_selects_answers(const struct bw_store_filter *f)
{
	return f->failed || f->fallback || f->slow > 0 || f->statuses[0] != 0;
}

bool
bwi_store_selects_wrong(const struct bw_store_filter *f)
{
	bool errors = f->statuses[0] != 0;

	for (size_t i = 0; i < BW_STORE_MAX_STATUSES && f->statuses[i] != 0;
	     i++)
		errors = errors && f->statuses[i] >= 400;
	return f->failed || f->fallback || f->slow >= BWI_STORE_SLOW || errors;
}

/*
 * Milliseconds; more than any deadline for an answer (Bandwidth waits 25
 * seconds).
 */
#define MAX_CLAIM 60000

bool
bwi_store_claim_over(int64_t claim_end, int64_t now)
{
	return claim_end <= now || claim_end > now + MAX_CLAIM;
}

/*
 * Milliseconds: seven days. Bandwidth repeats a message's events for a day at
 * most.
 */
#define KEY_WINDOW (INT64_C(7) * 24 * 3600 * 1000)

void
bwi_store_retain_keys(struct bw_store *s, bool retain)
{
	atomic_store(&s->retains_keys, retain);
}

void
bwi_store_compact(struct bw_store *s, int64_t age)
{
	atomic_store(&s->compacted, age);
}

bool
bwi_store_key_over(
    const struct bw_store *s, int64_t first, const struct bw_store_event *again)
{
	int64_t window = again->window, now = again->received;

	if (window == 0 && !atomic_load(&s->retains_keys))
		window = KEY_WINDOW;
	return window > 0 && (now - first > window || first - now > window);
}

bool
bwi_store_lease_over(int64_t since, int64_t until, int64_t now)
{
	return until <= now || since > now + 1000;
}

enum bw_err
bwi_store_drained(struct bw_store *s, const struct bw_store_event *events,
    size_t n, enum bw_err err, struct bw_error *e)
{
	if (err != BW_ERR_LIMIT || n > 1 ||
	    !bw_str_is(events->family, BWI_STORE_UNPARSED))
		return err;
	bwi_store_warn(s, e);
	return BW_OK;
}

char *
bwi_store_copy_string(struct bw_str *s, char *to)
{
	if (s->p == NULL)
		return to;
	if (s->n > 0)
		memcpy(to, s->p, s->n);
	s->p = to;
	return to + s->n;
}

int
bwi_store_compare_types(const void *a, const void *b)
{
	const struct bw_store_count *x = a, *y = b;
	int r = bw_str_compare(x->family, y->family);

	return r != 0 ? r : bw_str_compare(x->type, y->type);
}
