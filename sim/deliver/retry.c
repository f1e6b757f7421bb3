/*
 * Asynchronous callbacks: scheduled, and retried by the rules of their family.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "sim/base/memory.h"
#include "sim/deliver/attempt.h"
#include "sim/deliver/callback_target.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

struct retry {
	struct retry *next, **at; /* links in the queue */
	struct sim_world *world;
	struct sim_callback callback; /* its strings are in these: */
	struct sim_targets targets;
	char *texts[8];
	size_t ntexts;
	struct sim_attempt attempt;
	int64_t begun; /* time of the first attempt; 0: none yet */
	int64_t pause; /* before the next attempt */
	int tries;     /* attempts at this URL */
	bool fallback; /* trying the fallback URL */
};

struct sim_queue {
	struct retry *first;
};

/*
 * When a family retries. Bandwidth documents for how long or how often, but not
 * the intervals: they are invented, except for port-outs.
 */
struct rule {
	bool unconnected; /* only if no connection was made */
	int most;	  /* attempts in all; 0: no limit but the window */
	int64_t pause;	  /* before the second attempt; doubled up to: */
	int64_t longest;
	int64_t window; /* since the first attempt */
};

/* A family with all zeros is never retried: its window is over at once. */
static const struct rule rules[BW_FAMILY__MAX] = {
    [BW_FAMILY_VOICE] = {true, 2, SECOND, SECOND, HOUR},
    [BW_FAMILY_CONFERENCE] = {true, 2, SECOND, SECOND, HOUR},
    [BW_FAMILY_MESSAGING] = {false, 0, 30 * SECOND, HOUR, 24 * HOUR},
    [BW_FAMILY_MFA] = {false, 0, 30 * SECOND, HOUR, 24 * HOUR},
};

/* Copy a string; free_retry() frees it. */
static const char *
copy_text(struct retry *r, const char *text)
{
	return r->texts[r->ntexts++] = sim_copy(text);
}

static struct bw_str
copy_bytes(struct retry *r, struct bw_str s)
{
	r->texts[r->ntexts] = sim_copy_str(s);
	return (struct bw_str){r->texts[r->ntexts++], s.n};
}

static void
copy_callback(struct retry *r, const struct sim_callback *c)
{
	struct sim_callback *to = &r->callback;

	*to = *c;
	sim_targets_set(&r->targets, &c->primary, &c->fallback);
	to->primary = sim_target_find(&r->targets.primary);
	to->fallback = sim_target_find(&r->targets.fallback);
	to->event = copy_text(r, c->event);
	to->about = copy_text(r, c->about);
	to->base = copy_text(r, c->base);
	to->type = copy_text(r, c->type);
	to->signature_name = copy_text(r, c->signature_name);
	to->signature = copy_text(r, c->signature);
	to->body = copy_bytes(r, c->body);
	to->query = copy_bytes(r, c->query);
}

static void
free_retry(struct retry *r)
{
	*r->at = r->next;
	if (r->next != NULL)
		r->next->at = r->at;
	for (size_t i = 0; i < r->ntexts; i++)
		free(r->texts[i]);
	sim_targets_free(&r->targets);
	sim_attempt_free(&r->attempt);
	free(r);
}

static void
free_queue(void *arg)
{
	struct sim_queue *q = arg;

	while (q->first != NULL)
		free_retry(q->first);
	free(q);
}

static void
enqueue(struct sim_world *w, struct retry *r)
{
	if (w->queue == NULL) {
		w->queue = sim_alloc(sizeof(*w->queue));
		sim_world_own(w, free_queue, w->queue);
	}
	r->next = w->queue->first;
	r->at = &w->queue->first;
	if (r->next != NULL)
		r->next->at = &r->next;
	w->queue->first = r;
}

/* Is there another attempt at the same URL, and after which pause? */
static bool
may_retry(const struct retry *r, int64_t *pause)
{
	const struct rule *rule = &rules[r->callback.family];
	const struct sim_options *o = &r->world->options;
	int64_t passed = sim_world_now(r->world) - r->begun;

	if (r->attempt.url == NULL || r->callback.once)
		return false;
	if (rule->most != 0 && r->tries >= rule->most)
		return false;
	if (rule->unconnected &&
	    (!o->retry_async || !sim_attempt_unconnected(&r->attempt)))
		return false;
	*pause = r->pause == 0 ? rule->pause : 2 * r->pause;
	if (*pause > rule->longest)
		*pause = rule->longest;
	return passed + *pause < rule->window;
}

static void
log_retry(struct retry *r)
{
	char *why = sim_attempt_why(&r->attempt);
	char *text = r->pause > 0
			 ? sim_format("again in %" PRId64 " s (%s)",
			       r->pause / SECOND, why)
			 : sim_format("at the fallback URL now (%s)", why);
	struct sim_log_entry entry = {
	    .kind = SIM_LOG_RETRY,
	    .call = r->callback.about,
	    .name = r->callback.event,
	    .text = text,
	};

	sim_world_log(r->world, &entry);
	free(text);
	free(why);
}

static void
run_retry(void *arg)
{
	struct retry *r = arg;
	struct sim_world *w = r->world;
	const struct sim_callback *c = &r->callback;
	struct sim_delivery d = {.fallback = r->fallback};

	if (r->begun == 0)
		r->begun = sim_world_now(w);
	r->tries++;
	d.delivered = sim_attempt(
	    w, c, r->fallback ? &c->fallback : &c->primary, &r->attempt);
	if (!d.delivered && may_retry(r, &r->pause)) {
		log_retry(r);
	} else if (!d.delivered && !r->fallback && c->fallback.url != NULL) {
		r->fallback = true;
		r->tries = 0;
		r->pause = 0;
		log_retry(r);
	} else {
		d.lost = !d.delivered;
		sim_attempt_log(w, c, &r->attempt, &d);
		free_retry(r);
		return;
	}
	(void)sim_scheduler_add(
	    w->scheduler, sim_world_now(w) + r->pause, run_retry, r);
}

void
sim_deliver_with_retries(
    struct sim_world *w, const struct sim_callback *c, int64_t after)
{
	struct retry *r = sim_alloc(sizeof(*r));

	r->world = w;
	copy_callback(r, c);
	sim_attempt_init(&r->attempt);
	enqueue(w, r);
	if (w->options.reorder)
		after += (int64_t)sim_world_random(w, 30 * SECOND);
	(void)sim_scheduler_add(
	    w->scheduler, sim_world_now(w) + after, run_retry, r);
}
