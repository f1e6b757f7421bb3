/* Explains syntax errors that libxml2 finds, and what to write instead. */
#include <bwcallback/tools/xml.h>

#include <string.h>
#include <strings.h>

#include <libxml/HTMLparser.h>
#include <libxml/xmlerror.h>

#include <bwcallback/buf.h>
#include <bwcallback/tools/str.h>

#include "base/source_position.h"
#include "base/utf8.h"

#define MAX_NAME    60
#define MAX_MESSAGE 300

/* An error, and the text from its column on. */
struct mistake {
	const xmlError *error;
	struct bw_str rest;
};

/* Do the names of the two tags differ in case only? */
static bool
has_other_case(const struct mistake *m)
{
	const xmlError *e = m->error;

	return e->str1 != NULL && e->str2 != NULL &&
	       strcasecmp(e->str1, e->str2) == 0;
}

static bool
is_html(const struct mistake *m)
{
	return m->error->str1 != NULL &&
	       htmlEntityLookup((const xmlChar *)m->error->str1) != NULL;
}

static bool
is_empty(const struct mistake *m)
{
	return m->rest.n == 0;
}

/* U+2018 to U+201F are E2 80 98 to E2 80 9F; U+00AB and U+00BB C2 AB, C2 BB. */
static bool
is_typographic(const struct mistake *m)
{
	const unsigned char *p = (const unsigned char *)m->rest.p;
	size_t n = m->rest.n;

	return (n > 2 && p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0x98 &&
		   p[2] <= 0x9f) ||
	       (n > 1 && p[0] == 0xc2 && (p[1] == 0xab || p[1] == 0xbb));
}

/*
 * If several rows have the same code, the first one that fits is used. In a
 * text {1} and {2} are
 * the names that libxml2 gives, {line} is the line of the first, and {code} the
 * number of the character that HTML calls so.
 */
static const struct {
	int code;
	const char
	    *message; /* beginning of libxml2's, if the code is not enough */
	bool (*fits)(const struct mistake *);
	const char *text;
	char mark; /* the fault is at the last one before the column */
} rows[] = {
    {XML_ERR_DOCUMENT_EMPTY, "", is_empty, "the document is empty", 0},
    {XML_ERR_DOCUMENT_EMPTY, "", NULL, "not XML, it must begin with an element",
	0},
    {XML_ERR_DOCUMENT_END, "", NULL, "content after the root element", 0},
    {XML_ERR_TAG_NOT_FINISHED, "", NULL,
	"<{1}> of line {line} is not closed, write </{1}>", 0},
    {XML_ERR_TAG_NAME_MISMATCH, "", has_other_case,
	"</{2}> must be written like <{1}> of line {line}, write </{1}>", '<'},
    {XML_ERR_TAG_NAME_MISMATCH, "", NULL,
	"<{1}> of line {line} is not closed, write </{1}> before </{2}>", '<'},
    {XML_ERR_GT_REQUIRED, "", NULL, "the tag does not end, write >", 0},
    {XML_ERR_SPACE_REQUIRED, "attributes construct", NULL,
	"write a space between attributes, and a quote at the end of each "
	"value",
	0},
    {XML_ERR_ATTRIBUTE_REDEFINED, "", NULL,
	"attribute {1} twice, remove one of them", 0},
    {XML_ERR_ATTRIBUTE_NOT_STARTED, "", is_typographic,
	"typographic quotes, write the value in straight ones: \"...\"", 0},
    {XML_ERR_ATTRIBUTE_NOT_STARTED, "", NULL,
	"attribute value without quotes, write it as \"...\"", 0},
    {XML_ERR_ATTRIBUTE_WITHOUT_VALUE, "", NULL,
	"attribute without a value, write {1}=\"...\"", 0},
    {XML_ERR_LT_IN_ATTRIBUTE, "", NULL,
	"'<' in an attribute, write &lt;, or the quote that ends the value", 0},
    {XML_ERR_ENTITYREF_SEMICOL_MISSING, "", NULL,
	"'&' without ';', write &amp;", '&'},
    {XML_ERR_NAME_REQUIRED, "xmlParseEntityRef", NULL, "bare '&', write &amp;",
	'&'},
    {XML_ERR_NAME_REQUIRED, "StartTag", NULL, "bare '<', write &lt;", '<'},
    {XML_ERR_UNDECLARED_ENTITY, "", is_html,
	"&{1}; is known in HTML only, write &#{code};", '&'},
    {XML_ERR_UNDECLARED_ENTITY, "", NULL,
	"&{1}; is not defined, write &amp; if it is a bare '&'", '&'},
    {XML_WAR_UNDECLARED_ENTITY, "", is_html,
	"&{1}; is known in HTML only, write &#{code};", '&'},
    {XML_WAR_UNDECLARED_ENTITY, "", NULL,
	"&{1}; is not defined, write &amp; if it is a bare '&'", '&'},
    {XML_ERR_HYPHEN_IN_COMMENT, "", NULL,
	"\"--\" in a comment, write one hyphen", 0},
    {XML_ERR_COMMENT_NOT_FINISHED, "", NULL,
	"the comment does not end, write -->", 0},
    {XML_ERR_RESERVED_XML_NAME, "", NULL,
	"<?xml ...?> not at the very beginning", 0},
    {XML_ERR_INVALID_CHAR, "xmlParseCharRef", NULL,
	"character that XML does not allow", '&'},
    {XML_ERR_INVALID_CHAR, "Input is not proper UTF-8", NULL,
	"not UTF-8, save the file in that encoding", 0},
    {XML_ERR_INVALID_CHAR, "", NULL, "character that XML does not allow", 0},
    {XML_ERR_INVALID_HEX_CHARREF, "", NULL, "character that XML does not allow",
	'&'},
    {XML_ERR_INVALID_DEC_CHARREF, "", NULL, "character that XML does not allow",
	'&'},
    {XML_ERR_INVALID_CHARREF, "", NULL, "character that XML does not allow",
	'&'},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static size_t
find_row(const struct mistake *m)
{
	const char *message =
	    m->error->message != NULL ? m->error->message : "";
	size_t i = 0;

	while (i < ROWS && (rows[i].code != m->error->code ||
			       strncmp(rows[i].message, message,
				   strlen(rows[i].message)) != 0 ||
			       (rows[i].fits != NULL && !rows[i].fits(m))))
		i++;
	return i;
}

static void
put_name(struct bw_buf *b, const char *s)
{
	struct bw_str name = {s != NULL ? s : "", s != NULL ? strlen(s) : 0};

	bw_buf_add(b, name.p, (size_t)bwi_utf8_shown(name, MAX_NAME));
}

static void
put_value(struct bw_buf *b, const xmlError *e, struct bw_str name)
{
	const htmlEntityDesc *html;

	if (bw_str_is(name, "{1}")) {
		put_name(b, e->str1);
	} else if (bw_str_is(name, "{2}")) {
		put_name(b, e->str2);
	} else if (bw_str_is(name, "{line}")) {
		bw_buf_printf(b, "%d", e->int1);
	} else {
		html = htmlEntityLookup((const xmlChar *)e->str1);
		bw_buf_printf(b, "%u", html != NULL ? html->value : 0);
	}
}

static void
put_text(struct bw_buf *b, const xmlError *e, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "{");

		bw_buf_add(b, text, n);
		text += n;
		n = strcspn(text, "}");
		if (text[n] == '}') {
			put_value(b, e, (struct bw_str){text, ++n});
			text += n;
		}
	}
}

/* libxml2's message, which begins with a capital and ends in a line feed. */
static void
put_message(struct bw_buf *b, const char *message)
{
	size_t from = b->n, n;

	if (message == NULL)
		message = "not well-formed";
	n = strcspn(message, "\n");
	while (n > 0 && bw_is_space(message[n - 1]))
		n--;
	n = (size_t)bwi_utf8_shown((struct bw_str){message, n}, MAX_MESSAGE);
	bw_buf_add(b, message, n);
	if (b->err == BW_OK && n > 1 && message[0] >= 'A' &&
	    message[0] <= 'Z' && message[1] >= 'a' && message[1] <= 'z')
		b->p[from] = (char)(message[0] - 'A' + 'a');
}

void
bw_xml_explain(struct bw_buf *b, const xmlError *e, struct bw_str document,
    int *line, int *column)
{
	struct bwi_source_position at = {e->line, e->int2};
	struct mistake m = {e, bwi_source_from(document, at)};
	size_t i = find_row(&m);

	if (i == ROWS)
		put_message(b, e->message);
	else
		put_text(b, e, rows[i].text);
	if (i < ROWS && rows[i].mark != 0)
		at = bwi_source_position_before(document, at, rows[i].mark);
	*line = at.line;
	*column = at.column;
}
