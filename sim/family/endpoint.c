/* The events of a device of an endpoint. */
#include "sim/family/endpoint.h"

#include <stdlib.h>

#include "sim/base/json_members.h"
#include "sim/base/memory.h"
#include "sim/deliver/post.h"

#define STEP 1000 /* milliseconds between events; invented */
#define DAY  INT64_C(86400000)

struct device {
	struct sim_world *world;
	const struct sim_endpoint *options;
	char *endpoint;
	char *id;
	int64_t created;
};

static void
post(const struct device *d, const char *event, json_object *o, int64_t after)
{
	struct sim_callback c = {
	    .event = event,
	    .about = d->endpoint,
	    .family = BW_FAMILY_BRTC,
	    .primary = d->options->target,
	    .fallback = d->options->fallback,
	};

	if (c.fallback.url != NULL)
		c.fallback.method = "POST";
	sim_post_json(d->world, &c, o, false, after);
}

static json_object *
new_payload(const struct device *d, const char *event, int64_t after)
{
	json_object *o = json_object_new_object();

	sim_json_text(o, "accountId", d->world->account);
	sim_json_text(o, "endpointId", d->endpoint);
	sim_json_text(o, "event", event);
	sim_json_text(o, "deviceId", d->id);
	json_object_object_add(o, "timestamp",
	    json_object_new_int64(sim_world_now(d->world) + after));
	sim_json_text(o, "tags", d->options->tags);
	return o;
}

static void
post_webhooks(const struct device *d, int64_t after)
{
	static const char *const events[] = {"endpointConnected",
	    "endpointEligible", "outboundConnectionRequest",
	    "endpointIneligible", "endpointDisconnected"};
	const struct sim_endpoint *e = d->options;

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		json_object *o;

		if (i == 2 && e->to == NULL)
			continue;
		o = new_payload(d, events[i], after);
		if (i == 2) {
			sim_json_text(o, "to", e->to);
			sim_json_text(o, "toType",
			    e->to_type != NULL ? e->to_type : "PHONE_NUMBER");
		}
		post(d, events[i], o, after);
		after += STEP;
	}
}

static void
post_api(const struct device *d, const char *status, int64_t after)
{
	json_object *o = json_object_new_object();
	json_object *device = json_object_new_object();
	char *event = sim_format("DEVICE_%s", status);

	sim_json_text(o, "endpointId", d->endpoint);
	sim_json_text(o, "type", "WEBRTC");
	sim_json_text(o, "status", status);
	json_object_object_add(
	    o, "creationTimestamp", sim_json_time(d->created));
	json_object_object_add(
	    o, "expirationTimestamp", sim_json_time(d->created + DAY));
	sim_json_text(o, "tag", d->options->tags);
	json_object_object_add(
	    o, "eventTime", sim_json_time(sim_world_now(d->world) + after));
	sim_json_text(o, "eventType", event);
	sim_json_text(device, "deviceId", d->id);
	sim_json_text(device, "deviceName", "browser");
	sim_json_text(device, "status", status);
	json_object_object_add(
	    device, "creationTimestamp", sim_json_time(d->created));
	json_object_object_add(o, "device", device);
	post(d, "endpointEvent", o, after);
	free(event);
}

void
sim_endpoint(struct sim_world *w, const struct sim_endpoint *e, int64_t after)
{
	struct device d = {
	    .world = w,
	    .options = e,
	    .endpoint = sim_world_id(w, "e"),
	    .id = sim_world_id(w, "d"),
	    .created = sim_world_now(w) + after,
	};

	if (e->api) {
		post_api(&d, "CONNECTED", after);
		post_api(&d, "DISCONNECTED", after + STEP);
	} else {
		post_webhooks(&d, after);
	}
	free(d.endpoint);
	free(d.id);
}
