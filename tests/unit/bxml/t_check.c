/* The BXML checker: what it refuses, and its messages. */
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <libxml/parser.h>

#include <bwcallback/limits.h>

#include "bxml/check.h"
#include "tests/tap/tap.h"

/* The first error as "line:column: text", and the number of errors. */
struct seen {
	char first[512];
	int count;
};

static void
on_finding(void *arg, const struct bw_finding *f)
{
	struct seen *seen = arg;

	if (f->severity == BW_SEVERITY_ERROR && seen->count++ == 0)
		snprintf(seen->first, sizeof(seen->first), "%d:%d: %s", f->line,
		    f->column, f->text);
}

static enum bw_err
check(struct bw_str document, struct seen *seen, struct bw_error *error)
{
	struct bw_reporter to = {on_finding, seen};

	memset(seen, 0, sizeof(*seen));
	memset(error, 0, sizeof(*error));
	return bw_bxml_check("answer", document, NULL, &to, error);
}

#define R(s) "<Response>" s "</Response>"

static const struct {
	const char *document;
	const char *finding;
} rows[] = {
    /* form */
    {"", "0:0: empty, write at least <Response/>"},
    {"Goodbye", "1:1: not XML, it must begin with an element"},
    {"<Response>",
	"1:11: <Response> of line 1 is not closed, write </Response>"},
    {R("<Hangup/>") "<Response/>", "1:31: content after the root element"},
    {R("<Redirect redirectUrl='/a?b=1&c=2'/>"),
	"1:40: '&' without ';', write &amp;"},
    {R("<SpeakSentence>you & me</SpeakSentence>"),
	"1:30: bare '&', write &amp;"},
    {R("<SpeakSentence>1 < 2</SpeakSentence>"), "1:28: bare '<', write &lt;"},
    {R("<Tag>&nbsp;</Tag>"),
	"1:16: &nbsp; is known in HTML only, write &#160;"},
    {R("<Tag>\x01</Tag>"), "1:16: character that XML does not allow"},
    {R("<SpeakSentence>Z\xc3\xb6"
       "e & Zoe & I</SpeakSentence>"),
	"1:30: bare '&', write &amp;"},
    {R("\n<SpeakSentence>a &b <break/></SpeakSentence>"),
	"2:18: '&' without ';', write &amp;"},
    {R("<SpeakSentence>AT&T; x</SpeakSentence>"),
	"1:28: &T; is not defined, write &amp; if it is a bare '&'"},
    {R("\n<Tag>5 <= 6</Tag>"), "2:8: bare '<', write &lt;"},
    {R("<Tag>a</Tag></Tog>"), "1:23: <Response> of line 1 is not closed, write "
			      "</Response> before </Tog>"},
    {R("<Redirect redirectUrl='/a<b'/>"),
	"1:36: '<' in an attribute, write &lt;, or the quote that ends the "
	"value"},
    {R("<Tag>&#0;</Tag>"), "1:16: character that XML does not allow"},
    {"\n\n<Response>\n<Tag>\xe9</Tag></Response>",
	"4:6: byte 0xE9 is not part of UTF-8"},
    {"<?xml version='1.0' encoding='ISO-8859-1'?><Response/>",
	"1:31: encoding=\"ISO-8859-1\": BXML is UTF-8, write the document in "
	"UTF-8 and encoding=\"UTF-8\""},
    {"<?xml version='1.0' encoding='UTF-16'?><Response/>",
	"1:31: encoding=\"UTF-16\": BXML is UTF-8, write the document in UTF-8 "
	"and encoding=\"UTF-8\""},
    {"<?xml version='1.0' encoding='US-ASCII'?>" R("<Tag>\xc3\xa9</Tag>"),
	"1:31: encoding=\"US-ASCII\": BXML is UTF-8, write the document in "
	"UTF-8 and encoding=\"UTF-8\""},
    {" <?xml version='1.0'?><Response/>",
	"1:7: <?xml ...?> not at the very beginning"},
    {"<!DOCTYPE Response><Response/>",
	"1:19: document type declaration not allowed, leave out <!DOCTYPE>"},
    {"<!DOCTYPE r [<!ENTITY a 'b'>]><Response>&a;</Response>",
	"1:13: document type declaration not allowed, leave out <!DOCTYPE>"},
    {"<!DOCTYPE Response SYSTEM 'http://127.0.0.1:1/x'><Response/>",
	"1:49: document type declaration not allowed, leave out <!DOCTYPE>"},
    /* names and places */
    {"<response/>", "1:1: <response>: not BXML, the root must be <Response>"},
    {"<Hangup/>", "1:1: <Hangup>: not BXML, the root must be <Response>"},
    {R("\n<Hangpu/>"), "2:1: <Hangpu>: unknown verb, did you mean <Hangup>?"},
    {R("<Dial>+19195550104</Dial>"),
	"1:11: <Dial>: unknown verb, from TwiML: write <Transfer>"},
    {R("<PhoneNumber>+19195550104</PhoneNumber>"),
	"1:11: <PhoneNumber>: not allowed in <Response>, it is allowed in "
	"<Transfer>"},
    {R("<SipUri>sip:a@example.com</SipUri>"),
	"1:11: <SipUri>: not allowed in <Response>, it is allowed in <Refer> "
	"or <Transfer>"},
    {R("<Gather><Hangup/></Gather>"),
	"1:19: <Hangup>: not allowed in <Gather>, it is allowed in <Response>"},
    {R("<Pause><break/></Pause>"), "1:18: <break>: not allowed in <Pause>, it "
				   "is allowed in <SpeakSentence>"},
    {R("<Response/>"), "1:11: <Response>: not allowed in <Response>, it is "
		       "allowed in no other element"},
    {R("<SpeakSentence>a <emphassis>b</emphassis></SpeakSentence>"),
	"1:28: <emphassis>: unknown element in <SpeakSentence>, did you mean "
	"<emphasis>?"},
    {R("<SpeakSentence>a <speak>b</speak></SpeakSentence>"),
	"1:28: <speak>: unknown element in <SpeakSentence>, leave it out: SSML "
	"stands directly in <SpeakSentence>"},
    {R("<SpeakSentence><speak>b</speak></SpeakSentence>"),
	"1:26: <speak>: unknown element in <SpeakSentence>, leave it out: SSML "
	"stands directly in <SpeakSentence>"},
    {R("<SpeakSentence><b>b</b></SpeakSentence>"),
	"1:26: <b>: unknown element in <SpeakSentence>, write <emphasis>"},
    {R("<SpeakSentence><p><br/></p></SpeakSentence>"),
	"1:29: <br>: unknown element in <p>, write <break/>"},
    {R("<SpeakSentence><Say>b</Say></SpeakSentence>"),
	"1:26: <Say>: unknown element in <SpeakSentence>, leave it out: the "
	"text stands directly in <SpeakSentence>"},
    {R("<SpeakSentence><xyz/></SpeakSentence>"),
	"1:26: <xyz>: unknown element in <SpeakSentence>"},
    {R("<SpeakSentence><s>a <p>b</p></s></SpeakSentence>"),
	"1:31: <p>: not allowed in <s>, it is allowed in <SpeakSentence>"},
    {R("<SpeakSentence><s><emphasis><p>b</p></emphasis></s>"
       "</SpeakSentence>"),
	"1:39: <p>: not allowed in <s>, write <s> in <p>"},
    /* attributes */
    {R("<Gather maxDigit='1'/>"),
	"1:19: maxDigit: unknown attribute of <Gather>, did you mean "
	"maxDigits?"},
    {R("<Gather finish='1'/>"), "1:19: finish: unknown attribute of <Gather>"},
    {R("<Hangup tag='a'/>"),
	"1:19: tag: unknown attribute of <Hangup>, which has none"},
    {R("\n<Redirect/>"),
	"2:1: redirectUrl: required attribute of <Redirect> is missing"},
    {R("<StartStream destination='wss://a.example.com'>"
       "<StreamParam name='a'/></StartStream>"),
	"1:58: value: required attribute of <StreamParam> is missing"},
    {R("<SpeakSentence><lang>x</lang></SpeakSentence>"),
	"1:26: xml:lang: required attribute of <lang> is missing"},
    {R("<SpeakSentence><lang xml:lang='de-DE' "
       "lang='a'>x</lang></SpeakSentence>"),
	"1:49: lang: unknown attribute of <lang>"},
    /* text */
    {R("Goodbye"),
	"1:1: text: not allowed in <Response>, write it in <SpeakSentence>"},
    {R("<Transfer>+19195550104</Transfer>"),
	"1:11: text: not allowed in <Transfer>, write <PhoneNumber>"
	"+19195550104</PhoneNumber>"},
    {R("<Hangup><![CDATA[x]]></Hangup>"),
	"1:11: text: not allowed in <Hangup>"},
    {R("<SpeakSentence> \n </SpeakSentence>"),
	"1:11: <SpeakSentence>: text is missing"},
    {R("<Transfer><PhoneNumber/></Transfer>"),
	"1:21: <PhoneNumber>: text is missing"},
    /* values and attributes in the wrong place */
    {R("<Transfer>(919) 555-0104</Transfer>"),
	"1:11: text: not allowed in <Transfer>, write <PhoneNumber>"
	"+19195550104</PhoneNumber>"},
    {R("<Transfer>sip:a@b.example</Transfer>"),
	"1:11: text: not allowed in <Transfer>, write <SipUri>sip:a@b.example"
	"</SipUri>"},
    {R("<Transfer to='+19195550104'/>"),
	"1:21: to: unknown attribute of <Transfer>, write <PhoneNumber>"
	"+19195550104</PhoneNumber>"},
    {R("<Transfer transferTo='+19195550104'/>"),
	"1:21: transferTo: unknown attribute of <Transfer>, from version 1 of "
	"BXML: write <PhoneNumber> inside"},
    {R("<Transfer transferAnswerUrl='/a'><SipUri>sip:a@b.example</SipUri>"
       "</Transfer>"),
	"1:21: transferAnswerUrl: unknown attribute of <Transfer>, it is one "
	"of <PhoneNumber>"},
    {R("<Transfer><PhoneNumber>sip:a@b.example</PhoneNumber></Transfer>"),
	"1:21: text \"sip:a@b.example\": not allowed in <PhoneNumber>, write "
	"<SipUri>sip:a@b.example</SipUri>"},
    {R("<Transfer><PhoneNumber>a@b.example</PhoneNumber></Transfer>"),
	"1:21: text \"a@b.example\": not allowed in <PhoneNumber>, write "
	"<SipUri>sip:a@b.example</SipUri>"},
    {R("<Transfer><PhoneNumber>9195550104</PhoneNumber></Transfer>"),
	"1:21: text \"9195550104\": not allowed in <PhoneNumber>, write "
	"<PhoneNumber>+19195550104</PhoneNumber>"},
    {R("<Transfer><SipUri>+19195550104</SipUri></Transfer>"),
	"1:21: text \"+19195550104\": not allowed in <SipUri>, write "
	"<PhoneNumber>+19195550104</PhoneNumber>"},
    {R("<Refer><SipUri>+19195550104</SipUri></Refer>"),
	"1:18: text \"+19195550104\": not allowed in <SipUri>, write a SIP "
	"URI, sip:user@host"},
    {R("<Forward>+19195550104</Forward>"),
	"1:11: text: not allowed in <Forward>, write to=\"+19195550104\""},
    {R("<Forward to='tel:919-555-0104'/>"),
	"1:20: to=\"tel:919-555-0104\": not allowed in <Forward>, write "
	"to=\"+19195550104\""},
    {R("<Forward number='+19195550104'/>"),
	"1:20: number: unknown attribute of <Forward>, write to"},
    {R("<Redirect>/next</Redirect>"),
	"1:11: text: not allowed in <Redirect>, write redirectUrl=\"/next\""},
    {R("<Redirect url='/next'/>"),
	"1:21: url: unknown attribute of <Redirect>, write redirectUrl"},
    {R("<StartGather gatherUrl='/next'/>"),
	"1:24: gatherUrl: unknown attribute of <StartGather>, write dtmfUrl"},
    {R("<StartGather dtmfUrl='/a' gatherMethod='GET'/>"),
	"1:37: gatherMethod: unknown attribute of <StartGather>, write "
	"dtmfMethod"},
    {R("<PlayAudio url='/a.mp3'/>"),
	"1:22: url: unknown attribute of <PlayAudio>, write <PlayAudio>/a.mp3"
	"</PlayAudio>"},
    {R("<Conference name='room'/>"),
	"1:23: name: unknown attribute of <Conference>, write <Conference>room"
	"</Conference>"},
    {R("<Tag value='a'/>"),
	"1:16: value: unknown attribute of <Tag>, write <Tag>a</Tag>"},
    {R("<Pause>2</Pause>"),
	"1:11: text: not allowed in <Pause>, write duration=\"2\""},
    {R("<Gather voice='julie'/>"),
	"1:19: voice: unknown attribute of <Gather>, it is one of "
	"<SpeakSentence>"},
    /* descriptions */
    {R("<Conference>room 1</Conference>"),
	"1:11: text \"room 1\": not allowed in <Conference>, write 1 to 100 "
	"letters, digits, '-', '_' and '.'"},
    {R("<SpeakSentence voice='nora'>Hi</SpeakSentence>"),
	"1:26: voice=\"nora\": not allowed in <SpeakSentence>, write julie, "
	"kate, susan, dave, paul, bridget, simon, katrin, stefan, esperanza, "
	"violeta, jorge, rosa, jolie, bernard, paola, luca, masako, kenji, "
	"nadiya, anatoli, zeina, zhiyu, ruth, stephen, lupe, pedro, ... "
	"(bxml(7) has all of them)"},
    {R("<Redirect redirectUrl='https:///a'/>"),
	"1:21: redirectUrl=\"https:///a\": not allowed in <Redirect>: no host, "
	"write https://example.com/path"},
    /* namespaces */
    {"<Response xmlns='urn:x'><Hangup/></Response>",
	"1:1: <Response>: namespaces are not allowed, leave out xmlns"},
    {R("<a:Hangup xmlns:a='urn:x'/>"),
	"1:11: <Hangup>: namespaces are not allowed, leave out xmlns"},
    {R("<a:Hangup/>"),
	"1:11: <a:Hangup>: unknown verb, did you mean <Hangup>?"},
    {R("<Pause a:duration='1'/>"),
	"1:18: a:duration: unknown attribute of <Pause>, did you mean "
	"duration?"},
};

static void
test_refused(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_str s = {rows[i].document, strlen(rows[i].document)};
		struct bw_error error;
		struct seen seen;

		is_int(
		    check(s, &seen, &error), BW_ERR_BXML, "row %zu refused", i);
		is_str(seen.first, rows[i].finding, "row %zu: why", i);
		is_int(seen.count, 1, "row %zu: no more than that", i);
	}
}

static void
test_error(void)
{
	struct bw_error error = {0};

	is_int(bw_bxml_check(
		   "a.xml", BW_STR(R("\n<Redirect/>text")), NULL, NULL, &error),
	    BW_ERR_BXML, "without a callback");
	is_str(error.msg,
	    "a.xml:2:1: redirectUrl: required attribute of <Redirect> is "
	    "missing",
	    "the error is the first finding");
	memset(&error, 0, sizeof(error));
	is_int(bw_bxml_check("a.xml", BW_STR("<Response"), NULL, NULL, &error),
	    BW_ERR_BXML, "not well-formed");
	is_str(error.msg, "a.xml:1:10: the tag does not end, write >",
	    "with its column");
	is_int(bw_bxml_check("a.xml", BW_STR("<Response"), NULL, NULL, NULL),
	    BW_ERR_BXML, "without an error struct");
}

/* Is it accepted, with this warning? */
static void
on_warning(void *arg, const struct bw_finding *f)
{
	struct seen *seen = arg;

	seen->count++;
	snprintf(seen->first, sizeof(seen->first), "%d:%d: %s: %s", f->line,
	    f->column, bw_severity_name(f->severity), f->text);
}

static void
test_encodings(void)
{
	static const char *const names[] = {
	    "US-ASCII", "ascii", "utf8", "UTF_8", "ANSI_X3.4-1968"};
	char document[200], want[200];
	struct seen seen = {.count = 0};
	const struct bw_reporter to = {on_warning, &seen};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct bw_str s = {document, 0};

		s.n = (size_t)snprintf(document, sizeof(document),
		    "<?xml version='1.0'\n encoding=\"%s\"?>" R("<Hangup/>"),
		    names[i]);
		snprintf(want, sizeof(want),
		    "2:12: warning: encoding=\"%s\": BXML is UTF-8, write "
		    "encoding=\"UTF-8\"",
		    names[i]);
		seen.count = 0;
		is_int(bw_bxml_check("a", s, NULL, &to, NULL), BW_OK,
		    "%s: accepted", names[i]);
		is_str(seen.first, want, "%s: with a warning", names[i]);
		is_int(seen.count, 1, "%s: with one", names[i]);
	}
	seen.count = 0;
	is_int(bw_bxml_check("a",
		   BW_STR("<?xml version='1.0' encoding='utf-8'?>"
			  "<!-- encoding='latin1' --><Response/>"),
		   NULL, &to, NULL),
	    BW_OK, "UTF-8 in small letters");
	is_int(seen.count, 0, "in silence");
}

/* Repeat piece between before and after; the caller frees the result. */
static char *
repeat(const char *before, const char *piece, const char *after, size_t times)
{
	size_t n = strlen(piece);
	char *p = malloc(strlen(before) + n * times + strlen(after) + 1);
	char *end = p;

	if (p == NULL)
		abort();
	end += snprintf(end, strlen(before) + 1, "%s", before);
	for (size_t i = 0; i < times; i++)
		end += snprintf(end, n + 1, "%s", piece);
	snprintf(end, strlen(after) + 1, "%s", after);
	return p;
}

static void
test_limits(void)
{
	char *all = repeat("<Response>", "<Dial/>", "</Response>", 5000);
	char *fill = repeat("<Response>", " ", "</Response>", 65515);
	char *deep = repeat("<Response><SpeakSentence>", "<emphasis>", "", 63);
	struct bw_error error;
	struct seen seen;

	is_int(check((struct bw_str){all, strlen(all)}, &seen, &error),
	    BW_ERR_BXML, "five thousand errors");
	is_int(
	    seen.count, 101, "a hundred are reported, and that there are more");
	is_int((long long)strlen(fill), BW_MAX_BXML_TAKEN,
	    "a document of the limit");
	is_int(check((struct bw_str){fill, BW_MAX_BXML_TAKEN}, &seen, &error),
	    BW_OK, "is accepted");
	fill[BW_MAX_BXML_TAKEN] = ' ';
	is_int(
	    check((struct bw_str){fill, BW_MAX_BXML_TAKEN + 1}, &seen, &error),
	    BW_ERR_BXML, "a byte more is not");
	is_str(seen.first,
	    "0:0: 65537 bytes, at most 65536 are allowed, and 64000 are safe",
	    "and why");
	is_int(check(BW_STR("<Response>\0</Response>"), &seen, &error),
	    BW_ERR_BXML, "a NUL byte");
	free(all);
	free(fill);
	fill = repeat(deep, "</emphasis>", "</SpeakSentence></Response>", 63);
	is_int(check((struct bw_str){fill, strlen(fill)}, &seen, &error),
	    BW_ERR_BXML, "65 levels");
	is_str(seen.first, "1:646: <emphasis>: nested more than 64 levels deep",
	    "why");
	free(fill);
	fill = repeat("", "<p>", "", 20000);
	is_int(check((struct bw_str){fill, strlen(fill)}, &seen, &error),
	    BW_ERR_BXML, "twenty thousand levels");
	free(fill);
	free(deep);
}

/* In a configuration: placeholders, and nodes left by XInclude. */
static void
test_template(void)
{
	static const char text[] =
	    "<on xmlns:xi='urn:xi'>\n\n<Response xml:base='part.xml'>"
	    "<SpeakSentence>{from}</SpeakSentence></Response></on>";
	xmlDoc *doc = xmlReadMemory(text, sizeof(text) - 1, NULL, NULL, 0);
	const xmlNode *root = xmlLastElementChild(xmlDocGetRootElement(doc));
	const struct bwi_bxml_checking flow = {
	    .file = "c.xml", .templates = true};
	const struct bwi_bxml_checking answer = {.file = "c.xml"};
	struct bw_error error = {0};

	is_int(bwi_bxml_check_node(&flow, root, NULL, &error), BW_OK,
	    "part of a configuration");
	is_int(bwi_bxml_check_node(&answer, root, NULL, &error), BW_ERR_BXML,
	    "the same as an answer");
	is_str(error.msg,
	    "c.xml:3: xml:base: unknown attribute of <Response>, which has "
	    "none",
	    "has its own line");
	xmlFreeDoc(doc);
}

/* Call fn with each document of a folder. */
static int
each_file(const char *dir,
    void (*fn)(const char *name, struct bw_str, void *arg), void *arg)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int n = 0;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		char path[4096], *text;
		size_t size;

		if (dot == NULL || strcmp(dot, ".xml") != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		text = tap_read_file(path, &size);
		if (text == NULL)
			continue;
		fn(entry->d_name, (struct bw_str){text, size}, arg);
		free(text);
		n++;
	}
	if (d != NULL)
		closedir(d);
	return n;
}

static void
accept_file(const char *name, struct bw_str document, void *arg)
{
	struct bw_error error;
	struct seen seen;

	(void)arg;
	is_int(check(document, &seen, &error), BW_OK, "%s accepted", name);
	is_str(seen.first, "", "%s: in silence", name);
}

static unsigned long mallocs;
static unsigned long fail_at;

static void *
failing_realloc(void *p, size_t n)
{
	return ++mallocs == fail_at ? NULL : realloc(p, n);
}

static void *
failing_malloc(size_t n)
{
	return failing_realloc(NULL, n);
}

static char *
failing_strdup(const char *s)
{
	return ++mallocs == fail_at ? NULL : strdup(s);
}

/*
 * Make each allocation of libxml2 fail in turn: the result is BW_ERR_NOMEM or
 * correct.
 */
static void
starve_file(const char *name, struct bw_str document, void *arg)
{
	enum bw_err want = *(enum bw_err *)arg, err;
	struct bw_error error;
	unsigned long wrong = 0;

	fail_at = 0;
	mallocs = 0;
	err = bw_bxml_check(name, document, NULL, NULL, NULL);
	is_int(err, want, "%s with memory", name);
	for (unsigned long last = mallocs, i = 1; i <= last; i++) {
		memset(&error, 0, sizeof(error));
		fail_at = i;
		mallocs = 0;
		err = bw_bxml_check(name, document, NULL, NULL, &error);
		if (err != BW_ERR_NOMEM && err != want)
			wrong++;
	}
	fail_at = 0;
	is_int((long long)wrong, 0, "%s without memory", name);
}

static void
test_no_memory(const char *dir)
{
	enum bw_err good = BW_OK, bad = BW_ERR_BXML;

	xmlMemSetup(free, failing_malloc, failing_realloc, failing_strdup);
	each_file(dir, starve_file, &good);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_str s = {rows[i].document, strlen(rows[i].document)};

		starve_file("row", s, &bad);
	}
	xmlMemSetup(free, malloc, realloc, strdup);
}

static void *
check_rows(void *arg)
{
	intptr_t wrong = 0;

	(void)arg;
	for (size_t i = 0; i < 20 * sizeof(rows) / sizeof(rows[0]); i++) {
		const char *p =
		    rows[i % (sizeof(rows) / sizeof(rows[0]))].document;
		const char *want =
		    rows[i % (sizeof(rows) / sizeof(rows[0]))].finding;
		struct bw_error error;
		struct seen seen;

		if (check((struct bw_str){p, strlen(p)}, &seen, &error) !=
			BW_ERR_BXML ||
		    strcmp(seen.first, want) != 0)
			wrong++;
	}
	return (void *)wrong;
}

static void
test_threads(void)
{
	pthread_t threads[8];

	for (int i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, check_rows, NULL);
	for (int i = 0; i < 8; i++) {
		void *wrong;

		pthread_join(threads[i], &wrong);
		is_int(
		    (intptr_t)wrong, 0, "thread %d gets its own findings", i);
	}
}

int
main(void)
{
	FILE *stray_errors = tmpfile();
	char data[4096];
	int saved = dup(2);

	snprintf(data, sizeof(data), "%s/bxml/valid", tap_data_dir());
	fflush(stderr);
	dup2(fileno(stray_errors), 2);
	test_no_memory(data);
	ok(each_file(data, accept_file, NULL) >= 5, "documents of the tree");
	test_refused();
	test_error();
	test_limits();
	test_template();
	test_encodings();
	test_threads();
	fflush(stderr);
	is_int(lseek(2, 0, SEEK_END), 0, "nothing on standard error");
	dup2(saved, 2);
	fclose(stray_errors);
	xmlCleanupParser();
	return tap_done();
}
