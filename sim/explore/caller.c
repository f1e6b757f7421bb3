/* Scripts of callers. */
#include <stdio.h>
#include <string.h>

#include "sim/explore/caller.h"

const char *const sim_callee_does[] = {
    "busy", "rejects", "absent", "unreachable", NULL};

void
sim_caller_init(struct sim_caller *c, size_t entry_point, int64_t start)
{
	*c = (struct sim_caller){.entry_point = entry_point, .start = start};
}

struct sim_move
sim_move_make(enum sim_move_kind kind, const char *words, int64_t after)
{
	struct sim_move t = {.kind = kind, .after = after};

	if (words != NULL)
		memcpy(t.words, words, strnlen(words, SIM_MAX_KEYS));
	return t;
}

size_t
sim_caller_length(const struct sim_caller *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->moves_n; i++) {
		n += 2 + strlen(c->moves[i].words);
		n += c->moves[i].kind == SIM_MOVE_SAY ? 20 : 0;
		n += c->moves[i].after >= 0 ? 1 : 0;
	}
	for (size_t i = 0; i < c->callees_n; i++) {
		n += 10 + strlen(c->callees[i].keys);
		n += c->callees[i].does != NULL ? 2 : 0;
	}
	n += c->wire_fault != SIM_WIRE_FAULT_NONE ? 20 + c->wire_fault_at : 0;
	n += c->machine != NULL ? 10 : 0;
	for (size_t i = 0; i < SIM_SIP__MAX; i++)
		n += 2 * strlen(c->sip.texts[i]);
	return n;
}

bool
sim_sip_texts_set(const struct sim_sip_texts *sip)
{
	bool set = false;

	for (size_t i = 0; i < SIM_SIP__MAX; i++)
		set |= sip->texts[i][0] != '\0';
	return set;
}

void
sim_caller_move(struct sim_caller *c, size_t at, const struct sim_move *t)
{
	if (at >= SIM_MAX_MOVES)
		return;
	for (size_t i = c->moves_n; i < at; i++)
		c->moves[i] = sim_move_make(SIM_MOVE_SILENCE, NULL, -1);
	c->moves[at] = *t;
	c->moves_n = at + 1;
}

static struct sim_callee *
callee(struct sim_caller *c, const char *number)
{
	size_t n = strlen(number);

	for (size_t i = 0; i < c->callees_n; i++) {
		if (strcmp(c->callees[i].number, number) == 0)
			return &c->callees[i];
	}
	if (n > SIM_MAX_NUMBER || c->callees_n == SIM_MAX_CALLEES)
		return NULL;
	memcpy(c->callees[c->callees_n].number, number, n + 1);
	return &c->callees[c->callees_n++];
}

void
sim_caller_callee(struct sim_caller *c, const char *number, const char *does)
{
	struct sim_callee *who = callee(c, number);

	if (who != NULL)
		who->does = does;
}

void
sim_caller_callee_keys(
    struct sim_caller *c, const char *number, const char *keys)
{
	struct sim_callee *who = callee(c, number);
	size_t n = strnlen(keys, SIM_MAX_KEYS);

	if (who == NULL)
		return;
	memcpy(who->keys, keys, n);
	who->keys[n] = '\0';
}

static void
put_move(const struct sim_move *t, struct bw_buf *b)
{
	switch (t->kind) {
	case SIM_MOVE_SILENCE:
		bw_buf_puts(b, "silence");
		return;
	case SIM_MOVE_KEYS:
		bw_buf_puts(b, t->words);
		return;
	case SIM_MOVE_SAY:
		bw_buf_puts(b, "say=");
		bw_buf_puts(b, t->words);
		return;
	case SIM_MOVE_HANGUP:
		break;
	}
	bw_buf_puts(b, "hangup");
	if (t->after >= 0)
		bw_buf_printf(b, "@%lld.%03lld", (long long)t->after / 1000,
		    (long long)t->after % 1000);
}

void
sim_caller_words(const struct sim_caller *c, struct bw_buf *b)
{
	for (size_t i = 0; i < c->moves_n; i++) {
		if (i > 0)
			bw_buf_putc(b, ',');
		put_move(&c->moves[i], b);
	}
	bw_buf_putc(b, '\0');
}

void
sim_callee_words(const struct sim_callee *who, struct bw_buf *b)
{
	bw_buf_puts(b, who->does != NULL ? who->does : "answers");
	if (*who->keys != '\0') {
		bw_buf_putc(b, ',');
		bw_buf_puts(b, who->keys);
	}
	bw_buf_putc(b, '\0');
}
