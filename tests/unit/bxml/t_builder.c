/*
 * The builder: what it writes, what it refuses, and that its output is always
 * valid.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <libxml/parser.h>

#include <bwcallback/build.h>
#include <bwcallback/bxml.h>

#include "bxml/language.h"
#include "tests/support/random_bxml.h"
#include "tests/tap/tap.h"

#define DOCUMENTS 50000

static const struct bw_str any = {NULL, 0};

static struct bw_str
written(const struct bw_buf *out)
{
	return (struct bw_str){out->p, out->n};
}

static void
is_document(struct bw_bxml *b, const char *want, const char *what)
{
	struct bw_error e = {0};

	is_int(bw_bxml_finish(b, &e), BW_OK, "%s %s", what, e.msg);
	is_text(written(b->out), want, "%s", what);
	is_int(bw_bxml_check("built", written(b->out), NULL, NULL, NULL), BW_OK,
	    "%s: accepted", what);
	bw_buf_reset(b->out);
}

static void
test_written(struct bw_buf *out)
{
	struct bw_bxml b;

	bw_bxml_begin(&b, out, any);
	is_document(&b, "<Response/>", "an empty document");

	bw_bxml_begin(&b, out, BW_STR("initiate"));
	bw_bxml_begin_gather(
	    &b, &(struct bw_bxml_gather){.gatherUrl = BW_STR("/menu?a=1&b=2"),
		    .gatherMethod = BW_BXML_METHOD_GET,
		    .tag = BW_STR(""),
		    .maxDigits = 1,
		    .interDigitTimeout = 2.5,
		    .firstDigitTimeout = BW_BXML_ZERO,
		    .profanityFilter = BW_NO});
	bw_bxml_speak_sentence(&b, BW_STR("Press <1> & wait."),
	    &(struct bw_bxml_speak_sentence){.voice = BW_BXML_VOICE_JULIE});
	bw_bxml_play_audio(&b, BW_STR("/hold.wav"), NULL);
	bw_bxml_end(&b);
	bw_bxml_hangup(&b);
	is_document(&b,
	    "<Response><Gather gatherUrl=\"/menu?a=1&amp;b=2\" "
	    "gatherMethod=\"GET\" tag=\"\" maxDigits=\"1\" "
	    "interDigitTimeout=\"2.5\" firstDigitTimeout=\"0\" "
	    "profanityFilter=\"false\"><SpeakSentence voice=\"julie\">Press "
	    "&lt;1&gt; &amp; wait.</SpeakSentence><PlayAudio>/hold.wav"
	    "</PlayAudio></Gather><Hangup/></Response>",
	    "a menu");

	bw_bxml_begin(&b, out, any);
	bw_bxml_begin_speak_sentence(&b, NULL);
	bw_bxml_text(&b, BW_STR("One"));
	bw_bxml_break(&b, &(struct bw_bxml_break){.time = BW_STR("1s")});
	bw_bxml_begin_lang(
	    &b, &(struct bw_bxml_lang){.xml_lang = BW_BXML_LANGUAGE_DE_DE});
	bw_bxml_text(&b, BW_STR("zwei"));
	bw_bxml_end(&b);
	bw_bxml_say_as(&b, BW_STR("3"),
	    &(struct bw_bxml_say_as){
		.interpret_as = BW_BXML_INTERPRET_AS_CARDINAL});
	bw_bxml_end(&b);
	bw_bxml_begin_transfer(
	    &b, &(struct bw_bxml_transfer){.privacy = BW_YES,
		    .transferCallerDisplayName = BW_STR("Private")});
	bw_bxml_phone_number(&b, BW_STR("+19195550101"), NULL);
	bw_bxml_transfer_sip_uri(&b, BW_STR("sip:a@b.example.com"), NULL);
	bw_bxml_end(&b);
	is_document(&b,
	    "<Response><SpeakSentence>One<break time=\"1s\"/><lang xml:lang="
	    "\"de-DE\">zwei</lang><say-as interpret-as=\"cardinal\">3</say-as>"
	    "</SpeakSentence><Transfer privacy=\"true\" "
	    "transferCallerDisplayName=\"Private\"><PhoneNumber>+19195550101"
	    "</PhoneNumber><SipUri>sip:a@b.example.com</SipUri></Transfer>"
	    "</Response>",
	    "speech and a transfer");
}

/* Each writes something invalid to an empty document. */
static void
end_too_much(struct bw_bxml *b)
{
	bw_bxml_end(b);
}

static void
leave_open(struct bw_bxml *b)
{
	bw_bxml_begin_gather(b, NULL);
}

static void
nest_wrongly(struct bw_bxml *b)
{
	bw_bxml_begin_gather(b, NULL);
	bw_bxml_hangup(b);
}

static void
text_outside(struct bw_bxml *b)
{
	bw_bxml_text(b, BW_STR("hello"));
}

static void
say_nothing(struct bw_bxml *b)
{
	bw_bxml_speak_sentence(b, BW_STR(" \n"), NULL);
}

static void
break_only(struct bw_bxml *b)
{
	bw_bxml_begin_speak_sentence(b, NULL);
	bw_bxml_break(b, NULL);
	bw_bxml_end(b);
}

static void
require_url(struct bw_bxml *b)
{
	bw_bxml_redirect(b, NULL);
}

static void
exceed_range(struct bw_bxml *b)
{
	bw_bxml_pause(b, &(struct bw_bxml_pause){.duration = 86400.001});
}

static void
be_no_number(struct bw_bxml *b)
{
	bw_bxml_pause(b, &(struct bw_bxml_pause){.duration = (double)NAN});
}

static void
be_negative(struct bw_bxml *b)
{
	bw_bxml_begin_gather(b, &(struct bw_bxml_gather){.maxDigits = -2});
}

static void
invent_word(struct bw_bxml *b)
{
	bw_bxml_record(b, &(struct bw_bxml_record){
			      .fileFormat = (enum bw_bxml_file_format)3});
}

static void
call_nobody(struct bw_bxml *b)
{
	bw_bxml_begin_transfer(b, NULL);
	bw_bxml_end(b);
}

static void
call_words(struct bw_bxml *b)
{
	bw_bxml_begin_transfer(b, NULL);
	bw_bxml_phone_number(b, BW_STR("Anonymous"), NULL);
}

static void
send_secrets(struct bw_bxml *b)
{
	bw_bxml_record(b, &(struct bw_bxml_record){.recordCompleteUrl = BW_STR(
						       "http://a.example.com/"),
			      .username = BW_STR("u")});
}

static void
lack_host(struct bw_bxml *b)
{
	bw_bxml_play_audio(b, BW_STR("https:///a.wav"), NULL);
}

static void
exceed_ports(struct bw_bxml *b)
{
	bw_bxml_begin_transfer(b, NULL);
	bw_bxml_transfer_sip_uri(b, BW_STR("sip:a@b.example:70000"), NULL);
}

static void
repeat_much(struct bw_bxml *b)
{
	bw_bxml_begin_gather(b, &(struct bw_bxml_gather){.repeatCount = 11});
	bw_bxml_speak_sentence(b, BW_STR("a"), NULL);
	bw_bxml_speak_sentence(b, BW_STR("b"), NULL);
	bw_bxml_end(b);
}

static void
forward_late(struct bw_bxml *b)
{
	bw_bxml_forward(
	    b, &(struct bw_bxml_forward){.to = BW_STR("+19195550104")});
}

static const struct {
	void (*fn)(struct bw_bxml *);
	const char *want;
} faults[] = {
    {end_too_much, "bxml: bw_bxml_end without an open element"},
    {leave_open, "bxml: <Gather> is not closed"},
    {nest_wrongly, "bxml: <Hangup>: not allowed in <Gather>"},
    {text_outside, "bxml: text: not allowed in <Response>"},
    {say_nothing, "bxml: <SpeakSentence>: text is missing"},
    {break_only, "bxml: <SpeakSentence>: no text to speak"},
    {require_url, "bxml: redirectUrl: required in <Redirect>"},
    {exceed_range, "bxml: duration of <Pause>: not a number from 0.1 to 86400 "
		   "(seconds)"},
    {be_no_number, "bxml: duration of <Pause>: not a number from 0.1 to 86400 "
		   "(seconds)"},
    {be_negative,
	"bxml: maxDigits of <Gather>: not a whole number from 1 to 50"},
    {invent_word, "bxml: fileFormat of <Record>: not mp3 or wav"},
    {call_nobody, "bxml: <Transfer>: empty"},
    {call_words, "bxml: text of <PhoneNumber>: not a number in E.164 form, "
		 "\"+\" and 2 to 15 digits"},
    {send_secrets, "bxml: recordCompleteUrl: http with username in <Record>: "
		   "credentials are sent over https only, write https://"},
    {lack_host, "bxml: text of <PlayAudio>: no host, write "
		"https://example.com/path"},
    {exceed_ports, "bxml: text of <SipUri>: port 70000: write a number from 1 "
		   "to 65535, or no port"},
    {repeat_much, "bxml: <SpeakSentence>: more than 1 in <Gather>"},
    {forward_late, "bxml: <Forward>: not allowed in the answer to this event"},
};

static void
test_refused(struct bw_buf *out)
{
	bw_buf_puts(out, "kept");
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct bw_error e = {0};
		struct bw_bxml b;

		bw_bxml_begin(&b, out, BW_STR("gather"));
		faults[i].fn(&b);
		if (b.error.code != BW_OK)
			bw_bxml_hangup(&b); /* no effect after an error */
		is_int(bw_bxml_finish(&b, &e), BW_ERR_BXML, "fault %zu", i);
		is_str(e.msg, faults[i].want, "fault %zu: why", i);
		is_text(written(out), "kept", "fault %zu: nothing is left", i);
	}
	bw_buf_reset(out);
}

static void
test_limits(void)
{
	struct bw_error e = {0};
	struct bw_buf out;
	struct bw_bxml b;

	bw_buf_init(&out, BW_MAX_BXML + 4096);
	bw_bxml_begin(&b, &out, any);
	for (int i = 0; i < 4000; i++)
		bw_bxml_resume_recording(&b);
	is_int(bw_bxml_finish(&b, &e), BW_ERR_LIMIT, "too large");
	is_int((long long)out.n, 0, "nothing is left");
	bw_buf_free(&out);
	bw_buf_init(&out, 16);
	bw_bxml_begin(&b, &out, any);
	bw_bxml_hangup(&b);
	is_int(bw_bxml_finish(&b, &e), BW_ERR_LIMIT, "no room");
	bw_buf_free(&out);
	bw_buf_init(&out, 4096);
	tap_fail_alloc(1);
	bw_bxml_begin(&b, &out, any);
	bw_bxml_hangup(&b);
	is_int(bw_bxml_finish(&b, &e), BW_ERR_NOMEM, "no memory");
	tap_fail_alloc(0);
	bw_buf_free(&out);
	bw_buf_init(&out, 4096);
	bw_buf_reserve(&out, 4096);
	tap_fail_alloc(1);
	bw_bxml_begin(&b, &out, any);
	bw_bxml_tag(&b, BW_STR("a"));
	is_int(bw_bxml_finish(&b, &e), BW_OK, "no memory but the buffer's");
	tap_fail_alloc(0);
	bw_buf_reset(&out);
	bw_bxml_begin(&b, &out, BW_STR("disconnect"));
	is_int(bw_bxml_finish(&b, &e), BW_ERR_BXML,
	    "BXML in the answer is ignored");
	bw_buf_free(&out);
}

/* Whatever is called, a document that finishes without an error is valid. */
static void
test_random(struct bw_buf *out)
{
	static unsigned char bytes[4096];
	uint32_t seed = 1;
	int built = 0, wrong = 0;

	for (int i = 0; i < DOCUMENTS; i++) {
		struct bw_bxml_options o = {.lenient = false};
		struct dice d = {bytes, sizeof(bytes)};
		struct bw_error e = {0};

		for (size_t k = 0; k < sizeof(bytes); k++) {
			seed = seed * 1664525 + 1013904223;
			bytes[k] = (unsigned char)(seed >> 24);
		}
		bw_buf_reset(out);
		if (random_bxml(&d, out, &o.answering) != BW_OK)
			continue;
		built++;
		if (bw_bxml_check("random", written(out), &o, NULL, &e) ==
		    BW_OK)
			continue;
		if (wrong++ < 5)
			tap_diag("%s: %.*s", e.msg, (int)out->n, out->p);
	}
	ok(built > 10000, "%d documents of %d tries", built, DOCUMENTS);
	is_int(wrong, 0, "all of them are accepted");
}

int
main(void)
{
	struct bw_buf out;

	bw_buf_init(&out, 1 << 20);
	test_written(&out);
	test_refused(&out);
	test_limits();
	test_random(&out);
	bw_buf_free(&out);
	xmlCleanupParser();
	return tap_done();
}
