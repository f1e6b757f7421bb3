/* Encodes and sends callbacks of calls and conferences. */
#include <stdlib.h>
#include <string.h>

#include <bwcallback/limits.h>

#include "sim/base/memory.h"
#include "sim/call/call_list.h"
#include "sim/call/send.h"
#include "sim/call/voice_payload.h"

static bool
uses_get(const struct sim_world *w, const struct sim_target_entry *p)
{
	if (p->method == NULL)
		return w->options.get;
	return strcmp(p->method, "GET") == 0;
}

void
sim_send(
    struct sim_world *w, const struct sim_sending *s, struct sim_answer *answer)
{
	struct bw_buf query;
	const char *body;
	struct sim_callback callback = {
	    .event = s->event,
	    .about = s->about,
	    .family = s->family,
	    .sync = answer != NULL,
	    .primary = sim_target_find(&s->targets->primary),
	    .fallback = sim_target_find(&s->targets->fallback),
	    .type = "application/json",
	    .timeout = s->timeout,
	};

	if (sim_call_list(w)->closing)
		return;
	bw_buf_init(&query, BW_MAX_URI);
	if (uses_get(w, &s->targets->primary) ||
	    (s->targets->fallback.url != NULL &&
		uses_get(w, &s->targets->fallback)))
		sim_voice_query(s->payload, &query);
	body = json_object_to_json_string_ext(s->payload,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	callback.body = (struct bw_str){body, strlen(body)};
	callback.query = (struct bw_str){query.p, query.n};
	if (answer != NULL)
		sim_deliver(w, &callback, answer);
	else
		sim_deliver_with_retries(w, &callback, 0);
	bw_buf_free(&query);
}

void
sim_send_call(struct sim_call *c, const char *event,
    const struct sim_targets *targets, json_object *members,
    struct sim_answer *answer)
{
	json_object *payload;

	if (targets->primary.url == NULL)
		return;
	c->callbacks++;
	if (answer != NULL && c->callbacks > c->world->options.most_callbacks) {
		answer->why = sim_copy("Too many callbacks");
		sim_call_report(c, "the call ends: callback-error",
		    "call: too many callbacks: stopped as endless");
		return;
	}
	payload = sim_voice_payload(c, event, members);
	sim_send(c->world,
	    &(struct sim_sending){
		.event = event,
		.about = c->id,
		.family = BW_FAMILY_VOICE,
		.targets = targets,
		.payload = payload,
		.timeout = c->timeout,
	    },
	    answer);
	json_object_put(payload);
}
