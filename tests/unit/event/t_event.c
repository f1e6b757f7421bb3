/* Fields by dotted name, de-duplication keys, and events as JSON. */
#include "event/event.h"

#include <bwcallback/event.h>
#include <bwcallback/limits.h>

#include <string.h>

#include "tests/tap/tap.h"

static struct bw_decoder *decoder;
static const struct bw_event *event;

static struct bw_str
str(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

/* Decode a body that was posted to a URL with this query. */
static bool
decode_posted(const char *query, const char *body)
{
	const struct bw_event *const *events;
	struct bw_payload in = {.query = str(query), .body = str(body)};
	size_t n = 0;

	event = NULL;
	if (is_int(bw_decode(decoder, &in, &events, &n, NULL), BW_OK, "%s: %s",
		query, body) &&
	    n > 0)
		event = events[n - 1];
	return event != NULL;
}

/* Decode a body, or a query string when it begins with '?'. */
static bool
decode(const char *body)
{
	const struct bw_event *const *events;
	struct bw_payload in = {.body = str(body)};
	struct bw_error error = {0};
	size_t n = 0;

	if (*body == '?') {
		in.get = true;
		in.query = str(body + 1);
	}
	event = NULL;
	if (is_int(bw_decode(decoder, &in, &events, &n, &error), BW_OK, "%s",
		body) &&
	    n > 0)
		event = events[0];
	return event != NULL;
}

#define JSON \
	"{\"a\":{\"b\":\"x\",\"b\":\"second\",\"n\":-1.50e+2,\"t\":true," \
	"\"z\":null,\"e\":\"\"},\"l\":[\"p\",[\"q\",\"r\"],{\"m\":1}]," \
	"\"o\":[{\"k\":\"v\"}],\"none\":[],\"1\":\"one\"}"
#define XML \
	"<N at=\"8\"><I>1</I><I kind=\"k\">2</I><L><T> a </T><T>b</T></L>" \
	"<E/>text<W>w<b/>x</W></N>"
#define QUERY "?a.b=1&c=2&a.d=3&a.b=4&c=5&j={\"k\":[1,{\"m\":null}]}&e="

static const struct {
	const char *body;
	const char *name;
	enum bw_value_kind kind;
	const char *value;
} gets[] = {
    {JSON, "a.b", BW_KIND_STRING, "x"},
    {JSON, "a.b.1", BW_KIND_ABSENT, NULL},
    {JSON, "a.n", BW_KIND_NUMBER, "-1.50e+2"},
    {JSON, "a.t", BW_KIND_TRUE, "true"},
    {JSON, "a.z", BW_KIND_ABSENT, NULL},
    {JSON, "a.e", BW_KIND_STRING, ""},
    {JSON, "a", BW_KIND_ABSENT, NULL},
    {JSON, "a.b.c", BW_KIND_ABSENT, NULL},
    {JSON, "l", BW_KIND_STRING, "p"},
    {JSON, "l.0", BW_KIND_STRING, "p"},
    {JSON, "l.1", BW_KIND_STRING, "q"},
    {JSON, "l.1.1", BW_KIND_STRING, "r"},
    {JSON, "l.2.m", BW_KIND_NUMBER, "1"},
    {JSON, "l.3", BW_KIND_ABSENT, NULL},
    {JSON, "l.9999999999999999999", BW_KIND_ABSENT, NULL},
    {JSON, "o.k", BW_KIND_STRING, "v"},
    {JSON, "none", BW_KIND_ABSENT, NULL},
    {JSON, "none.0", BW_KIND_ABSENT, NULL},
    {JSON, "1", BW_KIND_STRING, "one"},
    {JSON, "", BW_KIND_ABSENT, NULL},
    {JSON, ".", BW_KIND_ABSENT, NULL},
    {JSON, "a.", BW_KIND_ABSENT, NULL},
    {XML, "I", BW_KIND_STRING, "1"},
    {XML, "N.I", BW_KIND_STRING, "1"},
    {XML, "I.1", BW_KIND_STRING, "2"},
    {XML, "I.1.@kind", BW_KIND_STRING, "k"},
    {XML, "I.2", BW_KIND_ABSENT, NULL},
    {XML, "@at", BW_KIND_STRING, "8"},
    {XML, "L.T", BW_KIND_STRING, "a"},
    {XML, "N.L.T.1", BW_KIND_STRING, "b"},
    {XML, "E", BW_KIND_STRING, ""},
    {XML, "E.x", BW_KIND_ABSENT, NULL},
    {XML, "L", BW_KIND_ABSENT, NULL},
    {QUERY, "a.b", BW_KIND_STRING, "1"},
    {QUERY, "a.b.1", BW_KIND_STRING, "4"},
    {QUERY, "a.d", BW_KIND_STRING, "3"},
    {QUERY, "c.1", BW_KIND_STRING, "5"},
    {QUERY, "j.k", BW_KIND_NUMBER, "1"},
    {QUERY, "e", BW_KIND_STRING, ""},
    {QUERY, "f", BW_KIND_ABSENT, NULL},
};

static void
test_get(void)
{
	for (size_t i = 0; i < sizeof(gets) / sizeof(gets[0]); i++) {
		struct bw_str value;

		if (!decode(gets[i].body))
			continue;
		is_int(bw_event_get(event, str(gets[i].name), &value),
		    gets[i].kind, "kind of %s", gets[i].name);
		is_text(value, gets[i].value, "value of %s", gets[i].name);
	}
	if (decode(JSON)) {
		struct bw_str value;

		is_int(bw_event_get(event, (struct bw_str){NULL, 0}, &value),
		    BW_KIND_ABSENT, "no name at all");
	}
}

/* All values at a name, with a space after each. */
static bool
add_value(const void *arg, struct bw_str value)
{
	struct bw_buf *b = *(struct bw_buf *const *)arg;

	bw_buf_str(b, value.p != NULL ? value : str("absent"));
	bw_buf_putc(b, ' ');
	return false;
}

static bool
take_first(const void *arg, struct bw_str value)
{
	**(struct bw_str *const *)arg = value;
	return true;
}

static const struct {
	const char *body;
	const char *name;
	const char *values;
} lists[] = {
    {JSON, "l", "p q r "},
    {JSON, "l.0", "p "},
    {JSON, "l.1", "q r "},
    {JSON, "l.1.1", "r "},
    {JSON, "l.m", "1 "},
    {JSON, "l.9", "absent "},
    {JSON, "none", "absent "},
    {JSON, "none.0", "absent "},
    {JSON, "o.k", "v "},
    {JSON, "a.b", "x "},
    {JSON, "a", "absent "},
    {"{\"l\":[{\"m\":[1,2]},{\"n\":5},{\"m\":3}]}", "l.m", "1 2 3 "},
    {"{\"l\":[{\"m\":[1,2]},{\"n\":5},{\"m\":3}]}", "l.2.m", "3 "},
    {"{\"l\":[null,{\"a\":1},\"x\"]}", "l", "x "},
    {XML, "I", "1 2 "},
    {XML, "I.1", "2 "},
    {XML, "I.2", "absent "},
    {XML, "L.T", "a b "},
    {XML, "N.L.T", "a b "},
    {XML, "N.L.T.1", "b "},
    {XML, "I.@kind", "k "},
    {"<N><L><T>1</T><T>2</T></L><L><T>3</T></L></N>", "L.T", "1 2 3 "},
    {"<N><L><T>1</T><T>2</T></L><L><T>3</T></L></N>", "L.1.T", "3 "},
    {QUERY, "a.b", "1 4 "},
    {QUERY, "c", "2 5 "},
    {QUERY, "c.1", "5 "},
    {QUERY, "j.k", "1 "},
    {QUERY, "e", " "},
};

static void
test_any(void)
{
	struct bw_buf b, *to = &b;

	bw_buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (!decode(lists[i].body))
			continue;
		bw_buf_reset(&b);
		ok(!bwi_event_any(event, str(lists[i].name), add_value, &to),
		    "%s has no such element", lists[i].name);
		bw_buf_putc(&b, '\0');
		is_str(b.p, lists[i].values, "values of %s", lists[i].name);
	}
	bw_buf_free(&b);
	/* bw_event_get returns the first of all values. */
	for (size_t i = 0; i < sizeof(gets) / sizeof(gets[0]); i++) {
		struct bw_str value, *first = &value;

		if (!decode(gets[i].body))
			continue;
		ok(bwi_event_any(event, str(gets[i].name), take_first, &first),
		    "%s is looked at", gets[i].name);
		is_text(value, gets[i].value, "first of %s", gets[i].name);
	}
}

static const struct {
	const char *body;
	const char *json;
} jsons[] = {
    {JSON,
	"{\"a\":{\"b\":\"x\",\"n\":-1.50e+2,\"t\":true,\"z\":null,\"e\":\"\"},"
	"\"l\":[\"p\",[\"q\",\"r\"],{\"m\":1}],\"o\":[{\"k\":\"v\"}],"
	"\"none\":[],\"1\":\"one\"}"},
    {XML, "{\"@at\":\"8\",\"I\":[\"1\",{\"@kind\":\"k\",\"#text\":\"2\"}],"
	  "\"L\":{\"T\":[\"a\",\"b\"]},\"E\":\"\",\"W\":{\"b\":\"\","
	  "\"#text\":\"wx\"},\"#text\":\"text\"}"},
    {QUERY, "{\"a\":{\"b\":[\"1\",\"4\"],\"d\":\"3\"},\"c\":[\"2\",\"5\"],"
	    "\"j\":{\"k\":[1,{\"m\":null}]},\"e\":\"\"}"},
    {"null", "null"},
    {"[3]", "3"},
    {"[[]]", "[]"},
    {"<a/>", "\"\""},
    {"{\"u\":\"https://x/\\u0000\\u00e9\\ud800\",\"\\u0000k\":1}",
	"{\"u\":\"https://x/\\u0000\xc3\xa9\xef\xbf\xbd\","
	"\"\xef\xbf\xbdk\":1}"},
    {"{\"n\":123456789012345678901234567890.10}",
	"{\"n\":123456789012345678901234567890.10}"},
    {"?a=1&a=2&a=3&a={\"b\":1}", "{\"a\":[\"1\",\"2\",\"3\",{\"b\":1}]}"},
    {"?a=[1]&a=2", "{\"a\":[[1],\"2\"]}"},
};

static void
test_json(void)
{
	struct bw_buf b;

	bw_buf_init(&b, 100000);
	for (size_t i = 0; i < sizeof(jsons) / sizeof(jsons[0]); i++) {
		if (!decode(jsons[i].body))
			continue;
		bw_buf_reset(&b);
		is_int(bw_event_json(event, &b), BW_OK, "written");
		bw_buf_putc(&b, '\0');
		is_str(b.p, jsons[i].json, "as %s", jsons[i].json);
	}
	bw_buf_free(&b);
	bw_buf_init(&b, 4);
	if (decode(JSON))
		is_int(
		    bw_event_json(event, &b), BW_ERR_LIMIT, "buffer too small");
	bw_buf_free(&b);
}

#define TWO "[{\"type\":\"message-sent\"},{\"type\":\"message-sent\"}]"
#define ITS_OWN \
	"{\"eventType\":\"gather\",\"step\":1,\"query\":{\"step\":\"own\"}}"

static const struct {
	const char *query;
	const char *body;
	const char *name;
	const char *value;
} parameters[] = {
    {"step=pin", ITS_OWN, "query.step", "pin"},
    {"step=pin", ITS_OWN, "step", "1"},
    {"step=pin", ITS_OWN, "query.other", NULL},
    {"", ITS_OWN, "query.step", NULL},
    {"step=pin&step=two", ITS_OWN, "query.step", "pin"},
    {"step=pin&step=two", ITS_OWN, "query.step.1", "two"},
    {"step=&step2", ITS_OWN, "query.step", ""},
    {"step=&step2", ITS_OWN, "query.step2", ""},
    {"=x&&a=1", ITS_OWN, "query.a", "1"},
    {"a=%41%2&b=%&c=a+b%3C%26", ITS_OWN, "query.a", "A%2"},
    {"a=%41%2&b=%&c=a+b%3C%26", ITS_OWN, "query.b", "%"},
    {"a=%41%2&b=%&c=a+b%3C%26", ITS_OWN, "query.c", "a b<&"},
    {"a=%ff\xfe", ITS_OWN, "query.a", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"a.b=1&a.c=2", ITS_OWN, "query.a.c", "2"},
    {"a={\"b\":[1,2]}", ITS_OWN, "query.a.b.1", "2"},
    {"from=%2B19195550101", TWO, "query.from", "+19195550101"},
    {"id=7", "<Notification><OrderId>o</OrderId></Notification>", "query.id",
	"7"},
    {"id=7", "<Notification><OrderId>o</OrderId></Notification>", "OrderId",
	"o"},
};

static void
test_parameters(void)
{
	struct bw_str value;

	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]);
	     i++) {
		if (!decode_posted(parameters[i].query, parameters[i].body))
			continue;
		(void)bw_event_get(event, str(parameters[i].name), &value);
		is_text(value, parameters[i].value, "%s of %s",
		    parameters[i].name, parameters[i].query);
		is_text(bw_event_query(event), parameters[i].query,
		    "the query itself");
	}
	if (decode("?eventType=gather&step=pin")) {
		(void)bw_event_get(event, str("query.step"), &value);
		is_text(value, "pin", "by GET");
		(void)bw_event_get(event, str("step"), &value);
		is_text(value, "pin", "and without the prefix");
		is_text(bw_event_query(event), "eventType=gather&step=pin",
		    "the query of a GET");
	}
	if (decode("{}"))
		is_text(bw_event_query(event), NULL, "no query");
}

/* A query beyond a limit has no parameters; the callback is decoded. */
static void
test_too_many_parameters(void)
{
	char query[2 * BW_MAX_PARAMETERS + 4];
	struct bw_str value;

	for (size_t i = 0; i < sizeof(query) - 1; i++)
		query[i] = i % 2 == 0 ? 'a' : '&';
	query[sizeof(query) - 1] = '\0';
	if (decode_posted(query, ITS_OWN)) {
		is_int(bw_event_get(event, str("query.a"), &value),
		    BW_KIND_ABSENT, "too many parameters");
		(void)bw_event_get(event, str("step"), &value);
		is_text(value, "1", "the body counts");
	}
}

static const struct {
	const char *query;
	const char *body;
	const char *json;
} posted[] = {
    {"a=1&a=2&b.c=%3C", "{\"x\":1}",
	"{\"x\":1,\"query\":{\"a\":[\"1\",\"2\"],\"b\":{\"c\":\"<\"}}}"},
    {"step=pin", ITS_OWN,
	"{\"eventType\":\"gather\",\"step\":1,\"query\":{\"step\":\"pin\"}}"},
    {"a=1", "[null]", "null"},
    {"a=1", "<N><I>1</I></N>", "{\"I\":\"1\",\"query\":{\"a\":\"1\"}}"},
    {"a=1", "<N/>", "\"\""},
};

static void
test_posted_json(void)
{
	struct bw_buf b;

	bw_buf_init(&b, 100000);
	for (size_t i = 0; i < sizeof(posted) / sizeof(posted[0]); i++) {
		if (!decode_posted(posted[i].query, posted[i].body))
			continue;
		bw_buf_reset(&b);
		is_int(bw_event_json(event, &b), BW_OK, "written");
		bw_buf_putc(&b, '\0');
		is_str(b.p, posted[i].json, "as %s", posted[i].json);
	}
	bw_buf_free(&b);
}

#define VOICE(type, members) \
	"{\"eventType\":\"" type "\",\"callId\":\"c-1\"," \
	"\"eventTime\":\"t1\"" members "}"
#define BODY_HASH \
	"#44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

static const struct {
	const char *body;
	const char *key;
} keys[] = {
    {VOICE("answer", ",\"accountId\":\"9\""), "voice.answer:9:c-1"},
    {VOICE("answer", ",\"applicationId\":\"ap\""), "voice.answer:ap:c-1"},
    {VOICE("gather", ",\"digits\":\"1\",\"accountId\":9"),
	"voice.gather:9:c-1:t1:1"},
    {VOICE("gather", ",\"digits\":\"\""), "voice.gather::c-1:t1:"},
    {VOICE("dtmf", ",\"digit\":\"#\""), "voice.dtmf::c-1:t1:%23"},
    {VOICE("redirect", ",\"accountId\":\"a:b%c\\n\""),
	"voice.redirect:a%3Ab%25c%0A:c-1:t1"},
    {VOICE("transcriptionAvailable",
	 ",\"transcription\":{\"id\":\"t-1\",\"status\":\"ok\"}"),
	"voice.transcriptionAvailable::t-1:ok"},
    {VOICE("realTimeTranscriptionStopped", ",\"transcription\":{\"id\":\"s\"}"),
	"voice.realTimeTranscriptionStopped::s"},
    {"[{\"type\":\"message-failed\",\"to\":\"+1\",\"errorCode\":4405,"
     "\"message\":{\"id\":\"m\",\"applicationId\":\"a\"}}]",
	"messaging.message-failed:a:m:+1:4405"},
    {"{}", "other.other:" BODY_HASH},
    {"[{}]", "messaging.other:" BODY_HASH},
    {"[ {} , 1]", "messaging.other:" BODY_HASH},
    {"?to=1&from=2", ""},
    {"<Notification><SubscriptionId>s</SubscriptionId><OrderType>x</OrderType>"
     "<OrderId>o</OrderId><Message>hi</Message></Notification>",
	"numbers.order:s:o:::"
	"#51f5b65c8a211f5f5b758cee8bd2cbc280d94d02e34ddc97e2eea495ce9cae5f"},
    {"<PortOutValidationRequest><PON>p</PON><TelephoneNumbers>"
     "<TelephoneNumber>9195550102</TelephoneNumber>"
     "<TelephoneNumber>+1 (919) 555-0101</TelephoneNumber>"
     "<TelephoneNumber>19195550103</TelephoneNumber>"
     "</TelephoneNumbers></PortOutValidationRequest>",
	"portout.validation:p:"
	"#f130d325dd5205def3430e05fbd32b516c400513dc23aa4c66cc261f2d67e8d7"},
    {"<PortOutValidationRequest><Pin>1</Pin><ZipCode>2</ZipCode><PON>p</PON>"
     "<TelephoneNumbers><TelephoneNumber>9195550102</TelephoneNumber>"
     "</TelephoneNumbers></PortOutValidationRequest>",
	"portout.validation:p:"
	"#b6d7f040ab5699119eae7ebe17c76d0c0d78dc0d864eafefd971e8f1ca6cf3c0"},
    {"<PortOutValidationRequest><PON>p</PON><TelephoneNumbers>"
     "<TelephoneNumber>9195550101</TelephoneNumber></TelephoneNumbers>"
     "<TelephoneNumbers><TelephoneNumber>9195550102</TelephoneNumber>"
     "</TelephoneNumbers></PortOutValidationRequest>",
	"portout.validation:p:"
	"#d4a0da5b7051b4be0e13ebde684ed8a4397722cf25fc17fc3a243d9c331a98a1"},
    {"{\"phoneNumber\":\"+1\",\"denialStatusCode\":511}",
	"tfv.denial::+1:511:"
	"#e747cf51fcdc1deef13812cd91fa15c55ba518ae88a0ec53f8606aacae14ef9c"},
    {"{\"msgId\":\"m\",\"event\":\"SENT\",\"partNum\":0}",
	"messaging-intl.dlr:m:SENT:0:"},
};

static void
test_keys(void)
{
	struct bw_buf b;

	bw_buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!decode(keys[i].body))
			continue;
		bw_buf_reset(&b);
		bw_event_key(event, &b);
		bw_buf_putc(&b, '\0');
		is_str(b.p, keys[i].key, "key %zu", i);
	}
	bw_buf_free(&b);
}

/* Events that the key's fields do not distinguish have the body's hash. */
static void
test_key_without_fields(void)
{
	static const char *const bodies[] = {
	    VOICE("redirect", ""),
	    "{\"eventType\":\"redirect\",\"callId\":\"c-1\",\"accountId\":1,"
	    "\"x\":1}",
	    "{\"eventType\":\"redirect\",\"callId\":\"c-1\",\"accountId\":1,"
	    "\"x\":2}",
	};
	struct bw_buf key[3];

	for (size_t i = 0; i < 3; i++) {
		bw_buf_init(&key[i], 1000);
		if (decode(bodies[i]))
			bw_event_key(event, &key[i]);
		bw_buf_putc(&key[i], '\0');
	}
	is_str(key[0].p, "voice.redirect::c-1:t1", "key with the time");
	ok(strncmp(key[1].p, "voice.redirect:1:c-1:#", 22) == 0,
	    "key without the time has the body's hash");
	ok(strcmp(key[1].p, key[2].p) != 0, "two bodies have different hashes");
	for (size_t i = 0; i < 3; i++)
		bw_buf_free(&key[i]);
}

static void
test_long_key(void)
{
	static char body[4096] = "{\"eventType\":\"answer\",\"accountId\":1,"
				 "\"callId\":\"";
	size_t n = strlen(body);
	struct bw_buf key;

	memset(body + n, 'x', 3000);
	memcpy(body + n + 3000, "\"}", 3);
	bw_buf_init(&key, 1000);
	if (decode(body))
		bw_event_key(event, &key);
	is_int((long long)key.n, 15 + 65, "a long value is hashed");
	is_int(key.err, BW_OK, "a long value: no error");
	bw_buf_free(&key);
}

/* Each allocation fails in turn: an error or a complete result. */
static void
test_no_memory(void)
{
	enum bw_err err = BW_ERR_NOMEM;
	unsigned long nth = 0;

	if (!decode_posted("a=1&a=2", JSON))
		return;
	while (err == BW_ERR_NOMEM && nth < 50) {
		struct bw_buf key, json;

		tap_fail_alloc(++nth);
		bw_buf_init(&key, 1000);
		bw_buf_init(&json, 100000);
		bw_event_key(event, &key);
		err = bw_event_json(event, &json);
		if (err == BW_OK)
			err = key.err;
		ok(err == BW_ERR_NOMEM ||
			(key.n == strlen("other.other:") + 65 && json.n > 100),
		    "allocation %lu fails", nth);
		bw_buf_free(&key);
		bw_buf_free(&json);
	}
	tap_fail_alloc(0);
	is_int(err, BW_OK, "with memory it works");
	ok(nth > 2, "the test made allocations fail");
}

int
main(void)
{
	decoder = bw_decoder_new();
	test_get();
	test_any();
	test_json();
	test_parameters();
	test_too_many_parameters();
	test_posted_json();
	test_keys();
	test_key_without_fields();
	test_long_key();
	test_no_memory();
	bw_decoder_free(decoder);
	return tap_done();
}
