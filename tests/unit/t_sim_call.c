/* Calls from their first event to their last: verbs, and what becomes of them.
 */
#include <stdlib.h>

#include "sim_stage.h"

#include "tap.h"

#define GATHER(more) "<Gather gatherUrl='/g' " more "/>"
#define TELL	     "<SpeakSentence>Bye now</SpeakSentence>"

/* A row, and what else there is to say. */
#define ROW(n, a, p, w, ...) \
	{ \
		.name = (n), .app = (a), .people = (p), .want = (w), \
		__VA_ARGS__ \
	}

static const struct stage rows[] = {
    ROW("SpeakSentence: finished, next verb, then the end",
	"initiate -> <SpeakSentence>One</SpeakSentence>"
	"<SpeakSentence>Two <break time='2s'/>three</SpeakSentence>",
	"",
	"initiate direction=inbound tag! answerTime!\ndisconnect "
	"cause=hangup answerTime~ errorId!",
	.heard = "call +19195550111 inbound\nverb SpeakSentence\nanswered\n"
		 "said One\nsaid Two three\nend hangup"),
    ROW("a menu: a key is pressed",
	"initiate -> <Gather gatherUrl='/g' maxDigits='1'>"
	"<SpeakSentence>Press one</SpeakSentence></Gather>\n"
	"gather digits=1 -> " TELL,
	"G:k1",
	"initiate\ngather digits=1 terminatingDigit=\ndisconnect cause=hangup",
	.heard = "said Press one\nkey 1\nsaid Bye now\nend hangup"),
    ROW("Redirect",
	"initiate -> <Redirect redirectUrl='/r' tag='x'/>\n"
	"redirect tag=x answerTime! -> " TELL,
	"", "initiate\nredirect\ndisconnect tag=x", ),
    ROW("Hangup rejects a ringing call", "initiate -> <Hangup/>", "",
	"initiate\ndisconnect cause=hangup answerTime!", ),
    ROW("an empty document is a Hangup", "initiate -> =<Response/>", "",
	"initiate\ndisconnect cause=hangup answerTime!", ),
    ROW("Record with its later events",
	"initiate -> <Record recordCompleteUrl='/rc' "
	"recordingAvailableUrl='/ra' transcribe='true' "
	"transcriptionAvailableUrl='/ta'/>\n"
	"recordComplete -> <Hangup/>",
	"C:wHello_there C:k#",
	"initiate\nrecordComplete channels=1 fileFormat=wav duration=PT5.000S\n"
	"disconnect cause=hangup\nrecordingAvailable status=complete\n"
	"transcriptionAvailable transcription.status=available", ),
    ROW("Transfer: somebody answers and hangs up",
	"initiate -> <Transfer transferCompleteUrl='/tc'>"
	"<PhoneNumber transferAnswerUrl='/ta' transferDisconnectUrl='/td'>"
	"+19195550144</PhoneNumber></Transfer>\n"
	"transferAnswer -> <SpeakSentence>A call for you</SpeakSentence>\n"
	"transferComplete -> " TELL,
	"; +19195550144 R:a T:h@9000",
	"initiate\ntransferAnswer transferTo=+19195550144 parentCallId~\n"
	"transferDisconnect cause=hangup\n"
	"transferComplete cause=hangup\ndisconnect cause=hangup", ),
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		stage_play(&rows[i], i);
	stage_fields_check();
	return tap_done();
}
