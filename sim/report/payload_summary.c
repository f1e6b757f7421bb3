/* The fields of a payload shown in a transcript. */
#include <string.h>

#include <bwcallback/event.h>

#include "sim/base/memory.h"
#include "sim/deliver/deliver.h"
#include "sim/report/transcript.h"

static const char *const summary_fields[] = {"digits", "terminatingDigit",
    "digit", "text", "cause", "errorMessage", "tag", "transferTo",
    "referCallStatus", "machineDetectionResult.value", "status",
    "transcription.status", "recordingName", "name", "mediaStream.name",
    "realTimeTranscription.name", "message.text", "message.tag",
    "message.direction", "errorCode", "description", "OrderType", "Status",
    "OrderId", "Note", "Message", "EventType",
    "CompletedTelephoneNumbers.TelephoneNumber",
    "ImpactedTelephoneNumbers.TelephoneNumber", "PON",
    "TelephoneNumbers.TelephoneNumber", "phoneNumber", "denialStatusCode",
    "blockedReason", "event", "partNum", "platform", "toType"};

/* The numbers of a call are known; other families need the recipient. */
static void
add_recipient(const struct bw_event *e, sim_field_fn *fn, void *arg)
{
	struct bw_str to;

	switch (bw_event_family(e)) {
	case BW_FAMILY_MESSAGING:
	case BW_FAMILY_BRTC:
	case BW_FAMILY_EMERGENCY:
		(void)bw_event_get(e, BW_STR("to"), &to);
		if (to.p != NULL)
			fn(arg, "to", to);
		break;
	default:
		break;
	}
}

void
sim_delivery_fields(const struct sim_delivery *d, sim_field_fn *fn, void *arg)
{
	struct bw_decoder *decoder = bw_decoder_new();
	bool get = strcmp(d->method, "GET") == 0;
	struct bw_payload in = {.get = get};
	const struct bw_event *const *events = NULL;
	size_t n = 0;

	if (decoder == NULL)
		sim_no_memory();
	*(get ? &in.query : &in.body) = *d->payload;
	if (bw_decode(decoder, &in, &events, &n, NULL) == BW_OK && n > 0) {
		add_recipient(events[0], fn, arg);
		for (size_t i = 0;
		     i < sizeof(summary_fields) / sizeof(*summary_fields);
		     i++) {
			struct bw_str name = {
			    summary_fields[i], strlen(summary_fields[i])};
			struct bw_str value;

			(void)bw_event_get(events[0], name, &value);
			if (value.p != NULL)
				fn(arg, summary_fields[i], value);
		}
	}
	bw_decoder_free(decoder);
}
