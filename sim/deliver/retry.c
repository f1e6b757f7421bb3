/*
 * Asynchronous callbacks: entered in the agenda, and tried again by the rules
 * of their family.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "sim/base/memory.h"
#include "sim/deliver/attempt.h"
#include "sim/deliver/callback_target.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

struct later {
	struct later *next, **at; /* of the queue */
	struct sim_world *world;
	struct sim_callback callback; /* all of it is in these: */
	struct sim_targets places;
	char *texts[8];
	size_t ntexts;
	struct sim_attempt attempt;
	int64_t begun; /* when it was first tried; 0: not yet */
	int64_t pause; /* before the try that comes */
	int tries;     /* at this URL */
	bool fallback; /* it is the fallback's turn */
};

struct sim_queue {
	struct later *first;
};

/*
 * When a family tries again. Bandwidth says for how long, or how often, but
 * not how far apart: that is made up, but for port-outs.
 */
struct rule {
	bool unconnected; /* only after no connection at all */
	int most;	  /* tries in all; 0: as many as the time allows */
	int64_t pause;	  /* before the second; doubled each time up to */
	int64_t longest;
	int64_t window; /* since the first try */
};

/* A row of zeros: nobody repeats it, for the time is up at once. */
static const struct rule rules[BW_FAMILY__MAX] = {
    [BW_FAMILY_VOICE] = {true, 2, SECOND, SECOND, HOUR},
    [BW_FAMILY_CONFERENCE] = {true, 2, SECOND, SECOND, HOUR},
    [BW_FAMILY_MESSAGING] = {false, 0, 30 * SECOND, HOUR, 24 * HOUR},
    [BW_FAMILY_MFA] = {false, 0, 30 * SECOND, HOUR, 24 * HOUR},
};

/* Text that is kept: what it is kept in, and freed with. */
static const char *
keep(struct later *l, const char *text)
{
	return l->texts[l->ntexts++] = sim_copy(text);
}

static struct bw_str
keep_bytes(struct later *l, struct bw_str s)
{
	l->texts[l->ntexts] = sim_copy_str(s);
	return (struct bw_str){l->texts[l->ntexts++], s.n};
}

static void
copy_callback(struct later *l, const struct sim_callback *c)
{
	struct sim_callback *to = &l->callback;

	*to = *c;
	sim_targets_set(&l->places, &c->primary, &c->fallback);
	to->primary = sim_target_find(&l->places.primary);
	to->fallback = sim_target_find(&l->places.fallback);
	to->event = keep(l, c->event);
	to->about = keep(l, c->about);
	to->base = keep(l, c->base);
	to->type = keep(l, c->type);
	to->signature_name = keep(l, c->signature_name);
	to->signature = keep(l, c->signature);
	to->body = keep_bytes(l, c->body);
	to->query = keep_bytes(l, c->query);
}

static void
free_later(struct later *l)
{
	*l->at = l->next;
	if (l->next != NULL)
		l->next->at = l->at;
	for (size_t i = 0; i < l->ntexts; i++)
		free(l->texts[i]);
	sim_targets_free(&l->places);
	sim_attempt_free(&l->attempt);
	free(l);
}

static void
free_queue(void *arg)
{
	struct sim_queue *q = arg;

	while (q->first != NULL)
		free_later(q->first);
	free(q);
}

static void
enqueue(struct sim_world *w, struct later *l)
{
	if (w->queue == NULL) {
		w->queue = sim_alloc(sizeof(*w->queue));
		sim_world_own(w, free_queue, w->queue);
	}
	l->next = w->queue->first;
	l->at = &w->queue->first;
	if (l->next != NULL)
		l->next->at = &l->next;
	w->queue->first = l;
}

/* Another try at the same URL, and after how long? */
static bool
comes_again(const struct later *l, int64_t *pause)
{
	const struct rule *r = &rules[l->callback.family];
	const struct sim_options *o = &l->world->options;
	int64_t passed = sim_world_now(l->world) - l->begun;

	if (l->attempt.url == NULL || l->callback.once)
		return false;
	if (r->most != 0 && l->tries >= r->most)
		return false;
	if (r->unconnected &&
	    (!o->retry_async || !sim_attempt_unconnected(&l->attempt)))
		return false;
	*pause = l->pause == 0 ? r->pause : 2 * l->pause;
	if (*pause > r->longest)
		*pause = r->longest;
	return passed + *pause < r->window;
}

static void
tell_later(struct later *l)
{
	char *why = sim_attempt_why(&l->attempt);
	char *text = l->pause > 0
			 ? sim_format("again in %" PRId64 " s (%s)",
			       l->pause / SECOND, why)
			 : sim_format("at the fallback URL now (%s)", why);
	struct sim_log_entry note = {
	    .kind = SIM_LOG_LATER,
	    .call = l->callback.about,
	    .name = l->callback.event,
	    .text = text,
	};

	sim_world_log(l->world, &note);
	free(text);
	free(why);
}

static void
run_later(void *arg)
{
	struct later *l = arg;
	struct sim_world *w = l->world;
	const struct sim_callback *c = &l->callback;
	struct sim_delivery d = {.fallback = l->fallback};

	if (l->begun == 0)
		l->begun = sim_world_now(w);
	l->tries++;
	d.delivered = sim_attempt(
	    w, c, l->fallback ? &c->fallback : &c->primary, &l->attempt);
	if (!d.delivered && comes_again(l, &l->pause)) {
		tell_later(l);
	} else if (!d.delivered && !l->fallback && c->fallback.url != NULL) {
		l->fallback = true;
		l->tries = 0;
		l->pause = 0;
		tell_later(l);
	} else {
		d.lost = !d.delivered;
		sim_attempt_log(w, c, &l->attempt, &d);
		free_later(l);
		return;
	}
	(void)sim_scheduler_add(
	    w->scheduler, sim_world_now(w) + l->pause, run_later, l);
}

void
sim_deliver_with_retries(
    struct sim_world *w, const struct sim_callback *c, int64_t after)
{
	struct later *l = sim_alloc(sizeof(*l));

	l->world = w;
	copy_callback(l, c);
	sim_attempt_init(&l->attempt);
	enqueue(w, l);
	if (w->options.reorder)
		after += (int64_t)sim_world_random(w, 30 * SECOND);
	(void)sim_scheduler_add(
	    w->scheduler, sim_world_now(w) + after, run_later, l);
}
