/* The check between an answer and the wire: what it refuses and what it says.
 */
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <libxml/parser.h>

#include <bwcallback/limits.h>

#include "bxml.h"
#include "tap.h"

/* The first finding as "line:column: text", and how many there were. */
struct seen {
	char first[512];
	int count;
};

static void
on_finding(void *arg, const struct bw_finding *f)
{
	struct seen *seen = arg;

	if (seen->count++ == 0)
		snprintf(seen->first, sizeof(seen->first), "%d:%d: %s", f->line,
		    f->column, f->text);
}

static enum bw_err
check(struct bw_str document, struct seen *seen, struct bw_error *error)
{
	struct bw_reporter to = {on_finding, seen};

	memset(seen, 0, sizeof(*seen));
	memset(error, 0, sizeof(*error));
	return bw_bxml_check("answer", document, &to, error);
}

#define R(s) "<Response>" s "</Response>"

static const struct {
	const char *document;
	const char *finding;
} rows[] = {
    /* form */
    {"", "0:0: empty, write at least <Response/>"},
    {"Goodbye", "1:1: not XML, it must begin with an element"},
    {"<Response>", "1:11: Premature end of data in tag Response line 1"},
    {R("<Hangup/>") "<Response/>", "1:31: something follows the root element"},
    {R("<Redirect redirectUrl='/a?b=1&c=2'/>"),
	"1:42: '&' without ';', write &amp;"},
    {R("<SpeakSentence>you & me</SpeakSentence>"),
	"1:31: bare '&', write &amp;"},
    {R("<SpeakSentence>1 < 2</SpeakSentence>"), "1:29: bare '<', write &lt;"},
    {R("<Tag>&nbsp;</Tag>"), "1:22: Entity 'nbsp' not defined"},
    {R("<Tag>\x01</Tag>"), "1:16: character that XML does not allow"},
    {R("<Tag>&#0;</Tag>"), "1:20: character that XML does not allow"},
    {"\n\n<Response>\n<Tag>\xe9</Tag></Response>",
	"4:0: byte 0xE9 is not part of UTF-8"},
    {"<?xml version='1.0' encoding='ISO-8859-1'?><Response/>",
	"1:0: encoding other than UTF-8 declared"},
    {"<?xml version='1.0' encoding='UTF-16'?><Response/>",
	"1:38: Document labelled UTF-16 but has UTF-8 content"},
    {" <?xml version='1.0'?><Response/>",
	"1:7: <?xml ...?> not at the very beginning"},
    {"<!DOCTYPE Response><Response/>",
	"1:19: document type declaration not allowed, leave out <!DOCTYPE>"},
    {"<!DOCTYPE r [<!ENTITY a 'b'>]><Response>&a;</Response>",
	"1:13: document type declaration not allowed, leave out <!DOCTYPE>"},
    {"<!DOCTYPE Response SYSTEM 'http://127.0.0.1:1/x'><Response/>",
	"1:49: document type declaration not allowed, leave out <!DOCTYPE>"},
    /* names and places */
    {"<response/>", "1:0: <response>: not BXML, whose root is <Response>"},
    {"<Hangup/>", "1:0: <Hangup>: not BXML, whose root is <Response>"},
    {R("\n<Hangpu/>"), "2:0: <Hangpu>: unknown verb, did you mean <Hangup>?"},
    {R("<Dial>+19195550104</Dial>"), "1:0: <Dial>: unknown verb"},
    {R("<PhoneNumber>+19195550104</PhoneNumber>"),
	"1:0: <PhoneNumber>: not allowed in <Response>, it stands in "
	"<Transfer>"},
    {R("<SipUri>sip:a@example.com</SipUri>"),
	"1:0: <SipUri>: not allowed in <Response>, it stands in <Refer> or "
	"<Transfer>"},
    {R("<Gather><Hangup/></Gather>"),
	"1:0: <Hangup>: not allowed in <Gather>, it stands in <Response>"},
    {R("<Pause><break/></Pause>"),
	"1:0: <break>: not allowed in <Pause>, it stands in <SpeakSentence>"},
    {R("<Response/>"),
	"1:0: <Response>: not allowed in <Response>, it stands in no other "
	"element"},
    {R("<SpeakSentence>a <emphassis>b</emphassis></SpeakSentence>"),
	"1:0: <emphassis>: unknown element in <SpeakSentence>, did you mean "
	"<emphasis>?"},
    {R("<SpeakSentence>a <speak>b</speak></SpeakSentence>"),
	"1:0: <speak>: unknown element in <SpeakSentence>"},
    /* attributes */
    {R("<Gather maxDigit='1'/>"),
	"1:0: maxDigit: unknown attribute of <Gather>, did you mean "
	"maxDigits?"},
    {R("<Gather finish='1'/>"), "1:0: finish: unknown attribute of <Gather>"},
    {R("<Hangup tag='a'/>"),
	"1:0: tag: unknown attribute of <Hangup>, which has none"},
    {R("\n<Redirect/>"),
	"2:0: redirectUrl: required attribute of <Redirect> is missing"},
    {R("<StartStream destination='wss://a.example.com'>"
       "<StreamParam name='a'/></StartStream>"),
	"1:0: value: required attribute of <StreamParam> is missing"},
    {R("<SpeakSentence><lang>x</lang></SpeakSentence>"),
	"1:0: xml:lang: required attribute of <lang> is missing"},
    {R("<SpeakSentence><lang xml:lang='de-DE' "
       "lang='a'>x</lang></SpeakSentence>"),
	"1:0: lang: unknown attribute of <lang>"},
    /* text */
    {R("Goodbye"),
	"1:0: text: not allowed in <Response>, to be spoken it stands in "
	"<SpeakSentence>"},
    {R("<Transfer>+19195550104</Transfer>"),
	"1:0: text: not allowed in <Transfer>"},
    {R("<Hangup><![CDATA[x]]></Hangup>"), "1:0: text: not allowed in <Hangup>"},
    {R("<SpeakSentence> \n </SpeakSentence>"),
	"1:0: <SpeakSentence>: text is missing"},
    {R("<Transfer><PhoneNumber/></Transfer>"),
	"1:0: <PhoneNumber>: text is missing"},
    /* namespaces */
    {"<Response xmlns='urn:x'><Hangup/></Response>",
	"1:0: <Response>: namespaces are not allowed, leave out xmlns"},
    {R("<a:Hangup xmlns:a='urn:x'/>"),
	"1:0: <Hangup>: namespaces are not allowed, leave out xmlns"},
    {R("<a:Hangup/>"), "1:0: <a:Hangup>: unknown verb, did you mean <Hangup>?"},
    {R("<Pause a:duration='1'/>"),
	"1:0: a:duration: unknown attribute of <Pause>, did you mean "
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
		   "a.xml", BW_STR(R("\n<Redirect/>text")), NULL, &error),
	    BW_ERR_BXML, "nobody listens");
	is_str(error.msg,
	    "a.xml:2: redirectUrl: required attribute of <Redirect> is missing",
	    "the error is the first finding");
	memset(&error, 0, sizeof(error));
	is_int(bw_bxml_check("a.xml", BW_STR("<Response"), NULL, &error),
	    BW_ERR_BXML, "not well-formed");
	is_str(error.msg,
	    "a.xml:1:10: Couldn't find end of Start Tag Response line 1",
	    "with its column");
	is_int(bw_bxml_check("a.xml", BW_STR("<Response"), NULL, NULL),
	    BW_ERR_BXML, "no error wanted");
}

/* Repeat piece inside before and after; the result is the caller's. */
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
	char *fill = repeat("<Response>", " ", "</Response>", 63979);
	char *deep = repeat("<Response><SpeakSentence>", "<p>", "", 63);
	struct bw_error error;
	struct seen seen;

	is_int(check((struct bw_str){all, strlen(all)}, &seen, &error),
	    BW_ERR_BXML, "five thousand errors");
	is_int(seen.count, 101, "a hundred are told, and that there are more");
	is_int((long long)strlen(fill), BW_MAX_BXML, "a document of the limit");
	is_int(check((struct bw_str){fill, BW_MAX_BXML}, &seen, &error), BW_OK,
	    "is accepted");
	fill[BW_MAX_BXML] = ' ';
	is_int(check((struct bw_str){fill, BW_MAX_BXML + 1}, &seen, &error),
	    BW_ERR_BXML, "a byte more is not");
	is_str(seen.first, "0:0: 64001 bytes, at most 64000 are allowed",
	    "and why");
	is_int(check(BW_STR("<Response>\0</Response>"), &seen, &error),
	    BW_ERR_BXML, "a NUL byte");
	free(all);
	free(fill);
	fill = repeat(deep, "</p>", "</SpeakSentence></Response>", 63);
	is_int(check((struct bw_str){fill, strlen(fill)}, &seen, &error),
	    BW_ERR_BXML, "65 levels");
	is_str(seen.first, "1:0: <p>: nested more than 64 levels deep", "why");
	free(fill);
	fill = repeat("", "<p>", "", 20000);
	is_int(check((struct bw_str){fill, strlen(fill)}, &seen, &error),
	    BW_ERR_BXML, "twenty thousand levels");
	free(fill);
	free(deep);
}

/* In a configuration: placeholders, and what XInclude leaves behind. */
static void
test_template(void)
{
	static const char text[] =
	    "<on xmlns:xi='urn:xi'>\n\n<Response xml:base='part.xml'>"
	    "<SpeakSentence>{from}</SpeakSentence></Response></on>";
	xmlDoc *doc = xmlReadMemory(text, sizeof(text) - 1, NULL, NULL, 0);
	const xmlNode *root = xmlLastElementChild(xmlDocGetRootElement(doc));
	struct bw_error error = {0};

	is_int(bwi_bxml_check_node("c.xml", root, true, NULL, &error), BW_OK,
	    "part of a configuration");
	is_int(bwi_bxml_check_node("c.xml", root, false, NULL, &error),
	    BW_ERR_BXML, "the same as an answer");
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

/* Each allocation of libxml2's fails in turn: no memory, or the truth. */
static void
starve_file(const char *name, struct bw_str document, void *arg)
{
	enum bw_err want = *(enum bw_err *)arg, err;
	struct bw_error error;
	unsigned long wrong = 0;

	fail_at = 0;
	mallocs = 0;
	err = bw_bxml_check(name, document, NULL, NULL);
	is_int(err, want, "%s with memory", name);
	for (unsigned long last = mallocs, i = 1; i <= last; i++) {
		memset(&error, 0, sizeof(error));
		fail_at = i;
		mallocs = 0;
		err = bw_bxml_check(name, document, NULL, &error);
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

/* What must be caught now: the rest is not about names and places. */
static bool
covered(const char *layer)
{
	return strcmp(layer, "wellformed") == 0 || strcmp(layer, "policy") == 0;
}

/* A valid document has in the second column what it needs, not its fault. */
static bool
is_fault(const char *layer)
{
	return covered(layer) || strcmp(layer, "schema") == 0 ||
	       strcmp(layer, "semantic") == 0 || strcmp(layer, "context") == 0;
}

/* One line of a manifest: file, layer of its fault, rule it breaks. */
static void
check_listed(const char *dir, char *line, int *uncovered)
{
	char *save = NULL;
	const char *name = strtok_r(line, "\t\n", &save);
	const char *layer = strtok_r(NULL, "\t\n", &save);
	const char *rule = strtok_r(NULL, "\t\n", &save);
	char path[4096];
	struct bw_error error;
	struct seen seen;
	struct bw_str s;
	enum bw_err err;
	char *text;

	if (!ok(rule != NULL, "%s: a line of the manifest", dir))
		return;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	text = tap_read_file(path, &s.n);
	if (!ok(text != NULL, "%s is there", path))
		return;
	s.p = text;
	err = check(s, &seen, &error);
	free(text);
	if (!is_fault(layer)) {
		ok(err == BW_OK, "%s accepted: %s", name, seen.first);
	} else if (covered(layer)) {
		is_int(err, BW_ERR_BXML, "%s refused: %s", name, seen.first);
	} else if (err == BW_OK) {
		tap_diag("%s: not covered by names and places (%s, %s)", name,
		    layer, rule);
		++*uncovered;
	}
}

/* Folders of further documents, each with a manifest. */
static void
test_extra(char *dirs)
{
	char *save = NULL;

	for (char *dir = strtok_r(dirs, ":", &save); dir != NULL;
	     dir = strtok_r(NULL, ":", &save)) {
		char path[4096], line[4096];
		int uncovered = 0;
		FILE *f;

		snprintf(path, sizeof(path), "%s/MANIFEST.tsv", dir);
		f = fopen(path, "r");
		if (!ok(f != NULL, "%s is there", path))
			continue;
		while (fgets(line, sizeof(line), f) != NULL) {
			if (line[0] != '#')
				check_listed(dir, line, &uncovered);
		}
		fclose(f);
		tap_diag("%s: %d not covered", dir, uncovered);
	}
}

int
main(void)
{
	const char *dirs = getenv("BW_EXTRA_BXML");
	FILE *heard = tmpfile();
	char data[4096];
	int saved = dup(2);

	snprintf(data, sizeof(data), "%s/bxml", tap_data_dir());
	fflush(stderr);
	dup2(fileno(heard), 2);
	test_no_memory(data);
	is_int(each_file(data, accept_file, NULL), 5, "documents of the tree");
	test_refused();
	test_error();
	test_limits();
	test_template();
	test_threads();
	if (dirs != NULL) {
		char *copy = strdup(dirs);

		test_extra(copy);
		free(copy);
	}
	fflush(stderr);
	is_int(lseek(2, 0, SEEK_END), 0, "nothing on standard error");
	dup2(saved, 2);
	fclose(heard);
	xmlCleanupParser();
	return tap_done();
}
