/* The documented members of each event of a call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include <bwcallback/event.h>

#include "sim_fixture.h"
#include "tests/tap/tap.h"

#define ALL \
	"eventType eventTime accountId applicationId from to direction " \
	"callId callUrl startTime "
#define CALL	ALL "enqueuedTime? answerTime tag? "
#define LEG	"parentCallId? transferCallerId? transferTo? "
#define FILE_OF "recordingId mediaUrl endTime duration fileFormat "
#define STREAM \
	"mediaStream mediaStream.destination mediaStream.id " \
	"mediaStream.name mediaStream.startTime mediaStream.tracks " \
	"mediaStream.type "
#define SCRIPT \
	"realTimeTranscription realTimeTranscription.id " \
	"realTimeTranscription.name realTimeTranscription.startTime " \
	"realTimeTranscription.tracks " \
	"realTimeTranscription.destination? " \
	"realTimeTranscription.stabilized? "
#define CONFERENCE "eventType eventTime conferenceId name tag? "

/* "?" marks optional members. A name includes its nested members. */
static const struct {
	const char *event;
	const char *fields;
} rows[] = {
    {"initiate", ALL "uui? diversion? stirShaken? sipCallId? sipHeaders? "
		     "identity? pai? privacy? callerDisplayName?"},
    {"answer", CALL "machineDetectionResult? sipCallId?"},
    {"gather", CALL LEG "digits terminatingDigit text?"},
    {"partialgather", CALL LEG "text"},
    {"recordComplete", CALL LEG FILE_OF "channels"},
    {"redirect", ALL LEG "enqueuedTime? answerTime? tag?"},
    {"transferAnswer", CALL "parentCallId transferCallerId transferTo"},
    {"transferComplete", CALL "transferCallerId transferTo cause "
			      "errorMessage? errorId?"},
    {"transferDisconnect", ALL "enqueuedTime? answerTime? tag? parentCallId "
			       "transferCallerId transferTo endTime cause "
			       "errorMessage? errorId?"},
    {"bridgeComplete", CALL LEG "cause? errorMessage? errorId?"},
    {"bridgeTargetComplete", CALL},
    {"referComplete", ALL "answerTime tag? referTo? referCallStatus "
			  "referSipResponseCode? notifySipResponseCode?"},
    {"dtmf", CALL LEG "digit"},
    {"recordingAvailable",
	ALL LEG FILE_OF "enqueuedTime? tag? channels status recordingName?"},
    {"transcriptionAvailable", ALL LEG FILE_OF
	"enqueuedTime? tag? transcription transcription.id transcription.url? "
	"transcription.status transcription.completedTime"},
    {"conferenceCreated", CONFERENCE},
    {"conferenceMemberJoin", CONFERENCE "callId from to"},
    {"conferenceMemberExit", CONFERENCE "callId from to"},
    {"conferenceRedirect", CONFERENCE},
    {"conferenceCompleted", CONFERENCE},
    {"conferenceRecordingAvailable", CONFERENCE FILE_OF
	"accountId channels startTime status recordingName?"},
    {"mediaStreamStarted", CALL STREAM},
    {"mediaStreamRejected",
	CALL STREAM "cause errorMessage originalMediaStream?"},
    {"mediaStreamStopped",
	CALL STREAM "mediaStream.duration cause errorMessage?"},
    {"realTimeTranscriptionStarted", CALL SCRIPT},
    {"realTimeTranscriptionRejected",
	CALL SCRIPT "transcription? cause errorMessage originalTranscription?"},
    {"realTimeTranscriptionStopped", CALL SCRIPT
	"transcription? realTimeTranscription.duration cause errorMessage?"},
    {"realTimeTranscriptionAvailable", CALL SCRIPT
	"realTimeTranscription.status realTimeTranscription.url? "
	"realTimeTranscription.completedTime? privacy? callerDisplayName?"},
    {"machineDetectionComplete",
	CALL "machineDetectionResult "
	     "machineDetectionResult.value machineDetectionResult.duration"},
    {"disconnect", ALL "enqueuedTime? answerTime? tag? endTime cause "
		       "errorMessage? errorId? sipCallId? sipResponseCode?"},
};

#define COUNT (sizeof(rows) / sizeof(rows[0]))

static const char *
fields_of(const char *event)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (strcmp(rows[i].event, event) == 0)
			return rows[i].fields;
	}
	return NULL;
}

static json_object *
get(json_object *o, const char *name, size_t n)
{
	char part[64];

	while (n > 0) {
		size_t len = 0;

		while (len < n && name[len] != '.')
			len++;
		snprintf(part, sizeof(part), "%.*s", (int)len, name);
		if (!json_object_object_get_ex(o, part, &o))
			return NULL;
		name += len;
		n -= len;
		name += n > 0;
		n -= n > 0;
	}
	return o;
}

/* Is the name in the list? */
static bool
lists(const char *fields, const char *name)
{
	size_t len = strlen(name);

	while (*fields != '\0') {
		size_t n = strcspn(fields, " ");

		if (memcmp(fields, name, len) == 0 &&
		    (n == len || (n == len + 1 && fields[len] == '?')))
			return true;
		fields += n + strspn(fields + n, " ");
	}
	return false;
}

static bool
has_all(const char *event, const char *fields, json_object *o)
{
	bool good = true;

	while (*fields != '\0') {
		size_t n = strcspn(fields, " ");

		if (fields[n - 1] != '?' && get(o, fields, n) == NULL) {
			tap_diag("%s lacks %.*s", event, (int)n, fields);
			good = false;
		}
		fields += n + strspn(fields + n, " ");
	}
	return good;
}

/* The library recognises the event. */
static bool
is_decoded(const char *event, const char *payload)
{
	struct bw_decoder *d = bw_decoder_new();
	struct bw_payload in = {
	    .content_type = BW_STR("application/json"),
	    .body = {payload, strlen(payload)},
	};
	const struct bw_event *const *events;
	struct bw_error error;
	bool good;
	size_t n;

	good = bw_decode(d, &in, &events, &n, &error) == BW_OK && n == 1 &&
	       strcasecmp(bw_event_row(events[0])->name, event) == 0;
	if (!good)
		tap_diag("%s is not recognized", event);
	bw_decoder_free(d);
	return good;
}

bool
fixture_fields_good(const char *event, const char *payload)
{
	const char *fields = fields_of(event);
	json_object *o = json_tokener_parse(payload);
	bool good = is_decoded(event, payload);

	if (strcmp(event, "connectStatus") == 0) {
		json_object_put(o);
		return good; /* only partly documented */
	}
	if (fields == NULL || o == NULL) {
		tap_diag("%s is not in the table", event);
		json_object_put(o);
		return false;
	}
	good = has_all(event, fields, o) && good;
	json_object_object_foreach(o, name, value)
	{
		(void)value;
		if (!lists(fields, name)) {
			tap_diag("%s has %s", event, name);
			good = false;
		}
	}
	json_object_put(o);
	return good;
}

/*
 * The table lists all members that the library's table of events requires, and
 * only members known to it.
 */
static bool
agrees(const char *event, const char *fields, json_object *catalogue)
{
	json_object *list = get(catalogue, "fields", 6);
	bool good = list != NULL;

	for (size_t i = 0; good && i < json_object_array_length(list); i++) {
		json_object *f = json_object_array_get_idx(list, i);
		const char *name = json_object_get_string(get(f, "name", 4));
		char wanted[100];

		snprintf(wanted, sizeof(wanted), "%.*s",
		    (int)strcspn(name, ".("), name);
		if (*wanted != '\0' && !lists(fields, wanted)) {
			tap_diag("%s: %s is documented", event, name);
			good = false;
		}
	}
	return good;
}

void
fixture_fields_check(void)
{
	const char *dir = getenv("BW_SPEC_DIR");
	char path[1000];
	json_object *all;

	if (dir == NULL) {
		ok(true, "fields against the catalogue "
			 "# SKIP BW_SPEC_DIR is not set");
		return;
	}
	snprintf(path, sizeof(path), "%s/callbacks.json", dir);
	all = json_object_from_file(path);
	ok(all != NULL, "%s", path);
	for (size_t i = 0; i < COUNT; i++) {
		const char *event = strcmp(rows[i].event, "partialgather") == 0
					? "partialGather"
					: rows[i].event;
		char key[100];
		json_object *row = NULL;

		snprintf(key, sizeof(key), "voice.%s", event);
		if (!json_object_object_get_ex(all, key, &row)) {
			snprintf(key, sizeof(key), "conference.%s", event);
			json_object_object_get_ex(all, key, &row);
		}
		ok(agrees(event, rows[i].fields, row), "%s as documented", key);
	}
	json_object_put(all);
}
