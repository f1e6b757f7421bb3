/*
 * Asynchronous callbacks: entered in the agenda, and tried again by the rules
 * of their family.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "attempt.h"
#include "memory.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

struct later {
	struct later *next, **at; /* of the queue */
	struct sim_world *world;
	struct sim_callback callback; /* with strings of its own */
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

/* callbacks that nobody repeats have a row of zeros: the time is up at once */
static const struct rule rules[BW_FAMILY__MAX] = {
    [BW_FAMILY_VOICE] = {true, 2, SECOND, SECOND, HOUR},
    [BW_FAMILY_CONFERENCE] = {true, 2, SECOND, SECOND, HOUR},
    [BW_FAMILY_MESSAGING] = {false, 0, 30 * SECOND, HOUR, 24 * HOUR},
    [BW_FAMILY_MFA] = {false, 0, 30 * SECOND, HOUR, 24 * HOUR},
};

static struct sim_target
copy_target(const struct sim_target *t)
{
	return (struct sim_target){
	    .url = sim_copy(t->url),
	    .method = sim_copy(t->method),
	    .user = sim_copy(t->user),
	    .password = sim_copy(t->password),
	};
}

static void
free_text(const char *s)
{
	free((void *)(uintptr_t)s);
}

static void
free_target(const struct sim_target *t)
{
	free_text(t->url);
	free_text(t->method);
	free_text(t->user);
	free_text(t->password);
}

static void
copy_callback(struct sim_callback *to, const struct sim_callback *c)
{
	*to = *c;
	to->event = sim_copy(c->event);
	to->about = sim_copy(c->about);
	to->base = sim_copy(c->base);
	to->primary = copy_target(&c->primary);
	to->fallback = copy_target(&c->fallback);
	to->type = sim_copy(c->type);
	to->body.p = sim_copy_str(c->body);
	to->query.p = sim_copy_str(c->query);
	to->signature_name = sim_copy(c->signature_name);
	to->signature = sim_copy(c->signature);
}

static void
free_later(struct later *l)
{
	const struct sim_callback *c = &l->callback;

	*l->at = l->next;
	if (l->next != NULL)
		l->next->at = l->at;
	free_text(c->event);
	free_text(c->about);
	free_text(c->base);
	free_target(&c->primary);
	free_target(&c->fallback);
	free_text(c->type);
	free_text(c->body.p);
	free_text(c->query.p);
	free_text(c->signature_name);
	free_text(c->signature);
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

	if (l->callback.once || (r->most != 0 && l->tries >= r->most))
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
	struct sim_note note = {
	    .kind = SIM_NOTE_LATER,
	    .call = l->callback.about,
	    .name = l->callback.event,
	    .text = text,
	};

	sim_world_note(l->world, &note);
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
		sim_attempt_tell(w, c, &l->attempt, &d);
		free_later(l);
		return;
	}
	(void)sim_agenda_add(
	    w->agenda, sim_world_now(w) + l->pause, run_later, l);
}

void
sim_deliver_later(
    struct sim_world *w, const struct sim_callback *c, int64_t after)
{
	struct later *l = sim_alloc(sizeof(*l));

	l->world = w;
	copy_callback(&l->callback, c);
	sim_attempt_init(&l->attempt);
	enqueue(w, l);
	if (w->options.reorder)
		after += (int64_t)sim_world_random(w, 30 * SECOND);
	(void)sim_agenda_add(w->agenda, sim_world_now(w) + after, run_later, l);
}
