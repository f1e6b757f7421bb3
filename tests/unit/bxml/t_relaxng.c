/*
 * BXML is defined three times: by recognizers, patterns and the schema. These
 * tests compare them: on values of every type, on a document for every fault
 * that the table can express, and on randomly changed documents.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libxml/parser.h>
#include <libxml/xmlregexp.h>

#include "bxml/value.h"
#include "tests/support/grammar.h"
#include "tests/support/random_bxml.h"
#include "tests/tap/tap.h"

static xmlRelaxNG *schema;
static uint32_t seed = 7;

static unsigned
roll(unsigned sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

static bool
accepted(struct bw_str s)
{
	return bw_bxml_check("test", s, NULL, NULL, NULL) == BW_OK;
}

/* A value of the type with some bytes changed. */
static size_t
change(char *text, size_t size, struct bw_str from)
{
	static const char bytes[] = "+0123456789.-:/;,=% abdDmswW#*?@&xyzZA_";
	size_t n = from.n < size - 3 ? from.n : size - 3;

	memcpy(text, from.p, n);
	for (unsigned i = roll(4); i > 0; i--) {
		char c = bytes[roll(sizeof(bytes) - 1)];
		size_t at = roll((unsigned)n + 1);

		if (roll(2) == 0 && n < size - 2) {
			memmove(text + at + 1, text + at, n - at);
			n++;
			text[at] = c;
		} else if (roll(2) == 0 && at < n) {
			memmove(text + at, text + at + 1, n - at - 1);
			n--;
		} else if (at < n) {
			text[at] = c;
		}
	}
	text[n] = '\0';
	return n;
}

/* Recognizer and pattern of a type agree. */
static void
test_patterns(void)
{
	for (int type = 0; type < BWI_BXML__TYPES; type++) {
		const struct bwi_bxml_attr a = {
		    .name = "a", .type = (enum bwi_bxml_type)type};
		const char *pattern = bwi_bxml_type_pattern(a.type);
		/* Character references are decoded by the schema's parser. */
		bool raw = pattern != NULL && strstr(pattern, "&#") == NULL;
		xmlRegexp *regexp;
		int wrong = 0, yes = 0;

		if (!raw)
			continue;
		regexp = xmlRegexpCompile((const xmlChar *)pattern);
		for (int i = 0; i < 4000; i++) {
			char text[128];
			size_t n = change(
			    text, sizeof(text), sample_value(&a, roll(60)));
			bool got =
			    bwi_bxml_form_ok(&a, (struct bw_str){text, n});

			yes += got;
			if (got ==
			    (xmlRegexpExec(regexp, (const xmlChar *)text) == 1))
				continue;
			if (wrong++ < 3)
				tap_diag("%s: \"%s\"", pattern, text);
		}
		xmlRegFreeRegexp(regexp);
		is_int(wrong, 0, "type %d: as its pattern", type);
		ok(yes > 100 && yes < 4000, "type %d: %d of 4000", type, yes);
	}
}

/* The change to make to one attribute. */
struct twist {
	const struct bwi_bxml_attr *attr; /* NULL: change nothing */
	const char *value;		  /* NULL: leave it out */
	bool all;			  /* write all attributes */
	const char *extra;		  /* text after the attributes */
};

static void
put_element(
    struct bw_buf *b, const struct bwi_bxml_element *row, const struct twist *t)
{
	static const struct twist plain = {.extra = ""};
	struct bw_str text = sample_value(&row->content, 0);

	bw_buf_printf(b, "<%s", row->name);
	for (size_t i = 0; i < row->nattrs; i++) {
		const struct bwi_bxml_attr *a = &row->attrs[i];
		struct bw_str v = sample_value(a, 2);

		if (strcmp(a->name, "interpret-as") == 0)
			v = BW_STR("date");
		if (strcmp(a->name, "repeatCount") == 0)
			v = BW_STR("1");
		if (a == t->attr && t->value == NULL)
			continue;
		if (a == t->attr)
			v = (struct bw_str){t->value, strlen(t->value)};
		else if (!a->required && !t->all &&
			 strcmp(a->name, "format") != 0)
			continue;
		bw_buf_printf(b, " %s=\"", a->name);
		bw_buf_xml(b, v);
		bw_buf_putc(b, '"');
	}
	bw_buf_printf(b, "%s>", t->extra);
	bw_buf_xml(b, text);
	for (size_t i = 0; row->children_min > 0 && i < bwi_bxml_nelements;
	     i++) {
		if (bwi_bxml_stands_in(&bwi_bxml_elements[i], row->name)) {
			put_element(b, &bwi_bxml_elements[i], &plain);
			break;
		}
	}
	bw_buf_printf(b, "</%s>", row->name);
}

/* A complete document that contains the element. */
static struct bw_str
document(
    struct bw_buf *b, const struct bwi_bxml_element *row, const struct twist *t)
{
	char parent[32];
	bool verb = bwi_bxml_stands_in(row, "Response");

	snprintf(parent, sizeof(parent), "%.*s",
	    (int)strcspn(row->parents, "|"), row->parents);
	bw_buf_reset(b);
	bw_buf_puts(b, "<Response>");
	if (!verb)
		bw_buf_printf(b, "<%s%s>%s", parent,
		    strcmp(parent, "StartStream") == 0
			? " destination=\"wss://a.example.com/\""
			: "",
		    strcmp(parent, "SpeakSentence") == 0 ? "Say " : "");
	put_element(b, row, t);
	if (!verb)
		bw_buf_printf(b, "</%s>", parent);
	bw_buf_puts(b, "</Response>");
	return (struct bw_str){b->p, b->n};
}

static void
expect(struct bw_buf *b, const struct bwi_bxml_element *row,
    const struct twist *t, bool want, const char *what)
{
	struct bw_str s = document(b, row, t);
	const char *attr = t->attr != NULL ? t->attr->name : "";

	ok(accepted(s) == want, "%s %s: %s: checker: %.*s", row->name, attr,
	    what, (int)(s.n < 300 ? s.n : 300), s.p);
	ok(grammar_fits(schema, s) == want, "%s %s: %s: schema", row->name,
	    attr, what);
}

/* Every fault of one attribute that its row can express. */
static void
test_attr(struct bw_buf *b, const struct bwi_bxml_element *row,
    const struct bwi_bxml_attr *a)
{
	static char longer[4096];
	struct twist t = {.attr = a, .extra = ""};
	char text[64];

	if (a->required)
		expect(b, row, &t, false, "missing");
	if (a->ranged) {
		snprintf(text, sizeof(text), "%g", a->max + 1);
		t.value = text;
		expect(b, row, &t, false, "above its range");
		snprintf(text, sizeof(text), "%g", a->max);
		expect(b, row, &t, true, "its largest");
		snprintf(text, sizeof(text), "%g", a->min);
		expect(b, row, &t, true, "its smallest");
		snprintf(text, sizeof(text), "%g",
		    a->min >= 1 ? a->min - 1 : a->min - 0.1);
		expect(b, row, &t, false, "below its range");
	}
	if (a->words != NULL || bwi_bxml_type_pattern(a->type) != NULL) {
		t.value = a->type == BWI_BXML_DISPLAY ? "a\tb" : "\x7e no,: ";
		expect(b, row, &t, false, "no value of its type");
	}
	if (a->type == BWI_BXML_ENUM || a->type == BWI_BXML_BOOLEAN) {
		t.value = "";
		expect(b, row, &t, false, "empty");
	}
	if (a->length_max > 0 && a->type != BWI_BXML_UUI) {
		memset(longer, 'x', a->length_max + 1);
		longer[a->length_max + 1] = '\0';
		t.value = longer;
		expect(b, row, &t, false, "too long");
		longer[a->length_max] = '\0';
		expect(b, row, &t, true, "its longest");
	}
}

static void
test_faults(void)
{
	const struct twist plain = {.extra = ""};
	const struct twist unknown = {.extra = " nonsense=\"1\""};
	struct bw_buf b;

	bw_buf_init(&b, 1 << 20);
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		const struct bwi_bxml_element *row = &bwi_bxml_elements[i];

		if (bwi_bxml_stands_in(row, NULL))
			continue;
		expect(&b, row, &plain, true, "as small as it can be");
		expect(&b, row, &unknown, false, "an unknown attribute");
		for (size_t k = 0; k < row->nattrs; k++)
			test_attr(&b, row, &row->attrs[k]);
	}
	bw_buf_free(&b);
}

/* Run libxml2 in a child process with a limit of two seconds. */
static bool
fits_in_time(struct bw_str s)
{
	const struct rlimit limit = {2, 2};
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		setrlimit(RLIMIT_CPU, &limit);
		_exit(grammar_fits(schema, s) ? 0 : 1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void
test_all_attributes(void)
{
	struct bw_buf b;

	bw_buf_init(&b, 1 << 20);
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		const struct bwi_bxml_element *row = &bwi_bxml_elements[i];
		const struct twist all = {.all = true, .extra = ""};

		if (!bwi_bxml_stands_in(row, NULL) && row->nattrs > 8)
			ok(fits_in_time(document(&b, row, &all)),
			    "%s: all %zu attributes at once", row->name,
			    row->nattrs);
	}
	bw_buf_free(&b);
}

/*
 * Documents of the builder with a few bytes changed: whatever the checker
 * accepts, the schema accepts.
 */
static void
test_changed(void)
{
	static unsigned char bytes[1024];
	static char text[16384];
	int documents = 0, both = 0, wrong = 0;
	struct bw_buf b;

	bw_buf_init(&b, sizeof(text) - 8);
	for (int i = 0; i < 20000; i++) {
		struct dice d = {bytes, sizeof(bytes)};
		struct bw_str event, s = {text, 0};
		bool got;

		for (size_t k = 0; k < sizeof(bytes); k++)
			bytes[k] = (unsigned char)roll(256);
		bw_buf_reset(&b);
		if (random_bxml(&d, &b, &event) != BW_OK)
			continue;
		documents++;
		s.n = change(text, sizeof(text), (struct bw_str){b.p, b.n});
		got = accepted(s);
		both += got;
		if (!got || grammar_fits(schema, s))
			continue;
		if (wrong++ < 5)
			tap_diag("%s", text);
	}
	ok(documents > 1000 && both > 100, "%d documents, %d accepted",
	    documents, both);
	is_int(wrong, 0, "accepted documents fit the schema");
	bw_buf_free(&b);
}

int
main(void)
{
	schema = grammar_load();
	if (!ok(schema != NULL, "the schema is one"))
		return tap_done();
	test_patterns();
	test_faults();
	test_all_attributes();
	test_changed();
	grammar_free(schema);
	xmlCleanupParser();
	return tap_done();
}
