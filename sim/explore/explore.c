/* Plays rounds of callers on several threads and collects the findings. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "sim/base/memory.h"
#include "sim/explore/explore.h"
#include "sim/explore/player.h"
#include "sim/explore/search.h"
#include "sim/explore/shrink.h"

/*
 * The callers of a round are chosen before it and evaluated after it, in order,
 * so that the number of threads does not change the result.
 */
#define ROUND	    64
#define MAX_THREADS 64
/* Maximum number of findings reported. */
#define MAX_FINDINGS 200

struct explorer {
	const struct sim_explore_options *options;
	struct sim_exploration *exploration;
	struct sim_search search;
	struct sim_player *players[MAX_THREADS];
	size_t players_n;

	struct sim_caller callers[ROUND];
	struct sim_fault_finder finders[ROUND];
	uint64_t serial; /* serial number of the round's first caller */
	size_t round_n;
	atomic_size_t next;
	void (*work)(struct explorer *, struct sim_player *, size_t);
};

struct worker {
	struct explorer *explorer;
	struct sim_player *player;
};

static void *
run_worker(void *arg)
{
	const struct worker *h = arg;
	struct explorer *x = h->explorer;
	size_t i;

	while ((i = atomic_fetch_add(&x->next, 1)) < x->round_n)
		x->work(x, h->player, i);
	return NULL;
}

/* Call work(i) for all i < n, distributed over all players. */
static void
run_all(struct explorer *x, size_t n,
    void (*work)(struct explorer *, struct sim_player *, size_t))
{
	pthread_t threads[MAX_THREADS];
	struct worker workers[MAX_THREADS];
	size_t started = 0;

	x->round_n = n;
	x->work = work;
	atomic_store(&x->next, 0);
	for (size_t i = 0; i < x->players_n; i++)
		workers[i] = (struct worker){x, x->players[i]};
	while (started + 1 < x->players_n &&
	       pthread_create(&threads[started], NULL, run_worker,
		   &workers[started + 1]) == 0)
		started++;
	run_worker(&workers[0]);
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
}

static void
play(struct explorer *x, struct sim_player *player, size_t i)
{
	sim_player_play(player, &x->callers[i], x->serial + i, &x->finders[i]);
}

static void
shrink(struct explorer *x, struct sim_player *player, size_t i)
{
	sim_shrink(player, &x->exploration->findings[i],
	    x->serial + i * SIM_MAX_SHRINK);
}

static void
add_finding(struct sim_exploration *e, const struct sim_caller *c,
    const struct sim_fault *fault)
{
	struct sim_finding *f;

	for (size_t i = 0; i < e->findings_n; i++) {
		f = &e->findings[i];
		if (!sim_fault_same(&f->fault, fault))
			continue;
		f->met++;
		if (sim_caller_length(c) < sim_caller_length(&f->caller))
			f->caller = *c;
		return;
	}
	if (e->findings_n == MAX_FINDINGS)
		return;
	e->findings = sim_resize(e->findings, e->findings_n, e->findings_n + 1,
	    sizeof(*e->findings));
	f = &e->findings[e->findings_n++];
	*f = (struct sim_finding){.fault = *fault, .caller = *c, .met = 1};
	f->fault.text = sim_copy(fault->text);
}

static void
count_position(struct sim_exploration *e, const struct sim_position *position)
{
	for (size_t i = 0; i < e->reached_n; i++) {
		if (sim_position_same(&e->reached[i].position, position)) {
			e->reached[i].times++;
			return;
		}
	}
	e->reached = sim_resize(
	    e->reached, e->reached_n, e->reached_n + 1, sizeof(*e->reached));
	e->reached[e->reached_n++] =
	    (struct sim_position_count){.position = *position, .times = 1};
}

static void
evaluate(struct explorer *x, const struct sim_caller *c,
    const struct sim_fault_finder *a)
{
	struct sim_exploration *e = x->exploration;

	for (size_t i = 0; i < a->faults_n; i++)
		add_finding(e, c, &a->faults[i]);
	for (size_t i = 0; i < a->positions_n; i++)
		count_position(e, &a->positions[i]);
	sim_search_learn(&x->search, c, a);
	e->played++;
}

static void
play_round(struct explorer *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x->callers[i] = sim_search_next(&x->search);
	run_all(x, n, play);
	x->serial += n;
	for (size_t i = 0; i < n; i++) {
		evaluate(x, &x->callers[i], &x->finders[i]);
		sim_fault_finder_free(&x->finders[i]);
	}
	if (x->options->progress != NULL) {
		x->options->progress(x->options->progress_arg,
		    x->exploration->played, x->exploration->findings_n);
	}
}

static bool
open_players(struct explorer *x)
{
	size_t n = x->options->threads;

	n = n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : n;
	while (x->players_n < n) {
		x->players[x->players_n] = sim_player_new(x->options);
		if (x->players[x->players_n] == NULL)
			return false;
		x->players_n++;
	}
	return true;
}

bool
sim_explore(const struct sim_explore_options *o, struct sim_exploration *e)
{
	struct explorer *x = sim_alloc(sizeof(*x));
	bool opened;

	x->options = o;
	x->exploration = e;
	sim_search_init(&x->search, o, &e->lexicon);
	opened = open_players(x);
	while (opened && e->played < o->callers) {
		size_t left = o->callers - e->played;

		play_round(x, left < ROUND ? left : ROUND);
	}
	if (opened)
		run_all(x, e->findings_n, shrink);
	e->states = x->search.seen_branches.n;
	for (size_t i = 0; i < x->players_n; i++)
		sim_player_free(x->players[i]);
	sim_search_free(&x->search);
	free(x);
	return opened;
}

void
sim_exploration_free(struct sim_exploration *e)
{
	for (size_t i = 0; i < e->findings_n; i++)
		free(e->findings[i].fault.text);
	free(e->findings);
	free(e->reached);
	sim_lexicon_free(&e->lexicon);
}
