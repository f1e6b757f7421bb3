/* Scenario files and the checks of their expectations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/deliver/deliver.h"
#include "sim/scenario/expect.h"

#include "tests/tap/tap.h"

static char file[] = "/tmp/scenario-XXXXXX";

struct report {
	int n;
	int line;
	char text[256];
};

static void
take(void *arg, const struct bw_finding *f)
{
	struct report *r = arg;

	r->n++;
	r->line = f->line;
	(void)snprintf(r->text, sizeof(r->text), "%s", f->text);
}

static enum bw_err
load(const char *xml, struct sim_scenarios **out, struct report *r)
{
	const struct bw_reporter to = {take, r};
	FILE *f = fopen(file, "w");

	fputs(xml, f);
	(void)fclose(f);
	return sim_scenarios_load(file, out, &to, NULL);
}

#define CALL(inside) "<scenarios><call name=\"x\">" inside "</call></scenarios>"

static const struct {
	const char *xml;
	int line;
	const char *text;
} wrong[] = {
    {"<scenarios>", 1,
	"<scenarios> of line 1 is not closed, write </scenarios>"},
    {"<scenarios/>", 1, "Expecting an element"},
    {"<scenarios>\n<call/></scenarios>", 2,
	"<call>: the attribute \"name\" is missing"},
    {"<scenarios>\n<call name=\"\"/></scenarios>", 2,
	"<call name>: must be a name"},
    {"<scenarios>\n<call name=\"x\" too=\"\"/></scenarios>", 2,
	"<call> has no attribute \"too\": it has name from to"},
    {"<scenarios>\n<call name=\"x\" direction=\"up\"/></scenarios>", 2,
	"<call direction>: must be inbound or outbound"},
    {"<scenarios>\nx<call name=\"x\"/></scenarios>", 2,
	"<scenarios>: text is not allowed in it"},
    {CALL("\n<presses keys=\"1x\"/>"), 2,
	"<presses keys>: must be keys: 0-9 * # A-D"},
    {CALL("\n<presses/>"), 2, "<presses>: the attribute \"keys\" is missing"},
    {CALL("<waits/>\n<hangs-up after=\"-1\"/>"), 2,
	"<hangs-up after>: must be seconds, from 0 to 86400"},
    {CALL("\n<shouts/>"), 2,
	"<shouts> in <call>: not allowed; expected: callee also"},
    {CALL("<waits>\n<hears/></waits>"), 2,
	"<hears> in <waits>: not allowed: the element must be empty"},
    {CALL("<says>\n<hears/></says>"), 2,
	"<hears> in <says>: not allowed: the element must be empty"},
    {"<scenarios>\n<call name=\"x\" stir-shaken=\"D\"/></scenarios>", 2,
	"stir-shaken: must be none, or A, B, C"},
    {"<scenarios>\n<call name=\"x\" direction=\"outbound\" "
     "diversion=\"away\"/></scenarios>",
	2, "diversion: only an inbound call has it"},
    {"<scenarios>\n<call name=\"x\" sip-headers=\"X-A=b\"/></scenarios>", 2,
	"sip-headers: only a call from a SIP URI has it"},
    {"<scenarios>\n<message name=\"x\" error=\"much\"/></scenarios>", 2,
	"<message error>: must be a number from 1 to 99999"},
    {"<scenarios>\n<order name=\"x\" pin=\"1\"/></scenarios>", 2,
	"<order> has no attribute \"pin\": it has name type"},
    {"<scenarios><portout name=\"x\">\n<waits/></portout></scenarios>", 2,
	"<waits> in <portout>: not allowed; expected: hears"},
    {CALL("\n<verdict is=\"maybe\"/>"), 2,
	"<verdict is>: must be portable or refused"},
    {CALL("\n<stored/>"), 2, "<stored>: the attribute \"type\" is missing"},
    {CALL("\n<callback/>"), 2, "<callback>: the attribute \"event\" is"},
    {CALL("\n<callback event=\"a\" fallback=\"often\"/>"), 2,
	"<callback fallback>: must be true or false"},
    {CALL("<never><hears/></never>\n<hears/>"), 2,
	"<hears> after <never>: must come before it"},
    {CALL("\n<callee number=\"+1\" does=\"dances\"/>"), 2,
	"dances: neither keys"},
    {CALL("<also does=\"busy,busy\"/>"), 1, "busy: neither keys"},
    {CALL("\n<rest does=\"dance\" after=\"1\"/>"), 2,
	"<rest does>: must be complete, redirect"},
    {CALL("\n<rest does=\"redirect\" after=\"1\"/>"), 2,
	"<rest>: url is required"},
    {CALL("\n<rest does=\"complete\" after=\"1\" url=\"/\"/>"), 2,
	"<rest>: url is required"},
    {"<scenarios at=\"2026-13-40\"><call name=\"x\"/></scenarios>", 1,
	"at: invalid time"},
    {"<scenarios at=\"soon\"><call name=\"x\"/></scenarios>", 1, "at"},
    {"<!DOCTYPE a [<!ENTITY b SYSTEM \"/etc/passwd\">]>"
     "<scenarios><call name=\"x\"><hears>&b;</hears></call></scenarios>",
	1, ""},
};

static void
test_wrong(void)
{
	struct sim_scenarios *s = NULL;
	struct report r = {0};
	struct bw_error e = {BW_OK, 0, ""};
	const struct bw_reporter to = {take, &r};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		r = (struct report){0};
		if (!ok(load(wrong[i].xml, &s, &r) == BW_ERR_CONFIG &&
			    r.n == 1 && r.line == wrong[i].line &&
			    strstr(r.text, wrong[i].text) != NULL && s == NULL,
			"row %zu is wrong", i))
			tap_diag("%d: %d: %s", r.n, r.line, r.text);
	}
	ok(load("<callbacks/>", &s, &r) == BW_OK && s == NULL,
	    "other XML is passed over");
	ok(sim_scenarios_load("/none/x.xml", &s, &to, &e) == BW_ERR_NOFILE &&
		strstr(e.msg, "/none/x.xml: No such file") != NULL,
	    "no file");
}

static const char all[] =
    "<scenarios flow=\"f.xml\" at=\"2026-03-04\">\n"
    "<call name=\"first\" from=\"+19195550111\" url=\"/v\" does=\"4\">\n"
    "<callee number=\"+19195550101\" does=\"busy\"/>\n"
    "<also from=\"+19195550112\" after=\"2.5\" does=\"hangup@3\"/>"
    "<rest does=\"redirect\" after=\"9\" url=\"/r\" conference=\"c\" "
    "tag=\"t\"/>\n"
    "<hears>  two\n words </hears><presses keys=\"1#\" after=\"0.5\"/>\n"
    "<waits/><says>so</says><hangs-up/>"
    "<callback event=\"gather\" digits=\"1\" fallback=\"true\"/>"
    "<ends cause=\"busy\"/><never><hears>no</hears></never>"
    "<sometime><verb name=\"Pause\"/></sometime></call>\n"
    "<call name=\"second\" direction=\"outbound\"\n"
    "at=\"2026-03-05T01:00:00Z\"/></scenarios>";

static void
test_load(void)
{
	struct sim_scenarios *s = NULL;
	struct report r = {0};
	const struct sim_scenario *c;

	if (!ok(load(all, &s, &r) == BW_OK && s != NULL, "a good one")) {
		tap_diag("%d: %s", r.line, r.text);
		return;
	}
	is_str(s->flow, "/tmp/f.xml", "its flow is beside it");
	is_int((long long)s->n, 2, "two calls");
	c = &s->list[0];
	is_int(c->line, 2, "line");
	is_int(c->at, 1772582400000, "time, of all");
	is_int(c->role.acts[0].kind, SIM_ACT_KEYS, "first what it does");
	is_str(c->role.acts[1].text, "1#", "then what it presses");
	is_int(c->role.acts[1].after, 500, "when");
	is_int((long long)c->role.n, 5, "five acts");
	is_int((long long)c->cast.n, 1, "one is called");
	is_int(c->also[0].after, 2500, "another call comes");
	is_int(c->scripts[0].after, 9000, "a script");
	is_str(c->scripts[0].url, "/r", "redirects");
	is_str(c->scripts[0].conference, "c", "a conference");
	is_str(c->scripts[0].tag, "t", "with a tag");
	is_int(c->scripts[0].kind, SIM_SCRIPT_REDIRECT, "its kind");
	is_int((long long)c->steps.n, 5, "steps");
	is_str(c->steps.list[0].text, "two words", "text, in one line");
	is_int(c->steps.list[1].line, 6, "of a line");
	is_str(c->steps.list[3].wanted[0].name, "digits", "a field");
	is_int((long long)c->never.n, 1, "what must not be");
	is_int((long long)c->sometime.n, 1, "and what must");
	ok(s->list[1].outbound && s->list[1].at == 1772672400000, "the second");
	sim_scenarios_free(s);
	sim_scenarios_free(NULL);
}

/* Log entries by letter: a test is a scenario and a string of letters. */
static char gather[] = "{\"eventType\":\"gather\",\"callId\":\"c\","
		       "\"digits\":\"12\",\"tag\":\"a\"}";
static const struct bw_str gathered = {gather, sizeof(gather) - 1};
static const struct sim_reply good = {.status = 200};
static char late[] = "it took too long";
static const struct sim_reply bad = {.status = 500, .why = late};
static const struct sim_reply poor = {
    .status = 200, .fallback = true, .reason = late};
static const struct sim_delivery taken = {.event = "gather",
    .delivered = true,
    .attempts = 1,
    .url = "https://h/voice/menu",
    .method = "POST",
    .payload = &gathered,
    .reply = &good};
static const struct sim_delivery failed = {.event = "gather",
    .attempts = 2,
    .url = "https://h/voice/menu",
    .method = "POST",
    .payload = &gathered,
    .reply = &bad};
static const struct sim_delivery fell = {.event = "gather",
    .delivered = true,
    .attempts = 1,
    .url = "https://h/voice/menu",
    .method = "POST",
    .payload = &gathered,
    .reply = &poor};
static const struct bw_finding finding = {.severity = BW_SEVERITY_ERROR,
    .file = "answer",
    .line = 3,
    .text = "<Spek> is no verb"};

static const struct {
	char letter;
	struct sim_log_entry entry;
} entries[] = {
    {'a', {.kind = SIM_LOG_SAID, .text = "Press one.\n Or   two."}},
    {'b', {.kind = SIM_LOG_KEY, .text = "1"}},
    {'c', {.kind = SIM_LOG_KEY, .text = "2"}},
    {'d', {.kind = SIM_LOG_CALLBACK, .delivery = &taken}},
    {'e', {.kind = SIM_LOG_CALLBACK, .delivery = &failed}},
    {'f', {.kind = SIM_LOG_CALLBACK, .delivery = &fell}},
    {'g', {.kind = SIM_LOG_FINDING, .finding = &finding}},
    {'h', {.kind = SIM_LOG_END, .name = "hangup"}},
    {'i', {.kind = SIM_LOG_END, .name = "invalid-bxml"}},
    {'j', {.kind = SIM_LOG_VERB, .name = "Transfer"}},
    {'k', {.kind = SIM_LOG_ANSWERED}},
    {'l', {.kind = SIM_LOG_PLAYED, .text = "https://h/a.mp3"}},
    {'n', {.kind = SIM_LOG_STATE, .name = "refused"}},
    {'m', {.kind = SIM_LOG_TALKED, .text = "hello"}},
};

static const struct {
	const char *inside, *happens;
	const char *wrong; /* part of the failure; NULL: the scenario passes */
} rows[] = {
    {"<hears>one. Or two</hears>", "ah", NULL},
    {"<hears>three</hears>", "ah", "1: <hears> three: did not happen"},
    {"<presses keys=\"12\"/>", "ajbdch", NULL},
    {"<presses keys=\"12\"/>", "bh", "<presses> 12: did not happen"},
    {"<presses keys=\"12\"/>", "cbh", "did not happen"},
    {"<hears>one</hears>\n<verb name=\"Tr*\"/>", "ajh", NULL},
    {"<hears>one</hears>\n<verb name=\"Tr*\"/>", "jah",
	"2: <verb> Tr*: did not happen after line 1"},
    {"<answered/><plays>*/a.mp3</plays><says>hello</says>", "klmh", NULL},
    {"<plays>/a.mp3</plays>", "lh", NULL},
    {"<callback event=\"gather\"/>", "dh", NULL},
    {"<callback event=\"gather|x\" digits=\"1*\" tag=\"a\" method=\"POST\" "
     "url=\"/voice/menu\" answer=\"200\" attempts=\"1\" cause=\"\"/>",
	"dh", NULL},
    {"<callback event=\"gather\" digits=\"2\"/>", "dh",
	"<callback> gather digits=\"2\": did not happen"},
    {"<callback event=\"gather\" answer=\"204\"/>", "dh", "did not happen"},
    {"<callback event=\"gather\" attempts=\"2\"/>", "dh", "did not happen"},
    {"<callback event=\"gather\" url=\"/voice\"/>", "dh", "did not happen"},
    {"<callback event=\"gather\" tag=\"\"/>", "dh", "did not happen"},
    {"<callback event=\"gather\"/>", "eh", "did not happen"},
    {"", "eh", "gather to https://h/voice/menu: not delivered: it took"},
    {"<callback event=\"gather\" delivered=\"false\" attempts=\"2\"/>", "eh",
	NULL},
    {"", "fh", "only a fallback answered: it took too long"},
    {"<callback event=\"gather\" fallback=\"true\"/>", "fh", NULL},
    {"<callback event=\"gather\" fallback=\"true\"/>", "dh", "did not happen"},
    {"", "gh", "went wrong: answer:3:0: <Spek> is no verb"},
    {"<wrong>Spek</wrong>", "gh", NULL},
    {"<wrong>Spek</wrong>", "ggh", "went wrong: answer:3:0"},
    {"<ends/>", "h", NULL},
    {"<ends cause=\"hangup\"/>", "h", NULL},
    {"<ends cause=\"busy\"/>", "h", "<ends> busy: did not happen"},
    {"", "i", "went wrong: the call ends: invalid-bxml"},
    {"<ends/>", "i", "<ends>: did not happen"},
    {"<ends cause=\"invalid-bxml\"/>", "gei", NULL},
    {"<sometime><hears>one</hears><verb name=\"Transfer\"/></sometime>", "jah",
	NULL},
    {"<sometime><hears>one</hears>\n<verb name=\"Pause\"/></sometime>", "jah",
	"2: <verb> Pause: never happened"},
    {"<never><hears>one</hears></never>", "jh", NULL},
    {"<never><hears>one</hears></never>", "jah",
	"1: <hears> one: happened, and must not"},
    {"<verdict is=\"refused\"/>", "n", NULL},
    {"<verdict is=\"portable\"/>", "n", "<verdict> portable: did not happen"},
    {"<hangs-up/>", "h", "the call was over before the caller could hang up"},
};

static void
happen(struct sim_expectation *x, char letter)
{
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		if (entries[i].letter == letter)
			sim_expectation_log(x, &entries[i].entry);
	}
}

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sim_scenarios *s = NULL;
		struct sim_expectation *x;
		struct report r = {0};
		char xml[1024];
		const char *got;

		(void)snprintf(xml, sizeof(xml),
		    "<scenarios><call name=\"x\">%s</call></scenarios>",
		    rows[i].inside);
		if (load(xml, &s, &r) != BW_OK) {
			ok(false, "row %zu: %s", i, r.text);
			continue;
		}
		x = sim_expectation_new(file, &s->list[0]);
		for (const char *p = rows[i].happens; *p != '\0'; p++)
			happen(x, *p);
		got = sim_expectation_end(x);
		if (!ok(rows[i].wrong == NULL
			    ? got == NULL
			    : got != NULL && strstr(got, rows[i].wrong) != NULL,
			"row %zu", i))
			tap_diag("%s", got != NULL ? got : "nothing wrong");
		sim_expectation_free(x);
		sim_scenarios_free(s);
	}
}

static void
test_many(void)
{
	struct sim_scenarios *s = NULL;
	struct report r = {0};
	struct sim_expectation *x;

	if (load(CALL(""), &s, &r) != BW_OK)
		return;
	x = sim_expectation_new(file, &s->list[0]);
	for (int i = 0; i < 1000; i++)
		happen(x, 'g');
	ok(strstr(sim_expectation_end(x), "and 990 more\n") != NULL,
	    "of many complaints only some are told");
	sim_expectation_free(x);
	sim_scenarios_free(s);
}

int
main(void)
{
	int fd = mkstemp(file);

	if (fd < 0)
		return 1;
	(void)close(fd);
	test_wrong();
	test_load();
	test_rows();
	test_many();
	(void)unlink(file);
	return tap_done();
}
