/* What all kinds of store use: initialisation, filter, claims. */
#include "store/store.h"

#include "store/spool.h"

void
bwi_store_init(struct bw_store *s, const struct bwi_store_ops *ops)
{
	s->ops = ops;
	(void)pthread_mutex_init(&s->noting, NULL);
}

void
bwi_store_done(struct bw_store *s)
{
	bwi_spool_free(s->spool);
	(void)pthread_mutex_destroy(&s->noting);
}

void
bwi_store_warn(struct bw_store *s, const struct bw_error *e)
{
	(void)pthread_mutex_lock(&s->noting);
	s->note = *e;
	(void)pthread_mutex_unlock(&s->noting);
}

static bool
lets_through(struct bw_str want, struct bw_str got)
{
	return want.p == NULL || (got.p != NULL && bw_str_eq(want, got));
}

bool
bwi_store_matches(
    const struct bw_store_filter *f, const struct bw_store_event *e)
{
	return lets_through(f->family, e->family) &&
	       lets_through(f->type, e->type) &&
	       lets_through(f->call, e->call) &&
	       lets_through(f->message, e->message) &&
	       (lets_through(f->number, e->from) ||
		   lets_through(f->number, e->to)) &&
	       (f->since == 0 || e->received >= f->since) &&
	       (f->until == 0 || e->received < f->until);
}

/* Longer than any deadline of an answer: 25 seconds at Bandwidth's end. */
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
