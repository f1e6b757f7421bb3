/*
 * Whole bodies: each payload of tests/data is recognised as decode.tsv says,
 * every row of events.def has a payload, and malformed bodies fail with the
 * right error.
 */
#include <bwcallback/event.h>
#include <bwcallback/limits.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap/tap.h"

static struct bw_decoder *decoder;
static const struct bw_event *const *events;
static size_t nevents;
static struct bw_error error;

static struct bw_str
str(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

static enum bw_err
decode(struct bw_str body, const char *name, enum bw_family hint)
{
	struct bw_payload in = {.body = body, .hint = hint};
	size_t n = strlen(name);

	if (n > 6 && strcmp(name + n - 6, ".query") == 0) {
		in.get = true;
		in.query = body;
		while (in.query.n > 0 && in.query.p[in.query.n - 1] == '\n')
			in.query.n--;
	}
	error = (struct bw_error){0};
	return bw_decode(decoder, &in, &events, &nevents, &error);
}

/* The body must outlive its events, so it is freed when the next is read. */
static enum bw_err
decode_file(const char *dir, const char *name, enum bw_family hint)
{
	static char *body;
	char path[1024];
	size_t n;

	free(body);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	body = tap_read_file(path, &n);
	if (body == NULL)
		return BW_ERR_NOFILE;
	return decode((struct bw_str){body, n}, name, hint);
}

static enum bw_family
family_named(const char *name)
{
	for (int f = 0; f < BW_FAMILY__MAX; f++) {
		if (strcmp(bw_family_name((enum bw_family)f), name) == 0)
			return (enum bw_family)f;
	}
	return BW_FAMILY_OTHER;
}

static void
check_field(const struct bw_event *e, const char *file, char *field)
{
	char *want = strchr(field, '=');
	struct bw_str got;

	if (want == NULL) {
		ok(false, "%s: invalid field \"%s\"", file, field);
		return;
	}
	*want++ = '\0';
	bw_event_get(e, str(field), &got);
	is_text(
	    got, strcmp(want, "-") != 0 ? want : NULL, "%s: %s", file, field);
}

/* A line of decode.tsv: file, hint, family, type, fields; separated by tabs. */
static void
check_line(char *line, bool *found)
{
	char *part[16];
	size_t n = 0, ntypes;
	char *rest = line;

	while (rest != NULL && n < 16) {
		part[n++] = rest;
		rest = strchr(rest, '\t');
		if (rest != NULL)
			*rest++ = '\0';
	}
	if (!ok(n >= 7, "%s: the line has three fields", line))
		return;
	if (!is_int(decode_file(tap_data_dir(), part[0], family_named(part[1])),
		BW_OK, "%s: decoded", part[0]) ||
	    !is_int((long long)nevents, 1, "%s: one event", part[0])) {
		tap_diag("%s", error.msg);
		return;
	}
	is_str(bw_family_name(bw_event_family(events[0])), part[2],
	    "%s: family", part[0]);
	is_text(bw_event_name(events[0]), part[3], "%s: type", part[0]);
	for (size_t i = 4; i < n; i++)
		check_field(events[0], part[0], part[i]);
	found[bw_event_row(events[0]) - bw_event_types(&ntypes)] = true;
}

static void
test_payloads(void)
{
	char path[1024];
	size_t n, ntypes;
	const struct bw_event_type *types = bw_event_types(&ntypes);
	bool *found = calloc(ntypes, sizeof(*found));
	char *text, *next;

	snprintf(path, sizeof(path), "%s/decode.tsv", tap_data_dir());
	text = tap_read_file(path, &n);
	if (!ok(text != NULL && found != NULL, "%s", path)) {
		free(found);
		return;
	}
	for (char *line = text; *line != '\0'; line = next) {
		next = line + strcspn(line, "\n");
		if (*next != '\0')
			*next++ = '\0';
		if (*line != '#')
			check_line(line, found);
	}
	for (size_t i = BW_FAMILY__MAX; i < ntypes; i++) {
		ok(found[i], "tests/data has a %s.%s",
		    bw_family_name(types[i].family), types[i].name);
	}
	free(text);
	free(found);
}

static void
test_table(void)
{
	size_t n;
	const struct bw_event_type *types = bw_event_types(&n);

	for (size_t i = 0; i < n; i++) {
		const struct bw_event_type *t = &types[i];
		bool nothing = t->answer == BW_ANSWER_NOTHING ||
			       t->answer == BW_ANSWER_JSON;

		if (i < BW_FAMILY__MAX) {
			ok(t->family == (enum bw_family)i &&
				strcmp(t->name, "other") == 0,
			    "row %zu is its family's other", i);
		}
		ok(nothing || (t->status >= 200 && t->status <= 204),
		    "%s.%s is answered with a 2xx", bw_family_name(t->family),
		    t->name);
	}
}

/* The file name gives the family and the type. */
static void
check_extra(const char *dir, const char *file)
{
	char name[256];
	char *type, *end;

	snprintf(name, sizeof(name), "%s", file);
	type = strchr(name, '.');
	if (type == NULL)
		return;
	*type++ = '\0';
	end = strchr(type, '.');
	if (end == NULL)
		return;
	*end = '\0';
	if (!is_int(decode_file(dir, file, BW_FAMILY_OTHER), BW_OK,
		"%s: decoded", file)) {
		tap_diag("%s", error.msg);
		return;
	}
	for (size_t i = 0; i < nevents; i++) {
		is_str(bw_family_name(bw_event_family(events[i])), name,
		    "%s: family", file);
		if (strcmp(type, "unknown-type") == 0)
			is_str(bw_event_row(events[i])->name, "other",
			    "%s: not in the table", file);
		else
			is_text(
			    bw_event_name(events[i]), type, "%s: type", file);
	}
}

/* Payloads from the folder BW_EXTRA_SAMPLES, named as in tests/data. */
static void
test_extra(void)
{
	const char *dir = getenv("BW_EXTRA_SAMPLES");
	struct dirent **files;
	int n;

	if (dir == NULL || *dir == '\0')
		return;
	n = scandir(dir, &files, NULL, alphasort);
	ok(n > 2, "%s has payloads", dir);
	for (int i = 0; i < n; i++) {
		if (files[i]->d_name[0] != '.')
			check_extra(dir, files[i]->d_name);
		free(files[i]);
	}
	if (n >= 0)
		free(files);
}

static const struct {
	const char *what;
	struct bw_str body;
	const char *content_type;
	enum bw_err err;
	const char *family; /* when no error is expected */
	const char *name;
	const char *msg; /* when an error is expected */
} rows[] = {
#define BODY(s) \
	{ \
		s, sizeof(s) - 1 \
	}
    {"nothing", BODY(""), "application/json", BW_ERR_SYNTAX, "", "",
	"body: empty"},
    {"blanks", BODY(" \r\n"), "", BW_ERR_SYNTAX, "", "",
	"json: 2:1: ends early"},
    {"a word", BODY("hello"), "", BW_ERR_SYNTAX, "", "",
	"json: 1:1: expected a value"},
    {"null", BODY("null"), "", BW_OK, "other", "other", ""},
    {"a number", BODY("17"), "", BW_OK, "other", "other", ""},
    {"an empty object", BODY("{}"), "", BW_OK, "other", "other", ""},
    {"cut JSON", BODY("[{\"type\":\"message-rec"), "", BW_ERR_SYNTAX, "", "",
	"json: 1:22: ends early"},
    {"cut XML", BODY("<Notification><OrderType>x</Ord"), "", BW_ERR_SYNTAX, "",
	"", NULL},
    {"UTF-16 JSON", BODY("\xff\xfe{\0}\0"), "", BW_ERR_ENCODING, "", "", NULL},
    {"UTF-16 without a mark", BODY("{\0}\0"), "", BW_ERR_ENCODING, "", "",
	NULL},
    {"Latin-1 in JSON", BODY("{\"a\":\"\xe9t\"}"), "", BW_ERR_ENCODING, "", "",
	"json: 1:7: not UTF-8"},
    {"a byte-order mark", BODY("\xef\xbb\xbf{\"event\":\"onLeave\"}"), "",
	BW_OK, "webrtc", "onLeave", ""},
    {"XML said to be JSON", BODY("<Notification><EventType/></Notification>"),
	"application/json", BW_OK, "numbers", "event", ""},
    {"JSON said to be XML", BODY("{\"event\":\"onLeave\"}"), "application/xml",
	BW_OK, "webrtc", "onLeave", ""},
    {"UTF-16 XML", BODY("\xff\xfe<\0a\0/\0>\0"), "text/xml", BW_OK, "other",
	"a", ""},
    {"blank before the declaration",
	BODY(" \n<?xml version=\"1.0\"?><Notification/>"), "", BW_OK, "numbers",
	"other", ""},
    {"a form", BODY("eventType=initiate&accountId=9"),
	"application/x-www-form-urlencoded", BW_OK, "voice", "initiate", ""},
    {"a document type",
	BODY("<!DOCTYPE a [<!ENTITY x SYSTEM \"/etc/passwd\">]><a>&x;</a>"), "",
	BW_ERR_SYNTAX, "", "", NULL},
    {"type is null", BODY("{\"eventType\":null,\"event\":\"onLeave\"}"), "",
	BW_OK, "webrtc", "onLeave", ""},
    {"type is a number", BODY("{\"eventType\":7,\"callId\":\"c-1\"}"), "",
	BW_OK, "voice", "7", ""},
    {"a list of voice", BODY("[{\"eventType\":\"gather\",\"callUrl\":\"x\"}]"),
	"", BW_OK, "voice", "gather", ""},
    {"a list with a platform",
	BODY("[{\"type\":\"message-failed\",\"platform\":\"x\"}]"), "", BW_OK,
	"messaging", "message-failed", ""},
    {"a list of nothing known", BODY("[{\"a\":1}]"), "", BW_OK, "messaging",
	"other", ""},
    {"v1 by its URI", BODY("{\"eventType\":\"gather\",\"callUri\":\"x\"}"), "",
	BW_OK, "legacy-v1", "gather", ""},
    {"v2 by its time",
	BODY(
	    "{\"eventType\":\"gather\",\"callUri\":\"x\",\"eventTime\":\"t\"}"),
	"", BW_OK, "voice", "gather", ""},
    {"a new device event", BODY("{\"eventType\":\"DEVICE_MELTED\"}"), "", BW_OK,
	"brtc", "endpointEvent", ""},
    {"an intl report", BODY("{\"msgId\":\"1\",\"event\":\"onLeave\"}"), "",
	BW_OK, "messaging-intl", "dlr", ""},
    {"an unknown root", BODY("<Surprise/>"), "", BW_OK, "other", "Surprise",
	""},
    {"nothing in the notification", BODY("<Notification/>"), "", BW_OK,
	"numbers", "other", ""},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_payload in = {
		    .body = rows[i].body,
		    .content_type = str(rows[i].content_type),
		};
		enum bw_err err;

		error = (struct bw_error){0};
		err = bw_decode(decoder, &in, &events, &nevents, &error);
		is_int(err, rows[i].err, "%s", rows[i].what);
		if (err != BW_OK) {
			if (rows[i].msg != NULL)
				is_str(error.msg, rows[i].msg, "%s: message",
				    rows[i].what);
			else
				ok(error.msg[0] != '\0', "%s: message",
				    rows[i].what);
			ok(events == NULL && nevents == 0, "%s: no events",
			    rows[i].what);
			continue;
		}
		is_str(bw_family_name(bw_event_family(events[0])),
		    rows[i].family, "%s: family", rows[i].what);
		is_text(bw_event_name(events[0]), rows[i].name, "%s: type",
		    rows[i].what);
	}
}

static const struct {
	const char *body;
	enum bw_family hint;
	const char *family;
	const char *name;
} hints[] = {
    {"{}", BW_FAMILY_NUMBERS_V2, "numbers-v2", "other"},
    {"{\"type\":\"new\"}", BW_FAMILY_NUMBERS_V2, "numbers-v2", "new"},
    {"{\"eventType\":\"new\"}", BW_FAMILY_NUMBERS_V2, "numbers-v2", "new"},
    {"{\"event\":\"new\"}", BW_FAMILY_ENDUSER, "enduser", "new"},
    {"{\"event\":\"new\",\"endpointId\":1}", BW_FAMILY_ENDUSER, "brtc", "new"},
    {"{\"eventType\":\"new\",\"callId\":1}", BW_FAMILY_NUMBERS_V2, "voice",
	"new"},
    {"{\"eventType\":\"new\"}", BW_FAMILY_OTHER, "voice", "new"},
    {"{}", BW_FAMILY_PORTING_GLOBAL, "porting-global", "portin-status"},
    {"{}", BW_FAMILY_EMERGENCY, "emergency", "notification-callback"},
    {"to=1", BW_FAMILY_EMERGENCY, "emergency", "calling-api"},
    {"to=1", BW_FAMILY_OTHER, "other", "other"},
    {"{}", BW_FAMILY_PORTOUT, "portout", "other"},
    {"<Surprise/>", BW_FAMILY_PORTOUT, "portout", "Surprise"},
    {"{\"status\":\"DENIED\"}", BW_FAMILY_BRTC, "brtc", "connectStatus"},
    {"{\"eventType\":\"gather\",\"digits\":\"1\"}", BW_FAMILY_VOICE, "voice",
	"gather"},
    {"{\"eventType\":\"gather\",\"digits\":\"1\"}", BW_FAMILY_OTHER, "voice",
	"gather"},
    {"{\"eventType\":\"gather\",\"digits\":\"1\",\"state\":\"x\"}",
	BW_FAMILY_OTHER, "legacy-v1", "gather"},
    {"{\"eventType\":\"gather\",\"digits\":\"1\",\"state\":\"x\"}",
	BW_FAMILY_VOICE, "voice", "gather"},
    {"{\"eventType\":\"redirect\",\"callState\":\"active\"}", BW_FAMILY_OTHER,
	"legacy-v1", "redirect"},
    {"{\"eventType\":\"hangup\"}", BW_FAMILY_OTHER, "legacy-v1", "hangup"},
    {"{\"phoneNumber\":\"1\"}", BW_FAMILY_VOICE, "tfv", "verification"},
    {"[]", BW_FAMILY_VOICE, NULL, NULL},
    {"{}", (enum bw_family)99, "other", "other"},
};

static void
test_hints(void)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		const char *name =
		    strncmp(hints[i].body, "to=", 3) == 0 ? "x.query" : "";

		is_int(decode(str(hints[i].body), name, hints[i].hint), BW_OK,
		    "%s with a hint", hints[i].body);
		if (hints[i].family == NULL) {
			is_int((long long)nevents, 0, "no events");
			continue;
		}
		is_str(bw_family_name(bw_event_family(events[0])),
		    hints[i].family, "%s: family", hints[i].body);
		is_text(bw_event_name(events[0]), hints[i].name, "%s: type",
		    hints[i].body);
	}
}

static void
test_lists(void)
{
	static char body[BW_MAX_EVENTS * 3 + 8];
	size_t n = 0;

	decode_file(tap_data_dir(),
	    "messaging.message-received.batch-of-two.json", BW_FAMILY_OTHER);
	if (is_int((long long)nevents, 2, "a list of two")) {
		is_text(bw_event_name(events[0]), "message-received", "one");
		is_text(bw_event_name(events[1]), "message-delivered", "two");
	}
	decode_file(tap_data_dir(),
	    "messaging.message-received.empty-array.json", BW_FAMILY_OTHER);
	is_int((long long)nevents, 0, "an empty list");
	body[n++] = '[';
	for (int i = 0; i < BW_MAX_EVENTS; i++) {
		memcpy(body + n, "{},", 3);
		n += 3;
	}
	body[n - 1] = ']';
	is_int(decode((struct bw_str){body, n}, "", BW_FAMILY_OTHER), BW_OK,
	    "the largest number of events");
	is_int((long long)nevents, BW_MAX_EVENTS, "all of them");
	memcpy(body + n - 1, ",{}]", 4);
	is_int(decode((struct bw_str){body, n + 3}, "", BW_FAMILY_OTHER),
	    BW_ERR_LIMIT, "one event more");
	is_int(decode(str("[{},null,3]"), "", BW_FAMILY_OTHER), BW_OK,
	    "a short list again");
	is_int(
	    (long long)nevents, 3, "elements that are not objects count too");
}

static void
test_limits(void)
{
	static char body[BW_MAX_BODY + 1];

	memset(body, ' ', sizeof(body));
	memcpy(body, "{}", 2);
	is_int(decode((struct bw_str){body, BW_MAX_BODY}, "", BW_FAMILY_OTHER),
	    BW_OK, "the largest body");
	is_int(decode((struct bw_str){body, sizeof(body)}, "", BW_FAMILY_OTHER),
	    BW_ERR_LIMIT, "JSON too large");
	is_int(decode((struct bw_str){body, sizeof(body)}, "x.query",
		   BW_FAMILY_OTHER),
	    BW_ERR_LIMIT, "a query too large");
	memcpy(body, "<a", 2);
	is_int(decode((struct bw_str){body, sizeof(body)}, "", BW_FAMILY_OTHER),
	    BW_ERR_LIMIT, "XML too large");
}

/* Each allocation fails in turn; the next attempt must succeed. */
static void
test_no_memory(void)
{
	static const struct {
		const char *name;
		const char *body;
	} bodies[] = {
	    {"json", "[{\"type\":\"a\\u00e9\"},{\"type\":\"b\"}]"},
	    {"xml", "<Notification a='1'><OrderType>&amp;</OrderType>"
		    "</Notification>"},
	    {"x.query", "eventType=a%20b&d.e=%ff&d.f={\"x\":\"\\n\"}"},
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		unsigned long nth = 0;
		enum bw_err err;

		do {
			tap_fail_alloc(++nth);
			err = BW_ERR_NOMEM;
			decoder = bw_decoder_new();
			if (decoder != NULL) {
				err = decode(str(bodies[i].body),
				    bodies[i].name, BW_FAMILY_OTHER);
				if (err == BW_ERR_NOMEM)
					ok(error.code == BW_ERR_NOMEM,
					    "%s: allocation %lu fails",
					    bodies[i].name, nth);
			}
			bw_decoder_free(decoder);
		} while (err == BW_ERR_NOMEM && nth < 100);
		tap_fail_alloc(0);
		is_int(err, BW_OK, "%s: with memory it works", bodies[i].name);
		ok(nth > 3, "%s: the test made allocations fail",
		    bodies[i].name);
	}
}

/* After warm-up requests a decoder allocates nothing. */
static void
test_steady(void)
{
	const char *body = "{\"eventType\":\"gather\",\"tag\":\"a\\nb\"}";

	decoder = bw_decoder_new();
	(void)decode(str(body), "", BW_FAMILY_OTHER);
	tap_fail_alloc(0);
	for (int i = 0; i < 3; i++)
		(void)decode(str(body), "", BW_FAMILY_OTHER);
	is_int((long long)tap_alloc_count(), 0, "no allocations");
	bw_decoder_free(decoder);
}

int
main(void)
{
	decoder = bw_decoder_new();
	test_table();
	test_payloads();
	test_rows();
	test_hints();
	test_lists();
	test_limits();
	test_extra();
	bw_decoder_free(decoder);
	test_no_memory();
	test_steady();
	return tap_done();
}
