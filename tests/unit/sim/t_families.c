/*
 * Messages, orders, port-outs and the other families. Each sequence is
 * scheduled; the receiver decodes the callbacks as the library would and sums
 * them up in one line: event, seconds, members.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <bwcallback/event.h>

#include "sim/base/memory.h"
#include "sim/family/emergency.h"
#include "sim/family/endpoint.h"
#include "sim/family/message.h"
#include "sim/family/order.h"
#include "sim/family/portout.h"
#include "sim/family/tollfree.h"

#include "tests/tap/tap.h"

#define START INT64_C(1700000000000)

/* The members that are always present, by family and type. */
static const struct {
	const char *event;
	const char *members;
} documented[] = {
#define MESSAGE \
	"type time description to message.id message.owner " \
	"message.applicationId message.time message.segmentCount " \
	"message.direction message.to message.from"
    {"messaging.message-received", MESSAGE " message.text"},
    {"messaging.message-sending", MESSAGE " message.media"},
    {"messaging.message-sent", MESSAGE},
    {"messaging.message-delivered", MESSAGE},
    {"messaging.message-failed", MESSAGE " errorCode"},
    {"messaging.message-read", MESSAGE " eventTime"},
    {"messaging.suggestion-response",
	MESSAGE " message.suggestionResponse.text "
		"message.suggestionResponse.postbackData"},
    {"messaging.requested-location-response",
	MESSAGE " message.locationResponse.latitude "
		"message.locationResponse.longitude"},
    {"messaging-intl.dlr",
	"msgId event errorCode errorMessage partNum numParts accountName"},
    {"mfa.message-delivered", "type time description platform message.id"},
    {"mfa.message-failed",
	"type time description platform message.id errorCode"},
    {"numbers.order", "SubscriptionId OrderType OrderId Status "
		      "LastModifiedDate"},
    {"numbers.event", "SubscriptionId EventType "
		      "ImpactedTelephoneNumbers.TelephoneNumber"},
    {"portout.validation", "TelephoneNumbers.TelephoneNumber"},
    {"tfv.verification", "accountId phoneNumber status internalTicketNumber"},
    {"tfv.denial",
	"accountId phoneNumber status denialStatusCode resubmitAllowed "
	"declineReasonDescription additionalDenialReasons.statusCode "
	"additionalDenialReasons.reason "
	"additionalDenialReasons.resubmitAllowed internalTicketNumber"},
    {"tfv.blocked", "accountId phoneNumber status blocked blockedReason "
		    "internalTicketNumber"},
    {"tfv.failure", "accountId phoneNumber errorCode errorMessage errors "
		    "internalTicketNumber"},
#define ENDPOINT "accountId endpointId event deviceId timestamp"
    {"brtc.endpointConnected", ENDPOINT},
    {"brtc.endpointDisconnected", ENDPOINT},
    {"brtc.endpointEligible", ENDPOINT},
    {"brtc.endpointIneligible", ENDPOINT},
    {"brtc.outboundConnectionRequest", ENDPOINT " to toType"},
    {"brtc.endpointEvent",
	"endpointId type status creationTimestamp expirationTimestamp "
	"eventTime eventType device.deviceId device.status "
	"device.creationTimestamp"},
    {"emergency.calling-api", "to from"},
};

struct app {
	const char *show; /* members to show */
	enum bw_family hint;
	int status; /* status of all answers; 0: no answer */
	const char *body;
	const char *type;
	struct bw_decoder *decoder;
	struct bw_buf sent;
	bool complete;
};

/* The next word of a list; empty at the end. */
static struct bw_str
word(const char **list)
{
	struct bw_str s;

	*list += strspn(*list, " ");
	s = (struct bw_str){*list, strcspn(*list, " ")};
	*list += s.n;
	return s;
}

static bool
has_all(const struct bw_event *e, const char *members)
{
	struct bw_str name, value;

	for (name = word(&members); name.n > 0; name = word(&members)) {
		if (bw_event_get(e, name, &value) == BW_KIND_ABSENT) {
			tap_diag("no %.*s", (int)name.n, name.p);
			return false;
		}
	}
	return true;
}

static bool
is_complete(const struct bw_event *e)
{
	char *name = sim_format(
	    "%s.%s", bw_family_name(bw_event_family(e)), bw_event_row(e)->name);
	bool complete = false;

	for (size_t i = 0; i < sizeof(documented) / sizeof(documented[0]);
	     i++) {
		if (strcmp(documented[i].event, name) == 0)
			complete = has_all(e, documented[i].members);
	}
	if (!complete)
		tap_diag("%s is not what it should be", name);
	free(name);
	return complete;
}

static void
put_event(struct app *a, const struct bw_event *e, int64_t time)
{
	const char *show = a->show;
	struct bw_str name;

	bw_buf_printf(&a->sent, "%s%s.%s@%" PRId64, a->sent.n > 0 ? ", " : "",
	    bw_family_name(bw_event_family(e)), bw_event_row(e)->name,
	    (time - START) / 1000);
	for (name = word(&show); name.n > 0; name = word(&show)) {
		struct bw_str value;

		bw_event_get(e, name, &value);
		bw_buf_printf(&a->sent, " %.*s",
		    (int)(value.p != NULL ? value.n : 1),
		    value.p != NULL ? value.p : "-");
	}
	a->complete = a->complete && is_complete(e);
}

static void
answer(void *arg, const struct sim_request *q, struct sim_reply *r)
{
	struct app *a = arg;
	const char *query = strchr(q->url, '?');
	const struct bw_event *const *events;
	struct bw_payload in = {
	    .content_type = {q->type, q->type != NULL ? strlen(q->type) : 0},
	    .query = {query != NULL ? query + 1 : "",
		query != NULL ? strlen(query + 1) : 0},
	    .body = q->body,
	    .get = strcmp(q->method, "GET") == 0,
	    .hint = a->hint,
	};
	size_t n = 0;

	if (bw_decode(a->decoder, &in, &events, &n, NULL) != BW_OK || n != 1)
		bw_buf_puts(&a->sent, " unreadable");
	else
		put_event(a, events[0], q->time);
	if (q->signature != NULL)
		bw_buf_printf(&a->sent, " %s", q->signature);
	r->status = a->status;
	r->type = sim_copy(a->type);
	if (a->status == 0) {
		r->failure = SIM_FAILED_TIMEOUT;
		r->why = sim_copy("too slow");
	}
	if (a->body != NULL)
		bw_buf_puts(&r->body, a->body);
}

static void
observe(void *arg, const struct sim_log_entry *n)
{
	struct app *a = arg;

	if (n->kind == SIM_LOG_FINDING)
		bw_buf_printf(&a->sent, ", %s: %s",
		    n->finding->severity == BW_SEVERITY_ERROR ? "wrong" : "odd",
		    n->finding->text);
	else if (n->kind == SIM_LOG_STATE)
		bw_buf_printf(&a->sent, ", %s", n->name);
	else if (n->kind == SIM_LOG_CALLBACK && n->delivery->lost)
		bw_buf_puts(&a->sent, ", lost");
}

/* A row: the sequence, the application's answer, the summary. */
struct row {
	const char *name;
	void (*enter)(struct sim_world *, const struct row *);
	const void *options;
	const char *show;
	int status; /* 0: 200; -1: no answer */
	const char *body;
	const char *want;
};

#define ENTERS(name) \
	static void name(struct sim_world *w, const struct row *r) \
	{ \
		sim_##name(w, r->options, 0); \
	}
ENTERS(message_in)
ENTERS(message_out)
ENTERS(message_report)
ENTERS(message_code)
ENTERS(order)
ENTERS(order_lost)
ENTERS(portout)
ENTERS(tollfree)
ENTERS(emergency)
ENTERS(endpoint)

static struct bw_str
sent(const struct app *a)
{
	return (struct bw_str){a->sent.p, a->sent.n};
}

static void
play(const struct row *r)
{
	struct app a = {
	    .show = r->show,
	    .status = r->status == 0  ? 200
		      : r->status < 0 ? 0
				      : r->status,
	    .body = r->body,
	    .type = "application/xml",
	    .complete = true,
	    .decoder = bw_decoder_new(),
	};
	struct sim_log_observer observer = {observe, &a};
	struct sim_wire *wire = sim_wire_script(answer, &a);
	struct sim_options o;
	struct sim_world *w;

	if (r->enter == emergency)
		a.hint = BW_FAMILY_EMERGENCY;
	sim_options_init(&o);
	bw_buf_init(&a.sent, 65536);
	w = sim_world_new(&o, wire, &observer, START, 1);
	w->account = "9900100";
	r->enter(w, r);
	sim_world_run(w);
	is_text(sent(&a), r->want, "%s", r->name);
	ok(a.complete, "%s: members", r->name);
	sim_world_free(w);
	sim_wire_free(wire);
	bw_buf_free(&a.sent);
	bw_decoder_free(a.decoder);
}

#define TO .target = {.url = "http://app.example/x"}
#define LIST(...) \
	(const char *const[]) \
	{ \
		__VA_ARGS__ \
	}
#define ONE		.to = LIST("+19195550102"), .nto = 1
#define TWO		.to = LIST("+19195550102", "+19195550103"), .nto = 2
#define PICTURE		.media = LIST("dog.png"), .nmedia = 1
#define WITH(type, ...) (&(const struct sim_##type){TO, __VA_ARGS__})

static const struct row rows[] = {
    {"a message", message_in, WITH(message, ONE, .text = "hi"),
	"message.text to message.owner message.direction "
	"message.segmentCount",
	0, NULL,
	"messaging.message-received@0 hi +19195550102 +19195550102 in 1"},
    {"nothing said about it", message_in, WITH(message, .from = NULL),
	"message.from to message.text", 0, NULL,
	"messaging.message-received@0 +19195550101 +19195550100 "},
    {"a long one", message_in,
	WITH(message, ONE,
	    .text = "0123456789012345678901234567890123456789012345678901234567"
		    "8901234567890123456789012345678901234567890123456789012345"
		    "678901234567890123456789012345678901234567890"),
	"message.segmentCount", 0, NULL, "messaging.message-received@0 2"},
    {"a short one, of other letters", message_in,
	WITH(message, ONE,
	    .text = "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
		    "\u00e9012345678901234567890123456789012345678901234567890"
		    "12345678"),
	"message.segmentCount", 0, NULL, "messaging.message-received@0 1"},
    {"a picture for two, one of them ours", message_in,
	WITH(message, TWO, PICTURE),
	"to message.to message.to.1 message.segmentCount", 0, NULL,
	"messaging.message-received@0 +19195550102 +19195550102 +19195550103 "
	"1"},
    {"both ours: a copy each", message_in,
	WITH(message, TWO, PICTURE, .ours = 2), "to message.owner", 0, NULL,
	"messaging.message-received@0 +19195550102 +19195550102, "
	"messaging.message-received@0 +19195550103 +19195550103"},
    {"a suggestion taken", message_in,
	WITH(message, ONE, .suggestion = "yes", .postback = "order=7&go",
	    .channel = "RBM"),
	"message.suggestionResponse.text "
	"message.suggestionResponse.postbackData message.channel",
	0, NULL, "messaging.suggestion-response@0 yes order=7&go RBM"},
    {"a place", message_in,
	WITH(message, ONE, .latitude = "35.7", .longitude = "-78.6"),
	"message.locationResponse.longitude", 0, NULL,
	"messaging.requested-location-response@0 -78.6"},
    {"rich text", message_in,
	WITH(message, ONE, .text = "hi", .channel = "RBM"),
	"message.content.text", 0, NULL, "messaging.message-received@0 hi"},
    {"sent", message_out,
	WITH(message, ONE, .text = "hi", .tag = "t", .sent = true),
	"to message.text message.tag message.direction", 0, NULL,
	"messaging.message-sent@1 +19195550102  t out, "
	"messaging.message-delivered@4 +19195550102  t out"},
    {"sent in vain", message_out,
	WITH(message, ONE, .error = 4720, .reason = "no such number"),
	"errorCode description", 0, NULL,
	"messaging.message-failed@4 4720 no such number"},
    {"a picture, without receipts", message_out,
	WITH(message, ONE, PICTURE, .error = 4720), "errorCode description", 0,
	NULL, "messaging.message-delivered@4 - Message delivered to carrier."},
    {"a picture, with receipts", message_out,
	WITH(message, ONE, PICTURE, .receipts = true), "message.media", 0, NULL,
	"messaging.message-sending@0 dog.png, "
	"messaging.message-delivered@4 dog.png"},
    {"to two, of whom one does not get it", message_out,
	WITH(message, TWO, PICTURE, .receipts = true, .error = 4750,
	    .failing = "+19195550103"),
	"to", 0, NULL,
	"messaging.message-sending@0 +19195550102, "
	"messaging.message-sending@0 +19195550103, "
	"messaging.message-delivered@4 +19195550102, "
	"messaging.message-failed@4 +19195550103"},
    {"read", message_out, WITH(message, ONE, .read = true), "", 0, NULL,
	"messaging.message-delivered@4, messaging.message-read@60"},

    {"abroad", message_report, WITH(report, .parts = 2, .mask = 19), "partNum",
	0, NULL, "messaging-intl.dlr@3 1, messaging-intl.dlr@3 2"},
    {"abroad, everything", message_report,
	WITH(report, .event = "REJECTED", .error = 997), "event errorCode", 0,
	NULL,
	"messaging-intl.dlr@1 SENT_TO_SMSC 0, messaging-intl.dlr@2 BUFFERED "
	"0, messaging-intl.dlr@5 REJECTED 997"},
    {"a code", message_code, WITH(code, .to = "+19195550102"), "platform", 0,
	NULL, "mfa.message-delivered@4 NorthAmericaSMS"},
    {"a code abroad, never sent again", message_code,
	WITH(code, .to = "+442079460000", .error = 994), "platform errorCode",
	500, NULL, "mfa.message-failed@4 GlobalSMS 994, lost"},

    {"a number moves in", order,
	WITH(order, .type = "portins", .customer = "c-7",
	    .numbers = LIST("9195550102"), .n = 1),
	"Status CustomerOrderId ActualFocDate "
	"CompletedTelephoneNumbers.TelephoneNumber",
	0, NULL,
	"numbers.order@0 PENDING_DOCUMENTS c-7 - -, "
	"numbers.order@3600 SUBMITTED c-7 - -, "
	"numbers.order@7200 FOC c-7 2023-11-18T00:13:20.000Z -, "
	"numbers.order@10800 COMPLETE c-7 - 9195550102"},
    {"or does not", order,
	WITH(order, .type = "portins",
	    .statuses = LIST("SUBMITTED", "EXCEPTION", NULL),
	    .message = "7513 & <more>", .between = 1000),
	"Status Message", 0, NULL,
	"numbers.order@0 SUBMITTED -, numbers.order@1 EXCEPTION 7513 & <more>"},
    {"with a note", order, WITH(order, .remark = "call us"), "Status Note", 0,
	NULL,
	"numbers.order@0 COMPLETE -, numbers.order@3600 COMPLETE call us"},
    {"an unknown type", order, WITH(order, .type = "dreams"), "OrderType", 0,
	NULL, "numbers.order@0 dreams"},
    {"a notification is never sent again", order, WITH(order, .type = NULL), "",
	503, NULL, "numbers.order@0, lost"},
    {"not even after another 2xx", order, WITH(order, .type = NULL), "", 204,
	NULL,
	"numbers.order@0, wrong: 204: Bandwidth takes only 200 for "
	"\"order\"; after any other status it is never sent again, lost"},
    {"messaging is lost", order_lost,
	WITH(loss, .numbers = LIST("9195550102"), .n = 1),
	"EventType ImpactedTelephoneNumbers.TelephoneNumber", 0, NULL,
	"numbers.event@0 MESSAGING_LOST 9195550102"},

    {"verified", tollfree, WITH(tollfree, .number = "+18885550102"),
	"phoneNumber status", 0, NULL,
	"tfv.verification@0 +18885550102 UNVERIFIED, "
	"tfv.verification@3600 +18885550102 VERIFIED"},
    {"not verified, in all ways", tollfree,
	WITH(tollfree, .between = 1000, .reason = "why",
	    .states = LIST("unverified", "denied", "blocked", "failed", NULL)),
	"status denialStatusCode blockedReason errorCode", 0, NULL,
	"tfv.verification@0 UNVERIFIED - - -, "
	"tfv.denial@1 UNVERIFIED 511 - -, "
	"tfv.blocked@2 UNVERIFIED - why -, tfv.failure@3 - - - 400"},

    {"an endpoint", endpoint, WITH(endpoint, .tags = "t"), "tags", 0, NULL,
	"brtc.endpointConnected@0 t, brtc.endpointEligible@1 t, "
	"brtc.endpointIneligible@2 t, brtc.endpointDisconnected@3 t"},
    {"which calls", endpoint, WITH(endpoint, .to = "+19195550102"), "to toType",
	0, NULL,
	"brtc.endpointConnected@0 - -, brtc.endpointEligible@1 - -, "
	"brtc.outboundConnectionRequest@2 +19195550102 PHONE_NUMBER, "
	"brtc.endpointIneligible@3 - -, brtc.endpointDisconnected@4 - -"},
    {"in the API's words", endpoint, WITH(endpoint, .api = true),
	"eventType device.status", 0, NULL,
	"brtc.endpointEvent@0 DEVICE_CONNECTED CONNECTED, "
	"brtc.endpointEvent@1 DEVICE_DISCONNECTED DISCONNECTED"},
    {"which has a fallback", endpoint,
	WITH(
	    endpoint, .api = true, .fallback = {.url = "http://app.example/y"}),
	"", 500, NULL,
	"brtc.endpointEvent@0, brtc.endpointEvent@0, lost, "
	"brtc.endpointEvent@1, brtc.endpointEvent@1, lost"},

    {"an emergency", emergency, WITH(emergency, .to = "933"), "to from", 0,
	"{\"aeui\":\"a\",\"location_id\":\"l\"}",
	"emergency.calling-api@0 933 +19195550101, routed"},
    {"a place on the globe", emergency, WITH(emergency, .to = "933"), "", 0,
	"{\"aeui\":\"a\",\"lat\":35.7,\"lon\":-78.6}",
	"emergency.calling-api@0, routed"},
    {"all of it", emergency, WITH(emergency, .to = "933"), "", 0,
	"{\"aeui\":\"a\",\"location_id\":\"l\",\"lat\":35.7,\"lon\":-78.6,"
	"\"radius\":9}",
	"emergency.calling-api@0, routed"},
    {"sent elsewhere", emergency, WITH(emergency, .to = "933"), "", 302, NULL,
	"emergency.calling-api@0, routed"},
    {"rejected", emergency, WITH(emergency, .to = "933"), "", 404, NULL,
	"emergency.calling-api@0, rejected"},
    {"too slow", emergency, WITH(emergency, .to = "933"), "", -1, NULL,
	"emergency.calling-api@0, wrong: too slow: the call goes to "
	"Bandwidth's Emergency Call Center, relayed"},
#define RELAYED(why) \
	"emergency.calling-api@0, wrong: " why ": the call goes to " \
	"Bandwidth's Emergency Call Center, relayed"
    {"in trouble itself", emergency, WITH(emergency, .to = "933"), "", 500,
	NULL, RELAYED("status 500")},
    {"no JSON", emergency, WITH(emergency, .to = "933"), "", 0, "<x/>",
	RELAYED("the answer is not a JSON object")},
    {"nothing", emergency, WITH(emergency, .to = "933"), "", 0, NULL,
	RELAYED("the answer is not a JSON object")},
    {"a list", emergency, WITH(emergency, .to = "933"), "", 0, "[]",
	RELAYED("the answer is not a JSON object")},
    {"half of it", emergency, WITH(emergency, .to = "933"), "", 0,
	"{\"aeui\":\"a\"", RELAYED("the answer is not a JSON object")},
    {"no aeui", emergency, WITH(emergency, .to = "933"), "", 0,
	"{\"location_id\":\"l\"}", RELAYED("aeui is missing or not a string")},
    {"nowhere", emergency, WITH(emergency, .to = "933"), "", 0,
	"{\"aeui\":\"a\"}", RELAYED("neither location_id nor lat and lon")},
    {"a number for a place", emergency, WITH(emergency, .to = "933"), "", 0,
	"{\"aeui\":\"a\",\"location_id\":7}",
	RELAYED("location_id is not a string")},
    {"half a place", emergency, WITH(emergency, .to = "933"), "", 0,
	"{\"aeui\":\"a\",\"lat\":1}", RELAYED("lat and lon go together")},
    {"off the globe", emergency, WITH(emergency, .to = "933"), "", 0,
	"{\"aeui\":\"a\",\"lat\":91,\"lon\":1}",
	RELAYED("lat or lon is out of range")},
    {"a radius of nothing", emergency, WITH(emergency, .to = "933"), "", 0,
	"{\"aeui\":\"a\",\"lat\":1,\"lon\":1,\"radius\":5}",
	RELAYED("radius goes with location_id, lat and lon")},

#define PORTOUT_VERDICT(s) \
	"<PortOutValidationResponse>" s "</PortOutValidationResponse>"
#define ERROR(code) \
	"<Errors><Error><Code>" code "</Code><Description>x" \
	"</Description></Error></Errors>"
#define VALUES "<AcceptableValues><Pin>1</Pin></AcceptableValues>"
#define TAKEN(why) \
	"portout.validation@0, wrong: " why \
	": Bandwidth treats it as an approval, portable"
    {"may they go", portout,
	WITH(portout, .pon = "P-1", .pin = "0471", .account = "A", .zip = "1",
	    .name = "N & M", .numbers = LIST("9195550102", "9195550103"),
	    .n = 2),
	"PON Pin AccountNumber ZipCode SubscriberName "
	"TelephoneNumbers.TelephoneNumber.1",
	0, PORTOUT_VERDICT("<Portable>true</Portable><PON>P-1</PON>"),
	"portout.validation@0 P-1 0471 A 1 N & M 9195550103, portable"},
    {"they may not", portout, WITH(portout, .pon = "P-1"), "", 0,
	PORTOUT_VERDICT(
	    "<PON>P-1</PON><Portable> false\n</Portable>" ERROR("7513") VALUES),
	"portout.validation@0, refused"},
    {"another PON", portout, WITH(portout, .pon = "P-1"), "", 0,
	PORTOUT_VERDICT("<PON>P-2</PON><Portable>true</Portable>"),
	"portout.validation@0, odd: the PON differs from the request's, "
	"portable"},
    {"an error", portout, WITH(portout, .pin = "1"), "", 500, NULL,
	TAKEN("status 500")},
    {"a refusal with another status", portout, WITH(portout, .pin = "1"), "",
	202, PORTOUT_VERDICT("<Portable>false</Portable>" ERROR("7513") VALUES),
	TAKEN("status 202")},
    {"silence", portout, WITH(portout, .pin = "1"), "", -1, NULL,
	"portout.validation@0, portout.validation@300, "
	"portout.validation@600, portout.validation@900, "
	"portout.validation@1200, portout.validation@1500, "
	"portout.validation@1800, portout.validation@2100, "
	"portout.validation@2400, wrong: no answer in 40 minutes: Bandwidth "
	"treats it as an approval, portable"},
};

/* The signature equals one that another program computed for this body. */
static void
test_signature(void)
{
	const struct sim_tollfree options = {
	    TO, .key = "0123456789abcdef", .states = LIST("verified", NULL)};
	const struct row row = {
	    .name = "signed",
	    .enter = tollfree,
	    .options = &options,
	    .show = "internalTicketNumber",
	    .want = "tfv.verification@0 71c18690-ee42-490b-b1bb-54d8d101b5b9 "
		    "4ab7955ccda39968064e6ffa3f14b087"
		    "bd7d55fbaf7b88d0ca6d8739a026980a",
	};

	play(&row);
}

/* Every type of order can be played, with every status. */
static void
test_orders(void)
{
	size_t n = 0;

	for (const char *type = sim_order_type(0); type != NULL;
	     type = sim_order_type(++n)) {
		const char *const *s = sim_order_statuses(type);
		struct sim_order options = {TO, .type = type, .statuses = s};
		const struct row r = {
		    .enter = order, .show = "Status", .options = &options};
		struct bw_buf want;
		struct row row = r;

		bw_buf_init(&want, 4096);
		for (int i = 0; s[i] != NULL; i++)
			bw_buf_printf(&want, "%snumbers.order@%d %s",
			    i > 0 ? ", " : "", i * 3600, s[i]);
		bw_buf_putc(&want, '\0');
		row.name = type;
		row.want = want.p;
		play(&row);
		bw_buf_free(&want);
	}
	is_int((long long)n, 18, "types");
	ok(sim_order_statuses("dreams") == NULL, "no such type");
	is_str(sim_tollfree_state(2), "denied", "states by number");
	ok(sim_tollfree_state(5) == NULL, "and their end");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		play(&rows[i]);
	test_signature();
	test_orders();
	return tap_done();
}
