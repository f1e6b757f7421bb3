/*
 * The table as a RELAX NG schema, for editors and other checkers. Rules that
 * RELAX NG cannot express are left out: https with credentials, blank speech,
 * prompts times repetitions, contexts.
 *
 * The attributes of an element are inside one <interleave>: in a sequence,
 * libxml2 keeps a state for each <optional> attribute that is present and
 * compares all states with each other. Seventeen attributes took a minute.
 */
#include "bxml/value.h"

/* Which of <p> and <s> are open; they do not nest. */
#define IN_P 1U
#define IN_S 2U

static const char *const suffix[] = {"", ".in-p", ".in-s", ".in-p-s"};

static bool
is_row(const struct bwi_bxml_element *row, enum bwi_bxml_id id)
{
	return row == &bwi_bxml_elements[id];
}

static void
put_words(struct bw_buf *b, const struct bwi_bxml_words *list)
{
	for (size_t i = 0; i < list->n; i++)
		bw_buf_printf(b, "<value>%s</value>", list->words[i].name);
}

/* type: a type of XML Schema. Patterns need no escaping. */
static void
put_data(struct bw_buf *b, const char *type, const struct bwi_bxml_attr *a,
    size_t least)
{
	const char *pattern = bwi_bxml_type_pattern(a->type);

	bw_buf_printf(b, "<data type=\"%s\">", type);
	if (pattern != NULL)
		bw_buf_printf(b, "<param name=\"pattern\">%s</param>", pattern);
	if (a->ranged)
		bw_buf_printf(b,
		    "<param name=\"minInclusive\">%g</param>"
		    "<param name=\"maxInclusive\">%g</param>",
		    a->min, a->max);
	if (least > 0)
		bw_buf_printf(
		    b, "<param name=\"minLength\">%zu</param>", least);
	if (a->length_max > 0)
		bw_buf_printf(
		    b, "<param name=\"maxLength\">%zu</param>", a->length_max);
	bw_buf_puts(b, "</data>");
}

static void
put_value(struct bw_buf *b, const struct bwi_bxml_attr *a)
{
	bool open = a->type != BWI_BXML_ENUM && a->type != BWI_BXML_METHOD;

	if (a->type == BWI_BXML_STRING && a->length_min == 0 &&
	    a->length_max == 0) {
		bw_buf_puts(b, "<text/>");
	} else if (a->words != NULL) {
		bw_buf_puts(b, "<choice>");
		put_words(b, a->words);
		if (open)
			put_data(b, "string", a, a->length_min);
		bw_buf_puts(b, "</choice>");
	} else {
		put_data(b,
		    a->type == BWI_BXML_INTEGER	  ? "integer"
		    : a->type == BWI_BXML_DECIMAL ? "decimal"
						  : "string",
		    a, a->length_min);
	}
}

static void
put_attr(struct bw_buf *b, const struct bwi_bxml_attr *a)
{
	bw_buf_printf(b, "      %s<attribute name=\"%s\">",
	    a->required ? "" : "<optional>", a->name);
	put_value(b, a);
	bw_buf_printf(b, "</attribute>%s\n", a->required ? "" : "</optional>");
}

/* format is allowed, and required, only with interpret-as="date". */
static void
put_say_as(struct bw_buf *b, const struct bwi_bxml_element *row)
{
	const struct bwi_bxml_attr *as = bwi_bxml_attr(row, "interpret-as");
	const struct bwi_bxml_attr *format = bwi_bxml_attr(row, "format");

	bw_buf_printf(b,
	    "      <choice><group><attribute name=\"%s\"><value>date</value>"
	    "</attribute><attribute name=\"%s\"><choice>",
	    as->name, format->name);
	put_words(b, format->words);
	bw_buf_printf(b,
	    "</choice></attribute></group>\n"
	    "      <attribute name=\"%s\"><choice>",
	    as->name);
	for (size_t i = 0; i < as->words->n; i++) {
		if (strcmp(as->words->words[i].name, "date") != 0)
			bw_buf_printf(
			    b, "<value>%s</value>", as->words->words[i].name);
	}
	bw_buf_puts(b, "</choice></attribute></choice>\n");
}

static void
put_attrs(struct bw_buf *b, const struct bwi_bxml_element *row)
{
	if (row->nattrs == 0)
		return;
	bw_buf_puts(b, "    <interleave>\n");
	if (is_row(row, BWI_BXML_ID_say_as)) {
		put_say_as(b, row);
	} else {
		for (size_t i = 0; i < row->nattrs; i++)
			put_attr(b, &row->attrs[i]);
	}
	bw_buf_puts(b, "    </interleave>\n");
}

/* Write references to all allowed children; returns their number. */
static size_t
put_children(struct bw_buf *b, const struct bwi_bxml_element *row, unsigned in)
{
	size_t n = 0;

	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		const struct bwi_bxml_element *e = &bwi_bxml_elements[i];

		if (!bwi_bxml_stands_in(e, row->name) ||
		    (is_row(e, BWI_BXML_ID_p) && in != 0) ||
		    (is_row(e, BWI_BXML_ID_s) && (in & IN_S) != 0))
			continue;
		bw_buf_printf(b, "<ref name=\"%s%s\"/>", e->id,
		    e->text == BWI_BXML_SSML &&
			    !is_row(e, BWI_BXML_ID_SpeakSentence)
			? suffix[in]
			: "");
		n++;
	}
	return n;
}

/* RELAX NG has no counter: nest <optional> children_max deep. */
static void
put_counted(struct bw_buf *b, const struct bwi_bxml_element *row)
{
	for (size_t i = 0; i < row->children_max; i++) {
		if (i >= row->children_min)
			bw_buf_puts(b, "<optional>");
		bw_buf_printf(b, "<ref name=\"in.%s\"/>", row->id);
	}
	for (size_t i = row->children_min; i < row->children_max; i++)
		bw_buf_puts(b, "</optional>");
}

static void
put_nested(struct bw_buf *b, const struct bwi_bxml_element *row)
{
	if (row->children_max > 0)
		put_counted(b, row);
	else
		bw_buf_printf(b,
		    row->children_min > 0
			? "<oneOrMore><ref name=\"in.%s\"/></oneOrMore>"
			: "<zeroOrMore><ref name=\"in.%s\"/></zeroOrMore>",
		    row->id);
}

static bool
has_children(const struct bwi_bxml_element *row)
{
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		if (bwi_bxml_stands_in(&bwi_bxml_elements[i], row->name))
			return true;
	}
	return false;
}

static void
put_content(struct bw_buf *b, const struct bwi_bxml_element *row, unsigned in)
{
	bool text = row->text != BWI_BXML_NONE && row->text != BWI_BXML_SSML;

	bw_buf_puts(b, "    ");
	if (row->text == BWI_BXML_SSML) {
		bw_buf_puts(b, "<zeroOrMore><choice><text/>");
		(void)put_children(b, row, in);
		bw_buf_puts(b, "</choice></zeroOrMore>");
	} else if (text && !row->text_required &&
		   row->content.length_max == 0) {
		bw_buf_puts(b, "<text/>");
	} else if (text) {
		/* A token ignores white space at both ends. */
		put_data(b, "token", &row->content, row->text_required);
	} else if (has_children(row)) {
		put_nested(b, row);
	} else {
		bw_buf_puts(b, "<empty/>");
	}
	bw_buf_puts(b, "\n");
}

static void
put_element(struct bw_buf *b, const struct bwi_bxml_element *row, unsigned in)
{
	unsigned inside = in | (is_row(row, BWI_BXML_ID_p) ? IN_P : 0) |
			  (is_row(row, BWI_BXML_ID_s) ? IN_S : 0);

	if (inside == in &&
	    (is_row(row, BWI_BXML_ID_p) || is_row(row, BWI_BXML_ID_s)))
		return; /* does not nest */
	bw_buf_printf(b, "  <define name=\"%s%s\"><element name=\"%s\">\n",
	    row->id, suffix[in], row->name);
	put_attrs(b, row);
	put_content(b, row, inside);
	bw_buf_puts(b, "  </element></define>\n");
	if (row->text == BWI_BXML_NONE && has_children(row)) {
		bw_buf_printf(b, "  <define name=\"in.%s\"><choice>", row->id);
		(void)put_children(b, row, 0);
		bw_buf_puts(b, "</choice></define>\n");
	}
}

void
bw_bxml_schema(struct bw_buf *b)
{
	bw_buf_puts(b,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<!-- BXML, made from the tables of bwcallback. -->\n"
	    "<grammar xmlns=\"http://relaxng.org/ns/structure/1.0\"\n"
	    "    datatypeLibrary=\"http://www.w3.org/2001/XMLSchema-datatypes\""
	    ">\n"
	    "  <start><choice><ref name=\"Response\"/><ref name=\"Bxml\"/>"
	    "</choice></start>\n");
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		const struct bwi_bxml_element *e = &bwi_bxml_elements[i];
		bool mixed = e->text == BWI_BXML_SSML &&
			     !is_row(e, BWI_BXML_ID_SpeakSentence);

		for (unsigned in = 0; in < (mixed ? 4U : 1U); in++)
			put_element(b, e, in);
	}
	bw_buf_puts(b, "</grammar>\n");
}
