/* Streams and transcriptions of a call. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/call_list.h"
#include "sim/call/send.h"
#include "sim/call/stream.h"
#include "sim/call/verbs.h"
#include "sim/call/voice_payload.h"

/* Per kind and call; "both" counts as two (Programmable Voice, StartStream). */
#define MOST_TRACKS 4

static const struct kind {
	const char *id;
	const char *object;   /* the member with its description */
	const char *original; /* the member with the stream of the same name */
	const char *url;
	const char *started, *rejected, *stopped;
	const char *what;
} kinds[] = {
    {
	"s",
	"mediaStream",
	"originalMediaStream",
	"streamEventUrl",
	"mediaStreamStarted",
	"mediaStreamRejected",
	"mediaStreamStopped",
	"A stream",
    },
    {
	"t",
	"realTimeTranscription",
	"originalTranscription",
	"transcriptionEventUrl",
	"realTimeTranscriptionStarted",
	"realTimeTranscriptionRejected",
	"realTimeTranscriptionStopped",
	"A real-time transcription",
    },
};

static const struct kind *
kind_of(const struct sim_stream *s)
{
	return &kinds[s->transcription];
}

static json_object *
describe(const struct sim_stream *s)
{
	json_object *o = json_object_new_object();
	json_object *tracks = json_object_new_array();

	if (s->inbound)
		json_object_array_add(
		    tracks, json_object_new_string("inbound"));
	if (s->outbound)
		json_object_array_add(
		    tracks, json_object_new_string("outbound"));
	sim_json_text(o, "destination", s->destination);
	sim_json_text(o, "id", s->id);
	sim_json_text(o, "name", s->name);
	json_object_object_add(o, "startTime", sim_json_time(s->started));
	json_object_object_add(o, "tracks", tracks);
	if (!s->transcription)
		sim_json_text(o, "type", "WebSocket");
	else if (s->destination !=
		 NULL) /* a string, as in the documented samples */
		sim_json_text(
		    o, "stabilized", s->stabilized ? "true" : "false");
	return o;
}

static json_object *
members_of(const struct sim_stream *s)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, kind_of(s)->object, describe(s));
	return o;
}

/* A transcription without a websocket has only the final event. */
static void
send_event(const struct sim_stream *s, const char *event, json_object *members)
{
	if (!s->transcription || s->destination != NULL)
		sim_send_call(s->call, event, &s->targets, members, NULL);
	json_object_put(members);
}

static void
send_started(const struct sim_stream *s)
{
	send_event(s, kind_of(s)->started, members_of(s));
}

static void
reject(const struct sim_stream *s, const struct sim_stream *original,
    const char *cause, const char *message)
{
	json_object *o = members_of(s);

	sim_json_text(o, "cause", cause);
	sim_json_text(o, "errorMessage", message);
	if (original != NULL)
		json_object_object_add(
		    o, kind_of(s)->original, describe(original));
	sim_call_report(s->call, NULL, message);
	send_event(s, kind_of(s)->rejected, o);
}

/* The transcript is available some time after the end. */
static void
send_available(void *arg)
{
	const struct sim_stream *s = arg;
	struct sim_world *w = s->call->world;
	json_object *o = members_of(s), *t = NULL;
	char *rest = sim_format("/transcriptions/%s", s->id);
	char *url = sim_voice_url(w, "calls", s->call->id, rest);

	json_object_object_get_ex(o, kind_of(s)->object, &t);
	sim_json_text(t, "status", "available");
	sim_json_text(t, "url", url);
	json_object_object_add(
	    t, "completedTime", sim_json_time(sim_world_now(w)));
	free(rest);
	free(url);
	sim_send_call(
	    s->call, "realTimeTranscriptionAvailable", &s->targets, o, NULL);
	json_object_put(o);
}

static void
stop(struct sim_stream *s)
{
	struct sim_world *w = s->call->world;
	json_object *o, *description = NULL;
	bool awaited = s->awaited;

	if (s->ended != 0)
		return;
	s->ended = sim_world_now(w);
	sim_scheduler_cancel(w->scheduler, s->close_timer);
	o = members_of(s);
	sim_json_text(o, "cause", "closed");
	json_object_object_get_ex(o, kind_of(s)->object, &description);
	json_object_object_add(
	    description, "duration", sim_voice_duration(s->ended - s->started));
	send_event(s, kind_of(s)->stopped, o);
	if (s->transcription)
		sim_scheduler_add(w->scheduler,
		    s->ended + w->options.processing, send_available, s);
	s->awaited = false;
	if (awaited)
		sim_interpreter_next(s->call);
}

static void
closed_by_far_end(void *arg)
{
	stop(arg);
}

void
sim_streams_stop(struct sim_call *c)
{
	for (struct sim_stream *s = c->streams; s != NULL; s = s->next)
		stop(s);
}

void
sim_streams_free(struct sim_stream *list)
{
	while (list != NULL) {
		struct sim_stream *s = list;

		list = s->next;
		sim_targets_free(&s->targets);
		free(s->id);
		free(s->name);
		free(s->destination);
		free(s);
	}
}

/*
 * The running stream of this kind with this name or id, except but; NULL: none.
 */
static struct sim_stream *
find(const struct sim_call *c, bool transcription, const char *name,
    const struct sim_stream *but)
{
	struct sim_stream *s = c->streams;

	while (
	    s != NULL &&
	    (s == but || s->ended != 0 || s->transcription != transcription ||
		(strcmp(s->name, name) != 0 && strcmp(s->id, name) != 0)))
		s = s->next;
	return s;
}

static int
tracks_up(const struct sim_call *c, bool transcription)
{
	int n = 0;

	for (const struct sim_stream *s = c->streams; s != NULL; s = s->next) {
		if (s->ended == 0 && s->transcription == transcription)
			n += s->inbound + s->outbound;
	}
	return n;
}

static struct sim_stream *
make(struct sim_call *c, const xmlNode *node, bool transcription)
{
	struct sim_stream *s = sim_alloc(sizeof(*s));
	const char *tracks = sim_attr(node, "tracks");
	const char *name = sim_attr_given(node, "name");

	s->transcription = transcription;
	s->call = c;
	s->id = sim_world_id(c->world, kinds[transcription].id);
	s->name = sim_copy(name != NULL ? name : s->id);
	s->destination = sim_copy(sim_attr_given(node, "destination"));
	s->inbound = strcmp(tracks, "outbound") != 0;
	s->outbound = strcmp(tracks, "inbound") != 0;
	s->stabilized = sim_attr_true(node, "stabilized");
	s->started = sim_world_now(c->world);
	sim_targets_read(
	    &s->targets, node, kinds[transcription].url, c->document->base);
	s->next = c->streams;
	c->streams = s;
	return s;
}

static void
start(struct sim_call *c, const xmlNode *node, bool transcription)
{
	struct sim_world *w = c->world;
	struct sim_stream *s = make(c, node, transcription);
	struct sim_stream *other = find(c, transcription, s->name, s);

	if (other != NULL) {
		char *message = sim_format("%s with the name %s already exists",
		    kind_of(s)->what, s->name);

		reject(s, other, "duplicate", message);
		free(message);
	} else if (tracks_up(c, transcription) > MOST_TRACKS) {
		reject(s, NULL, "track-limit",
		    "Maximum number of tracks exceeded");
	} else if (w->options.refuse_streams && s->destination != NULL) {
		reject(s, NULL, "connection-error",
		    "The websocket cannot be connected");
	} else {
		send_started(s);
		if (s->destination != NULL)
			s->close_timer = sim_scheduler_add(w->scheduler,
			    s->started + w->options.stream, closed_by_far_end,
			    s);
		return;
	}
	s->ended = s->started;
}

static enum sim_step
run_start_stream(struct sim_call *c, const xmlNode *node)
{
	start(c, node, false);
	return SIM_DONE;
}

static enum sim_step
run_start_transcription(struct sim_call *c, const xmlNode *node)
{
	start(c, node, true);
	return SIM_DONE;
}

static enum sim_step
run_stop_stream(struct sim_call *c, const xmlNode *node)
{
	struct sim_stream *s =
	    find(c, false, sim_attr_given(node, "name"), NULL);

	if (s == NULL)
		return SIM_DONE;
	if (!sim_attr_true(node, "wait")) {
		stop(s);
		return SIM_DONE;
	}
	s->awaited = true;
	c->state = s;
	sim_person_turn_begin(c, &(struct sim_person_context){
				     .situation = SIM_WAITS,
				     .verb = "StopStream",
				 });
	return SIM_RUNS;
}

static void
stop_waiting(struct sim_call *c)
{
	struct sim_stream *s = c->state;

	s->awaited = false;
}

static enum sim_step
run_stop_transcription(struct sim_call *c, const xmlNode *node)
{
	const char *name = sim_attr_given(node, "name");
	struct sim_stream *s;

	for (s = c->streams; name == NULL && s != NULL; s = s->next) {
		if (s->transcription)
			stop(s);
	}
	if (name != NULL && (s = find(c, true, name, NULL)) != NULL)
		stop(s);
	return SIM_DONE;
}

const struct sim_verb sim_verb_start_stream = {
    .name = "StartStream",
    .may_answer = true,
    .run = run_start_stream,
};
const struct sim_verb sim_verb_stop_stream = {
    .name = "StopStream",
    .may_answer = true,
    .run = run_stop_stream,
    .stop = stop_waiting,
};
const struct sim_verb sim_verb_start_transcription = {
    .name = "StartTranscription",
    .may_answer = true,
    .run = run_start_transcription,
};
const struct sim_verb sim_verb_stop_transcription = {
    .name = "StopTranscription",
    .run = run_stop_transcription,
};
