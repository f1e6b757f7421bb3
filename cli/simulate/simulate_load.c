/* bwcallback simulate call --calls: a load generator. */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "sim/base/memory.h"

#include <bwcallback/tools/clock.h>

#include "cli/common/percentile.h"
#include "cli/simulate/simulate.h"

#define STACK	 (256 * 1024)
#define EVERY_MS 200 /* refresh interval of the progress display */

/*
 * Shared by the threads; each has its own wire and plays one call after
 * another.
 */
struct load {
	const struct simulate_options *options;
	atomic_llong begun, done;
	atomic_bool failed; /* creating a wire failed */
};

struct lane {
	pthread_t thread;
	struct load *load;
	struct sim_role person;
	struct sim_cast cast;
	struct sim_tally tally;
	struct percentile took;
	uint64_t undone; /* calls with an unused action */
};

static void
take_entry(void *arg, const struct sim_log_entry *n)
{
	struct lane *l = arg;

	sim_tally_log(&l->tally, n);
	if (n->kind == SIM_LOG_REQUEST && n->reply != NULL)
		percentile_add(&l->took, n->reply->took);
}

static void
play(struct lane *l, struct sim_wire *wire, int64_t number)
{
	const struct simulate_options *o = l->load->options;
	struct sim_log_observer observer = {take_entry, l};
	struct sim_world *w = sim_world_new(&o->world, wire, &observer, o->at,
	    (uint64_t)o->seed + (uint64_t)number * 0x9e3779b97f4a7c15U);

	sim_role_rewind(&l->person);
	sim_cast_rewind(&l->cast);
	(void)simulate_begin(o, w, &l->person, &l->cast);
	simulate_run(w, o->real_time);
	sim_world_free(w);
	if (sim_role_undone(&l->person) != NULL)
		l->undone++;
}

static void *
run_lane(void *arg)
{
	struct lane *l = arg;
	struct load *load = l->load;
	struct sim_wire *wire = simulate_wire(load->options);
	long long number;

	if (wire == NULL)
		atomic_store(&load->failed, true);
	while (wire != NULL && (number = atomic_fetch_add(&load->begun, 1)) <
				   load->options->calls) {
		play(l, wire, number);
		atomic_fetch_add(&load->done, 1);
	}
	sim_wire_free(wire);
	return NULL;
}

static double
seconds_since(int64_t from)
{
	return (double)(bw_monotonic_ns() - from) / 1e9;
}

static void
show_progress(struct load *load, int64_t from)
{
	const struct timespec pause = {0, EVERY_MS * 1000000L};
	bool shown = isatty(STDERR_FILENO) != 0;
	long long all = load->options->calls, done;

	while (shown && (done = atomic_load(&load->done)) < all &&
	       !atomic_load(&load->failed)) {
		fprintf(stderr, "\r%lld of %lld calls, %.0f a second ", done,
		    all, (double)done / (seconds_since(from) + 1e-9));
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	if (shown)
		fputs("\r\033[K", stderr);
}

/* Processor time used, in seconds. */
static double
cpu_used(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

struct result {
	uint64_t calls; /* not counting the legs they create */
	struct sim_tally tally;
	struct percentile took;
	uint64_t undone;
	double seconds, cpu;
};

static double
per(double a, uint64_t b)
{
	return b > 0 ? a / (double)b : 0;
}

static void
print_json(const struct result *r)
{
	const struct sim_tally *t = &r->tally;

	printf("{\"calls\":%" PRIu64 ",\"callbacks\":%" PRIu64
	       ",\"requests\":%" PRIu64 ",\"failed\":%" PRIu64
	       ",\"fallbacks\":%" PRIu64 ",\"unasked\":%" PRIu64
	       ",\"errors\":%" PRIu64 ",\"warnings\":%" PRIu64
	       ",\"broken\":%" PRIu64 ",\"undone\":%" PRIu64,
	    r->calls, t->callbacks, t->requests, t->failed, t->fallbacks,
	    t->unasked, t->errors, t->warnings, t->broken, r->undone);
	printf(",\"endless\":%" PRIu64, t->calls - t->ended);
	printf(",\"seconds\":%.3f,\"cpu_us_per_callback\":%.1f", r->seconds,
	    per(r->cpu * 1e6, t->callbacks));
	printf(",\"microseconds\":{\"p50\":%" PRId64 ",\"p90\":%" PRId64
	       ",\"p99\":%" PRId64 ",\"p999\":%" PRId64 ",\"max\":%" PRId64
	       "}}\n",
	    percentile_of(&r->took, 50), percentile_of(&r->took, 90),
	    percentile_of(&r->took, 99), percentile_of(&r->took, 99.9),
	    r->took.most);
}

static void
print_text(const struct result *r)
{
	static const double shown[] = {50, 90, 99, 99.9, 100};
	const struct sim_tally *t = &r->tally;

	printf("%" PRIu64 " calls in %.2f s, %.0f a second; %" PRIu64
	       " callbacks in %" PRIu64 " requests, %.0f a second\n",
	    r->calls, r->seconds, (double)r->calls / r->seconds, t->callbacks,
	    t->requests, (double)t->requests / r->seconds);
	fputs("each request took", stdout);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		printf("%s %.1f ms (%g %%)", i > 0 ? "," : "",
		    (double)percentile_of(&r->took, shown[i]) / 1000, shown[i]);
	printf("\nthe simulator's own processor time: %.0f us a callback\n",
	    per(r->cpu * 1e6, t->callbacks));
	printf("not delivered: %" PRIu64 ", only a fallback answered: %" PRIu64
	       ", answered without asking for credentials: %" PRIu64
	       ", errors: %" PRIu64 ", warnings: %" PRIu64 "\n",
	    t->failed, t->fallbacks, t->unasked, t->errors, t->warnings);
	printf("calls that ended for the application's fault: %" PRIu64
	       ", without an end: %" PRIu64 ", with unused --digits: %" PRIu64
	       "\n",
	    t->broken, t->calls - t->ended, r->undone);
}

static size_t
start(struct load *load, struct lane *lanes, size_t n)
{
	pthread_attr_t attr;
	size_t i = 0;

	if (pthread_attr_init(&attr) != 0)
		return 0;
	(void)pthread_attr_setstacksize(&attr, STACK);
	for (; i < n; i++) {
		lanes[i].load = load;
		sim_role_copy(&lanes[i].person, &load->options->person);
		sim_cast_copy(&lanes[i].cast, &load->options->cast);
		if (pthread_create(
			&lanes[i].thread, &attr, run_lane, &lanes[i]) != 0) {
			sim_role_free(&lanes[i].person);
			sim_cast_free(&lanes[i].cast);
			break;
		}
	}
	(void)pthread_attr_destroy(&attr);
	return i;
}

static void
finish(struct lane *l, struct result *r)
{
	(void)pthread_join(l->thread, NULL);
	sim_tally_add(&r->tally, &l->tally);
	percentile_merge(&r->took, &l->took);
	r->undone += l->undone;
	sim_role_free(&l->person);
	sim_cast_free(&l->cast);
}

int
simulate_load(const struct simulate_options *o)
{
	size_t wanted =
	    (size_t)(o->calls < o->concurrency ? o->calls : o->concurrency);
	struct lane *lanes = sim_resize(NULL, 0, wanted, sizeof(*lanes));
	struct load load = {.options = o};
	struct result *r = sim_alloc(sizeof(*r));
	double cpu = cpu_used();
	int64_t from = bw_monotonic_ns();
	size_t n;
	bool good;

	n = start(&load, lanes, wanted);
	if (n == 0)
		fputs("bwcallback: no thread could be started\n", stderr);
	else
		show_progress(&load, from);
	for (size_t i = 0; i < n; i++)
		finish(&lanes[i], r);
	r->seconds = seconds_since(from);
	r->cpu = cpu_used() - cpu;
	r->calls = (uint64_t)atomic_load(&load.done);
	good = n > 0 && !atomic_load(&load.failed);
	if (good)
		(o->json ? print_json : print_text)(r);
	good = good && !sim_tally_is_wrong(&r->tally) && r->undone == 0;
	free(lanes);
	free(r);
	return good ? 0 : atomic_load(&load.failed) ? 78 : n > 0 ? 1 : 71;
}
