/* Conferences, streams, transcriptions, and requests to the REST API. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/rest.h"
#include "tests/support/sim_fixture.h"

#include "tests/tap/tap.h"

#define BYE "<SpeakSentence>Bye now</SpeakSentence>"
#define ROOM(more) \
	"<Conference conferenceEventUrl='/c' " more ">room</Conference>"

static void
second_joins(struct sim_world *w, struct sim_call *c)
{
	(void)c;
	fixture_call(w, "F:h@5000", 10000);
}

static void
many_join(struct sim_world *w, struct sim_call *c)
{
	(void)c;
	for (int i = 0; i < 20; i++)
		fixture_call(w, "F:h@5000", 1000);
}

#define JOINS "initiate -> <Conference>room</Conference>\n"
#define FIVE  JOINS JOINS JOINS JOINS JOINS

static const struct fixture conferences[] = {
    ROW("Conference: made, joined, left, completed",
	"initiate -> " ROOM("tag='t1'") "\n"
					"conferenceCreated -> 204\n"
					"conferenceMemberJoin -> "
					"<PlayAudio>/a.wav</PlayAudio>\n"
					"initiate -> <Conference "
					"conferenceEventUrl='/other'>room"
					"</Conference>",
	"F:h@30000",
	"initiate\n"
	"conferenceCreated @url=http://app.example/c name=room tag=t1 "
	"conferenceId~ callId!\n"
	"conferenceMemberJoin @url=http://app.example/c from=+19195550111 "
	"callId~ tag=t1\n"
	"initiate from=+19195550122\n"
	"conferenceMemberJoin @url=http://app.example/c from=+19195550122\n"
	"disconnect from=+19195550122\n"
	"conferenceMemberExit from=+19195550122 to=+19195550100\n"
	"disconnect from=+19195550111\n"
	"conferenceMemberExit from=+19195550111\n"
	"conferenceCompleted name=room tag=t1",
	.more = second_joins, .log = "played http://app.example/a.wav"),
    ROW("Conference: used again by name it is another one",
	"initiate -> " ROOM("") "\ninitiate -> " ROOM(""), "F:h@1000",
	"initiate\nconferenceCreated\n...\nconferenceCompleted\ninitiate\n"
	"conferenceCreated\n...\nconferenceCompleted",
	.more = second_joins),
    ROW("Conference: a recording, without transcription",
	"initiate -> " ROOM(
	    "tag='t'") "\n"
		       "conferenceCreated -> <StartRecording "
		       "recordingAvailableUrl='/cr' "
		       "transcribe='true' transcriptionAvailableUrl='/ct' "
		       "multiChannel='true'/><PauseRecording/><ResumeRecording/"
		       ">\n"
		       "conferenceMemberExit -> <StopRecording/>",
	"F:h@9000",
	"initiate\n...\nconferenceCompleted\n"
	"conferenceRecordingAvailable channels=1 name=room tag=t "
	"@url=http://app.example/cr accountId~ status=complete"),
    ROW("Conference: a document with another verb is refused whole",
	"initiate -> " ROOM("") "\n"
				"conferenceCreated -> " BYE "<Pause/>",
	"F:h", "initiate\n...\nconferenceCompleted",
	.log = "wrong conferenceCreated the conference ignores it\nend "
	       "hangup"),
    ROW("Conference: documents are played one after the other",
	"initiate -> " ROOM(
	    "") "\n"
		"conferenceCreated -> <PlayAudio>/a.ogg</PlayAudio>"
		"<SpeakSentence>One</SpeakSentence>"
		"<SpeakSentence>Two</SpeakSentence>\n"
		"conferenceMemberJoin -> <SpeakSentence>Three</SpeakSentence>",
	"F:h@9000", "initiate\n...\nconferenceCompleted",
	.log = "wrong PlayAudio the conference goes on without it\n"
	       "said One\nsaid Two\nsaid Three\ndeed hangs up"),
    ROW("Conference: an event that fails is dropped",
	"initiate -> " ROOM("") "\nconferenceCreated -> 500\n"
				"conferenceMemberJoin -> slow",
	"F:h",
	"initiate\nconferenceCreated\nconferenceMemberJoin\n"
	"disconnect\nconferenceMemberExit\nconferenceCompleted"),
    ROW("Conference: twenty, and no more",
	"initiate -> " ROOM("") "\n" FIVE FIVE FIVE FIVE, "F:h@60000",
	"initiate\n...\ndisconnect cause=error errorMessage=Conference_is_full"
	"\n...\nconferenceCompleted",
	.more = many_join),
    ROW("Conference: there is one coach",
	"initiate -> " ROOM(
	    "callIdsToCoach='c-1'") "\n"
				    "initiate -> <Conference "
				    "callIdsToCoach='c-2'>room</Conference>",
	"F:h@60000", "initiate\n...\nconferenceCompleted", .more = second_joins,
	.log = "wrong Conference (Conference: another member is already the "
	       "coach"),
    ROW("Conference: a day is the longest", "initiate -> " ROOM("") BYE, "",
	"initiate\nconferenceCreated\nconferenceMemberJoin\n"
	"conferenceMemberExit eventTime=2026-02-03T02:40:00.124Z\n"
	"conferenceCompleted\ndisconnect",
	.log = "said Bye now"),
    ROW("Conference: dtmf of a member",
	"initiate -> <StartGather dtmfUrl='/d'/>" ROOM(""), "F:k9 F:h",
	"initiate\nconferenceCreated\nconferenceMemberJoin\ndtmf digit=9\n"
	"..."),
};

#define STREAM(name, tracks) \
	"<StartStream name='" name "' tracks='" tracks \
	"' destination='wss://ws.example/m' streamEventUrl='/s'/>"
#define TRANSCRIBE(name, more) \
	"<StartTranscription name='" name "' transcriptionEventUrl='/t' " more \
	"/>"
#define WS "destination='wss://ws.example/t'"

static const struct fixture streams[] = {
    ROW("StartStream and StopStream",
	"initiate -> " STREAM(
	    "s", "both") "<Pause duration='62'/>"
			 "<StopStream name='s'/><StopStream name='none'/>",
	"",
	"initiate\n"
	"mediaStreamStarted mediaStream.name=s @url=http://app.example/s "
	"mediaStream.type=WebSocket mediaStream.id~\n"
	"mediaStreamStopped cause=closed mediaStream.duration=PT1M2.000S\n"
	"disconnect",
	.assume = "stream=90"),
    ROW("StartStream: until the call ends",
	"initiate -> " STREAM("s", "inbound") "<Pause/>", "",
	"initiate\nmediaStreamStarted\nmediaStreamStopped cause=closed\n"
	"disconnect"),
    ROW("StartStream: the name is in use",
	"initiate -> " STREAM("s", "inbound")
	    STREAM("s", "outbound") "<Pause/>",
	"",
	"initiate\nmediaStreamStarted\nmediaStreamRejected cause=duplicate "
	"originalMediaStream.name=s errorMessage="
	"A_stream_with_the_name_s_already_exists\n"
	"mediaStreamStopped\ndisconnect"),
    ROW("StartStream: too many tracks",
	"initiate -> " STREAM("a", "both") STREAM("b", "inbound")
	    STREAM("c", "outbound") STREAM("d", "inbound") "<Pause/>",
	"",
	"initiate\nmediaStreamStarted\nmediaStreamStarted\n"
	"mediaStreamStarted\nmediaStreamRejected cause=track-limit "
	"mediaStream.name=d originalMediaStream!\n...\ndisconnect"),
    ROW("StartStream: no connection", "initiate -> " STREAM("s", "both") BYE,
	"", "initiate\nmediaStreamRejected cause=connection-error\ndisconnect",
	.assume = "refuse-streams=true", .log = "said Bye now"),
    ROW("StopStream waits until the far end closes it",
	"initiate -> " STREAM(
	    "s", "both") "<StopStream name='s' wait='true'/>" BYE,
	"",
	"initiate\nmediaStreamStarted\nmediaStreamStopped "
	"mediaStream.duration=PT30.000S\ndisconnect",
	.assume = "stream=30", .log = "said Bye now"),
    ROW("StopStream waits, and the caller hangs up",
	"initiate -> " STREAM(
	    "s", "both") "<StopStream name='s' wait='true'/>" BYE,
	"W:h",
	"initiate\nmediaStreamStarted\nmediaStreamStopped cause=closed "
	"mediaStream.duration=PT1.000S\ndisconnect"),
    ROW("StartTranscription with a destination",
	"initiate -> " TRANSCRIBE("t",
	    WS " stabilized='false'") "<Pause duration='2'/><StopTranscription "
				      "name='t'/><Pause/>",
	"",
	"initiate\n"
	"realTimeTranscriptionStarted realTimeTranscription.name=t "
	"realTimeTranscription.stabilized=false\n"
	"realTimeTranscriptionStopped cause=closed "
	"realTimeTranscription.duration=PT2.000S\n"
	"disconnect\nrealTimeTranscriptionAvailable "
	"realTimeTranscription.status=available realTimeTranscription.url~"),
    ROW("StartTranscription without: only the text, later",
	"initiate -> " TRANSCRIBE("t", "") "<Pause/>", "",
	"initiate\ndisconnect\nrealTimeTranscriptionAvailable"),
    ROW("StartTranscription: the name is in use",
	"initiate -> " TRANSCRIBE("t", WS) TRANSCRIBE("t", WS) "<Pause/>", "",
	"initiate\nrealTimeTranscriptionStarted\n"
	"realTimeTranscriptionRejected cause=duplicate "
	"originalTranscription.name=t\n"
	"realTimeTranscriptionStopped\ndisconnect\n"
	"realTimeTranscriptionAvailable"),
    ROW("StopTranscription without a name stops all, but no stream",
	"initiate -> " STREAM("t", "both") TRANSCRIBE("a", WS)
	    TRANSCRIBE("b", WS) "<StopTranscription/><Pause duration='9'/>",
	"",
	"initiate\nmediaStreamStarted\nrealTimeTranscriptionStarted\n"
	"realTimeTranscriptionStarted\nrealTimeTranscriptionStopped\n"
	"realTimeTranscriptionStopped\nrealTimeTranscriptionAvailable\n"
	"realTimeTranscriptionAvailable\nmediaStreamStopped\ndisconnect"),
};

/* REST requests, ten seconds after the call began. */
struct deed {
	const char *name; /* name of the row */
	int status;
	int (*act)(struct sim_world *, struct sim_call *);
};

static const struct sim_redirect to_r = {
    .primary = {.url = "http://app.example/r"},
    .tag = "rest",
};

static int
complete(struct sim_world *w, struct sim_call *c)
{
	return sim_rest_complete(w, sim_call_id(c));
}

static int
redirect(struct sim_world *w, struct sim_call *c)
{
	return sim_rest_redirect(w, sim_call_id(c), &to_r);
}

static int
bxml(struct sim_world *w, struct sim_call *c)
{
	return sim_rest_bxml(w, sim_call_id(c),
	    BW_STR("<Response><SpeakSentence>Put</SpeakSentence>"
		   "<Redirect redirectUrl='/x'/></Response>"));
}

static int
bad_bxml(struct sim_world *w, struct sim_call *c)
{
	return sim_rest_bxml(w, sim_call_id(c), BW_STR("invalidBXML"));
}

static int
forward(struct sim_world *w, struct sim_call *c)
{
	return sim_rest_bxml(w, sim_call_id(c),
	    BW_STR("<Response><Forward to='+19195550144'/></Response>"));
}

static int
nobody(struct sim_world *w, struct sim_call *c)
{
	(void)c;
	return sim_rest_complete(w, "c-nobody");
}

static int
pause_recording(struct sim_world *w, struct sim_call *c)
{
	return sim_rest_recording(w, sim_call_id(c), "paused");
}

static int
spoil_recording(struct sim_world *w, struct sim_call *c)
{
	return sim_rest_recording(w, sim_call_id(c), "stopped");
}

static int
end_room(struct sim_world *w, struct sim_call *c)
{
	(void)c;
	return sim_rest_conference_complete(w, "room");
}

static int
redirect_room(struct sim_world *w, struct sim_call *c)
{
	(void)c;
	return sim_rest_conference_redirect(w, "room", &to_r);
}

static int
room_bxml(struct sim_world *w, struct sim_call *c)
{
	(void)c;
	return sim_rest_conference_bxml(
	    w, "room", BW_STR("<Response>" BYE "</Response>"));
}

static int
room_bad_bxml(struct sim_world *w, struct sim_call *c)
{
	(void)c;
	return sim_rest_conference_bxml(
	    w, "room", BW_STR("<Response><Pause/></Response>"));
}

static int
mute(struct sim_world *w, struct sim_call *c)
{
	static const struct sim_rest_member change = {
	    SIM_ON, SIM_UNCHANGED, "c-1"};

	return sim_rest_member(w, "room", sim_call_id(c), &change);
}

static int
mute_nobody(struct sim_world *w, struct sim_call *c)
{
	static const struct sim_rest_member change = {SIM_ON, SIM_OFF, NULL};

	(void)c;
	return sim_rest_member(w, "room", "c-nobody", &change);
}

static int
endpoint(struct sim_world *w, struct sim_call *c)
{
	(void)c;
	return sim_rest_endpoint(
	    w, "e-1", BW_STR("<Response>" BYE "</Response>"));
}

static const struct fixture rest[] = {
    ROW("REST: a call is completed", "initiate -> <Pause duration='99'/>", "",
	"initiate\ndisconnect cause=hangup endTime=2026-02-02T02:40:10.123Z"),
    ROW("REST: a ringing call is completed", "", "",
	"disconnect cause=cancel answerTime!", .outbound = true),
    ROW("REST: a call is redirected out of a Gather",
	"initiate -> <Gather gatherUrl='/g' firstDigitTimeout='60'/>\n"
	"redirect -> " BYE,
	"", "initiate\nredirect tag=rest\ndisconnect", .log = "said Bye now"),
    ROW("REST: a ringing call cannot be redirected", "", "",
	"disconnect cause=timeout", .outbound = true),
    ROW("REST: a call gets a document; without a base relative URLs fail",
	"initiate -> <Pause duration='99'/>", "",
	"initiate\nredirect @lost=false\ndisconnect cause=callback-error",
	.log = "said Put"),
    ROW("REST: a bad document is refused, nothing happens",
	"initiate -> <Pause duration='20'/>" BYE, "", "initiate\ndisconnect",
	.log = "wrong bxml the request is refused: 400\nsaid Bye now"),
    ROW("REST: Forward is not looked at before it runs",
	"initiate -> <Pause duration='99'/>", "",
	"initiate\ndisconnect cause=application-error"),
    ROW("REST: a call that has ended", "initiate -> " BYE, "",
	"initiate\ndisconnect"),
    ROW("REST: a call that never was", "initiate -> <Pause duration='20'/>", "",
	"initiate\ndisconnect"),
    ROW("REST: a recording is paused",
	"initiate -> <StartRecording recordingAvailableUrl='/ra'/>"
	"<Pause duration='20'/>",
	"", "initiate\ndisconnect\nrecordingAvailable duration=PT10.000S"),
    ROW("REST: no recording to pause", "initiate -> <Pause duration='20'/>", "",
	"initiate\ndisconnect"),
    ROW("REST: a state that recordings have not",
	"initiate -> <StartRecording/><Pause duration='20'/>", "",
	"initiate\ndisconnect"),
    ROW("REST: a conference is ended, members go on",
	"initiate -> " ROOM("") BYE "\ninitiate -> " ROOM("") BYE, "",
	"initiate\nconferenceCreated\nconferenceMemberJoin\n...\n"
	"conferenceMemberExit\nconferenceMemberExit\nconferenceCompleted\n"
	"disconnect\ndisconnect",
	.log = "said Bye now\nsaid Bye now"),
    ROW("REST: a conference is redirected",
	"initiate -> " ROOM("tag='t'") "\nconferenceRedirect tag=t -> " BYE,
	"F:h@20000",
	"initiate\nconferenceCreated\nconferenceMemberJoin\n"
	"conferenceRedirect @url=http://app.example/r callId!\n...\n"
	"conferenceCompleted",
	.log = "said Bye now"),
    ROW("REST: a conference gets a document", "initiate -> " ROOM(""),
	"F:h@20000", "initiate\n...\nconferenceCompleted",
	.log = "said Bye now"),
    ROW("REST: a conference refuses a document", "initiate -> " ROOM(""),
	"F:h@20000", "initiate\n...\nconferenceCompleted",
	.log = "wrong bxml the request is refused: 400"),
    ROW("REST: no such conference", "initiate -> <Pause duration='20'/>", "",
	"initiate\ndisconnect"),
    ROW("REST: a member of a conference is redirected",
	"initiate -> " ROOM("") "\nredirect -> " BYE, "",
	"initiate\nconferenceCreated\nconferenceMemberJoin\n"
	"redirect\nconferenceMemberExit\nconferenceCompleted\ndisconnect"),
    ROW("REST: a member is muted, and coaches", "initiate -> " ROOM(""),
	"F:h@20000", "initiate\n...\nconferenceCompleted"),
    ROW("REST: no such member", "initiate -> " ROOM(""), "F:h@20000",
	"initiate\n...\nconferenceCompleted"),
    ROW("REST: an endpoint gets a document, and leaves",
	"initiate -> <Connect><Endpoint>e-1</Endpoint></Connect>"
	"<SpeakSentence>Gone</SpeakSentence>",
	"; e-1 R:a", "initiate\ndisconnect", .log = "said Gone\nsaid Bye now"),
    ROW("REST: no such endpoint", "initiate -> <Pause duration='20'/>", "",
	"initiate\ndisconnect"),
    ROW("REST: the first call of a Transfer is redirected",
	"initiate -> <Transfer transferCompleteUrl='/tc'><PhoneNumber "
	"transferDisconnectUrl='/td'>+19195550144</PhoneNumber></Transfer>\n"
	"redirect -> " BYE,
	"; +19195550144 R:a",
	"initiate\ntransferDisconnect cause=hangup\nredirect\ndisconnect"),
};

/* In the order of the rows above. */
static const struct deed actions[] = {
    {"completed", 200, complete},
    {"ringing", 200, complete},
    {"redirected", 200, redirect},
    {"cannot", 409, redirect},
    {"document", 204, bxml},
    {"bad", 400, bad_bxml},
    {"Forward", 204, forward},
    {"ended", 409, complete},
    {"never", 404, nobody},
    {"paused", 200, pause_recording},
    {"no recording", 404, pause_recording},
    {"state", 400, spoil_recording},
    {"ended", 204, end_room},
    {"redirected", 204, redirect_room},
    {"document", 204, room_bxml},
    {"refuses", 400, room_bad_bxml},
    {"no such", 404, end_room},
    {"member", 200, redirect},
    {"muted", 204, mute},
    {"no such", 404, mute_nobody},
    {"endpoint", 204, endpoint},
    {"no such", 404, endpoint},
    {"first call", 200, redirect},
};

static struct {
	struct sim_world *world;
	struct sim_call *call;
	const struct deed *deed;
	int status;
} script;

static void
act(void *arg)
{
	(void)arg;
	script.status = script.deed->act(script.world, script.call);
}

static void
enter_script(struct sim_world *w, struct sim_call *c)
{
	script.world = w;
	script.call = c;
	script.status = 0;
	sim_scheduler_add(w->scheduler, sim_world_now(w) + 10000, act, NULL);
	if (strstr(script.deed->name, "ended") != NULL &&
	    script.deed->act == end_room)
		fixture_call(w, "", 2000);
}

static void
test_rest(void)
{
	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
		struct fixture s = rest[i];

		script.deed = &actions[i];
		s.more = enter_script;
		ok(strstr(s.name, actions[i].name) != NULL, "a deed for %s",
		    s.name);
		fixture_play(&s, i);
		is_int(script.status, actions[i].status, "%s: status", s.name);
	}
}

int
main(void)
{
	FIXTURE_ROWS(conferences);
	FIXTURE_ROWS(streams);
	test_rest();
	return tap_done();
}
