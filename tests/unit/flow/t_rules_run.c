/* Which rule answers an event, and with what. */
#include <libxml/parser.h>
#include <stdlib.h>
#include <time.h>

#include <bwcallback/limits.h>

#include "base/response.h"
#include "callback/sync_wait.h"
#include "flow/flow.h"
#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

static const char config_text[] =
    "<callbacks mount='/bw'>\n"
    "<login url='https://cb.example.com/bw/' user='u&amp;1' "
    "password-file='password'/>\n"
    "<table id='staff' file='staff.csv' key='digit'/>\n"
    "<voice path='/voice' deadline='25s'>\n"
    "  <on event='initiate' from='+1984*' to='+19195550100'>\n"
    "    <Response><Hangup/></Response></on>\n"
    "  <on event='initiate' hours='00:00-24:00' zone='UTC'>\n"
    "    <Response>\n"
    "      <!-- not for the wire -->\n"
    "      <Gather gatherUrl='/voice/menu?f={from}' maxDigits='1'>\n"
    "        <SpeakSentence voice='julie'>Hello <break time='1s'/>\n"
    "          {from|spell}, welcome &amp; {{hi}}.</SpeakSentence>\n"
    "      </Gather>\n"
    "      <PlayAudio>\n        https://a.example.com/{tag|default:x}.wav\n"
    "      </PlayAudio>\n"
    "    </Response></on>\n"
    "  <on event='gather' digits='1|2'><Response><Transfer "
    "transferCompleteUrl='https://cb.example.com/bw/done' "
    "tag='{staff[digits].name}'><PhoneNumber>{staff[digits].phone}"
    "</PhoneNumber></Transfer></Response></on>\n"
    "  <on event='gather' digits=''><Response/></on>\n"
    "  <on event='gather' digits='3'><exec program='good' timeout='25s'>"
    "<arg>a b</arg></exec></on>\n"
    "  <on event='gather' digits='4'><exec program='bad'/></on>\n"
    "  <on event='gather' digits='5'><exec program='late' "
    "timeout='100ms'/></on>\n"
    "  <on event='gather' digits='6'><reply status='503'/></on>\n"
    "  <on event='gather' digits='7'><Response><SpeakSentence>"
    "{big}{big}{big}{big}{big}{big}{big}{big}</SpeakSentence></Response>"
    "</on>\n"
    "  <on event='dtmf' digit='1'><reply status='200' "
    "type='text/plain'>&lt;{digit}&gt;</reply></on>\n"
    "  <on event='dtmf'><exec program='good'/></on>\n"
    "  <on event='newKind'><Response><Pause duration='1'/></Response></on>\n"
    "  <on event='disconnect' cause='hangup'><Response/></on>\n"
    "  <on x='y'><Response><Pause duration='2'/></Response></on>\n"
    "  <fallback><Response><SpeakSentence>Sorry, {{later}}."
    "</SpeakSentence><Redirect redirectUrl='/voice'/></Response></fallback>\n"
    "</voice>\n"
    "<voice path='/bare'/>\n"
    "<messaging path='/messages'>\n"
    "  <on event='message-received' message.from='+19195550101'>"
    "<reply status='202' type='application/json'>{{\"t\":\"{message.text}\"}}"
    "</reply></on>\n"
    "  <on event='message-failed'><exec program='bad'/></on>\n"
    "  <on event='message-received' message.to.1='+19195550108'>"
    "<reply status='206'/></on>\n"
    "  <on event='message-received' message.to='+19195550109'>"
    "<reply status='207'/></on>\n"
    "  <on event='message-received' message.media='*.gif'>"
    "<reply status='208'/></on>\n"
    "  <on event='message-received' message.media='' message.text='none'>"
    "<reply status='209'/></on>\n"
    "</messaging>\n"
    "<portout path='/portout'>\n"
    "  <on Pin='1234'><portable/></on>\n"
    "  <on event='validation' Pin=''><deny code='7512'/></on>\n"
    "  <on AccountNumber='?*'><deny code='7519' "
    "description='Ask &lt;us&gt;'/></on>\n"
    "</portout>\n"
    "<portout path='/portout/open' on-error='allow'/>\n"
    "<numbers path='/'><on CompletedTelephoneNumbers.TelephoneNumber="
    "'9195550109'><reply status='207'/></on>"
    "<on Notification.CompletedTelephoneNumbers.TelephoneNumber.2="
    "'919555011?'><reply status='206'/></on></numbers>\n"
    "<emergency path='/e'><on event='calling-api'><exec program='json'/></on>"
    "</emergency>\n"
    "</callbacks>\n";

#define LOGIN " username=\"u&amp;1\" password=\"p&quot;&lt;w\""
#define FALLBACK \
	"<Response><SpeakSentence>Sorry, {later}.</SpeakSentence><Redirect " \
	"redirectUrl=\"/voice\"" LOGIN "/></Response>"
#define BXML "application/xml; charset=utf-8"
#define HEAD \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" \
	"<PortOutValidationResponse><Portable>"
#define DENY(pon, code, text) \
	HEAD "false</Portable>" pon "<Errors><Error><Code>" code "</Code>" \
	     "<Description>" text "</Description></Error></Errors>" \
	     "</PortOutValidationResponse>\n"
#define DEFAULT_DENY(pon) DENY(pon, "7598", "The request could not be checked")
#define ALLOW(pon)	  HEAD "true</Portable>" pon "</PortOutValidationResponse>\n"

#define CALL(type, more) \
	"{\"eventType\":\"" type \
	"\",\"accountId\":\"5500001\",\"applicationId" \
	"\":\"a\",\"callId\":\"c-1\",\"to\":\"+19195550100\",\"eventTime\":" \
	"\"2025-01-01T00:00:00Z\"" more "}"
#define MESSAGE(type, from) \
	"[{\"type\":\"" type "\",\"time\":\"2025-01-01T00:00:00Z\"," \
	"\"to\":\"+19195550100\",\"message\":{\"id\":\"m1\",\"from\":\"" from \
	"\",\"text\":\"a\\\"b\\u0001\"}}]"
#define GROUP(to, more) \
	"[{\"type\":\"message-received\",\"to\":\"+19195550100\"," \
	"\"message\":{\"id\":\"m1\",\"from\":\"1\",\"to\":[" to "]" more "}}]"
#define ORDER(numbers) \
	"<Notification><OrderType>orders</OrderType>" \
	"<CompletedTelephoneNumbers>" numbers "</CompletedTelephoneNumbers>" \
	"</Notification>"
#define TN(number) "<TelephoneNumber>" number "</TelephoneNumber>"
#define PORTOUT(more) \
	"<PortOutValidationRequest>" more \
	"<TelephoneNumbers><TelephoneNumber>" \
	"9195550100</TelephoneNumber></TelephoneNumbers>" \
	"</PortOutValidationRequest>"

static const struct {
	const char *what;
	const char *path;
	const char *body;
	int status;
	const char *type; /* NULL: no body */
	const char *want;
} rows[] = {
    {"two conditions", "/bw/voice",
	CALL("initiate", ",\"from\":\"+19845550100\""), 200, BXML,
	"<Response><Hangup/></Response>"},
    {"one of them fails, hours match", "/bw/voice",
	CALL("initiate", ",\"from\":\"+19195550101\""), 200, BXML,
	"<Response><Gather gatherUrl=\"/voice/menu?f=%2B19195550101\" "
	"maxDigits=\"1\"" LOGIN "><SpeakSentence voice=\"julie\">Hello <break "
	"time=\"1s\"/> 1, 9 1 9, 5 5 5, 0 1 0 1, welcome &amp; {hi}."
	"</SpeakSentence></Gather><PlayAudio>https://a.example.com/x.wav"
	"</PlayAudio></Response>"},
    {"text from outside", "/bw/voice",
	CALL("initiate", ",\"from\":\"</SpeakSentence><Hangup/>\",\"tag\":"
			 "\"../\\\"/\""),
	200, BXML,
	"<Response><Gather gatherUrl=\"/voice/menu?f=%3C%2FSpeakSentence%3E"
	"%3CHangup%2F%3E\" maxDigits=\"1\"" LOGIN "><SpeakSentence "
	"voice=\"julie\">Hello <break time=\"1s\"/> S p e a k S e n t e n c e, "
	"H a n g u p, welcome &amp; {hi}.</SpeakSentence></Gather><PlayAudio>"
	"https://a.example.com/..%2F%22%2F.wav</PlayAudio></Response>"},
    {"a look-up", "/bw/voice", CALL("gather", ",\"digits\":\"2\""), 200, BXML,
	"<Response><Transfer transferCompleteUrl=\"https://cb.example.com/bw/"
	"done\" tag=\"Bo &amp; Al\"" LOGIN "><PhoneNumber>+19195550102"
	"</PhoneNumber></Transfer></Response>"},
    {"a look-up that finds nothing", "/bw/voice",
	CALL("gather", ",\"digits\":\"1\""), 0, NULL,
	"answer: {staff[digits].phone} has no value"},
    {"digits that are empty", "/bw/voice", CALL("gather", ",\"digits\":\"\""),
	200, BXML, "<Response/>"},
    {"digits that are not there", "/bw/voice", CALL("gather", ""), 200, BXML,
	"<Response/>"},
    {"a program", "/bw/voice", CALL("gather", ",\"digits\":\"3\""), 200, BXML,
	"<Response><!--a b gather voice /voice--><Hangup/></Response>"},
    {"a program's mistake", "/bw/voice", CALL("gather", ",\"digits\":\"4\""), 0,
	NULL, NULL},
    {"a program that hangs", "/bw/voice", CALL("gather", ",\"digits\":\"5\""),
	0, NULL, NULL},
    {"an error on purpose", "/bw/voice", CALL("gather", ",\"digits\":\"6\""),
	503, NULL, ""},
    {"no rule for a call", "/bw/voice", CALL("gather", ",\"digits\":\"9\""),
	200, BXML, FALLBACK},
    {"no rule and no fallback", "/bw/bare", CALL("gather", ""), 200, BXML,
	"<Response><SpeakSentence>We are sorry, your call cannot be answered "
	"at the moment. Please try again later.</SpeakSentence><Hangup/>"
	"</Response>"},
    {"a reply", "/bw/voice", CALL("dtmf", ",\"digit\":\"1\""), 200,
	"text/plain", "<1>"},
    {"a program for an event that expects a status", "/bw/voice",
	CALL("dtmf", ""), 204, NULL, ""},
    {"BXML for an event that expects a status", "/bw/voice",
	CALL("disconnect", ",\"cause\":\"hangup\""), 204, NULL, ""},
    {"no rule for an event that expects a status", "/bw/voice",
	CALL("disconnect", ""), 204, NULL, ""},
    {"an unknown type, with a rule", "/bw/voice", CALL("newKind", ""), 200,
	BXML, "<Response><Pause duration=\"1\"/></Response>"},
    {"an unknown type, by a field", "/bw/voice",
	CALL("otherKind", ",\"x\":\"y\""), 200, BXML,
	"<Response><Pause duration=\"2\"/></Response>"},
    {"an unknown type", "/bw/voice", CALL("otherKind", ""), 200, BXML,
	FALLBACK},
    {"a conference needs no answer", "/bw/voice",
	"{\"eventType\":\"conferenceMemberJoin\",\"conferenceId\":\"conf-1\"}",
	204, NULL, ""},
    {"a message", "/bw/messages", MESSAGE("message-received", "+19195550101"),
	202, "application/json", "{\"t\":\"a\\\"b\\u0001\"}"},
    {"a message without a rule", "/bw/messages",
	MESSAGE("message-received", "+19195550102"), 200, NULL, ""},
    {"the last number of a group", "/bw/messages",
	GROUP("\"+19195550100\",\"+19195550101\",\"+19195550109\"", ""), 207,
	NULL, ""},
    {"the only number of a group", "/bw/messages",
	GROUP("\"+19195550109\"", ""), 207, NULL, ""},
    {"none of a group", "/bw/messages",
	GROUP("\"+19195550100\",\"+19195550101\"", ""), 200, NULL, ""},
    {"the second of a group", "/bw/messages",
	GROUP("\"+19195550100\",\"+19195550108\"", ""), 206, NULL, ""},
    {"the second alone", "/bw/messages",
	GROUP("\"+19195550108\",\"+19195550100\"", ""), 200, NULL, ""},
    {"one of the media", "/bw/messages",
	GROUP("\"+19195550100\"", ",\"media\":[\"a.jpg\",\"b.gif\"]"), 208,
	NULL, ""},
    {"no media", "/bw/messages",
	GROUP("\"+19195550100\"", ",\"text\":\"none\",\"media\":[]"), 209, NULL,
	""},
    {"some media, but none was meant", "/bw/messages",
	GROUP("\"+19195550100\"", ",\"text\":\"none\",\"media\":[\"a.jpg\"]"),
	200, NULL, ""},
    {"the last number of an order", "/bw/",
	ORDER(TN("9195550101") TN("9195550102") TN("9195550109")), 207, NULL,
	""},
    {"the third number of an order", "/bw/",
	ORDER(TN("9195550101") TN("9195550102") TN("9195550111")), 206, NULL,
	""},
    {"the third number as the second", "/bw/",
	ORDER(TN("9195550101") TN("9195550111") TN("9195550102")), 200, NULL,
	""},
    {"a message and a program that fails", "/bw/messages",
	MESSAGE("message-failed", "+19195550102"), 200, NULL, ""},
    {"a message in a voice section", "/bw/voice",
	MESSAGE("message-received", "+19195550102"), 200, NULL, ""},
    {"a call among messages", "/bw/messages", CALL("initiate", ""), 200, BXML,
	"<Response><Hangup/></Response>"},
    {"an order", "/bw/",
	"<Notification><Status>COMPLETE</Status><OrderType>"
	"orders</OrderType></Notification>",
	200, NULL, ""},
    {"a port-out allowed", "/bw/portout",
	PORTOUT("<PON>P&lt;1</PON><Pin>1234</Pin>"), 200, "application/xml",
	ALLOW("<PON>P&lt;1</PON>")},
    {"a port-out without a PIN", "/bw/portout", PORTOUT(""), 200,
	"application/xml", DENY("", "7512", "PIN is required")},
    {"a port-out by a description", "/bw/portout",
	PORTOUT("<Pin>1</Pin><AccountNumber>2</AccountNumber>"), 200,
	"application/xml", DENY("", "7519", "Ask &lt;us&gt;")},
    {"a port-out without a rule", "/bw/portout",
	PORTOUT("<Pin>1</Pin><PON>1234567890123456789012345</PON>"), 200,
	"application/xml",
	DEFAULT_DENY("<PON>1234567890123456789012345</PON>")},
    {"a PON that is too long", "/bw/portout",
	PORTOUT("<Pin>1</Pin><PON>12345678901234567890123456</PON>"), 200,
	"application/xml", DEFAULT_DENY("")},
    {"a port-out allowed by policy", "/bw/portout/open", PORTOUT(""), 200,
	"application/xml", ALLOW("")},
    {"a port-out in a voice section", "/bw/voice", PORTOUT("<PON>1</PON>"), 200,
	"application/xml", DEFAULT_DENY("<PON>1</PON>")},
    {"a call in a port-out section", "/bw/portout",
	CALL("initiate", ",\"Pin\":\"1\""), 200, "application/xml",
	DEFAULT_DENY("")},
    {"a message in a port-out section", "/bw/portout/open",
	MESSAGE("message-received", "+19195550102"), 200, "application/xml",
	ALLOW("")},
};

static struct bw_decoder *decoder;
static struct bw_config *config;
static struct bwi_arena arena;

static void
on_finding(void *arg, const struct bw_finding *f)
{
	(void)arg;
	if (f->severity == BW_SEVERITY_ERROR)
		tap_diag("%s:%d: %s", f->file, f->line, f->text);
}

static void
write_files(void)
{
	scratch_write("password", "p\"<w\r\nnot this\n");
	scratch_write("staff.csv", "digit,name,phone\n1,Ann,\n"
				   "2,Bo & Al,+19195550102\n");
	scratch_write_program("good", "#!/bin/sh\nread -r event\ncase $event "
				      "in *5500001*) ;; *) exit 1;; esac\n"
				      "[ $# -le 1 ] || exit 1\n"
				      "echo \"<Response><!--$1 $BW_EVENT "
				      "$BW_FAMILY $BW_PATH--><Hangup/>"
				      "</Response>\" | tr -d '\\n'\n");
	scratch_write_program(
	    "bad", "#!/bin/sh\ncat >/dev/null\necho '<Response><Sing/>'\n");
	scratch_write_program("late", "#!/bin/sh\nexec sleep 600\n");
	scratch_write_program(
	    "json", "#!/bin/sh\ncat >/dev/null\necho '{\"a\":1}'\n");
	scratch_write("callbacks.xml", config_text);
}

static int64_t
later(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec + 120000000000;
}

static enum bw_err
handle(const struct bwi_section *s, struct bw_str body,
    struct bw_response *resp, struct bw_error *e)
{
	const struct bw_event *const *events = NULL;
	struct bwi_handling h = {
	    .arena = &arena, .deadline = later(), .post = true};
	struct bw_payload in = {.body = body};
	size_t n = 0;
	enum bw_err err;

	in.content_type = body.p[0] == '<' ? BW_STR("application/xml")
					   : BW_STR("application/json");
	in.hint =
	    s->kind == BWI_SECTION_VOICE ? BW_FAMILY_VOICE : BW_FAMILY_OTHER;
	err = bw_decode(decoder, &in, &events, &n, e);
	if (err != BW_OK || n != 1)
		return err != BW_OK ? err : BW_ERR_SYNTAX;
	bwi_arena_reset(&arena);
	bw_response_reset(resp);
	return bwi_sync_handle(s, events[0], &h, resp, e);
}

static struct bw_str
body_of(const struct bw_response *r)
{
	if (r->prepared.p != NULL)
		return r->prepared;
	return r->body.p != NULL ? (struct bw_str){r->body.p, r->body.n}
				 : (struct bw_str){"", 0};
}

static void
test_rows(void)
{
	struct bw_response resp;

	bwi_response_init(&resp);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *path = rows[i].path, *body = rows[i].body;
		const struct bwi_section *s = bwi_config_route(
		    config, (struct bw_str){path, strlen(path)});
		struct bw_error e = {0};
		enum bw_err err;

		if (!ok(s != NULL, "%s: there is a route", rows[i].what))
			continue;
		err = handle(s, (struct bw_str){body, strlen(body)}, &resp, &e);
		if (rows[i].status == 0) {
			ok(err != BW_OK && bw_err_status(err) >= 500,
			    "%s: is our fault", rows[i].what);
			if (rows[i].want != NULL)
				is_str(e.msg, rows[i].want, "%s: says",
				    rows[i].what);
			is_int(resp.status, 500, "%s: nothing is answered",
			    rows[i].what);
			continue;
		}
		is_int(err, BW_OK, "%s %s", rows[i].what, e.msg);
		is_int(resp.status, rows[i].status, "%s: status", rows[i].what);
		is_str(
		    resp.content_type, rows[i].type, "%s: type", rows[i].what);
		is_text(body_of(&resp), rows[i].want, "%s: body", rows[i].what);
	}
	bwi_response_release(&resp);
}

/* Answers with values that exceed Bandwidth's limit. */
static void
test_too_large(void)
{
	static char body[40000];
	const struct bwi_section *s =
	    bwi_config_route(config, BW_STR("/bw/voice"));
	struct bw_response resp;
	struct bw_error e = {0};
	int n = snprintf(body, sizeof(body), "%s",
	    "{\"eventType\":\"gather\",\"accountId\":\"1\",\"digits\":\"7\","
	    "\"big\":\"");

	bwi_response_init(&resp);
	memset(body + n, 'x', BW_MAX_BXML / 8);
	memcpy(body + n + BW_MAX_BXML / 8, "\"}", 3);
	is_int(handle(s, (struct bw_str){body, strlen(body)}, &resp, &e),
	    BW_ERR_BXML, "too large for Bandwidth is our fault");
	is_int((long long)resp.body.n, 0, "the body is empty");
	bwi_response_release(&resp);
}

static void
test_routes(void)
{
	static const char *const none[] = {"", "/", "/voice", "/bw/nothing",
	    "/bw/voice/", "/bw/voic", "/bwvoice", "/bw//voice", "/b"};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		ok(bwi_config_route(config,
		       (struct bw_str){none[i], strlen(none[i])}) == NULL,
		    "no section has the path \"%s\"", none[i]);
	}
	ok(bwi_config_route(config, BW_STR("/bw")) != NULL,
	    "the mount point alone is its root");
}

static void
test_fallbacks(void)
{
	const struct bwi_section *s;
	struct bw_response resp;

	bwi_response_init(&resp);
	s = bwi_config_route(config, BW_STR("/bw/voice"));
	tap_fail_alloc(1); /* a prepared answer needs no memory */
	ok(bwi_flow_fallback(s, NULL, &resp), "a call has a fallback");
	is_text(resp.prepared, FALLBACK, "the configured one");
	s = bwi_config_route(config, BW_STR("/bw/portout"));
	ok(bwi_flow_fallback(s, NULL, &resp), "a port-out has a fallback");
	is_text(resp.prepared, DEFAULT_DENY(""), "which refuses");
	is_str(resp.content_type, "application/xml", "as XML");
	s = bwi_config_route(config, BW_STR("/bw/portout/open"));
	ok(bwi_flow_fallback(s, NULL, &resp), "the policy may be another");
	is_text(resp.prepared, ALLOW(""), "which allows");
	s = bwi_config_route(config, BW_STR("/bw/messages"));
	ok(!bwi_flow_fallback(s, NULL, &resp), "messages have none");
	tap_fail_alloc(0);
	bwi_response_release(&resp);
}

/* The XML of the fallback and of the verdicts is well-formed. */
static void
test_well_formed(void)
{
	struct bw_response resp;

	bwi_response_init(&resp);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		xmlDoc *doc;

		if (rows[i].type == NULL ||
		    strncmp(rows[i].type, "application/xml", 15) != 0)
			continue;
		doc = xmlReadMemory(rows[i].want, (int)strlen(rows[i].want),
		    NULL, NULL, XML_PARSE_NOERROR | XML_PARSE_NONET);
		ok(doc != NULL, "%s: well-formed", rows[i].what);
		xmlFreeDoc(doc);
	}
	bwi_response_release(&resp);
}

/* Make each allocation of an answer fail in turn. */
static void
test_no_memory(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *path = rows[i].path, *body = rows[i].body;
		const struct bwi_section *s = bwi_config_route(
		    config, (struct bw_str){path, strlen(path)});
		unsigned long n = 0;
		enum bw_err err;

		if (rows[i].status == 0)
			continue;
		do {
			struct bw_response resp;
			struct bw_error e = {0};

			bwi_response_init(&resp);
			bwi_arena_free(&arena);
			tap_fail_alloc(++n);
			err = handle(
			    s, (struct bw_str){body, strlen(body)}, &resp, &e);
			tap_fail_alloc(0);
			if (err != BW_OK && resp.status != 500)
				ok(false, "%s: half an answer", rows[i].what);
			bwi_response_release(&resp);
		} while (err != BW_OK && n < 100);
		ok(err == BW_OK, "%s: every allocation failed in turn",
		    rows[i].what);
	}
}

int
main(void)
{
	struct bw_reporter reporter = {on_finding, NULL};
	struct bw_error e = {0};

	scratch_enter();
	write_files();
	decoder = bw_decoder_new();
	bwi_arena_init(&arena);
	if (!ok(bw_config_load("callbacks.xml", &config, &reporter, &e) ==
		    BW_OK,
		"the configuration loads %s", e.msg))
		return tap_done();
	test_rows();
	test_too_large();
	test_routes();
	test_fallbacks();
	test_well_formed();
	test_no_memory();
	bw_config_unref(bw_config_ref(config));
	bw_config_unref(config);
	bw_decoder_free(decoder);
	bwi_arena_free(&arena);
	xmlCleanupParser();
	return tap_done();
}
