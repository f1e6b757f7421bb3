/* The payloads of a call's events. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "sim/base/memory.h"
#include "sim/call/voice_payload.h"

/*
 * Members besides those of all events: type, time, account, numbers, call and
 * start.
 */
enum {
	HAS_QUEUE = 1,	/* enqueuedTime, if queued */
	HAS_ANSWER = 2, /* answerTime, once answered */
	HAS_TAG = 4,
	HAS_LEG = 8, /* parentCallId etc., on a leg of Transfer */
	HAS_SIP = 16,
	HAS_CALL = HAS_QUEUE | HAS_ANSWER | HAS_TAG
};

/* The members that the documentation of each event lists. */
static const struct {
	const char *event;
	unsigned has;
} events[] = {
    {"initiate", HAS_SIP},
    {"answer", HAS_CALL | HAS_SIP},
    {"gather", HAS_CALL | HAS_LEG},
    {"partialGather", HAS_CALL | HAS_LEG},
    {"recordComplete", HAS_CALL | HAS_LEG},
    {"redirect", HAS_CALL | HAS_LEG},
    {"transferAnswer", HAS_CALL | HAS_LEG},
    {"transferComplete", HAS_CALL},
    {"transferDisconnect", HAS_CALL | HAS_LEG},
    {"bridgeComplete", HAS_CALL},
    {"bridgeTargetComplete", HAS_CALL},
    {"referComplete", HAS_ANSWER | HAS_TAG},
    {"dtmf", HAS_CALL | HAS_LEG},
    {"recordingAvailable", HAS_QUEUE | HAS_TAG | HAS_LEG},
    {"transcriptionAvailable", HAS_QUEUE | HAS_TAG | HAS_LEG},
    {"mediaStreamStarted", HAS_CALL},
    {"mediaStreamRejected", HAS_CALL},
    {"mediaStreamStopped", HAS_CALL},
    {"realTimeTranscriptionStarted", HAS_CALL},
    {"realTimeTranscriptionRejected", HAS_CALL},
    {"realTimeTranscriptionStopped", HAS_CALL},
    {"realTimeTranscriptionAvailable", HAS_CALL},
    {"machineDetectionComplete", HAS_CALL},
    {"disconnect", HAS_CALL | HAS_SIP},
};

static unsigned
members_of(const char *event)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (strcmp(events[i].event, event) == 0)
			return events[i].has;
	}
	return HAS_CALL;
}

json_object *
sim_voice_duration(int64_t ms)
{
	char text[64];
	int64_t hours = ms / 3600000, minutes = ms / 60000 % 60;
	int n = snprintf(text, sizeof(text), "PT");

	if (hours > 0)
		n += snprintf(
		    text + n, sizeof(text) - (size_t)n, "%" PRId64 "H", hours);
	if (minutes > 0)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    "%" PRId64 "M", minutes);
	(void)snprintf(text + n, sizeof(text) - (size_t)n,
	    "%" PRId64 ".%03" PRId64 "S", ms / 1000 % 60, ms % 1000);
	return json_object_new_string(text);
}

char *
sim_voice_url(const struct sim_world *w, const char *kind, const char *id,
    const char *rest)
{
	return sim_format("https://voice.bandwidth.com/api/v2/accounts/%s/"
			  "%s/%s%s",
	    w->account, kind, id, rest);
}

static void
add_call(json_object *o, const struct sim_call *c)
{
	bool outbound = c->kind != SIM_CALL_IN;
	char *url = sim_voice_url(c->world, "calls", c->id, "");

	sim_json_text(o, "accountId", c->world->account);
	sim_json_text(o, "applicationId", c->world->application);
	sim_json_text(o, "from", c->from);
	sim_json_text(o, "to", c->to);
	sim_json_text(o, "direction", outbound ? "outbound" : "inbound");
	sim_json_text(o, "callId", c->id);
	sim_json_text(o, "callUrl", url);
	free(url);
}

static void
add_state(json_object *o, const struct sim_call *c, unsigned has)
{
	if ((has & HAS_QUEUE) != 0 && c->queued) {
		json_object_object_add(
		    o, "enqueuedTime", sim_json_time(c->enqueued));
	}
	json_object_object_add(o, "startTime", sim_json_time(c->started));
	if ((has & HAS_ANSWER) != 0 && c->answered != 0) {
		json_object_object_add(
		    o, "answerTime", sim_json_time(c->answered));
	}
	if ((has & HAS_TAG) != 0)
		sim_json_text(o, "tag", c->tag);
	if ((has & HAS_LEG) != 0 && c->kind == SIM_CALL_LEG) {
		sim_json_text(o, "parentCallId", c->parent->id);
		sim_json_text(o, "transferCallerId", c->transfer_caller);
		sim_json_text(o, "transferTo", c->transfer_to);
	}
	if ((has & HAS_SIP) != 0)
		sim_json_text(o, "sipCallId", c->sip_id);
}

json_object *
sim_voice_payload(
    const struct sim_call *c, const char *event, json_object *members)
{
	json_object *o = json_object_new_object();

	/* The documented value is lower case, unlike the event's name. */
	sim_json_text(o, "eventType",
	    strcmp(event, "partialGather") == 0 ? "partialgather" : event);
	json_object_object_add(
	    o, "eventTime", sim_json_time(sim_world_now(c->world)));
	add_call(o, c);
	add_state(o, c, members_of(event));
	sim_json_merge(o, members);
	return o;
}

static void
add_parameter(
    struct bw_buf *out, const char *prefix, const char *name, json_object *o)
{
	const char *text = json_object_get_string(o);

	if (out->n > 0)
		bw_buf_putc(out, '&');
	if (prefix != NULL) {
		bw_buf_url(out, (struct bw_str){prefix, strlen(prefix)});
		bw_buf_putc(out, '.');
	}
	bw_buf_url(out, (struct bw_str){name, strlen(name)});
	bw_buf_putc(out, '=');
	if (text != NULL)
		bw_buf_url(out, (struct bw_str){text, strlen(text)});
}

void
sim_voice_query(json_object *o, struct bw_buf *out)
{
	json_object_object_foreach(o, name, value)
	{
		if (!json_object_is_type(value, json_type_object)) {
			add_parameter(out, NULL, name, value);
			continue;
		}
		json_object_object_foreach(value, inner, member)
		{
			add_parameter(out, name, inner, member);
		}
	}
}
