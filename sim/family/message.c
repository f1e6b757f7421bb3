/* Messages: received ones, and the status of sent ones for each recipient. */
#include "sim/family/message.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/json_members.h"
#include "sim/base/memory.h"
#include "sim/deliver/post.h"

/* Milliseconds from the request to each status; invented. */
#define SENDING 200
#define SENT	1000
#define RECEIPT 4000
#define READ	60000

/* 29 alphanumeric characters, as in all documented examples. */
static char *
make_id(struct sim_world *w)
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	char *id = sim_alloc(30);

	for (int i = 0; i < 29; i++)
		id[i] = letters[sim_world_random(w, sizeof(letters) - 1)];
	return id;
}

/* One copy of a message. */
struct copy {
	struct sim_world *world;
	const struct sim_message *message;
	char *id;
	const char *owner;
	bool in;
	int64_t created; /* time of day */
};

/* 160 characters per segment; 70 if any is not ASCII. */
static int
count_segments(const char *text)
{
	size_t n = 0, most = 160;

	for (const char *p = text != NULL ? text : ""; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		n += c < 0x80 || c >= 0xc0;
		if (c >= 0x80)
			most = 70;
	}
	return n > most ? (int)((n + most - 1) / most) : 1;
}

static json_object *
make_list(const char *const *texts, size_t n)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(list, json_object_new_string(texts[i]));
	return list;
}

/* Media of received messages has a URL at Bandwidth. */
static json_object *
make_media(const struct copy *c)
{
	const struct sim_message *m = c->message;
	json_object *list;

	if (!c->in)
		return make_list(m->media, m->nmedia);
	list = json_object_new_array();
	for (size_t i = 0; i < m->nmedia; i++) {
		char *url = sim_format("https://messaging.bandwidth.com/api/v2/"
				       "users/%s/media/%s/%zu/%s",
		    c->world->account, c->id, i, m->media[i]);

		json_object_array_add(list, json_object_new_string(url));
		free(url);
	}
	return list;
}

static json_object *
make_message(const struct copy *c)
{
	const struct sim_message *m = c->message;
	json_object *o = json_object_new_object();

	sim_json_text(o, "id", c->id);
	sim_json_text(o, "owner", c->owner);
	sim_json_text(o, "applicationId", c->world->application);
	json_object_object_add(o, "time", sim_json_time(c->created));
	json_object_object_add(o, "segmentCount",
	    json_object_new_int(m->nmedia > 0 ? 1 : count_segments(m->text)));
	sim_json_text(o, "direction", c->in ? "in" : "out");
	json_object_object_add(o, "to", make_list(m->to, m->nto));
	sim_json_text(o, "from", m->from);
	/* Status callbacks have an empty text. */
	sim_json_text(o, "text", !c->in ? "" : m->text != NULL ? m->text : "");
	if (m->nmedia > 0)
		json_object_object_add(o, "media", make_media(c));
	if (!c->in)
		sim_json_text(o, "tag", m->tag);
	sim_json_text(o, "priority", m->priority);
	sim_json_text(o, "channel", m->channel);
	return o;
}

/* Send an event with this message. Takes over the message. */
static void
post_event(const struct copy *c, const char *type, const char *description,
    const char *to, json_object *message, int64_t after, int error)
{
	struct sim_callback callback = {
	    .event = type,
	    .about = c->id,
	    .family = BW_FAMILY_MESSAGING,
	    .primary = c->message->target,
	};
	json_object *o = json_object_new_object();
	int64_t when = sim_world_now(c->world) + after;

	sim_json_text(o, "type", type);
	json_object_object_add(o, "time", sim_json_time(when));
	sim_json_text(o, "description", description);
	sim_json_text(o, "to", to);
	if (error != 0)
		json_object_object_add(
		    o, "errorCode", json_object_new_int(error));
	if (strcmp(type, "message-read") == 0)
		json_object_object_add(o, "eventTime", sim_json_time(when));
	sim_json_text(o, "carrierName", c->message->carrier);
	json_object_object_add(o, "message", message);
	sim_post_json(c->world, &callback, o, true, after);
}

static const char *
add_rich(json_object *message, const struct sim_message *m)
{
	json_object *o;

	if (m->suggestion != NULL) {
		o = json_object_new_object();
		sim_json_text(o, "text", m->suggestion);
		sim_json_text(o, "postbackData",
		    m->postback != NULL ? m->postback : "more details");
		json_object_object_add(o, "pairedMessageId", NULL);
		json_object_object_add(message, "suggestionResponse", o);
		return "suggestion-response";
	}
	if (m->latitude != NULL && m->longitude != NULL) {
		o = json_object_new_object();
		sim_json_text(o, "latitude", m->latitude);
		sim_json_text(o, "longitude", m->longitude);
		json_object_object_add(message, "locationResponse", o);
		return "requested-location-response";
	}
	if (m->channel != NULL && strcmp(m->channel, "RBM") == 0) {
		o = json_object_new_object();
		sim_json_text(o, "text", m->text);
		json_object_object_add(message, "content", o);
	}
	return "message-received";
}

static void
post_received(struct sim_world *w, const struct sim_message *m,
    const char *owner, int64_t after)
{
	struct copy c = {
	    .world = w,
	    .message = m,
	    .id = make_id(w),
	    .owner = owner,
	    .in = true,
	    .created = sim_world_now(w) + after,
	};
	json_object *message = make_message(&c);
	const char *type = add_rich(message, m);

	post_event(&c, type, "Incoming message received", owner, message,
	    after + SENDING, 0);
	free(c.id);
}

static const char *const default_recipients[] = {"+19195550100"};

static struct sim_message
with_defaults(const struct sim_message *message)
{
	struct sim_message m = *message;

	if (m.from == NULL)
		m.from = "+19195550101";
	if (m.nto == 0) {
		m.to = default_recipients;
		m.nto = 1;
	}
	return m;
}

void
sim_message_in(
    struct sim_world *w, const struct sim_message *message, int64_t after)
{
	struct sim_message m = with_defaults(message);
	size_t n = m.ours > 0 ? m.ours : 1;

	for (size_t i = 0; i < n && i < m.nto; i++)
		post_received(w, &m, m.to[i], after);
}

static bool
fails(const struct sim_message *m, const char *to)
{
	return m->error != 0 &&
	       (m->failing == NULL || strcmp(m->failing, to) == 0);
}

/*
 * Without receipts, an MMS counts as delivered once the carrier has it; later
 * failures are not reported.
 */
static void
send_status(const struct copy *c, const char *to, int64_t after)
{
	const struct sim_message *m = c->message;
	bool mms = m->nmedia > 0;

	if (mms && m->receipts)
		post_event(c, "message-sending",
		    "Message is sending to carrier", to, make_message(c),
		    after + SENDING, 0);
	if (m->sent)
		post_event(c, "message-sent", "Message sent to carrier", to,
		    make_message(c), after + SENT, 0);
	if (fails(m, to) && (!mms || m->receipts)) {
		post_event(c, "message-failed",
		    m->reason != NULL ? m->reason : "rejected", to,
		    make_message(c), after + RECEIPT, m->error);
		return;
	}
	post_event(c, "message-delivered",
	    mms && m->receipts ? "Message delivered to handset."
	    : mms	       ? "Message delivered to carrier."
			       : "ok",
	    to, make_message(c), after + RECEIPT, 0);
	if (m->read)
		post_event(c, "message-read", "Message read", to,
		    make_message(c), after + READ, 0);
}

void
sim_message_out(
    struct sim_world *w, const struct sim_message *message, int64_t after)
{
	struct sim_message m = with_defaults(message);
	struct copy c = {
	    .world = w,
	    .message = &m,
	    .id = make_id(w),
	    .owner = m.from,
	    .created = sim_world_now(w) + after,
	};

	for (size_t i = 0; i < m.nto; i++)
		send_status(&c, m.to[i], after);
	free(c.id);
}

/* dlrMask bits; the last three are final states. */
static const struct {
	const char *event;
	unsigned bit;
	bool is_final;
} reports[] = {
    {"SENT_TO_SMSC", 8, false},
    {"BUFFERED", 4, false},
    {"DELIVERED", 1, true},
    {"UNDELIVERED", 2, true},
    {"REJECTED", 16, true},
};

static void
post_report(struct sim_world *w, const struct sim_report *r, size_t i, int part,
    const char *id, int64_t after)
{
	struct sim_callback callback = {
	    .event = "dlr",
	    .about = id,
	    .family = BW_FAMILY_MESSAGING_INTL,
	    .primary = r->target,
	};
	json_object *o = json_object_new_object();
	int error = reports[i].is_final ? r->error : 0;

	sim_json_text(o, "msgId", id);
	sim_json_text(o, "event", reports[i].event);
	json_object_object_add(o, "errorCode", json_object_new_int(error));
	sim_json_text(o, "errorMessage",
	    error == 0		? "No error"
	    : r->reason != NULL ? r->reason
				: "Other error");
	json_object_object_add(o, "partNum", json_object_new_int(part));
	json_object_object_add(
	    o, "numParts", json_object_new_int(r->parts > 1 ? r->parts : 1));
	sim_json_text(o, "accountName", w->account);
	sim_post_json(w, &callback, o, false, after);
}

void
sim_message_report(
    struct sim_world *w, const struct sim_report *r, int64_t after)
{
	const char *last = r->event != NULL ? r->event : "DELIVERED";
	char *id = sim_world_id(w, "");
	unsigned mask = r->mask != 0 ? r->mask : 31;

	for (int part = 1; part <= r->parts || part == 1; part++) {
		for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]);
		     i++) {
			if ((mask & reports[i].bit) == 0 ||
			    (reports[i].is_final &&
				strcmp(reports[i].event, last) != 0))
				continue;
			post_report(
			    w, r, i, part, id, after + (int64_t)(i + 1) * SENT);
		}
	}
	free(id);
}

void
sim_message_code(struct sim_world *w, const struct sim_code *c, int64_t after)
{
	const char *to = c->to != NULL ? c->to : default_recipients[0];
	bool american = strncmp(to, "+1", 2) == 0;
	char *id = make_id(w);
	struct sim_callback callback = {
	    .event = c->error == 0 ? "message-delivered" : "message-failed",
	    .about = id,
	    .family = BW_FAMILY_MFA,
	    .once = !american,
	    .primary = c->target,
	};
	json_object *o = json_object_new_object();
	json_object *message = json_object_new_object();

	sim_json_text(o, "type", callback.event);
	json_object_object_add(
	    o, "time", sim_json_time(sim_world_now(w) + after + RECEIPT));
	sim_json_text(o, "description",
	    c->error == 0	? "ok"
	    : c->reason != NULL ? c->reason
				: "Undeliverable");
	sim_json_text(
	    o, "platform", american ? "NorthAmericaSMS" : "GlobalSMS");
	if (c->error != 0)
		json_object_object_add(
		    o, "errorCode", json_object_new_int(c->error));
	sim_json_text(message, "id", id);
	json_object_object_add(o, "message", message);
	sim_post_json(w, &callback, o, false, after + RECEIPT);
	free(id);
}
