/* Shared by all kinds of store: initialization, filter, claims. */
#include "store/store.h"

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

bool
bwi_store_window_over(int64_t first, int64_t window, int64_t now)
{
	return window > 0 && (now - first > window || first - now > window);
}

bool
bwi_store_lease_over(int64_t since, int64_t until, int64_t now)
{
	return until <= now || since > now + 1000;
}
