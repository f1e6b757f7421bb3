/* Chooses callers: variants at new branches, then random mutations. */
#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/dates.h>

#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include "sim/base/random.h"
#include "sim/explore/search.h"

/*
 * Memory limits: a caller takes about 2000 bytes. Later callers find little
 * new.
 */
#define MAX_QUEUE   16384
#define MAX_CORPUS  2048
#define MAX_NUMBERS 64

#define MINUTE INT64_C(60000)
#define DAY    (24 * 60 * MINUTE)

static const char every_key[] = "1234567890*#";

static void
enqueue(struct sim_search *s, const struct sim_caller *c)
{
	if (s->queue_n == MAX_QUEUE)
		return;
	if (s->queue_n % 64 == 0) {
		s->queue = sim_resize(
		    s->queue, s->queue_n, s->queue_n + 64, sizeof(*s->queue));
	}
	s->queue[s->queue_n++] = *c;
}

static void
add_time(struct sim_search *s, size_t entry_point, int64_t minute)
{
	struct sim_caller c;
	int64_t start = s->options->start / DAY * DAY + minute * MINUTE;

	sim_caller_init(&c, entry_point, start);
	enqueue(s, &c);
}

/* The minutes of an hour, modulo 30, at which opening hours may change. */
static size_t
find_minutes(const struct sim_lexicon *l, int *minutes)
{
	bool seen[30] = {false};
	size_t n = 0;

	for (size_t i = 0; i < l->minutes_n; i++) {
		for (int near = -1; near <= 1; near++)
			seen[(l->minutes[i] + near + 60) % 30] = true;
	}
	if (l->minutes_n == 0 && l->calendars_n != 0)
		seen[0] = true;
	for (int i = 0; i < 30; i++) {
		if (seen[i])
			minutes[n++] = i;
	}
	return n;
}

/*
 * Add calls on the first day of the next date of a calendar and on a day after
 * one: all half hours from 12 hours before that day (UTC) to 12 hours after it,
 * so that every time zone is covered.
 */
static void
add_dates(
    struct sim_search *s, size_t entry_point, const char *file, int minute)
{
	int64_t today = s->options->start / DAY, days[2];
	struct bw_error e = {0};
	size_t n;

	if (bw_dates_changes(file, today, days, 2, &n, &e) != BW_OK)
		return; /* reported when the flow is loaded */
	for (size_t i = 0; i < n; i++) {
		for (int half = -24; half < 72; half++)
			add_time(s, entry_point,
			    (days[i] - today) * 48 * 30 + half * 30 + minute);
	}
}

/*
 * Calls at all half hours of a week, shifted to the minutes that the flow names
 * and to one minute before and after them. Time zones differ by multiples of
 * half an hour. Before them, calls on dates of its calendars.
 */
static void
add_times(struct sim_search *s, size_t entry_point)
{
	int minutes[30];
	size_t n = find_minutes(s->lexicon, minutes);

	for (size_t i = 0; i < s->lexicon->calendars_n; i++)
		add_dates(s, entry_point, s->lexicon->calendars[i], minutes[0]);
	for (size_t i = 0; i < n; i++) {
		for (int half = 0; half < 7 * 48; half++)
			add_time(s, entry_point, half * 30 + minutes[i]);
	}
}

/* Calls with every result of machine detection other than "human". */
static void
add_machines(struct sim_search *s, size_t entry_point)
{
	static const char *const found[] = {"answering-machine",
	    "tone-detected", "silence", "timeout", "error"};

	if (s->options->entry_points[entry_point].call.machine_detection ==
	    NULL)
		return;
	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		struct sim_caller c;

		sim_caller_init(&c, entry_point, s->options->start);
		c.machine = found[i];
		enqueue(s, &c);
	}
}

/* Calls with the SIP members that the rules of the flow compare. */
static void
add_sip(struct sim_search *s, size_t entry_point)
{
	if (s->options->entry_points[entry_point].outbound)
		return;
	for (size_t i = 0; i < s->lexicon->sip_n; i++) {
		struct sim_caller c;

		sim_caller_init(&c, entry_point, s->options->start);
		c.sip = s->lexicon->sip[i];
		enqueue(s, &c);
	}
}

void
sim_search_init(struct sim_search *s, const struct sim_explore_options *o,
    struct sim_lexicon *lexicon)
{
	*s = (struct sim_search){
	    .options = o, .lexicon = lexicon, .random_state = o->seed};
	for (size_t i = 0; i < o->entry_points_n; i++) {
		struct sim_caller c;

		sim_caller_init(&c, i, o->start);
		enqueue(s, &c);
	}
	for (size_t i = 0; i < o->entry_points_n; i++) {
		add_machines(s, i);
		add_sip(s, i);
		add_times(s, i);
	}
}

void
sim_search_free(struct sim_search *s)
{
	sim_numbers_free(&s->seen_branches);
	sim_numbers_free(&s->seen_steps);
	free(s->queue);
	free(s->corpus);
	free(s->numbers);
}

static void
vary_move(struct sim_search *s, const struct sim_caller *c, size_t at,
    enum sim_move_kind kind, const char *words, int64_t after)
{
	struct sim_caller other = *c;
	struct sim_move m = sim_move_make(kind, words, after);

	sim_caller_move(&other, at, &m);
	enqueue(s, &other);
}

/* Variants with these keys, without and with the terminating digit. */
static void
vary_keys(struct sim_search *s, const struct sim_caller *c,
    const struct sim_branch *x, const char *keys)
{
	char more[SIM_MAX_KEYS + 1] = "";
	size_t n = strnlen(keys, SIM_MAX_KEYS - 1);

	if (x->most > 0 && n > (size_t)x->most)
		return;
	vary_move(s, c, x->index, SIM_MOVE_KEYS, keys, -1);
	if (x->terminating == '\0' || x->most == 1)
		return;
	memcpy(more, keys, n);
	more[n] = x->terminating;
	vary_move(s, c, x->index, SIM_MOVE_KEYS, more, -1);
}

static void
vary_gather(struct sim_search *s, const struct sim_caller *c,
    const struct sim_branch *x)
{
	static const char *const some[] = {"0000", "1234", "1234567890"};

	for (size_t i = 0; every_key[i] != '\0'; i++)
		vary_keys(s, c, x, (char[]){every_key[i], '\0'});
	vary_move(s, c, x->index, SIM_MOVE_SILENCE, NULL, -1);
	for (size_t i = 0; i < s->lexicon->keys.n; i++)
		vary_keys(s, c, x, s->lexicon->keys.words[i]);
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		vary_keys(s, c, x, some[i]);
	vary_move(s, c, x->index, SIM_MOVE_SAY, "hello", -1);
	for (size_t i = 0; i < s->lexicon->phrases.n; i++) {
		vary_move(s, c, x->index, SIM_MOVE_SAY,
		    s->lexicon->phrases.words[i], -1);
	}
	vary_move(s, c, x->index, SIM_MOVE_HANGUP, NULL, -1);
}

static void
vary_callee(struct sim_search *s, const struct sim_caller *c, const char *who)
{
	for (size_t i = 0; sim_callee_does[i] != NULL; i++) {
		struct sim_caller other = *c;

		sim_caller_callee(&other, who, sim_callee_does[i]);
		enqueue(s, &other);
	}
	if (s->numbers_n == MAX_NUMBERS)
		return;
	if (s->numbers == NULL)
		s->numbers =
		    sim_resize(NULL, 0, MAX_NUMBERS, sizeof(*s->numbers));
	memcpy(s->numbers[s->numbers_n++], who, strlen(who) + 1);
}

static void
vary_whisper(struct sim_search *s, const struct sim_caller *c, const char *who)
{
	for (size_t i = 0; every_key[i] != '\0'; i++) {
		struct sim_caller other = *c;

		sim_caller_callee_keys(
		    &other, who, (char[]){every_key[i], '\0'});
		enqueue(s, &other);
	}
}

static void
vary_wire_fault(struct sim_search *s, const struct sim_caller *c, size_t at)
{
	if (c->wire_fault != SIM_WIRE_FAULT_NONE)
		return;
	for (int m = SIM_WIRE_FAULT_NONE + 1; m < SIM_WIRE_FAULT__MAX; m++) {
		struct sim_caller other = *c;

		other.wire_fault = (enum sim_wire_fault_kind)m;
		other.wire_fault_at = at;
		enqueue(s, &other);
	}
}

/* Queue a variant for every alternative at this branch. */
static void
queue_variants(struct sim_search *s, const struct sim_caller *c,
    const struct sim_branch *x)
{
	switch (x->kind) {
	case SIM_BRANCH_MOVE:
		vary_gather(s, c, x);
		break;
	case SIM_BRANCH_RECORD:
		vary_move(s, c, x->index, SIM_MOVE_SILENCE, NULL, -1);
		vary_move(s, c, x->index, SIM_MOVE_HANGUP, NULL, -1);
		break;
	case SIM_BRANCH_CALLEE:
		vary_callee(s, c, x->number);
		break;
	case SIM_BRANCH_WHISPER:
		vary_whisper(s, c, x->number);
		break;
	case SIM_BRANCH_CALLBACK:
		vary_wire_fault(s, c, x->index);
		break;
	case SIM_BRANCH_HANGUP:
		vary_move(s, c, x->index, SIM_MOVE_HANGUP, NULL, 10);
		break;
	}
}

/* The caller's script up to the branch: later moves did not lead to it. */
static struct sim_caller
prefix_before(const struct sim_caller *c, const struct sim_branch *x)
{
	struct sim_caller first = *c;

	if (x->kind != SIM_BRANCH_CALLBACK && first.moves_n > x->index &&
	    x->kind != SIM_BRANCH_CALLEE && x->kind != SIM_BRANCH_WHISPER)
		first.moves_n = x->index;
	return first;
}

static bool
learn_steps(struct sim_search *s, const struct sim_fault_finder *a)
{
	uint64_t before = 0;
	bool found_new = false;

	for (size_t i = 0; i < a->positions_n; i++) {
		uint64_t here = sim_position_number(&a->positions[i]);

		found_new |=
		    sim_numbers_add(&s->seen_steps, sim_hash_int(before, here));
		before = here;
	}
	return found_new;
}

void
sim_search_learn(struct sim_search *s, const struct sim_caller *c,
    const struct sim_fault_finder *a)
{
	bool found_new = learn_steps(s, a);

	if (a->spoken.n > 0)
		sim_lexicon_add(
		    s->lexicon, (struct bw_str){a->spoken.p, a->spoken.n});
	for (size_t i = 0; i < a->branches_n; i++) {
		const struct sim_branch *x = &a->branches[i];
		struct sim_caller first;

		if (!sim_numbers_add(&s->seen_branches, x->hash))
			continue;
		found_new = true;
		first = prefix_before(c, x);
		queue_variants(s, &first, x);
	}
	if (!found_new || s->corpus_n == MAX_CORPUS)
		return;
	if (s->corpus_n % 64 == 0) {
		s->corpus = sim_resize(s->corpus, s->corpus_n, s->corpus_n + 64,
		    sizeof(*s->corpus));
	}
	s->corpus[s->corpus_n++] = *c;
}

static size_t
random_below(struct sim_search *s, size_t n)
{
	return (size_t)sim_random_below(&s->random_state, n);
}

static struct sim_move
random_move(struct sim_search *s)
{
	char keys[9] = "";
	size_t n;

	switch (random_below(s, 8)) {
	case 0:
		return sim_move_make(SIM_MOVE_SILENCE, NULL, -1);
	case 1:
		return sim_move_make(SIM_MOVE_HANGUP, NULL,
		    random_below(s, 2) == 0 ? -1
					    : (int64_t)random_below(s, 20000));
	case 2:
		n = s->lexicon->phrases.n;
		return sim_move_make(SIM_MOVE_SAY,
		    n > 0 ? s->lexicon->phrases.words[random_below(s, n)]
			  : "hello",
		    -1);
	case 3:
	case 4:
	case 5:
		n = s->lexicon->keys.n;
		if (n > 0)
			return sim_move_make(SIM_MOVE_KEYS,
			    s->lexicon->keys.words[random_below(s, n)], -1);
		break;
	default:
		break;
	}
	n = random_below(s, 3) > 0 ? 1 : 1 + random_below(s, sizeof(keys) - 1);
	for (size_t i = 0; i < n; i++)
		keys[i] = every_key[random_below(s, sizeof(every_key) - 1)];
	return sim_move_make(SIM_MOVE_KEYS, keys, -1);
}

/* Add some SIP members to those that are set. */
static void
mutate_sip(struct sim_search *s, struct sim_caller *c)
{
	const struct sim_sip_texts *sip =
	    &s->lexicon->sip[random_below(s, s->lexicon->sip_n)];

	for (size_t i = 0; i < SIM_SIP__MAX; i++) {
		if (sip->texts[i][0] != '\0')
			memcpy(c->sip.texts[i], sip->texts[i],
			    sizeof(c->sip.texts[i]));
	}
}

static void
mutate_once(struct sim_search *s, struct sim_caller *c)
{
	struct sim_move m = random_move(s);

	switch (random_below(s, 10)) {
	case 0:
		if (s->numbers_n > 0) {
			sim_caller_callee(c,
			    s->numbers[random_below(s, s->numbers_n)],
			    sim_callee_does[random_below(s, 4)]);
			return;
		}
		break;
	case 1:
		c->wire_fault = (enum sim_wire_fault_kind)(
		    1 + random_below(s, SIM_WIRE_FAULT__MAX - 1));
		c->wire_fault_at = 1 + random_below(s, 8);
		return;
	case 4:
		if (s->lexicon->sip_n > 0) {
			mutate_sip(s, c);
			return;
		}
		break;
	case 2:
	case 3:
		if (c->moves_n > 0) {
			c->moves[random_below(s, c->moves_n)] = m;
			return;
		}
		break;
	default:
		break;
	}
	sim_caller_move(c, c->moves_n, &m);
}

/* A mutation of a caller from the corpus. */
static struct sim_caller
mutate(struct sim_search *s)
{
	size_t a = random_below(s, s->corpus_n),
	       b = random_below(s, s->corpus_n);
	struct sim_caller c = s->corpus[a > b ? a : b];
	size_t changes = 1 + random_below(s, 4);

	for (size_t i = 0; i < changes; i++)
		mutate_once(s, &c);
	return c;
}

struct sim_caller
sim_search_next(struct sim_search *s)
{
	struct sim_caller c;

	if (s->queue_at < s->queue_n) {
		c = s->queue[s->queue_at++];
		if (s->queue_at == s->queue_n)
			s->queue_at = s->queue_n = 0;
		return c;
	}
	if (s->corpus_n > 0)
		return mutate(s);
	sim_caller_init(
	    &c, random_below(s, s->options->entry_points_n), s->options->start);
	return c;
}
