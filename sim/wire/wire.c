/* Functions common to all wires, and the wire that calls a function. */
#include <stdlib.h>

#include "sim/base/memory.h"
#include "sim/wire/wire_kind.h"

void
sim_reply_init(struct sim_reply *r)
{
	*r = (struct sim_reply){.retry_after = -1};
	bw_buf_init(&r->body, SIM_MAX_REPLY);
}

static void
drop_texts(struct sim_reply *r)
{
	free(r->why);
	free(r->type);
	free(r->challenge);
	free(r->reason);
}

void
sim_reply_reset(struct sim_reply *r)
{
	struct bw_buf body = r->body;

	drop_texts(r);
	bw_buf_reset(&body);
	*r = (struct sim_reply){.retry_after = -1, .body = body};
}

void
sim_reply_free(struct sim_reply *r)
{
	drop_texts(r);
	bw_buf_free(&r->body);
}

struct script {
	struct sim_wire wire;
	sim_script_fn *fn;
	void *arg;
};

static void
send_script(struct sim_wire *w, const struct sim_request *request,
    struct sim_reply *r, size_t n)
{
	const struct script *s = (const struct script *)w;

	for (size_t i = 0; i < n; i++) {
		sim_reply_reset(&r[i]);
		s->fn(s->arg, request, &r[i]);
	}
}

static void
free_script(struct sim_wire *w)
{
	free(w);
}

struct sim_wire *
sim_wire_script(sim_script_fn *fn, void *arg)
{
	struct script *s = sim_alloc(sizeof(*s));

	s->wire.send = send_script;
	s->wire.free = free_script;
	s->fn = fn;
	s->arg = arg;
	return &s->wire;
}

void
sim_wire_free(struct sim_wire *w)
{
	if (w != NULL)
		w->free(w);
}

void
sim_wire_send(struct sim_wire *w, const struct sim_request *request,
    struct sim_reply *reply)
{
	w->send(w, request, reply, 1);
}

void
sim_wire_send_at_once(struct sim_wire *w, const struct sim_request *request,
    struct sim_reply *replies, size_t n)
{
	w->send(w, request, replies, n);
}

struct bw_config *
sim_wire_config(const struct sim_wire *w)
{
	return w->config != NULL ? w->config(w) : NULL;
}

struct bw_store *
sim_wire_store(const struct sim_wire *w)
{
	return w->store != NULL ? w->store(w) : NULL;
}

void
sim_wire_permit(struct sim_wire *w, const struct sim_permission *permission)
{
	if (w->permit != NULL)
		w->permit(w, permission);
}

void
sim_wire_forget(struct sim_wire *w)
{
	if (w->forget != NULL)
		w->forget(w);
}
