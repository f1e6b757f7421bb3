/*
 * Text from outside stays text: whatever an event contains, the answer is
 * well-formed and has the elements and attributes of its template.
 */
#include "template/template.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/tap/tap.h"

static struct bw_decoder *decoder;
static struct bwi_arena arena;
static char table_path[64];
static struct bwi_named_table staff;
static struct bwi_tables tables = {&staff, 1};

/* The positions of placeholders; %s is the compiled source. */
static const struct position {
	const char *before;
	const char *source;
	const char *after;
	enum bwi_sink sink;
} positions[] = {
    {"<Response><SpeakSentence>", "Hello {v}.", "</SpeakSentence></Response>",
	BWI_SINK_XML},
    {"<Response><Gather tag=\"", "{v}", "\"/></Response>", BWI_SINK_XML},
    {"<Response><Redirect redirectUrl=\"", "/a?x={v}&y=1", "\"/></Response>",
	BWI_SINK_URL},
    {"<Response><Redirect redirectUrl=\"", "/a/{v}/b", "\"/></Response>",
	BWI_SINK_URL},
    {"<Response><PlayAudio>", "https://audio.example.com/{v}.wav",
	"</PlayAudio></Response>", BWI_SINK_URL},
    {"<Response><Transfer><SipUri>", "sip:{v}@pbx.example.com",
	"</SipUri></Transfer></Response>", BWI_SINK_SIP},
    {"<Response><SpeakSentence>", "{v|spell} {v|upper} {v|last:9}",
	"</SpeakSentence></Response>", BWI_SINK_XML},
    {"<Response><SpeakSentence>", "{{{v}}} {staff['x'].name}",
	"</SpeakSentence></Response>", BWI_SINK_XML},
};

/* Written as JSON strings, as events contain them. */
static const char *const attacks[] = {
    "plain",
    ("</SpeakSentence><Transfer><PhoneNumber>+19195550199</PhoneNumber>"
     "</Transfer><SpeakSentence>"),
    "\\\"/><Hangup/><Redirect redirectUrl=\\\"",
    "' onload='x",
    "]]>",
    "<![CDATA[x]]>",
    "<!-- x",
    "--><Hangup/>",
    "<?xml version='1.0'?>",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>",
    "&lt;Hangup/&gt;",
    "&#60;Hangup/&#62;",
    "&x;",
    "&",
    "{x}",
    "{v}",
    "{staff['x'].name}",
    "}}",
    "\\u0000",
    "a\\u0000b",
    "\\u0001\\u0008\\u000b\\u000c\\u001f\\u007f",
    "\\t\\n\\r",
    "\\ufffe\\uffff",
    "\\u0085\\u2028",
    "\\ud83d\\udc4b",
    "//evil.example.net/x",
    "@evil.example.net",
    "https://evil.example.net/",
    "../../x",
    ";x=1?y=2#z",
    "%00%0d%0a",
    "\\\\",
};

static const struct bw_event *
decode_value(const char *json, size_t n)
{
	static char body[4096];
	const struct bw_event *const *events = NULL;
	struct bw_error e = {0};
	struct bw_payload in = {.content_type = BW_STR("application/json")};
	size_t count = 0;
	int head = snprintf(body, sizeof(body),
	    "{\"eventType\":\"gather\",\"accountId\":\"5500001\",\"v\":\"");

	memcpy(body + head, json, n);
	memcpy(body + head + n, "\"}", 2);
	in.body = (struct bw_str){body, (size_t)head + n + 2};
	if (bw_decode(decoder, &in, &events, &count, &e) != BW_OK ||
	    count != 1) {
		tap_diag("%s", e.msg);
		return NULL;
	}
	return events[0];
}

static const struct bwi_template *
compile(const struct position *p, struct bw_error *e)
{
	struct bwi_template_builder b;
	const struct bwi_template *t = NULL;
	struct bwi_slot slot = {p->sink, false, false};

	bwi_template_init(&b, &arena, &tables);
	bwi_template_literal(&b, (struct bw_str){p->before, strlen(p->before)});
	if (bwi_template_value(&b,
		(struct bw_str){p->source, strlen(p->source)}, slot,
		e) == BW_OK) {
		bwi_template_literal(
		    &b, (struct bw_str){p->after, strlen(p->after)});
		if (bwi_template_finish(&b, &t, e) != BW_OK)
			t = NULL;
	}
	bwi_template_free(&b);
	return t;
}

/* Names of elements and attributes, in document order. */
static void
outline(const xmlNode *node, struct bw_buf *out)
{
	bw_buf_printf(out, "<%s", (const char *)node->name);
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		bw_buf_printf(out, " %s", (const char *)a->name);
	for (const xmlNode *c = node->children; c != NULL; c = c->next) {
		if (c->type == XML_ELEMENT_NODE)
			outline(c, out);
		else if (c->type != XML_TEXT_NODE)
			bw_buf_printf(out, "?%d", (int)c->type);
	}
	bw_buf_puts(out, ">");
}

static void
quiet(void *arg, const char *fmt, ...)
{
	(void)arg;
	(void)fmt;
}

static char *
outline_of(struct bw_str document)
{
	struct bw_buf out;
	xmlDoc *doc = xmlReadMemory(
	    document.p, (int)document.n, NULL, NULL, XML_PARSE_NONET);

	bw_buf_init(&out, 65536);
	if (doc != NULL)
		outline(xmlDocGetRootElement(doc), &out);
	else
		bw_buf_puts(&out, "not well-formed");
	bw_buf_putc(&out, '\0');
	xmlFreeDoc(doc);
	return out.p;
}

static char *
render(const struct bwi_template *t, const struct bw_event *event)
{
	struct bw_buf out;
	struct bw_error e = {0};

	bw_buf_init(&out, 65536);
	if (bwi_template_render(t, event, &arena, &out, &e) != BW_OK)
		bw_buf_printf(&out, "error: %s", e.msg);
	bw_buf_putc(&out, '\0');
	return out.p;
}

static void
check_attack(const struct position *p, const struct bwi_template *t,
    const char *want, const char *attack, size_t n, const char *what)
{
	const struct bw_event *event = decode_value(attack, n);
	char *text, *got;

	if (!ok(event != NULL, "%s is decoded", what))
		return;
	text = render(t, event);
	got = outline_of((struct bw_str){text, strlen(text)});
	is_str(got, want, "%s in %s", what, p->source);
	free(text);
	free(got);
}

static void
test_attacks(void)
{
	/* Invalid UTF-8 can come through GET callbacks and query strings. */
	for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
		const struct position *p = &positions[i];
		struct bw_error e = {0};
		const struct bwi_template *t = compile(p, &e);
		char *plain, *want;

		if (!ok(t != NULL, "%s compiles %s", p->source, e.msg))
			continue;
		plain = render(t, decode_value("plain", 5));
		want = outline_of((struct bw_str){plain, strlen(plain)});
		for (size_t j = 0; j < sizeof(attacks) / sizeof(attacks[0]);
		     j++)
			check_attack(p, t, want, attacks[j], strlen(attacks[j]),
			    attacks[j]);
		free(plain);
		free(want);
	}
}

/* A query string may hold any bytes. */
static const struct bw_event *
decode_query(const char *query)
{
	const struct bw_event *const *events = NULL;
	struct bw_payload in = {.get = true, .query = {query, strlen(query)}};
	size_t count = 0;

	if (bw_decode(decoder, &in, &events, &count, NULL) != BW_OK ||
	    count != 1)
		return NULL;
	return events[0];
}

static void
test_broken_utf8(void)
{
	static const char *const queries[] = {
	    "eventType=gather&accountId=1&v=%FF%C3",
	    "eventType=gather&accountId=1&v=a%ED%A0%80b",
	    "eventType=gather&accountId=1&v=%00",
	    "eventType=gather&accountId=1&v=%C0%BCHangup/%C0%BE",
	    "eventType=gather&accountId=1&v=%F8%88%80%80%80",
	};

	for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
		const struct bwi_template *t = compile(&positions[i], NULL);
		char *plain = render(t, decode_value("plain", 5));
		char *want = outline_of((struct bw_str){plain, strlen(plain)});

		for (size_t j = 0; j < sizeof(queries) / sizeof(queries[0]);
		     j++) {
			const struct bw_event *event = decode_query(queries[j]);
			char *text, *got;

			if (event == NULL) /* refused before it gets here */
				continue;
			text = render(t, event);
			got = outline_of((struct bw_str){text, strlen(text)});
			is_str(got, want, "%s in %s", queries[j],
			    positions[i].source);
			free(text);
			free(got);
		}
		free(plain);
		free(want);
	}
}

static const struct {
	const char *source;
	enum bwi_sink sink;
	const char *json; /* JSON value of v */
	const char *want;
} renders[] = {
    {"a{v}b", BWI_SINK_XML, "<", "a&lt;b"},
    {"<{v}", BWI_SINK_XML, "x", "&lt;x"},
    {"{{v}}", BWI_SINK_XML, "x", "{v}"},
    {"{ v | upper }", BWI_SINK_XML, "x", "error"},
    {"{v|default:a\\|b\\}}", BWI_SINK_XML, "", "a|b}"},
    {"{nothing|default:none}", BWI_SINK_XML, "", "none"},
    {"{nothing}", BWI_SINK_XML, "", ""},
    {"{staff[v].name}", BWI_SINK_XML, "x", "Ann &amp; Bo"},
    {"{staff[v].name}", BWI_SINK_XML, "z", ""},
    {"{staff[v].name|default:nobody}", BWI_SINK_XML, "z", "nobody"},
    {"{staff['x'].name}", BWI_SINK_XML, "z", "Ann &amp; Bo"},
    {"{staff[v].url}", BWI_SINK_URL, "x", "https://x.example.com/?a=1&amp;b=2"},
    {"{staff[v].url}", BWI_SINK_URL, "z",
	"error: answer: {staff[v].url} has no value"},
    {"{staff[v].url}/{v}", BWI_SINK_URL, "x",
	"https://x.example.com/?a=1&amp;b=2/x"},
    {"/a/{v}", BWI_SINK_URL, "a/b?c", "/a/a%2Fb%3Fc"},
    {"/a/{v}", BWI_SINK_URL, "", "error: answer: {v} has no value"},
    {"/{v}/b", BWI_SINK_URL, "", "error: answer: {v} has no value"},
    {"/a/{v}", BWI_SINK_URL, "..",
	"error: answer: {v} would change the URL's path"},
    {"/{v}/b", BWI_SINK_URL, ".",
	"error: answer: {v} would change the URL's path"},
    {"/a/{v}", BWI_SINK_URL, "...", "/a/..."},
    {"/a?{v}", BWI_SINK_URL, "..", "/a?.."},
    {"/a?v={v}", BWI_SINK_URL, "", "/a?v="},
    {"/a?v={v}&w={v}", BWI_SINK_URL, "+1&", "/a?v=%2B1%26&amp;w=%2B1%26"},
    {"sip:{v}@pbx.example.com", BWI_SINK_SIP, "+1@x;y",
	"sip:+1%40x%3By@pbx.example.com"},
    {"{v}", BWI_SINK_TEXT, "a<\\\"\\u0001\\n", "a<\"\xef\xbf\xbd\n"},
    {"{v}", BWI_SINK_JSON, "a\\\"\\\\\\u0001\\n", "a\\\"\\\\\\u0001\\u000a"},
};

static void
test_renders(void)
{
	for (size_t i = 0; i < sizeof(renders) / sizeof(renders[0]); i++) {
		struct position p = {
		    "", renders[i].source, "", renders[i].sink};
		struct bw_error e = {0};
		const struct bwi_template *t = compile(&p, &e);
		char *got;

		if (strcmp(renders[i].want, "error") == 0) {
			ok(t == NULL, "%s: %s", p.source, e.msg);
			continue;
		}
		if (!ok(t != NULL, "%s compiles %s", p.source, e.msg))
			continue;
		got = render(
		    t, decode_value(renders[i].json, strlen(renders[i].json)));
		is_str(got, renders[i].want, "%s of %s", p.source,
		    renders[i].json);
		free(got);
	}
}

#define HOST \
	"a value from an event would choose the host: put \"/\", \"?\" or " \
	"\"#\" between the host and {...}"
#define SCHEME \
	"a value from an event would choose the scheme: write the URL from " \
	"its beginning"
#define SIP \
	"a value from an event may stand only before the \"@\" of a " \
	"\"sip:user@host\" URI, or after the \";\" or \"?\" that ends the " \
	"host"

static const struct {
	const char *source;
	enum bwi_sink sink;
	const char *want; /* NULL: valid */
} compiles[] = {
    {"{v}", BWI_SINK_URL, NULL},
    {"{v}/x", BWI_SINK_URL, NULL},
    {"menu{v}", BWI_SINK_URL, NULL},
    {"?v={v}", BWI_SINK_URL, NULL},
    {"/{v}", BWI_SINK_URL, NULL},
    {"https://x.example.com/{v}", BWI_SINK_URL, NULL},
    {"https://x.example.com?{v}", BWI_SINK_URL, NULL},
    {"{staff[v].url}", BWI_SINK_URL, NULL},
    {"https://{staff[v].url}/{v}", BWI_SINK_URL, NULL},
    {"{staff[v].url}?{v}", BWI_SINK_URL, NULL},
    {"//{v}/x", BWI_SINK_URL, HOST},
    {"//{v}", BWI_SINK_URL, HOST},
    {"/\\{v}", BWI_SINK_URL, HOST},
    {"///{v}", BWI_SINK_URL, HOST},
    {"https:///{v}", BWI_SINK_URL, HOST},
    {"https:///{staff[v].url}{v}", BWI_SINK_URL, HOST},
    {"/{staff[v].url}{v}", BWI_SINK_URL, HOST},
    {"https://x.example.com\\{v}", BWI_SINK_URL, NULL},
    {"https://{v}/", BWI_SINK_URL, HOST},
    {"https://{v}.example.com/", BWI_SINK_URL, HOST},
    {"https://x.example.com{v}", BWI_SINK_URL, HOST},
    {"https://x.example.com:{v}/", BWI_SINK_URL, HOST},
    {"https:{v}", BWI_SINK_URL, HOST},
    {":{v}", BWI_SINK_URL, HOST},
    {"https:/{v}", BWI_SINK_URL, HOST},
    {"{staff[v].url}{v}", BWI_SINK_URL, HOST},
    {"https://{staff[v].url}{v}/", BWI_SINK_URL, HOST},
    {"{staff[v].name}://{v}", BWI_SINK_URL, HOST},
    {"{v}://x.example.com/", BWI_SINK_URL, SCHEME},
    {"http{v}://x.example.com/", BWI_SINK_URL, SCHEME},
    {"{v}{staff[v].url}", BWI_SINK_URL,
	"a value from a table directly after one from an event: put \"/\" "
	"between them"},
    {"sip:{v}@x.example.com", BWI_SINK_SIP, NULL},
    {"SIPS:a{v}@x.example.com", BWI_SINK_SIP, NULL},
    {"sip:a@x.example.com;b={v}", BWI_SINK_SIP, NULL},
    {"sip:{v}@{staff[v].url}", BWI_SINK_SIP, NULL},
    {"{staff[v].url}", BWI_SINK_SIP, NULL},
    {"sip:{v}", BWI_SINK_SIP, SIP},
    {"sip:a@{v}", BWI_SINK_SIP, SIP},
    {"sip:a@{v}.example.com;c", BWI_SINK_SIP, SIP},
    {"{v}:a@x.example.com", BWI_SINK_SIP, SIP},
    {"{v}", BWI_SINK_SIP, SIP},
    {"sip:{v}{nothing|default:@}", BWI_SINK_SIP, SIP},
    {"a { b", BWI_SINK_XML,
	"\"{\" is unmatched: write \"{{\" for a brace in the text"},
    {"a } b", BWI_SINK_XML,
	"\"}\" is unmatched: write \"}}\" for a brace in the text"},
    {"{}", BWI_SINK_XML,
	"{}: not the name of an event's field; write {field}, {field|filter} "
	"or {table[field].column}, and \"{{\" for a brace in the text"},
    {"{a b}", BWI_SINK_XML,
	"{a b}: not the name of an event's field; write {field}, "
	"{field|filter} or {table[field].column}, and \"{{\" for a brace in "
	"the text"},
    {"{v|}", BWI_SINK_XML,
	"unknown filter \"\"; there are spell default digits last e164 upper "
	"lower"},
    {"{stuff[v].name}", BWI_SINK_XML,
	"{stuff[v].name}: no <table id=\"stuff\">, did you mean \"staff\"?"},
    {"{staff[v].nme}", BWI_SINK_XML,
	"{staff[v].nme}: the table has no column \"nme\", did you mean "
	"\"name\"?"},
    {"{staff['q'].name}", BWI_SINK_XML,
	"{staff['q'].name}: the table has no row 'q'"},
    {"{staff[v]}", BWI_SINK_XML,
	"{staff[v]}: write a look-up as {table[field].column}"},
    {"{staff[v].}", BWI_SINK_XML,
	"{staff[v].}: write a look-up as {table[field].column}"},
    {"{staff[a b].name}", BWI_SINK_XML,
	"{staff[a b].name}: write a field of the event, or a key in single "
	"quotes, between the brackets"},
};

static void
test_compiles(void)
{
	for (size_t i = 0; i < sizeof(compiles) / sizeof(compiles[0]); i++) {
		struct position p = {
		    "", compiles[i].source, "", compiles[i].sink};
		struct bw_error e = {0};
		bool good = compile(&p, &e) != NULL;

		is_str(good ? NULL : e.msg, compiles[i].want, "compile %s",
		    p.source);
	}
}

static void
test_no_memory(void)
{
	const struct bw_event *event = decode_value("plain", 5);
	unsigned long n = 0;
	bool done = false;

	do {
		struct bwi_arena small;
		struct bwi_template_builder b;
		const struct bwi_template *t = NULL;
		struct bw_buf out;
		struct bwi_slot slot = {BWI_SINK_XML, false, false};

		bwi_arena_init(&small);
		bw_buf_init(&out, 65536);
		tap_fail_alloc(++n);
		bwi_template_init(&b, &small, &tables);
		bwi_template_literal(&b, BW_STR("<a>"));
		done =
		    bwi_template_value(
			&b, BW_STR("x{v|spell|upper}y"), slot, NULL) == BW_OK &&
		    bwi_template_finish(&b, &t, NULL) == BW_OK &&
		    bwi_template_render(t, event, &small, &out, NULL) == BW_OK;
		tap_fail_alloc(0);
		if (done)
			ok(bw_str_is(
			       (struct bw_str){out.p, out.n}, "<a>xP L A I Ny"),
			    "with all of them the answer is right");
		else if (out.n != 0)
			ok(false, "half an answer is left");
		bwi_template_free(&b);
		bw_buf_free(&out);
		bwi_arena_free(&small);
	} while (!done && n < 200);
	ok(done && n > 5, "every allocation failed in turn (%lu)", n);
}

/* An answer that is too large leaves the buffer unchanged. */
static void
test_too_large(void)
{
	struct position p = {"", "0123456789{v}", "", BWI_SINK_XML};
	const struct bwi_template *t = compile(&p, NULL);
	struct bw_buf out;

	bw_buf_init(&out, 14);
	bw_buf_puts(&out, "ab");
	is_int(bwi_template_render(
		   t, decode_value("plain", 5), &arena, &out, NULL),
	    BW_ERR_LIMIT, "too large");
	is_int((long long)out.n, 2, "what was there stays");
	bw_buf_free(&out);
}

static void
open_table(void)
{
	static const char text[] =
	    "id,name,url\nx,Ann & Bo,https://x.example.com/?a=1&b=2\n";
	struct bw_error e = {0};
	FILE *f;

	snprintf(table_path, sizeof(table_path), "/tmp/t_template.%ld",
	    (long)getpid());
	f = fopen(table_path, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 ||
	    bwi_table_open(&staff.table, table_path, BW_STR("id"), &e) !=
		BW_OK) {
		tap_diag("%s", e.msg);
		exit(1);
	}
	staff.id = BW_STR("staff");
	unlink(table_path);
}

int
main(void)
{
	xmlSetGenericErrorFunc(NULL, quiet);
	decoder = bw_decoder_new();
	bwi_arena_init(&arena);
	open_table();
	test_attacks();
	test_broken_utf8();
	test_renders();
	test_compiles();
	test_no_memory();
	test_too_large();
	bwi_arena_free(&arena);
	bwi_table_free(staff.table);
	bw_decoder_free(decoder);
	return tap_done();
}
