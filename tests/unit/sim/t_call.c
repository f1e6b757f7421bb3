/*
 * Calls with one party: every outcome of the verbs, their events, and the
 * effects of failing callbacks.
 */
#include <stdlib.h>

#include "tests/support/sim_fixture.h"

#include "tests/tap/tap.h"

#define BYE "<SpeakSentence>Bye now</SpeakSentence>"

static const struct fixture simple[] = {
    ROW("SpeakSentence: finished, next verb, then the implicit Hangup",
	"initiate -> <SpeakSentence>One</SpeakSentence>"
	"<SpeakSentence>Two <break time='2s'/><sub alias='three'>3</sub>"
	"</SpeakSentence>",
	"",
	"initiate direction=inbound tag! answerTime! from=+19195550111 "
	"stirShaken.attestationIndicator=A\n"
	"disconnect cause=hangup answerTime~ errorId! errorMessage!",
	.log = "call +19195550111 inbound\nverb SpeakSentence\nanswered\n"
	       "said One\nsaid Two three\nend hangup"),
    ROW("PlayAudio: a relative URL is one of the document's",
	"initiate -> <PlayAudio>sounds/a.wav?x=1</PlayAudio>" BYE, "",
	"initiate\ndisconnect cause=hangup",
	.log = "answered\nplayed http://app.example/sounds/a.wav?x=1\n"
	       "said Bye now"),
    ROW("PlayAudio: a file that cannot be used",
	"initiate -> <PlayAudio>/a.ogg</PlayAudio>" BYE, "",
	"initiate\ndisconnect cause=application-error errorMessage~ errorId~",
	.log = "wrong PlayAudio the call ends: application-error\nend "
	       "application-error"),
    ROW("PlayAudio in Gather: the same",
	"initiate -> <Gather><PlayAudio>/a.ogg</PlayAudio></Gather>", "",
	"initiate\ndisconnect cause=application-error", .log = ""),
    ROW("PlayAudio: the file's server answers with an error",
	"initiate -> <PlayAudio>/a.wav</PlayAudio>\n? -> 404", "",
	"initiate\ndisconnect cause=application-error",
	.assume = "fetch-audio=true"),
    ROW("PlayAudio: the file's server says that it is no sound",
	"initiate -> <PlayAudio>/a.ogg</PlayAudio>\n? -> =a", "",
	"initiate\ndisconnect cause=application-error",
	.assume = "fetch-audio=true"),
    ROW("PlayAudio: the file's server does not answer",
	"initiate -> <PlayAudio>/a.wav</PlayAudio>\n? -> refused", "",
	"initiate\ndisconnect cause=application-error",
	.assume = "fetch-audio=true"),
    ROW("PlayAudio: a file that is there",
	"initiate -> <PlayAudio>/a.wav</PlayAudio>\n? -> 200", "",
	"initiate\ndisconnect cause=hangup", .assume = "fetch-audio=true"),
    ROW("Pause, Ring, SendDtmf and Tag: finished, next verb",
	"initiate -> <Tag>a</Tag><Pause duration='2.5'/><Ring/>"
	"<SendDtmf>1,W</SendDtmf><Tag> b </Tag>" BYE,
	"", "initiate\ndisconnect cause=hangup tag=b",
	.log = "verb Tag a\nverb Pause\nanswered\nverb Ring\nverb SendDtmf "
	       "1,W\nverb Tag b\nsaid Bye now"),
    ROW("Ring without an answer leaves the call ringing",
	"initiate -> <Ring answerCall='false'/>", "",
	"initiate\ndisconnect answerTime! cause=hangup"),
    ROW("Pause may be taken not to answer", "initiate -> <Pause/>", "",
	"initiate\ndisconnect answerTime! cause=hangup",
	.assume = "pause-answers=false"),
    ROW("Hangup rejects a ringing call", "initiate -> <Hangup/>" BYE, "",
	"initiate\ndisconnect cause=hangup answerTime!"),
    ROW("Hangup ends an answered call",
	"initiate -> <Ring duration='1'/><Hangup/>", "",
	"initiate\ndisconnect cause=hangup answerTime~"),
    ROW("an empty document is a Hangup", "initiate -> =<Response/>", "",
	"initiate\ndisconnect cause=hangup answerTime!"),
    ROW("Bxml is another name of Response", "initiate -> =<Bxml>" BYE "</Bxml>",
	"", "initiate\ndisconnect cause=hangup", .log = "said Bye now"),
    ROW("Redirect does not answer, and is resolved where it stood",
	"initiate -> <Redirect redirectUrl='r?a=1&amp;b=2' tag='x'/>" BYE "\n"
	"redirect tag=x answerTime! -> <Redirect redirectUrl='//other/q'/>\n"
	"redirect -> " BYE,
	"",
	"initiate @url=http://app.example/v\n"
	"redirect @url=http://app.example/r?a=1&b=2 tag=x\n"
	"redirect @url=http://other/q\ndisconnect tag=x"),
    ROW("the caller hangs up while it rings",
	"initiate -> <Ring answerCall='false' duration='60'/>", "W:h",
	"initiate\ndisconnect cause=cancel answerTime! sipResponseCode=487"),
    ROW("no URL for the status: no disconnect", "initiate -> " BYE, "",
	"initiate", .no_status = true),
    ROW("GET: the members are parameters",
	"initiate -> <Gather gatherUrl='/g' maxDigits='2'/>\n"
	"gather digits=#* -> " BYE,
	"G:k# G:k*",
	"initiate eventType=initiate stirShaken.verstat=TN-Validation-Passed\n"
	"gather digits=#* terminatingDigit= from=+19195550111\n"
	"disconnect cause=hangup",
	.get = true),
};

static const struct fixture words[] = {
    ROW("initiate: of a call that was diverted", "initiate -> <Hangup/>", "",
	"initiate diversion.origTo=+19195550143 diversion.reason=user-busy "
	"stirShaken.verstat=TN-Validation-Passed "
	"stirShaken.attestationIndicator=C\ndisconnect",
	.diversion = "user-busy", .stir_shaken = "C"),
    ROW("initiate: without a verdict", "initiate -> <Hangup/>", "",
	"initiate stirShaken!\ndisconnect", .stir_shaken = "none"),
    ROW("anonymous caller: no verdict on the number", "initiate -> <Hangup/>",
	"", "initiate from=Anonymous stirShaken!\ndisconnect",
	.from = "Anonymous"),
    ROW("an answer of another type is taken, with a warning",
	"initiate -> :text/html <Hangup/>", "", "initiate\ndisconnect",
	.log = "wrong initiate (answer: Content-Type"),
    ROW("text/xml with a charset is a good type",
	"initiate -> :text/xml;charset=utf-8 <Hangup/>", "",
	"initiate\ndisconnect", .log = "callback initiate\nverb Hangup"),
    ROW("a type that only begins like one",
	"initiate -> :application/xml-dtd <Hangup/>", "",
	"initiate\ndisconnect", .log = "wrong initiate (answer: Content"),
    ROW("PlayAudio: a type of sound that cannot be played",
	"initiate -> <PlayAudio>/a.wav</PlayAudio>\n? -> :audio/ogg", "",
	"initiate\ndisconnect cause=application-error",
	.assume = "fetch-audio=true"),
    ROW("PlayAudio: a type of sound that can, whatever the name",
	"initiate -> <PlayAudio>/a.ogg</PlayAudio>\n"
	"? -> :audio/mpeg;x=1 abc",
	"", "initiate\ndisconnect cause=hangup", .assume = "fetch-audio=true"),
    ROW("PlayAudio: files without length",
	"initiate -> <PlayAudio>/a"
	"</PlayAudio><PlayAudio>/b</PlayAudio>",
	"", "initiate\ndisconnect endTime=2026-02-02T02:40:00.123Z",
	.assume = "audio=0"),
    ROW("SpeakSentence: SSML is heard as text, breaks take their time",
	"initiate -> <SpeakSentence>One <emphasis>two</emphasis>"
	"<break time='250ms'/><p>three</p> <!-- four --> "
	"<![CDATA[<five>]]> &amp; six</SpeakSentence>",
	"", "initiate\ndisconnect endTime=2026-02-02T02:40:02.773Z",
	.log = "said One two three <five> & six"),
    ROW("an attribute with references is one value, an empty one is empty",
	"initiate -> <Tag>x</Tag><Redirect redirectUrl='/r?a=1&amp;b=&#x32;' "
	"tag=''/>",
	"", "initiate\nredirect @url=http://app.example/r?a=1&b=2 tag!\n..."),
    ROW("a method of a verb's own",
	"initiate -> <Gather gatherUrl='/g' gatherMethod='GET' "
	"maxDigits='1'/>\ngather digits=1 -> <Hangup/>",
	"G:k1",
	"initiate @method=POST\ngather @method=GET\n"
	"disconnect @method=POST"),
    ROW("credentials of a verb, and of its fallback",
	"initiate -> <Redirect redirectUrl='/a' username='u' password='p' "
	"redirectFallbackUrl='/b' fallbackUsername='f' "
	"fallbackPassword='q'/>\nredirect -> 500\nredirect -> <Hangup/>",
	"",
	"initiate @user!\nredirect @user=f @url=http://app.example/b\n"
	"disconnect"),
    ROW("keys that no telephone has are not pressed",
	"initiate -> <Gather gatherUrl='/g' maxDigits='2'/>\n"
	"gather -> <Hangup/>",
	"G:kx G:k! G:k7", "initiate\ngather digits=7\ndisconnect"),
    ROW("a recording of hours: too long to be transcribed",
	"initiate -> <StartRecording transcribe='true' "
	"transcriptionAvailableUrl='/ta'/><Pause duration='15723'/>",
	"",
	"initiate\ndisconnect\ntranscriptionAvailable "
	"transcription.status=file-size-too-big "
	"duration=PT4H22M3.000S"),
};

static const struct fixture gather[] = {
    ROW("Gather: maxDigits reached",
	"initiate -> <Gather gatherUrl='/g' maxDigits='1'>"
	"<SpeakSentence>Press one</SpeakSentence></Gather>\n"
	"gather digits=1 -> " BYE,
	"G:k1",
	"initiate\ngather digits=1 terminatingDigit= answerTime~\n"
	"disconnect cause=hangup",
	.log = "said Press one\nkey 1\nsaid Bye now\nend hangup"),
    ROW("Gather: a terminating key is not among the digits",
	"initiate -> <Gather gatherUrl='/g' terminatingDigits='#*' tag='t'/>",
	"G:k1 G:k2 G:k*",
	"initiate\ngather digits=12 terminatingDigit=* tag=t\ndisconnect"),
    ROW("Gather: interDigitTimeout after a key",
	"initiate -> <Gather gatherUrl='/g' interDigitTimeout='2'/>",
	"G:k1 G:k2@1900 G:k3@2100",
	"initiate\ngather digits=12 terminatingDigit=\ndisconnect",
	.log = "key 1\nkey 2\nsilence interDigitTimeout"),
    ROW("Gather: firstDigitTimeout after the last prompt of the last time",
	"initiate -> <Gather gatherUrl='/g' repeatCount='2'>"
	"<SpeakSentence>One</SpeakSentence><PlayAudio>/b.wav</PlayAudio>"
	"</Gather>",
	"",
	"initiate eventTime=2026-02-02T02:40:00.123Z\n"
	"gather digits= terminatingDigit= "
	"eventTime=2026-02-02T02:40:20.923Z\ndisconnect",
	.log = "said One\nplayed\nsilence firstDigitTimeout\nsaid One\n"
	       "played\nsilence firstDigitTimeout\nend"),
    ROW("Gather: without prompts the time-out runs repeatCount times",
	"initiate -> <Gather gatherUrl='/g' repeatCount='3' "
	"firstDigitTimeout='1'/>",
	"",
	"initiate eventTime=2026-02-02T02:40:00.123Z\n"
	"gather digits= eventTime=2026-02-02T02:40:03.123Z\ndisconnect"),
    ROW("Gather: an idle caller gets another turn after the prompts",
	"initiate -> <Gather gatherUrl='/g' maxDigits='1' repeatCount='2'>"
	"<SpeakSentence>One</SpeakSentence></Gather>",
	"G:n G:k7", "initiate\ngather digits=7\ndisconnect",
	.log = "said One\nkey 7\nend"),
    ROW("Gather without gatherUrl: digits are thrown away",
	"initiate -> <Gather maxDigits='1'/>" BYE, "G:k1",
	"initiate\ndisconnect cause=hangup", .log = "key 1\nsaid Bye now"),
    ROW("Gather: the caller hangs up, no gather comes",
	"initiate -> <Gather gatherUrl='/g'><SpeakSentence>One</SpeakSentence>"
	"</Gather>",
	"G:k1 G:h", "initiate\ndisconnect cause=hangup"),
    ROW("Gather with speech: partial results, then the text",
	"initiate -> <Gather gatherUrl='/g' input='dtmf_speech' "
	"partialResultCallback='/p'/>\ngather -> " BYE,
	"G:wsales_and_service",
	"initiate\npartialgather @url=http://app.example/p text~\n"
	"gather text=sales_and_service digits= terminatingDigit=\n"
	"disconnect"),
    ROW("Gather with speech: no speech, and keys do not count",
	"initiate -> <Gather gatherUrl='/g' input='speech' "
	"speechTimeout='3'/>",
	"G:k1", "initiate\ngather text= digits=\ndisconnect",
	.log = "key 1\nsilence speechTimeout"),
    ROW("Gather with keys and speech: keys",
	"initiate -> <Gather gatherUrl='/g' input='dtmf_speech' "
	"maxDigits='1'/>",
	"G:k5", "initiate\ngather text= digits=5\ndisconnect"),
    ROW("StartGather: a dtmf event for each key, but not for Gather's",
	"initiate -> <StartGather dtmfUrl='/d' tag='t'/><Pause duration='9'/>"
	"<Gather maxDigits='1'/><Pause/><StopGather/><Pause/>",
	"L:k1 L:kA G:k2 L:k3@100 L:k4@100 L:k5@100",
	"initiate\ndtmf digit=1 tag=t\ndtmf digit=A\ndtmf digit=3\n"
	"dtmf digit=4\ndtmf digit=5\n...\ndisconnect"),
    ROW("StopGather: no more dtmf events",
	"initiate -> <StartGather dtmfUrl='/d'/><StopGather/><Pause/>",
	"L:k1@10", "initiate\ndisconnect", .log = "key 1"),
};

static const struct fixture record[] = {
    ROW("Record: a terminating key, and the later events",
	"initiate -> <Record recordCompleteUrl='/rc' "
	"recordingAvailableUrl='/ra' transcribe='true' fileFormat='mp3' "
	"transcriptionAvailableUrl='/ta' recordingName='n'/>\n"
	"recordComplete -> <Hangup/>",
	"C:wHello_there C:k#",
	"initiate\n"
	"recordComplete channels=1 fileFormat=mp3 duration=PT5.000S "
	"startTime=2026-02-02T02:40:00.123Z endTime=2026-02-02T02:40:05.123Z\n"
	"disconnect cause=hangup\n"
	"recordingAvailable status=complete channels=1 recordingName=n "
	"answerTime! startTime=2026-02-02T02:40:00.123Z\n"
	"transcriptionAvailable transcription.status=available "
	"transcription.url~",
	.log = "talked Hello there\nkey #\nend hangup"),
    ROW("Record: silenceTimeout",
	"initiate -> <Record recordCompleteUrl='/rc' silenceTimeout='4'/>",
	"C:wHello@3000 C:wAgain@3000",
	"initiate\nrecordComplete duration=PT16.000S\ndisconnect",
	.log = "talked Hello\ntalked Again\nsilence silenceTimeout"),
    ROW("Record: maxDuration",
	"initiate -> <Record recordCompleteUrl='/rc' maxDuration='62' "
	"tag='t'/>",
	"", "initiate\nrecordComplete duration=PT1M2.000S tag=t\ndisconnect",
	.log = "silence maxDuration"),
    ROW("Record without recordCompleteUrl: next verb, and the events come",
	"initiate -> <Record recordingAvailableUrl='/ra'/>" BYE, "C:k#",
	"initiate\n...\nrecordingAvailable duration=PT1.000S",
	.log = "said Bye now"),
    ROW("Record: no terminating keys",
	"initiate -> <Record recordCompleteUrl='/rc' terminatingDigits='' "
	"maxDuration='9'/>",
	"C:k#", "initiate\nrecordComplete duration=PT9.000S\ndisconnect"),
    ROW("Record: the caller hangs up, only recordComplete is missing",
	"initiate -> <Record recordCompleteUrl='/rc' "
	"recordingAvailableUrl='/ra' transcribe='true' "
	"transcriptionAvailableUrl='/ta'/>",
	"C:h",
	"initiate\ndisconnect cause=hangup\nrecordingAvailable\n"
	"transcriptionAvailable"),
    ROW("Record: too short to be transcribed",
	"initiate -> <Record transcribe='true' "
	"transcriptionAvailableUrl='/ta'/>",
	"C:k#@500",
	"initiate\ndisconnect\ntranscriptionAvailable "
	"transcription.status=file-size-too-small transcription.url!"),
    ROW("StartRecording: until it is stopped, without what was paused",
	"initiate -> <StartRecording recordingAvailableUrl='/ra' tag='t' "
	"multiChannel='true'/><Pause duration='3'/><PauseRecording/>"
	"<Pause duration='50'/><ResumeRecording/><Pause/><StopRecording/>"
	"<Pause duration='7'/>",
	"",
	"initiate\nrecordingAvailable channels=2 duration=PT4.000S tag=t\n"
	"disconnect"),
    ROW("StartRecording: until the call ends, paused or not",
	"initiate -> <StartRecording recordingAvailableUrl='/ra'/><Pause/>"
	"<PauseRecording/><Pause/>",
	"", "initiate\ndisconnect\nrecordingAvailable duration=PT1.000S"),
    ROW("StartRecording: a second one is ignored",
	"initiate -> <StartRecording recordingAvailableUrl='/ra'/>"
	"<StartRecording recordingAvailableUrl='/rb'/><Pause/>",
	"",
	"initiate\ndisconnect\nrecordingAvailable "
	"@url=http://app.example/ra"),
    ROW("Pause-, Resume- and StopRecording without a recording do nothing",
	"initiate -> <PauseRecording/><ResumeRecording/><StopRecording/>" BYE,
	"", "initiate\ndisconnect cause=hangup"),
};

static const struct fixture outbound[] = {
    ROW("outbound: answered", "answer direction=outbound -> " BYE, "R:a",
	"answer from=+19195550100 to=+19195550111 tag=t startTime~ "
	"answerTime=2026-02-02T02:40:01.123Z machineDetectionResult! "
	"enqueuedTime!\ndisconnect cause=hangup tag=t",
	.outbound = true, .tag = "t"),
    ROW("outbound: queued",
	"answer -> <Redirect redirectUrl='/r'/>\nredirect -> <Hangup/>", "R:a",
	"answer enqueuedTime=2026-02-02T02:40:00.123Z\n"
	"redirect enqueuedTime~\ndisconnect enqueuedTime~",
	.outbound = true, .queued = true),
    ROW("outbound: keys and words do not answer", "", "R:k1",
	"disconnect cause=timeout", .outbound = true),
    ROW("outbound: busy", "", "R:b",
	"disconnect cause=busy errorMessage=Callee_is_busy answerTime! "
	"errorId~ sipResponseCode=486",
	.outbound = true),
    ROW("outbound: rejected", "", "R:r", "disconnect cause=rejected",
	.outbound = true),
    ROW("outbound: cannot be reached", "", "R:e", "disconnect cause=error",
	.outbound = true),
    ROW("outbound: no answer within the call time-out", "", "",
	"disconnect cause=timeout endTime=2026-02-02T02:40:30.123Z",
	.outbound = true),
    ROW("outbound: machine detection, sync", "answer -> " BYE, "R:a",
	"answer machineDetectionResult.value=answering-machine "
	"machineDetectionResult.duration=PT4.500S\ndisconnect",
	.outbound = true, .machine = "sync answering-machine"),
    ROW("outbound: machine detection, async",
	"answer -> <Pause duration='60'/>", "R:a",
	"answer machineDetectionResult!\n"
	"machineDetectionComplete machineDetectionResult.value=human "
	"@url=http://app.example/m\ndisconnect",
	.outbound = true, .machine = "async human"),
    ROW("outbound: the callee hangs up while it is detected", "", "R:a W:h",
	"disconnect cause=hangup answerTime~", .outbound = true,
	.machine = "sync silence"),
};

/* How the answer to a callback affects the call. */
static const struct fixture failures[] = {
    ROW("a time-out: no fallback, the call ends", "initiate -> slow", "",
	"initiate\ndisconnect cause=callback-error errorMessage~ errorId~"),
    ROW("refused", "initiate -> refused", "",
	"initiate\ndisconnect cause=callback-error"),
    ROW("4xx", "initiate -> 404", "",
	"initiate\ndisconnect cause=callback-error"),
    ROW("5xx in the middle of a call",
	"initiate -> <Gather gatherUrl='/g' maxDigits='1'/>\ngather -> 500",
	"G:k1", "initiate\ngather\ndisconnect cause=callback-error"),
    ROW("3xx", "initiate -> 302", "",
	"initiate\ndisconnect cause=callback-error"),
    ROW("fallback of the call: its URL becomes the base",
	"initiate -> 500\ninitiate -> <Redirect redirectUrl='r'/>\n"
	"redirect -> " BYE,
	"",
	"initiate @url=http://fb.example/f\n"
	"redirect @url=http://fb.example/r\ndisconnect cause=hangup",
	.fallback = true),
    ROW("fallback of a verb, which fails, too",
	"initiate -> <Redirect redirectUrl='/a' redirectFallbackUrl='/b'/>\n"
	"redirect -> slow\nredirect -> 500",
	"",
	"initiate\nredirect @url=http://app.example/b\n"
	"disconnect cause=callback-error"),
    ROW("not well-formed", "initiate -> =<Response><Pause></Response>", "",
	"initiate\ndisconnect cause=invalid-bxml errorMessage~ errorId~",
	.log = "wrong initiate the call ends: invalid-bxml\n"
	       "end invalid-bxml"),
    ROW("unknown verb", "initiate -> <Say>Hello</Say>", "",
	"initiate\ndisconnect cause=invalid-bxml"),
    ROW("an empty body", "initiate -> 200", "",
	"initiate\ndisconnect cause=invalid-bxml"),
    ROW("no body", "initiate -> 204", "",
	"initiate\ndisconnect cause=invalid-bxml"),
    ROW("the fallback URL is not requested for invalid BXML",
	"initiate -> <Say/>", "",
	"initiate @url=http://app.example/v\n"
	"disconnect cause=invalid-bxml",
	.fallback = true),
    ROW("the fallback URL is requested for invalid BXML if assumed",
	"initiate -> <Say/>\ninitiate -> " BYE, "",
	"initiate @url=http://app.example/v\n"
	"initiate @url=http://fb.example/f\ndisconnect cause=hangup",
	.assume = "fallback-for-invalid=true",
	.log = "wrong initiate the fallback URL is requested\nsaid Bye now",
	.fallback = true),
    ROW("Forward after the call was answered",
	"initiate -> <Pause/><Redirect redirectUrl='/r'/>\n"
	"redirect -> <Forward to='+19195550144'/>",
	"", "initiate\nredirect\ndisconnect cause=application-error"),
    ROW("Forward where only answered calls come",
	"initiate -> <Gather gatherUrl='/g' maxDigits='1'/>\n"
	"gather -> <Forward to='+19195550144'/>",
	"G:k1", "initiate\ngather\ndisconnect cause=invalid-bxml"),
    ROW("an asynchronous event that fails is lost",
	"initiate -> <StartGather dtmfUrl='/d'/><Pause/>\ndtmf -> 500",
	"L:k1@10", "initiate\ndtmf @lost=true\ndisconnect cause=hangup"),
    ROW("a body in answer to disconnect is ignored",
	"initiate -> " BYE "\ndisconnect -> " BYE, "", "initiate\ndisconnect"),
};

int
main(void)
{
	FIXTURE_ROWS(simple);
	FIXTURE_ROWS(words);
	FIXTURE_ROWS(gather);
	FIXTURE_ROWS(record);
	FIXTURE_ROWS(outbound);
	FIXTURE_ROWS(failures);
	fixture_fields_check();
	return tap_done();
}
