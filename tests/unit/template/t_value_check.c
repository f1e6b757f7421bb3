/*
 * Values from callers in answers: each part of an answer accepts only what
 * Bandwidth accepts there, and each event only the verbs that may answer it.
 */
#include <stdio.h>
#include <stdlib.h>

#include <libxml/parser.h>

#include <bwcallback/callback.h>
#include <bwcallback/config.h>

#include "base/request.h"
#include "base/response.h"
#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

static struct bw_callback_context *worker;

/* The answer to an event; NULL if the configuration does not load. */
static const char *
answer(const char *on, const char *type, const char *from, const char **why)
{
	static char text[4096], body[512], got[4096];
	static struct bw_error e;
	struct bw_config *config = NULL;
	struct bw_response resp;
	struct bw_request req = {
	    .method = BW_METHOD_POST,
	    .method_name = BW_STR("POST"),
	    .path = BW_STR("/v"),
	    .content_type = BW_STR("application/json"),
	};
	struct bw_str out;

	memset(&e, 0, sizeof(e));
	snprintf(text, sizeof(text),
	    "<callbacks><table id='t' file='t.csv' key='k'/><voice path='/v'>"
	    "%s<fallback><Response><SpeakSentence>Sorry.</SpeakSentence>"
	    "<Transfer><PhoneNumber>+19195550100</PhoneNumber></Transfer>"
	    "</Response></fallback></voice></callbacks>",
	    on);
	scratch_write("callbacks.xml", text);
	*why = e.msg;
	if (bw_config_load("callbacks.xml", &config, NULL, &e) != BW_OK)
		return NULL;
	snprintf(body, sizeof(body),
	    "{\"eventType\":\"%s\",\"accountId\":\"1\",\"callId\":\"c\","
	    "\"from\":\"%s\"}",
	    type, from);
	req.body = (struct bw_str){body, strlen(body)};
	req.content_length = (int64_t)req.body.n;
	req.arrived = INT64_MAX / 2;
	bwi_response_init(&resp);
	bw_callback_answer(worker, config, &req, &resp);
	out = resp.prepared.p != NULL
		  ? resp.prepared
		  : (struct bw_str){resp.body.p, resp.body.n};
	snprintf(got, sizeof(got), "%s%d %.*s", resp.fallback ? "F " : "",
	    resp.status, (int)out.n, out.n > 0 ? out.p : "");
	bwi_response_release(&resp);
	bw_config_unref(config);
	return got;
}

#define ON(s)	 "<on event='gather'><Response>" s "</Response></on>"
#define FALLBACK "F 200 <Response><SpeakSentence>Sorry."
#define NUMBER	 "<Transfer><PhoneNumber>{from}</PhoneNumber></Transfer>"
#define LONG	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* want: the beginning of the answer. */
static const struct {
	const char *on;
	const char *from;
	const char *want;
} rows[] = {
    {ON(NUMBER), "+19195550101", "200 <Response><Transfer><PhoneNumber>+1"},
    {ON(NUMBER), "Anonymous", FALLBACK},
    {ON(NUMBER), "9195550101", FALLBACK},
    {ON("<Transfer><PhoneNumber>{t[from].v}</PhoneNumber></Transfer>"), "a",
	"200 <Response><Transfer><PhoneNumber>+1"},
    {ON("<Transfer><PhoneNumber>{t[from].v}</PhoneNumber></Transfer>"), "b",
	FALLBACK},
    {ON("<SpeakSentence>{from}</SpeakSentence>"), "hello",
	"200 <Response><SpeakSentence>hello"},
    {ON("<SpeakSentence>{from}</SpeakSentence>"), "", FALLBACK},
    {ON("<SpeakSentence>{from}</SpeakSentence>"), " \\n ", FALLBACK},
    {ON("<SpeakSentence>{from}<break time='1s'/></SpeakSentence>"), "",
	FALLBACK},
    {ON("<SpeakSentence><emphasis>{from}</emphasis></SpeakSentence>"), "&",
	"200 <Response><SpeakSentence><emphasis>&amp;"},
    {ON("<SpeakSentence>For {from}.</SpeakSentence>"), "",
	"200 <Response><SpeakSentence>For ."},
    {ON("<Tag>{from}</Tag>"), LONG LONG LONG LONG, "200 <Response><Tag>xxx"},
    {ON("<Tag>{from}</Tag>"), LONG LONG LONG LONG "x", FALLBACK},
    {ON("<Tag>{from}</Tag>"), "", "200 <Response><Tag></Tag>"},
    {ON("<Pause duration='{from}'/>"), "0.1", "200 <Response><Pause"},
    {ON("<Pause duration='{from}'/>"), "0", FALLBACK},
    {ON("<Pause duration='{from}'/>"), "1e3", FALLBACK},
    {ON("<Redirect redirectUrl='/a' tag='{from}'/>"), LONG LONG LONG "&&&&",
	"200 <Response><Redirect"},
    {ON("<Redirect redirectUrl='/a?{from}'/>"), "a b",
	"200 <Response><Redirect redirectUrl=\"/a?a%20b\""},
    {ON("<Redirect redirectUrl='{t[from].v}'/>"), "c",
	"200 <Response><Redirect redirectUrl=\"http://"},
    {ON("<Redirect redirectUrl='{t[from].v}'/>"), "d", FALLBACK},
    {ON("<Redirect redirectUrl='{t[from].v}'/>"), "e", FALLBACK},
    {ON("<Record recordCompleteUrl='{t[from].v}' username='u' "
	"password='p'/>"),
	"c", FALLBACK},
    {ON("<Record recordCompleteUrl='{t[from].v}'/>"), "c",
	"200 <Response><Record"},
    {ON("<Gather repeatCount='{from}'><SpeakSentence>a</SpeakSentence>"
	"<SpeakSentence>b</SpeakSentence></Gather>"),
	"10", "200 <Response><Gather"},
    {ON("<Gather repeatCount='{from}'><SpeakSentence>a</SpeakSentence>"
	"<SpeakSentence>b</SpeakSentence></Gather>"),
	"11", FALLBACK},
    {ON("<SpeakSentence voice='{from}'>a</SpeakSentence>"), "paul",
	"200 <Response><SpeakSentence voice=\"paul\">"},
    {ON("<SpeakSentence voice='{from}'>a</SpeakSentence>"), "Paul", FALLBACK},
};

static void
test_positions(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *why;
		const char *got =
		    answer(rows[i].on, "gather", rows[i].from, &why);

		if (!ok(got != NULL, "row %zu loads: %s", i, why))
			continue;
		ok(strncmp(got, rows[i].want, strlen(rows[i].want)) == 0,
		    "row %zu: %.60s: %s", i, rows[i].want, got);
	}
}

#define HANGUP	"<Response><Hangup/></Response>"
#define FORWARD "<Response><Forward to='+19195550104'/></Response>"

/* NULL: the configuration does not load; else the beginning of the answer. */
static const struct {
	const char *on;
	const char *type;
	const char *want;
} contexts[] = {
    {"<on event='conferenceCreated'>" HANGUP "</on>", "conferenceCreated",
	NULL},
    {"<on event='conference*'>" HANGUP "</on>", "conferenceCreated", NULL},
    {"<on event='gather|conferenceMemberJoin'>" HANGUP "</on>", "gather", NULL},
    {"<on>" HANGUP "</on>", "gather", "200 <Response><Hangup"},
    {"<on>" HANGUP "</on>", "conferenceMemberJoin", "F 204 "},
    {"<on event='gather'>" FORWARD "</on>", "gather", NULL},
    {"<on event='initiate|redirect'>" FORWARD "</on>", "redirect",
	"200 <Response><Forward"},
    {"<on event='*'>" FORWARD "</on>", "gather", FALLBACK},
    {"<on event='*'>" FORWARD "</on>", "transferAnswer",
	"F 200 <Response><Hangup/></Response>"},
    {"<on event='gather'><Response><Transfer privacy='true' "
     "transferCallerDisplayName='{from}'><PhoneNumber>+19195550104"
     "</PhoneNumber></Transfer></Response></on>",
	"gather", NULL},
};

static void
test_contexts(void)
{
	for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		const char *want = contexts[i].want, *why;
		const char *got =
		    answer(contexts[i].on, contexts[i].type, "x", &why);

		if (want == NULL || got == NULL)
			ok(got == NULL && want == NULL, "context %zu: %s", i,
			    got != NULL ? got : why);
		else
			ok(strncmp(got, want, strlen(want)) == 0,
			    "context %zu: %s: %s", i, want, got);
	}
}

int
main(void)
{
	scratch_enter();
	scratch_write("t.csv", "k,v\na,+19195550101\nb,extension 5\n"
			       "c,http://a.example.com/\nd,two words\n"
			       "e,https://a.example.com:70000/\n");
	worker = bw_callback_context_new();
	test_positions();
	test_contexts();
	bw_callback_context_free(worker);
	xmlCleanupParser();
	return tap_done();
}
