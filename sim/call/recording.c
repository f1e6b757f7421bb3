/* Recordings and their later events. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/call_list.h"
#include "sim/call/conference.h"
#include "sim/call/recording.h"
#include "sim/call/send.h"
#include "sim/call/voice_payload.h"

/*
 * A recording is transcribed if it is longer than half a second and shorter
 * than four hours.
 */
#define SHORTEST_TRANSCRIBED 500
#define LONGEST_TRANSCRIBED  (INT64_C(4) * 3600 * 1000)

static struct sim_world *
world_of(const struct sim_recording *r)
{
	return r->call != NULL ? r->call->world : r->conference->world;
}

static void
log_state(const struct sim_recording *r, const char *state)
{
	struct sim_world *w = world_of(r);

	sim_world_log(
	    w, &(struct sim_log_entry){
		   .kind = SIM_LOG_STATE,
		   .call = r->call != NULL ? r->call->id : r->conference->id,
		   .name = r->id,
		   .text = state,
	       });
}

void
sim_recording_start(struct sim_recording **slot, struct sim_call *c,
    struct sim_conference *conference, const xmlNode *node, const char *base)
{
	struct sim_world *w = c != NULL ? c->world : conference->world;
	struct sim_recording *r = sim_alloc(sizeof(*r));
	struct sim_call_list *s = sim_call_list(w);
	const char *channels = sim_attr(node, "multiChannel");

	r->call = c;
	r->conference = conference;
	r->id = sim_world_id(w, "r");
	r->name = sim_copy(sim_attr_given(node, "recordingName"));
	r->format = sim_copy(sim_attr(node, "fileFormat"));
	r->channels =
	    c != NULL && channels != NULL && strcmp(channels, "true") == 0 ? 2
									   : 1;
	r->transcribe = c != NULL && sim_attr_true(node, "transcribe");
	sim_targets_read(&r->available, node, "recordingAvailableUrl", base);
	sim_targets_read(
	    &r->transcribed, node, "transcriptionAvailableUrl", base);
	r->started = sim_world_now(w);
	r->next = s->recordings;
	s->recordings = r;
	*slot = r;
	log_state(r, "recording begins");
}

void
sim_recording_pause(struct sim_recording *r, bool on)
{
	int64_t now;

	if (r == NULL || on == (r->paused_since != 0))
		return;
	now = sim_world_now(world_of(r));
	if (on) {
		r->paused_since = now;
	} else {
		r->paused += now - r->paused_since;
		r->paused_since = 0;
	}
	log_state(r, on ? "recording is paused" : "recording goes on");
}

static int64_t
length(const struct sim_recording *r)
{
	return r->ended - r->started - r->paused;
}

static char *
media_url(const struct sim_recording *r, const char *what)
{
	bool call = r->call != NULL;
	char *rest = sim_format("/recordings/%s/%s", r->id, what);
	char *url = sim_voice_url(world_of(r), call ? "calls" : "conferences",
	    call ? r->call->id : r->conference->id, rest);

	free(rest);
	return url;
}

static void
add_string(json_object *o, const char *name, char *value)
{
	sim_json_text(o, name, value);
	free(value);
}

json_object *
sim_recording_members(const struct sim_recording *r)
{
	json_object *o = json_object_new_object();

	sim_json_text(o, "recordingId", r->id);
	add_string(o, "mediaUrl", media_url(r, "media"));
	json_object_object_add(o, "startTime", sim_json_time(r->started));
	json_object_object_add(o, "endTime", sim_json_time(r->ended));
	json_object_object_add(o, "duration", sim_voice_duration(length(r)));
	sim_json_text(o, "fileFormat", r->format);
	return o;
}

static const char *
transcription_status(const struct sim_recording *r)
{
	if (length(r) <= SHORTEST_TRANSCRIBED)
		return "file-size-too-small";
	if (length(r) >= LONGEST_TRANSCRIBED)
		return "file-size-too-big";
	return "available";
}

static void
send_transcription(void *arg)
{
	const struct sim_recording *r = arg;
	json_object *o = sim_recording_members(r);
	json_object *t = json_object_new_object();
	const char *status = transcription_status(r);

	add_string(t, "id", sim_world_id(world_of(r), "t"));
	if (strcmp(status, "available") == 0)
		add_string(t, "url", media_url(r, "transcription"));
	sim_json_text(t, "status", status);
	json_object_object_add(
	    t, "completedTime", sim_json_time(sim_world_now(world_of(r))));
	json_object_object_add(o, "transcription", t);
	sim_send_call(
	    r->call, "transcriptionAvailable", &r->transcribed, o, NULL);
	json_object_put(o);
}

static void
send_available(void *arg)
{
	struct sim_recording *r = arg;
	struct sim_world *w = world_of(r);
	json_object *o = sim_recording_members(r);

	json_object_object_add(o, "channels", json_object_new_int(r->channels));
	sim_json_text(o, "status", "complete");
	sim_json_text(o, "recordingName", r->name);
	if (r->call != NULL)
		sim_send_call(
		    r->call, "recordingAvailable", &r->available, o, NULL);
	else
		sim_conference_recorded(r->conference, &r->available, o);
	json_object_put(o);
	if (r->transcribe)
		sim_scheduler_add(w->scheduler,
		    sim_world_now(w) + w->options.processing,
		    send_transcription, r);
}

void
sim_recording_stop(struct sim_recording **slot)
{
	struct sim_recording *r = *slot;
	struct sim_world *w;

	if (r == NULL)
		return;
	*slot = NULL;
	w = world_of(r);
	r->ended = sim_world_now(w);
	if (r->paused_since != 0)
		r->paused += r->ended - r->paused_since;
	log_state(r, "recording ends");
	sim_scheduler_add(
	    w->scheduler, r->ended + w->options.processing, send_available, r);
}

void
sim_recordings_free(struct sim_recording *list)
{
	while (list != NULL) {
		struct sim_recording *r = list;

		list = r->next;
		sim_targets_free(&r->available);
		sim_targets_free(&r->transcribed);
		free(r->id);
		free(r->name);
		free(r->format);
		free(r);
	}
}
