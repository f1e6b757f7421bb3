/* Callbacks that have bad luck on their way. */
#include <string.h>

#include <bwcallback/tools/hash.h>

#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include "sim/wire/wire_fault.h"

static const char *const words[] = {
    [SIM_WIRE_FAULT_NONE] = "none",
    [SIM_WIRE_FAULT_TIMEOUT] = "timeout",
    [SIM_WIRE_FAULT_ERROR] = "503",
    [SIM_WIRE_FAULT_CUT] = "cut",
};

enum sim_wire_fault_kind
sim_wire_fault_of(const char *word)
{
	int kind = SIM_WIRE_FAULT_NONE + 1;

	while (kind < SIM_WIRE_FAULT__MAX && strcmp(words[kind], word) != 0)
		kind++;
	return kind < SIM_WIRE_FAULT__MAX ? (enum sim_wire_fault_kind)kind
					  : SIM_WIRE_FAULT_NONE;
}

const char *
sim_wire_fault_word(enum sim_wire_fault_kind kind)
{
	return words[kind];
}

void
sim_wire_fault_init(
    struct sim_wire_fault *m, enum sim_wire_fault_kind kind, size_t at)
{
	m->kind = kind;
	m->at = at;
	m->last = m->asked_n = 0;
	m->struck = false;
}

/* Which callback this is; the same for a later try at the same URL. */
static size_t
count(struct sim_wire_fault *m, const struct sim_ask *ask)
{
	const struct bw_str url = {ask->url, strlen(ask->url)};
	uint64_t h = bw_hash_str(bw_hash_str(0, url), ask->body);

	for (size_t i = m->asked_n; i > 0; i--) {
		if (m->asked[i - 1] == h)
			return i;
	}
	if (m->asked_n < SIM_MAX_FAULT_REQUESTS)
		m->asked[m->asked_n++] = h;
	return m->asked_n;
}

static void
strike(const struct sim_wire_fault *m, struct sim_reply *r)
{
	sim_reply_reset(r);
	switch (m->kind) {
	case SIM_WIRE_FAULT_ERROR:
		r->status = 503;
		return;
	case SIM_WIRE_FAULT_TIMEOUT:
		r->failure = SIM_FAILED_TIMEOUT;
		r->why = sim_copy("no answer in time (a mishap that was "
				  "asked for)");
		return;
	default:
		r->failure = SIM_FAILED_CUT;
		r->why = sim_copy("the answer was cut off (a mishap that was "
				  "asked for)");
		return;
	}
}

void
sim_wire_fault_ask(struct sim_wire_fault *m, struct sim_wire *wire,
    const struct sim_ask *ask, struct sim_reply *r)
{
	m->last = count(m, ask);
	m->struck = m->kind != SIM_WIRE_FAULT_NONE && m->last == m->at;
	if (!m->struck || m->kind == SIM_WIRE_FAULT_CUT)
		sim_wire_ask(wire, ask, r);
	if (m->struck)
		strike(m, r);
}
