/* The fields of a payload that tell a person what it is about. */
#include <string.h>

#include <bwcallback/event.h>

#include "deliver.h"
#include "memory.h"
#include "story.h"

static const char *const telling[] = {"digits", "terminatingDigit", "digit",
    "text", "cause", "errorMessage", "tag", "transferTo", "referCallStatus",
    "machineDetectionResult.value", "status", "transcription.status",
    "recordingName", "name", "mediaStream.name", "realTimeTranscription.name",
    "message.text", "message.direction", "errorCode", "description",
    "OrderType", "Status", "OrderId", "RequestedTns.Tn",
    "PortOutValidationRequest.RequestedTns.Tn"};

void
sim_delivery_fields(const struct sim_delivery *d, sim_field_fn *fn, void *arg)
{
	struct bw_decoder *decoder = bw_decoder_new();
	bool get = strcmp(d->method, "GET") == 0;
	struct bw_input in = {.get = get};
	const struct bw_event *const *events = NULL;
	size_t n = 0;

	if (decoder == NULL)
		sim_no_memory();
	*(get ? &in.query : &in.body) = *d->payload;
	if (bw_decode(decoder, &in, &events, &n, NULL) == BW_OK && n > 0) {
		for (size_t i = 0; i < sizeof(telling) / sizeof(*telling);
		     i++) {
			struct bw_str name = {telling[i], strlen(telling[i])};
			struct bw_str value;

			(void)bw_event_get(events[0], name, &value);
			if (value.p != NULL)
				fn(arg, telling[i], value);
		}
	}
	bw_decoder_free(decoder);
}
