/* Injects faults between the platform and the application. */
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
	m->last = m->hashes_n = 0;
	m->applied = false;
}

/* The number of this callback; retries at the same URL have the same number. */
static size_t
count(struct sim_wire_fault *m, const struct sim_request *request)
{
	const struct bw_str url = {request->url, strlen(request->url)};
	uint64_t h = bw_hash_str(bw_hash_str(0, url), request->body);

	for (size_t i = m->hashes_n; i > 0; i--) {
		if (m->hashes[i - 1] == h)
			return i;
	}
	if (m->hashes_n < SIM_MAX_FAULT_REQUESTS)
		m->hashes[m->hashes_n++] = h;
	return m->hashes_n;
}

static void
apply_fault(const struct sim_wire_fault *m, struct sim_reply *r)
{
	sim_reply_reset(r);
	switch (m->kind) {
	case SIM_WIRE_FAULT_ERROR:
		r->status = 503;
		return;
	case SIM_WIRE_FAULT_TIMEOUT:
		r->failure = SIM_FAILED_TIMEOUT;
		r->why = sim_copy("no answer in time (injected fault)");
		return;
	default:
		r->failure = SIM_FAILED_CUT;
		r->why = sim_copy("the answer was cut off (injected fault)");
		return;
	}
}

void
sim_wire_fault_send(struct sim_wire_fault *m, struct sim_wire *wire,
    const struct sim_request *request, struct sim_reply *r)
{
	m->last = count(m, request);
	m->applied = m->kind != SIM_WIRE_FAULT_NONE && m->last == m->at;
	if (!m->applied || m->kind == SIM_WIRE_FAULT_CUT)
		sim_wire_send(wire, request, r);
	if (m->applied)
		apply_fault(m, r);
}
