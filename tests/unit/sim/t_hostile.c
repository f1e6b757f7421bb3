/* Hostile and endless calls, hang-ups at any time, and reproducible calls. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bxml/language.h"
#include "sim/base/memory.h"
#include "sim/call/verbs.h"
#include "sim/world/assumptions.h"
#include "tests/support/sim_fixture.h"

#include "tests/tap/tap.h"

#define BYE "<SpeakSentence>Bye now</SpeakSentence>"

/* Repeat a piece up to n bytes, between a head and a tail. */
static char *
repeat(const char *before, const char *piece, size_t n, const char *after)
{
	size_t len = strlen(piece), used;
	char *s = sim_alloc(strlen(before) + n + len + strlen(after) + 1);

	used = (size_t)snprintf(s, strlen(before) + 1, "%s", before);
	for (size_t i = 0; i < n; i += len) {
		memcpy(s + used, piece, len);
		used += len;
	}
	memcpy(s + used, after, strlen(after) + 1);
	return s;
}

/* Nested elements with a word inside. */
static char *
nested(size_t n)
{
	static const char open[] = "<emphasis>", shut[] = "</emphasis>";
	char *tail =
	    repeat("word", shut, n * (sizeof(shut) - 1), "</SpeakSentence>");
	char *all = repeat(
	    "initiate -> <SpeakSentence>", open, n * (sizeof(open) - 1), tail);

	free(tail);
	return all;
}

static void
play_with(const char *name, char *app, const char *want)
{
	struct fixture s = ROW(name, app, "", want);

	fixture_play(&s, 0);
	free(app);
}

static void
test_documents(void)
{
	static const char begin[] = "initiate -> =<Response>";
	const char *refused = "initiate\ndisconnect cause=invalid-bxml";

	play_with("a document of 64 KB, all verbs run",
	    repeat(begin, "<Tag/>", 65000, "</Response>"),
	    "initiate\ndisconnect cause=hangup");
	play_with("a hundred thousand verbs are too long",
	    repeat(begin, "<Tag/>", 600000, "</Response>"), refused);
	play_with("more than anybody reads",
	    repeat(begin, "<Tag/>", 6000000, "</Response>"), refused);
	play_with("a fault in each verb",
	    repeat(begin, "<Tag a=''/>", 60000, "</Response>"), refused);
	play_with("nested without end", repeat(begin, "<Gather>", 60000, ""),
	    refused);
	play_with("speech nested as deep as it may", nested(55),
	    "initiate\ndisconnect cause=hangup");
	play_with("speech nested deeper", nested(5000), refused);
	play_with("a name that means another",
	    sim_copy("initiate -> =<!DOCTYPE R [<!ENTITY a 'b'>]>"
		     "<Response><Tag>&a;</Tag></Response>"),
	    refused);
	play_with("bytes that are no text",
	    sim_copy("initiate -> =<Response><Tag>\xff\xfe</Tag></Response>"),
	    refused);
	play_with("a pause of a day, again and again",
	    repeat(begin, "<Pause duration='86400'/>", 60000, "</Response>"),
	    "initiate\ndisconnect cause=hangup");
	play_with("a URL of thousands of bytes",
	    repeat("initiate -> <Redirect redirectUrl='/", "abcdefgh", 40000,
		"'/>"),
	    "initiate\nredirect\ndisconnect");
	play_with("numbers as long as a document",
	    repeat("initiate -> <Pause duration='0.", "9", 50000, "'/>"),
	    "initiate\ndisconnect");
}

/* Documents that would never end. */
static void
test_loops(void)
{
	static const struct fixture rows[] = {
	    ROW("loops: a redirect to itself",
		"* -> <Redirect redirectUrl='/v'/>", "",
		"initiate\n...\ndisconnect cause=callback-error",
		.assume = "most-callbacks=500",
		.log = "wrong redirect the call ends: callback-error"),
	    ROW("loops: a menu without input", "* -> <Gather gatherUrl='/g'/>",
		"", "initiate\n...\ndisconnect cause=callback-error",
		.assume = "most-callbacks=40"),
	    ROW("loops: a transfer that is not answered",
		"* -> <Transfer transferCompleteUrl='/v'>"
		"<PhoneNumber>+19195550144</PhoneNumber></Transfer>",
		"", "initiate\n...\ndisconnect cause=callback-error",
		.assume = "most-callbacks=40"),
	    ROW("loops: a caller who never stops pressing keys",
		"initiate -> <StartGather dtmfUrl='/d'/>"
		"<Pause duration='10'/>",
		"L*k1@0", "initiate\n...\ndisconnect cause=hangup"),
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fixture_play(&rows[i], i);
}

/* Every state of a call, each of a known length. */
static const char everything[] =
    "initiate from=+19195550111 -> <StartGather dtmfUrl='/d'/>"
    "<StartRecording recordingAvailableUrl='/ra'/>"
    "<StartStream destination='wss://w.example/' streamEventUrl='/s'/>"
    "<StartTranscription destination='wss://w.example/' "
    "transcriptionEventUrl='/t'/>"
    "<Ring duration='3'/><SendDtmf>123</SendDtmf><Pause duration='2'/>"
    "<SpeakSentence>One two three four five six</SpeakSentence>"
    "<Gather maxDigits='2'><SpeakSentence>One two three</SpeakSentence>"
    "</Gather><Record maxDuration='4' recordingAvailableUrl='/ra' "
    "transcribe='true' transcriptionAvailableUrl='/rt'/>"
    "<Transfer callTimeout='3'><PhoneNumber transferDisconnectUrl='/td'>"
    "+19195550155</PhoneNumber></Transfer>"
    "<Transfer><PhoneNumber transferAnswerUrl='/ta' "
    "transferDisconnectUrl='/td'>+19195550144</PhoneNumber></Transfer>"
    "<Connect eventCallbackUrl='/e'><Endpoint>e-1</Endpoint></Connect>"
    "<Conference conferenceEventUrl='/c'>room</Conference>\n"
    "transferAnswer -> <Gather firstDigitTimeout='2'/>"
    "<SpeakSentence>A call for you</SpeakSentence>\n"
    "initiate -> <Pause duration='55'/><Bridge>TARGET</Bridge>";

static int64_t moment;
static int seen;

static struct sim_action
hang_up_then(void *arg, const struct sim_person_context *m)
{
	struct sim_action d = {.kind = SIM_ACTION_NONE};
	int64_t *end = arg;

	if (*end == 0)
		*end = m->time + moment;
	if (m->situation != SIM_RINGS && m->time <= *end) {
		d.kind = SIM_ACTION_HANGUP;
		d.after = *end - m->time;
	}
	seen |= 1 << m->situation;
	return d;
}

static int64_t end_of;

static void
second_bridges(struct sim_world *w, struct sim_call *c)
{
	(void)c;
	fixture_call(w, "T:h@5000", 1);
}

static int ended;

static void
look_at_cause(struct sim_world *w, struct sim_call *c)
{
	const char *cause = sim_call_cause(c);

	(void)w;
	if (cause != NULL &&
	    (strcmp(cause, "hangup") == 0 || strcmp(cause, "cancel") == 0))
		ended++;
	else
		tap_diag("after %" PRId64 " ms: %s", moment,
		    cause != NULL ? cause : "it goes on");
}

static void
test_hang_ups(void)
{
	int all = 0;

	for (moment = 0; moment < 90000; moment += 250) {
		struct sim_person person = {hang_up_then, &end_of, false};
		struct fixture s = {
		    .name = "hang up",
		    .app = everything,
		    .people = "; +19195550144 R:a T:h@6000; "
			      "e-1 R:a@2000 T:h@4000",
		    .want = "",
		    .caller = &person,
		    .more = second_bridges,
		    .after = look_at_cause,
		};

		end_of = 0;
		free(fixture_log(&s, 7));
		all++;
	}
	is_int(ended, all, "hang-ups at any of %d moments end the call", all);
	is_int(seen & ~1, 0x7e, "in every situation there is");
}

static void
test_same_twice(void)
{
	struct fixture s = {
	    .name = "twice",
	    .app = everything,
	    .people = "L:k1 G:k2 G:k3 C:wHello T:k5 F:h@9000; "
		      "+19195550144 R:a G:k1 T:h@6000",
	    .want = "",
	    .more = second_bridges,
	};
	char *first = fixture_log(&s, 11), *second = fixture_log(&s, 11);
	char *other = fixture_log(&s, 12);

	is_str(second, first, "the same seed: byte for byte the same");
	ok(strcmp(first, other) != 0, "another seed: other ids");
	ok(strlen(first) > 4000, "and there is something to compare");
	free(first);
	free(second);
	free(other);
}

static void
test_assume(void)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
	    {"audio=2.5", true},
	    {"audio=0", true},
	    {"audio=-1", false},
	    {"audio=1e3", false},
	    {"audio=2.", false},
	    {"audio=", false},
	    {"audio", false},
	    {"audio=99999999999999999999", false},
	    {"get=true", true},
	    {"get=yes", false},
	    {"duplicates=2", true},
	    {"duplicates=0", false},
	    {"duplicates=1.5", false},
	    {"nonsense=1", false},
	    {"", false},
	};
	struct sim_options o;
	const struct sim_assumption *a;

	sim_options_init(&o);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_error error = {0};
		bool good =
		    sim_assumption_set(&o, rows[i].text, &error) == BW_OK;

		ok(good == rows[i].good && good == (error.msg[0] == '\0'),
		    "assume %s: %s", rows[i].text, error.msg);
	}
	is_int(o.audio, 0, "seconds are milliseconds here");
	ok(o.get, "a boolean");
	is_int(o.duplicates, 2, "a number");
	sim_options_init(&o);
	for (size_t i = 0; (a = sim_assumptions(i)) != NULL; i++) {
		struct bw_error error = {0};
		struct bw_buf text;

		bw_buf_init(&text, 100);
		bw_buf_printf(&text, "%s=", a->name);
		sim_assumption_of(&o, i, &text);
		bw_buf_putc(&text, '\0');
		is_int(sim_assumption_set(&o, text.p, &error), BW_OK,
		    "%s can be assumed", text.p);
		bw_buf_free(&text);
	}
}

/* Every verb of BXML is known to the simulator, and no other. */
static void
test_verbs(void)
{
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		const struct bwi_bxml_element *e = &bwi_bxml_elements[i];
		bool verb = bwi_bxml_stands_in(e, "Response");
		bool found = sim_verb_find(e->name) != NULL;

		ok(verb == found, "%s is %sa verb", e->id, verb ? "" : "not ");
	}
}

int
main(void)
{
	test_verbs();
	test_documents();
	test_loops();
	test_hang_ups();
	test_same_twice();
	test_assume();
	return tap_done();
}
