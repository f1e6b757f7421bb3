/* One simulation: its clock, its random numbers and its observer. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "sim/base/memory.h"
#include "sim/base/random.h"
#include "sim/world/world.h"

void
sim_options_init(struct sim_options *o)
{
	*o = (struct sim_options){
	    .callback_timeout = 15000,
	    .challenge = true,
	    .retry_async = true,
	    .redirects_fail = true,
	    .words_per_minute = 150,
	    .audio = 5000,
	    .processing = 2000,
	    .duplicates = 1,
	    .most_callbacks = 500,
	    .pause_answers = true,
	    .stream = 60000,
	};
}

uint64_t
sim_world_random(struct sim_world *w, uint64_t entry)
{
	return sim_random_below(&w->seed, entry);
}

static char *
make_uuid(struct sim_world *w, const char *kind, const char *dash)
{
	uint64_t a = sim_random_next(&w->seed), b = sim_random_next(&w->seed);

	return sim_format("%s%s%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64
			  "-%04" PRIx64 "-%012" PRIx64,
	    kind, dash, a >> 32, a >> 16 & 0xffff, a & 0xfff,
	    (b >> 48 & 0x3fff) | 0x8000, b & UINT64_C(0xffffffffffff));
}

char *
sim_world_id(struct sim_world *w, const char *kind)
{
	return make_uuid(w, kind, *kind != '\0' ? "-" : "");
}

struct sim_world *
sim_world_new(const struct sim_options *o, struct sim_wire *wire,
    const struct sim_log_observer *observer, int64_t start, uint64_t seed)
{
	struct sim_world *w = sim_alloc(sizeof(*w));

	w->options = *o;
	w->scheduler = sim_scheduler_new(start);
	w->wire = wire;
	if (observer != NULL)
		w->observer = *observer;
	w->seed = seed;
	w->made_account =
	    sim_format("99%05" PRIu64, sim_world_random(w, 100000));
	w->made_application = sim_world_id(w, "");
	w->account = w->made_account;
	w->application = w->made_application;
	return w;
}

void
sim_world_free(struct sim_world *w)
{
	if (w == NULL)
		return;
	while (w->owned != NULL) {
		struct sim_owned *owned = w->owned;

		w->owned = owned->next;
		owned->free(owned->what);
		free(owned);
	}
	sim_scheduler_free(w->scheduler);
	free(w->made_account);
	free(w->made_application);
	free(w);
}

void
sim_world_own(struct sim_world *w, void (*fn)(void *), void *what)
{
	struct sim_owned *owned = sim_alloc(sizeof(*owned));

	owned->free = fn;
	owned->what = what;
	owned->next = w->owned;
	w->owned = owned;
}

void
sim_world_run(struct sim_world *w)
{
	while (sim_scheduler_step(w->scheduler))
		continue;
}

int64_t
sim_world_now(const struct sim_world *w)
{
	return sim_scheduler_now(w->scheduler);
}

void
sim_world_log(struct sim_world *w, struct sim_log_entry *entry)
{
	entry->time = sim_world_now(w);
	if (w->observer.fn != NULL)
		w->observer.fn(w->observer.arg, entry);
}

void
sim_world_report(struct sim_world *w, const char *about, const char *event,
    const char *where, enum bw_severity severity, const char *fmt, ...)
{
	struct bw_finding finding = {.severity = severity, .file = where};
	struct sim_log_entry entry = {
	    .kind = SIM_LOG_FINDING,
	    .call = about,
	    .name = event,
	    .finding = &finding,
	};
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = sim_format_list(fmt, ap);
	va_end(ap);
	finding.text = text;
	sim_world_log(w, &entry);
	free(text);
}
