/* Consumers of "mem:". */
#include "base/alloc.h"

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "store/mem.h"

static struct mem_consumer *
find(struct mem_store *s, const char *name)
{
	struct mem_consumer *c = s->consumers;

	while (c != NULL && strcmp(c->name, name) != 0)
		c = c->next;
	return c;
}

static enum bw_err
no_consumer(const char *name, struct bw_error *e)
{
	return bw_error_set(
	    e, BW_ERR_NOTFOUND, 0, "consumer: no consumer \"%s\"", name);
}

static void
free_consumer(struct mem_consumer *c)
{
	for (size_t i = 0; i < c->n; i++)
		bwi_free(c->work[i].why);
	bwi_free(c->work);
	bwi_free(c->name);
	bwi_free(c->filter_text);
	bwi_free(c);
}

void
bwi_mem_free_consumers(struct mem_store *s)
{
	while (s->consumers != NULL) {
		struct mem_consumer *c = s->consumers;

		s->consumers = c->next;
		free_consumer(c);
	}
}

static bool
set_filter(struct mem_consumer *c, const struct bw_store_filter *f)
{
	const struct bw_str from[] = {
	    f->family, f->type, f->call, f->message, f->number};
	struct bw_str *to[] = {&c->filter.family, &c->filter.type,
	    &c->filter.call, &c->filter.message, &c->filter.number};
	size_t n = 0;
	char *text;

	for (size_t i = 0; i < 5; i++)
		n += from[i].n;
	text = bwi_alloc(n + 1);
	if (text == NULL)
		return false;
	bwi_free(c->filter_text);
	c->filter_text = text;
	c->filter = *f;
	for (size_t i = 0; i < 5; i++) {
		if (from[i].p == NULL)
			continue;
		if (from[i].n > 0)
			memcpy(text, from[i].p, from[i].n);
		to[i]->p = text;
		text += from[i].n;
	}
	return true;
}

static struct mem_consumer *
add(struct mem_store *s, const char *name, uint64_t after_seq)
{
	struct mem_consumer *c = bwi_calloc(1, sizeof(*c));
	struct mem_consumer **at = &s->consumers;

	if (c == NULL)
		return NULL;
	c->name = bwi_strndup(name, strlen(name));
	if (c->name == NULL) {
		bwi_free(c);
		return NULL;
	}
	c->position = after_seq;
	c->created = bw_realtime_ms();
	while (*at != NULL && strcmp((*at)->name, name) < 0)
		at = &(*at)->next;
	c->next = *at;
	*at = c;
	return c;
}

enum bw_err
bwi_mem_consumer(struct bw_store *base, const char *name,
    const struct bw_store_filter *f, uint64_t after_seq, struct bw_error *e)
{
	struct mem_store *s = bwi_mem(base);
	struct mem_consumer *c;
	bool made = true;

	(void)pthread_mutex_lock(&s->mutex);
	c = find(s, name);
	if (c == NULL)
		c = add(s, name, after_seq);
	made = c != NULL && set_filter(c, f);
	if (c != NULL)
		c->seen = bw_realtime_ms();
	(void)pthread_mutex_unlock(&s->mutex);
	return made ? BW_OK : bwi_mem_no_memory(e);
}

enum bw_err
bwi_mem_consumer_remove(
    struct bw_store *base, const char *name, struct bw_error *e)
{
	struct mem_store *s = bwi_mem(base);
	struct mem_consumer **at = &s->consumers, *c;

	(void)pthread_mutex_lock(&s->mutex);
	while (*at != NULL && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	c = *at;
	if (c != NULL) {
		*at = c->next;
		free_consumer(c);
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return c != NULL ? BW_OK : no_consumer(name, e);
}

bool
bwi_mem_is_needed(const struct mem_store *s, uint64_t seq)
{
	for (const struct mem_consumer *c = s->consumers; c; c = c->next) {
		if (seq > c->position)
			return true;
		for (size_t i = 0; i < c->n; i++) {
			if (c->work[i].seq == seq)
				return true;
		}
	}
	return false;
}

/* Assign new events to a consumer until it has max. */
static enum bw_err
assign(struct mem_store *s, struct mem_consumer *c, size_t max)
{
	for (size_t i = 0; i < s->n && c->n < max; i++) {
		const struct bw_store_row *r = &s->rows[i]->row;
		void *work;

		if (r->seq <= c->position)
			continue;
		if (bwi_store_matches(&c->filter, &r->event)) {
			work = bwi_grow(
			    c->work, c->n, &c->cap, sizeof(struct mem_work));
			if (work == NULL)
				return BW_ERR_NOMEM;
			c->work = work;
			c->work[c->n++] = (struct mem_work){.seq = r->seq};
		}
		c->position = r->seq;
	}
	return BW_OK;
}

/* Is an earlier event of the same thread not done? work is sorted by seq. */
static bool
is_behind(struct mem_store *s, const struct mem_consumer *c, size_t i)
{
	struct mem_row *r = bwi_mem_find(s, c->work[i].seq);

	if (r == NULL || r->row.event.thread.p == NULL)
		return false;
	for (size_t k = 0; k < i; k++) {
		struct mem_row *o = bwi_mem_find(s, c->work[k].seq);

		if (!c->work[k].dead && o != NULL &&
		    o->row.event.thread.p != NULL &&
		    bw_str_eq(o->row.event.thread, r->row.event.thread))
			return true;
	}
	return false;
}

static size_t
grant(struct mem_store *s, struct mem_consumer *c, size_t max, int64_t ms,
    bw_store_lease_fn *fn, void *arg)
{
	int64_t now = bw_realtime_ms();
	size_t given = 0;

	c->seen = now;

	for (size_t i = 0; i < c->n && given < max; i++) {
		struct mem_work *w = &c->work[i];
		struct mem_row *r = bwi_mem_find(s, w->seq);
		struct bw_store_lease l;

		if (w->dead || r == NULL ||
		    !bwi_store_lease_over(w->since, w->until, now) ||
		    is_behind(s, c, i))
			continue;
		w->since = now;
		w->until = now + ms;
		w->token = ++s->token;
		w->tries++;
		l = (struct bw_store_lease){w->seq, w->token, w->tries};
		given++;
		if (!fn(arg, &l, &r->row))
			break;
	}
	return given;
}

/* All assigned events may wait for an earlier event of their thread. */
static enum bw_err
assign_and_grant(struct mem_store *s, struct mem_consumer *c, size_t max,
    int64_t ms, bw_store_lease_fn *fn, void *arg)
{
	enum bw_err err = BW_OK;
	uint64_t position;
	size_t given = 0;

	do {
		position = c->position;
		err = assign(s, c, c->n + max);
		if (err == BW_OK)
			given = grant(s, c, max, ms, fn, arg);
	} while (err == BW_OK && given == 0 && c->position != position);
	return err;
}

enum bw_err
bwi_mem_lease(struct bw_store *base, const char *name, size_t max, int64_t ms,
    bw_store_lease_fn *fn, void *arg, struct bw_error *e)
{
	struct mem_store *s = bwi_mem(base);
	enum bw_err err = BW_OK;
	struct mem_consumer *c;

	(void)pthread_mutex_lock(&s->mutex);
	c = find(s, name);
	if (c == NULL)
		err = no_consumer(name, e);
	else if (assign_and_grant(s, c, max, ms, fn, arg) != BW_OK)
		err = bwi_mem_no_memory(e);
	(void)pthread_mutex_unlock(&s->mutex);
	return err;
}

static void
remove_work(struct mem_consumer *c, size_t i)
{
	struct mem_work *w = &c->work[i];

	bwi_free(w->why);
	c->n--;
	memmove(w, w + 1, (c->n - i) * sizeof(*w));
}

static enum bw_err
settle(struct mem_consumer *c, size_t i, enum bw_store_outcome v, int64_t ms,
    struct bw_str why)
{
	struct mem_work *w = &c->work[i];
	int64_t now = bw_realtime_ms();
	char *text;

	if (v == BW_STORE_DONE) {
		remove_work(c, i);
		return BW_OK;
	}
	if (why.p != NULL) {
		text = bwi_strndup(why.p, why.n);
		if (text == NULL)
			return BW_ERR_NOMEM;
		bwi_free(w->why);
		w->why = text;
	}
	if (v != BW_STORE_EXTEND)
		w->token = 0;
	w->dead = v == BW_STORE_DEAD;
	w->since = now;
	w->until = now + ms;
	return BW_OK;
}

enum bw_err
bwi_mem_settle(struct bw_store *base, const char *name,
    const struct bw_store_lease *l, enum bw_store_outcome v, int64_t ms,
    struct bw_str why, struct bw_error *e)
{
	struct mem_store *s = bwi_mem(base);
	enum bw_err err;
	struct mem_consumer *c;
	size_t i = 0;

	(void)pthread_mutex_lock(&s->mutex);
	c = find(s, name);
	while (c != NULL && i < c->n &&
	       (c->work[i].seq != l->seq || c->work[i].token != l->token))
		i++;
	if (c == NULL)
		err = no_consumer(name, e);
	else if (i == c->n)
		err = bw_error_set(e, BW_ERR_STALE, 0,
		    "consumer: %s: the lease of event %llu has expired", name,
		    (unsigned long long)l->seq);
	else if (settle(c, i, v, ms, why) != BW_OK)
		err = bwi_mem_no_memory(e);
	else
		err = BW_OK;
	if (c != NULL)
		c->seen = bw_realtime_ms();
	(void)pthread_mutex_unlock(&s->mutex);
	return err;
}

static void
take_oldest(struct bw_store_consumer_state *out, int64_t received)
{
	if (out->oldest == 0 || received < out->oldest)
		out->oldest = received;
}

static void
add_pending(struct bw_store_consumer_state *out, const struct mem_work *w,
    int64_t received)
{
	bool leased = w->token != 0 && !bwi_store_lease_over(w->since, w->until,
					   bw_realtime_ms());

	out->pending++;
	out->leased += leased;
	out->retrying += !leased && w->tries > 0;
	take_oldest(out, received);
}

static void
get_state(struct mem_store *s, const struct mem_consumer *c, int64_t before,
    struct bw_store_consumer_state *out)
{
	*out =
	    (struct bw_store_consumer_state){.name = {c->name, strlen(c->name)},
		.position = c->position,
		.created = c->created,
		.seen = c->seen};
	for (size_t i = 0; i < c->n; i++) {
		const struct mem_row *r = bwi_mem_find(s, c->work[i].seq);

		if (r == NULL)
			continue;
		out->held += r->row.event.received < before;
		out->dead += c->work[i].dead;
		if (!c->work[i].dead)
			add_pending(out, &c->work[i], r->row.event.received);
	}
	for (size_t i = 0; i < s->n; i++) {
		const struct bw_store_row *r = &s->rows[i]->row;

		if (r->seq <= c->position)
			continue;
		out->held += r->event.received < before;
		if (!bwi_store_matches(&c->filter, &r->event))
			continue;
		out->ahead++;
		take_oldest(out, r->event.received);
	}
}

enum bw_err
bwi_mem_consumers(struct bw_store *base, int64_t before, int64_t deadline,
    bw_store_consumer_fn *fn, void *arg, struct bw_error *e)
{
	struct mem_store *s = bwi_mem(base);
	struct bw_store_consumer_state state;
	bool go_on = true;

	(void)e;
	(void)deadline; /* nothing is waited for */
	(void)pthread_mutex_lock(&s->mutex);
	for (const struct mem_consumer *c = s->consumers; go_on && c != NULL;
	     c = c->next) {
		get_state(s, c, before, &state);
		go_on = fn(arg, &state);
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return BW_OK;
}

enum bw_err
bwi_mem_dead(struct bw_store *base, const char *name, bw_store_dead_fn *fn,
    void *arg, struct bw_error *e)
{
	struct mem_store *s = bwi_mem(base);
	struct mem_consumer *c;

	(void)pthread_mutex_lock(&s->mutex);
	c = find(s, name);
	for (size_t i = 0; c != NULL && i < c->n; i++) {
		const struct mem_work *w = &c->work[i];
		struct mem_row *r = bwi_mem_find(s, w->seq);
		struct bw_store_lease l = {w->seq, w->token, w->tries};
		struct bw_str why = {w->why, 0};

		if (!w->dead || r == NULL)
			continue;
		if (w->why != NULL)
			why.n = strlen(w->why);
		if (!fn(arg, &l, why, &r->row))
			break;
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return c != NULL ? BW_OK : no_consumer(name, e);
}

enum bw_err
bwi_mem_revive(struct bw_store *base, const char *name, uint64_t seq, size_t *n,
    struct bw_error *e)
{
	struct mem_store *s = bwi_mem(base);
	struct mem_consumer *c;

	(void)pthread_mutex_lock(&s->mutex);
	c = find(s, name);
	for (size_t i = 0; c != NULL && i < c->n; i++) {
		struct mem_work *w = &c->work[i];

		if (!w->dead || (seq != 0 && w->seq != seq))
			continue;
		w->dead = false;
		w->until = 0;
		w->tries = 0;
		++*n;
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return c != NULL ? BW_OK : no_consumer(name, e);
}

enum bw_err
bwi_mem_drop_dead(struct bw_store *base, const char *name, uint64_t seq,
    size_t *n, struct bw_error *e)
{
	struct mem_store *s = bwi_mem(base);
	struct mem_consumer *c;

	(void)pthread_mutex_lock(&s->mutex);
	c = find(s, name);
	for (size_t i = 0; c != NULL && i < c->n;) {
		const struct mem_work *w = &c->work[i];

		if (!w->dead || (seq != 0 && w->seq != seq)) {
			i++;
			continue;
		}
		remove_work(c, i);
		++*n;
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return c != NULL ? BW_OK : no_consumer(name, e);
}
