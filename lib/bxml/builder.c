/*
 * Writing BXML. Every function of <bwcallback/verbs.h> calls this file with the
 * row of its element and the offsets of its attributes in the struct of
 * options. Values pass the same functions as in the checker, so whatever the
 * builder writes is accepted there.
 */
#include "bxml/builder.h"

#include <stdarg.h>
#include <stdio.h>

#include <bwcallback/tools/str.h>

#include "bxml/rules.h"
#include "bxml/value.h"

/* Buffers for the decimal form of numeric attributes. */
struct numbers {
	char text[BWI_BXML_MAX_ATTRS][24];
};

static void BW_PRINTF(2, 3) fault(struct bw_bxml *b, const char *fmt, ...)
{
	char text[BW_ERROR_MSG_SIZE];
	va_list ap;

	if (b->error.code != BW_OK)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)bw_error_set(&b->error, BW_ERR_BXML, 0, "bxml: %s", text);
}

static struct bw_bxml_opened *
top(struct bw_bxml *b)
{
	return &b->levels[b->depth - 1];
}

static const struct bwi_bxml_element *
row_of(const struct bw_bxml_opened *level)
{
	return level->element;
}

static bool
is_row(const struct bwi_bxml_element *row, enum bwi_bxml_id id)
{
	return row == &bwi_bxml_elements[id];
}

static void
push(struct bw_bxml *b, const struct bwi_bxml_element *row)
{
	b->levels[b->depth++] = (struct bw_bxml_opened){
	    .element = row, .most = (unsigned)row->children_max};
}

/* Close the start tag if it is still open. */
static void
complete_tag(struct bw_bxml *b)
{
	if (!top(b)->content)
		bw_buf_putc(b->out, '>');
	top(b)->content = true;
}

void
bw_bxml_begin(struct bw_bxml *b, struct bw_buf *out, struct bw_str answering)
{
	enum bwi_bxml_context context = bwi_bxml_context(answering);

	b->out = out;
	b->start = out->n;
	b->error = (struct bw_error){.code = BW_OK};
	b->context = context == BWI_BXML_ANY ? 0 : 1U << context;
	b->spoken = false;
	b->depth = 0;
	push(b, &bwi_bxml_elements[BWI_BXML_ID_Response]);
	if (context == BWI_BXML_NOTHING)
		fault(b, "BXML in the answer is ignored after %.*s",
		    (int)(answering.n < 60 ? answering.n : 60), answering.p);
	bw_buf_puts(out, "<Response");
}

/* Write decimal digits and return their number. text holds any value. */
static size_t
write_digits(unsigned long long v, char *text)
{
	char reversed[20];
	size_t n = 0;

	do {
		reversed[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	for (size_t i = 0; i < n; i++)
		text[i] = reversed[n - 1 - i];
	return n;
}

/*
 * Three decimal places suffice for seconds and milliseconds. printf would use
 * the decimal point of the current locale.
 */
static bool
write_decimal(double v, char *text)
{
	unsigned long long thousandths;
	unsigned rest;
	size_t n;

	if (v < 0) /* negative: BW_BXML_ZERO */
		v = v > -1.5 && v < -0.5 ? 0 : 1e300;
	if (!(v < 1e9))
		return false;
	thousandths = (unsigned long long)(v * 1000 + 0.5);
	n = write_digits(thousandths / 1000, text);
	rest = (unsigned)(thousandths % 1000);
	if (rest != 0)
		text[n++] = '.';
	for (unsigned unit = 100; rest != 0; unit /= 10) {
		text[n++] = (char)('0' + rest / unit);
		rest %= unit;
	}
	text[n] = '\0';
	return true;
}

static bool
write_integer(int v, char *text)
{
	if (v < BW_BXML_ZERO)
		return false;
	text[write_digits(v == BW_BXML_ZERO ? 0 : (unsigned)v, text)] = '\0';
	return true;
}

/* Is the option an enum or a flag, whose text is always valid? */
static bool
is_constant(const struct bwi_bxml_attr *a)
{
	return a->type == BWI_BXML_ENUM || a->type == BWI_BXML_METHOD ||
	       a->type == BWI_BXML_BOOLEAN;
}

/* The text of an option; p NULL if the option is not set. */
static bool
read_option(const struct bwi_bxml_attr *a, const char *option, char *number,
    struct bw_str *out)
{
	const char *text = number;
	bool good = true;
	double d;
	int v = 0;

	if (a->type == BWI_BXML_DECIMAL) {
		memcpy(&d, option, sizeof(d));
		if (d == 0)
			return true;
		good = write_decimal(d, number);
	} else if (a->type == BWI_BXML_INTEGER || is_constant(a)) {
		memcpy(&v, option, sizeof(v));
		if (v == 0)
			return true;
		if (a->type == BWI_BXML_INTEGER) {
			good = write_integer(v, number);
		} else if (a->type == BWI_BXML_BOOLEAN) {
			text = v == BW_YES ? "true" : "false";
			good = v == BW_YES || v == BW_NO;
		} else {
			good = v > 0 && (size_t)v <= a->words->n;
			text = good ? a->words->words[v - 1].name : "";
		}
	} else {
		memcpy(out, option, sizeof(*out));
		return true;
	}
	*out = (struct bw_str){text, good ? strlen(text) : 0};
	return good;
}

/* Record a fault that says which values are allowed. */
static void
refuse_value(struct bw_bxml *b, const struct bwi_bxml_element *row,
    const struct bwi_bxml_attr *a, struct bw_str value)
{
	char allowed[BWI_BXML_ALLOWED_SIZE], why[BW_URL_WHY_SIZE];
	enum bw_url_kind kind;

	bwi_bxml_value_allowed(a, allowed);
	if (value.n > 0 && bwi_bxml_url_kind(a, value, &kind) &&
	    !bw_url_check(kind, value, why))
		fault(b, "%s of <%s>: %s", a->name, row->name, why);
	else
		fault(b, "%s of <%s>: not %s", a->name, row->name, allowed);
}

static void
on_fault(void *arg, const char *attr, const char *text)
{
	(void)attr;
	fault(arg, "%s", text);
}

static void
read_options(struct bw_bxml *b, enum bwi_bxml_id id, const void *options,
    struct bwi_bxml_values *values, struct numbers *numbers)
{
	const struct bwi_bxml_element *row = &bwi_bxml_elements[id];
	const size_t *offsets = bwi_builder_fields[id].offsets;

	for (size_t i = 0; i < row->nattrs; i++) {
		const struct bwi_bxml_attr *a = &row->attrs[i];
		struct bw_str *v = &values->v[i];
		bool good = true;

		if (options != NULL)
			good =
			    read_option(a, (const char *)options + offsets[i],
				numbers->text[i], v);
		if (!good || (v->p != NULL && !is_constant(a) &&
				 !bwi_bxml_value_ok(a, *v)))
			refuse_value(b, row, a, *v);
		else if (v->p == NULL && a->required)
			fault(b, "%s: required in <%s>", a->name, row->name);
	}
	bwi_bxml_check_rules(row, values, 0, on_fault, b);
}

static bool
is_inside(const struct bw_bxml *b, const struct bwi_bxml_element *row)
{
	for (unsigned i = 0; i < b->depth; i++) {
		if (b->levels[i].element == row)
			return true;
	}
	return false;
}

/* Check that the element is allowed in the open one. */
static void
check_nesting(struct bw_bxml *b, const struct bwi_bxml_element *row)
{
	struct bw_bxml_opened *level = top(b);
	const char *parent = row_of(level)->name;

	if (!bwi_bxml_stands_in(row, parent))
		fault(b, "<%s>: not allowed in <%s>", row->name, parent);
	else if ((is_row(row, BWI_BXML_ID_p) || is_row(row, BWI_BXML_ID_s)) &&
		 is_inside(b, row))
		fault(b, "<%s>: not allowed in <%s>", row->name, row->name);
	else if (is_row(row, BWI_BXML_ID_p) &&
		 is_inside(b, &bwi_bxml_elements[BWI_BXML_ID_s]))
		fault(b, "<p>: not allowed in <s>, write <s> in <p>");
	else if (b->depth == 1 &&
		 (b->context & ~(row->allowed | row->unlisted)) != 0)
		fault(b, "<%s>: not allowed in the answer to this event",
		    row->name);
	else if (level->most > 0 && level->children == level->most)
		fault(b, "<%s>: more than %u in <%s>", row->name, level->most,
		    parent);
	else if (b->depth == BW_MAX_BXML_DEPTH)
		fault(b, "<%s>: nested more than %d levels deep", row->name,
		    BW_MAX_BXML_DEPTH);
	level->children++;
}

/* Repetitions count towards the limit of prompts. */
static void
limit_prompts(struct bw_bxml *b, const struct bwi_bxml_values *values)
{
	const struct bwi_bxml_element *row = row_of(top(b));
	struct bw_str s;

	if (!is_row(row, BWI_BXML_ID_Gather))
		return;
	s = bwi_bxml_value(row, values, "repeatCount");
	if (s.p != NULL)
		top(b)->most =
		    BWI_BXML_MAX_PROMPTS / (unsigned)bwi_bxml_number(s);
}

/* Append in as few calls as possible: this dominates the cost of building. */
static void
put_attr(struct bw_buf *out, const char *name, struct bw_str value)
{
	char begin[64];
	size_t n = strnlen(name, sizeof(begin) - 3);

	begin[0] = ' ';
	memcpy(begin + 1, name, n);
	memcpy(begin + 1 + n, "=\"", 2);
	bw_buf_add(out, begin, n + 3);
	bw_buf_xml(out, value);
	bw_buf_putc(out, '"');
}

void
bwi_builder_begin(struct bw_bxml *b, enum bwi_bxml_id id, const void *options)
{
	const struct bwi_bxml_element *row = &bwi_bxml_elements[id];
	struct bwi_bxml_values values = {.open = 0};
	struct numbers numbers;

	if (b->error.code == BW_OK)
		check_nesting(b, row);
	if (b->error.code == BW_OK)
		read_options(b, id, options, &values, &numbers);
	if (b->error.code != BW_OK)
		return;
	complete_tag(b);
	bw_buf_putc(b->out, '<');
	bw_buf_puts(b->out, row->name);
	for (size_t i = 0; i < row->nattrs; i++) {
		if (values.v[i].p == NULL)
			continue;
		put_attr(b->out, row->attrs[i].name, values.v[i]);
	}
	if (is_row(row, BWI_BXML_ID_SpeakSentence))
		b->spoken = false;
	push(b, row);
	limit_prompts(b, &values);
}

static void
put_text(struct bw_bxml *b, struct bw_str text)
{
	if (text.n == 0)
		return;
	complete_tag(b);
	bw_buf_xml(b->out, text);
	b->spoken = b->spoken || !bwi_bxml_is_blank(text);
}

void
bw_bxml_text(struct bw_bxml *b, struct bw_str text)
{
	if (b->error.code != BW_OK)
		return;
	if (row_of(top(b))->text == BWI_BXML_SSML)
		put_text(b, text);
	else
		fault(b, "text: not allowed in <%s>", row_of(top(b))->name);
}

void
bw_bxml_end(struct bw_bxml *b)
{
	const struct bwi_bxml_element *row = row_of(top(b));

	if (b->error.code != BW_OK)
		return;
	if (b->depth == 1)
		fault(b, "bw_bxml_end without an open element");
	else if (top(b)->children < row->children_min)
		fault(b, "<%s>: empty", row->name);
	else if (is_row(row, BWI_BXML_ID_SpeakSentence) && !b->spoken)
		fault(b, "<%s>: no text to speak", row->name);
	if (b->error.code != BW_OK)
		return;
	if (top(b)->content) {
		bw_buf_puts(b->out, "</");
		bw_buf_puts(b->out, row->name);
		bw_buf_putc(b->out, '>');
	} else {
		bw_buf_puts(b->out, "/>");
	}
	b->depth--;
}

void
bwi_builder_whole(struct bw_bxml *b, enum bwi_bxml_id id, struct bw_str text,
    const void *options)
{
	const struct bwi_bxml_element *row = &bwi_bxml_elements[id];
	struct bw_str value = bw_str_trim(text);

	bwi_builder_begin(b, id, options);
	if (b->error.code != BW_OK)
		return;
	if (row->text_required && value.n == 0)
		fault(b, "<%s>: text is missing", row->name);
	else if (row->text != BWI_BXML_NONE && value.n > 0 &&
		 !bwi_bxml_value_ok(&row->content, value))
		refuse_value(b, row, &row->content, value);
	else if (row->text != BWI_BXML_NONE)
		put_text(b, text);
	bw_bxml_end(b);
}

enum bw_err
bw_bxml_finish(struct bw_bxml *b, struct bw_error *error)
{
	struct bw_buf *out = b->out;

	if (b->error.code == BW_OK && b->depth > 1)
		fault(b, "<%s> is not closed", row_of(top(b))->name);
	if (b->error.code == BW_OK) {
		bw_buf_puts(out, b->levels[0].content ? "</Response>" : "/>");
		if (out->err != BW_OK)
			(void)bw_error_set(&b->error, out->err, 0, "bxml: %s",
			    bw_strerror(out->err));
		else if (out->n - b->start > BW_MAX_BXML)
			(void)bw_error_set(&b->error, BW_ERR_LIMIT, 0,
			    "bxml: more than %d bytes", BW_MAX_BXML);
	}
	if (b->error.code == BW_OK)
		return BW_OK;
	out->n = b->start;
	return bw_error_set(error, b->error.code, 0, "%s", b->error.msg);
}
