/* Shortens the script that leads to a fault (delta debugging). */
#include <ctype.h>
#include <string.h>

#include "sim/base/hash.h"
#include "sim/explore/shrink.h"

/* Hash a text without numbers and quoted names, which differ between calls. */
static uint64_t
number_words(const char *text)
{
	uint64_t h = 0;

	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (strcspn(text, "0123456789\"") >= n) {
			h = sim_hash_text(h, (struct bw_str){text, n});
			h = sim_hash_int(h, ' ');
		}
		text += n + strspn(text + n, " ");
	}
	return h;
}

bool
sim_fault_same(const struct sim_fault *a, const struct sim_fault *b)
{
	if (a->kind != b->kind ||
	    !sim_position_same(&a->position, &b->position))
		return false;
	return (a->kind != SIM_FAULT_BXML && a->kind != SIM_FAULT_FALLBACK) ||
	       number_words(a->text) == number_words(b->text);
}

struct shrinking {
	struct sim_player *player;
	struct sim_finding *finding;
	uint64_t serial, last;
};

static bool
still_happens(struct shrinking *s, const struct sim_caller *c)
{
	struct sim_fault_finder finder;
	bool found = false;

	if (s->serial == s->last)
		return false;
	sim_player_play(s->player, c, s->serial++, &finder);
	for (size_t i = 0; i < finder.faults_n && !found; i++)
		found = sim_fault_same(&finder.faults[i], &s->finding->fault);
	sim_fault_finder_free(&finder);
	return found;
}

/* Accept this script if the fault still occurs. */
static bool
accept(struct shrinking *s, const struct sim_caller *c)
{
	if (!still_happens(s, c))
		return false;
	s->finding->caller = *c;
	return true;
}

static void
drop_moves(struct sim_caller *c, size_t at, size_t n)
{
	memmove(&c->moves[at], &c->moves[at + n],
	    (c->moves_n - at - n) * sizeof(c->moves[0]));
	c->moves_n -= n;
}

/* Remove runs of moves, longest first. */
static bool
try_without_moves(struct shrinking *s)
{
	bool better = false;

	for (size_t n = s->finding->caller.moves_n; n > 0; n /= 2) {
		size_t at = 0;

		while (at + n <= s->finding->caller.moves_n) {
			struct sim_caller c = s->finding->caller;

			drop_moves(&c, at, n);
			if (accept(s, &c))
				better = true;
			else
				at++;
		}
	}
	return better;
}

/* Replace a move by silence, then remove keys. */
static bool
try_plainer_move(struct shrinking *s, size_t at)
{
	struct sim_caller c = s->finding->caller;
	struct sim_move *m = &c.moves[at];
	bool better = false;

	if (m->kind != SIM_MOVE_SILENCE) {
		*m = sim_move_make(SIM_MOVE_SILENCE, NULL, -1);
		if (accept(s, &c))
			return true;
		c = s->finding->caller;
	}
	if (m->kind == SIM_MOVE_HANGUP && m->after >= 0) {
		m->after = -1;
		if (accept(s, &c))
			return true;
		c = s->finding->caller;
	}
	for (size_t i = strlen(m->words);
	     m->kind == SIM_MOVE_KEYS && i > 0 && m->words[1] != '\0'; i--) {
		memmove(
		    m->words + i - 1, m->words + i, strlen(m->words + i) + 1);
		if (accept(s, &c))
			better = true;
		else
			c = s->finding->caller;
	}
	return better;
}

static bool
try_without_callee(struct shrinking *s, size_t at)
{
	struct sim_caller c = s->finding->caller;

	memmove(&c.callees[at], &c.callees[at + 1],
	    (c.callees_n - at - 1) * sizeof(c.callees[0]));
	c.callees_n--;
	return accept(s, &c);
}

static bool
try_without_rest(struct shrinking *s, int64_t start)
{
	struct sim_caller c = s->finding->caller;
	bool better = false;

	if (c.wire_fault != SIM_WIRE_FAULT_NONE) {
		c.wire_fault = SIM_WIRE_FAULT_NONE;
		c.wire_fault_at = 0;
		better |= accept(s, &c);
		c = s->finding->caller;
	}
	if (c.machine != NULL) {
		c.machine = NULL;
		better |= accept(s, &c);
		c = s->finding->caller;
	}
	for (size_t i = 0; i < SIM_SIP__MAX; i++) {
		if (c.sip.texts[i][0] == '\0')
			continue;
		c.sip.texts[i][0] = '\0';
		better |= accept(s, &c);
		c = s->finding->caller;
	}
	if (c.start != start) {
		c.start = start;
		better |= accept(s, &c);
	}
	return better;
}

void
sim_shrink(struct sim_player *player, struct sim_finding *f, uint64_t serial)
{
	struct shrinking s = {.player = player,
	    .finding = f,
	    .serial = serial,
	    .last = serial + SIM_MAX_SHRINK};
	bool better = true;

	while (better && s.serial < s.last) {
		better = try_without_rest(&s, sim_player_start(player));
		for (size_t i = f->caller.callees_n; i > 0; i--)
			better |= try_without_callee(&s, i - 1);
		better |= try_without_moves(&s);
		for (size_t i = 0; i < f->caller.moves_n; i++)
			better |= try_plainer_move(&s, i);
	}
}
