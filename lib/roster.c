#include <config.h>

#include "roster.h"

#include <string.h>

#include <bwcallback/tools/mask.h>
#include <bwcallback/tools/str.h>

#include "alloc.h"
#include "phone.h"
#include "utf8.h"

/* Columns of a file; one with more is a mistaken file. */
#define MAX_COLUMNS 256

struct bwi_roster {
	const char *file; /* its name, while it is read */
	char *text;
	size_t n;
	size_t columns;
	/* Which column holds which field; SIZE_MAX: none. */
	size_t column[BWI_SUBSCRIBER__MAX];
	uint32_t *slots; /* 1 + where a line begins, by number; 0 is free */
	unsigned shift;	 /* 64 - log2 of how many slots there are */
	size_t rows;
};

/* A field as it stands in the file, without its quotes. */
struct field {
	struct bw_str raw;
	bool doubled; /* quotes in it are doubled */
};

/* Where in the file the reading stands. */
struct place {
	size_t at;
	bool more; /* another field follows on the line */
};

static bool
at_line_end(const struct bwi_roster *r, size_t at)
{
	return r->text[at] == '\n' ||
	       (r->text[at] == '\r' && r->text[at + 1] == '\n');
}

/* After a field: over the comma, or over the end of the line. */
static void
step_over(const struct bwi_roster *r, struct place *p)
{
	p->more = p->at < r->n && r->text[p->at] == ',';
	if (p->at < r->n)
		p->at += r->text[p->at] == '\r' ? 2 : 1;
}

/* What is wrong with a quoted field, or NULL. The text is terminated. */
static const char *
scan_quoted(const struct bwi_roster *r, struct place *p, struct field *f)
{
	const char *start = r->text + p->at + 1, *end = r->text + r->n;
	const char *q = start;

	f->doubled = false;
	for (;;) {
		q = memchr(q, '"', (size_t)(end - q));
		if (q == NULL)
			return "a quoted field never ends";
		if (q[1] != '"')
			break;
		f->doubled = true;
		q += 2;
	}
	f->raw = (struct bw_str){start, (size_t)(q - start)};
	p->at = (size_t)(q + 1 - r->text);
	if (p->at < r->n && r->text[p->at] != ',' && !at_line_end(r, p->at))
		return "text after a closing quote: put the whole field in "
		       "quotes and double those inside";
	step_over(r, p);
	return NULL;
}

static const char *
scan_field(const struct bwi_roster *r, struct place *p, struct field *f)
{
	size_t start = p->at, at = start;

	if (at < r->n && r->text[at] == '"')
		return scan_quoted(r, p, f);
	while (at < r->n && r->text[at] != ',' && !at_line_end(r, at))
		at++;
	*f = (struct field){.raw = {r->text + start, at - start}};
	p->at = at;
	step_over(r, p);
	return NULL;
}

/* Line of a place in the file: only an error needs it. */
static int
line_of(const struct bwi_roster *r, size_t at)
{
	int line = 1;

	for (size_t i = 0; i < at; i++)
		line += r->text[i] == '\n';
	return line;
}

static enum bw_err
fail(const struct bwi_roster *r, size_t at, const char *what, struct bw_str s,
    struct bw_error *e)
{
	struct bw_buf text;

	/* It goes into a log, and is a subscriber's number. */
	bw_buf_init(&text, 1024);
	s.n = s.n < 60 ? s.n : 60;
	bw_mask_add(&text, BW_MASK_REMARK, s, false);
	(void)bw_error_set(e, BW_ERR_SYNTAX, 0, "%s:%d: %s%s%.*s%s", r->file,
	    line_of(r, at), what, text.n != 0 ? " \"" : "", (int)text.n,
	    text.n != 0 ? text.p : "", text.n != 0 ? "\"" : "");
	bw_buf_free(&text);
	return BW_ERR_SYNTAX;
}

static const struct bw_str nothing = {NULL, 0};

/* Spreadsheets leave lines that are empty or nothing but commas. */
static bool
skip_blank(const struct bwi_roster *r, size_t *at)
{
	size_t i = *at;

	while (i < r->n && r->text[i] == ',')
		i++;
	if (i < r->n && !at_line_end(r, i))
		return false;
	if (i < r->n)
		i += r->text[i] == '\r' ? 2 : 1;
	*at = i;
	return true;
}

static enum bw_err
take_column(
    struct bwi_roster *r, size_t line, struct bw_str name, struct bw_error *e)
{
	const char *meant;
	enum bwi_subscriber_field field = bwi_subscriber_column(name, &meant);

	if (meant != NULL) {
		return bw_error_set(e, BW_ERR_SYNTAX, 0,
		    "%s:%d: column \"%.*s\": did you mean \"%s\"? rename it, "
		    "so that nobody takes it for that",
		    r->file, line_of(r, line), (int)(name.n < 60 ? name.n : 60),
		    name.p, meant);
	}
	if (field == BWI_SUBSCRIBER__MAX)
		return BW_OK;
	if (r->column[field] != SIZE_MAX) {
		return fail(
		    r, line, "two columns for one thing, the second", name, e);
	}
	r->column[field] = r->columns;
	return BW_OK;
}

static enum bw_err
check_columns(struct bwi_roster *r, unsigned require, struct bw_error *e)
{
	require |= 1u << BWI_SUBSCRIBER_NUMBER;
	for (int f = 0; f < BWI_SUBSCRIBER__MAX; f++) {
		if ((require >> f & 1) != 0 && r->column[f] == SIZE_MAX) {
			return bw_error_set(e, BW_ERR_SYNTAX, 0,
			    "%s: no column \"%s\": the first line names the "
			    "columns",
			    r->file,
			    bwi_subscriber_word((enum bwi_subscriber_field)f));
		}
	}
	return BW_OK;
}

static enum bw_err
read_header(
    struct bwi_roster *r, size_t *at, unsigned require, struct bw_error *e)
{
	struct place p = {.more = true};

	for (int f = 0; f < BWI_SUBSCRIBER__MAX; f++)
		r->column[f] = SIZE_MAX;
	while (*at < r->n && skip_blank(r, at))
		;
	p.at = *at;
	while (p.more) {
		struct field f;
		const char *why = scan_field(r, &p, &f);
		enum bw_err err;

		if (why != NULL)
			return fail(r, *at, why, nothing, e);
		if (r->columns == MAX_COLUMNS)
			return fail(r, *at, "too many columns", nothing, e);
		err = take_column(r, *at, f.raw, e);
		if (err != BW_OK)
			return err;
		r->columns++;
	}
	*at = p.at;
	return check_columns(r, require, e);
}

/* The fields of a line; NULL, or what is wrong with it. */
static const char *
scan_line(const struct bwi_roster *r, struct place *p, struct field *fields)
{
	size_t n = 0;

	p->more = true;
	while (p->more) {
		const char *why;

		if (n == r->columns)
			return "more fields than columns";
		why = scan_field(r, p, &fields[n]);
		if (why != NULL)
			return why;
		n++;
	}
	return n == r->columns ? NULL : "fewer fields than columns";
}

static size_t
slot_of(const struct bwi_roster *r, uint64_t number)
{
	/* Fibonacci hashing: numbers that follow each other spread. */
	return (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> r->shift);
}

/* Does the line that begins there have the number? */
static bool
line_has(const struct bwi_roster *r, size_t at, uint64_t number)
{
	struct place p = {.at = at, .more = true};
	struct field f = {.raw = nothing};
	uint64_t got = 0;

	for (size_t i = 0; i <= r->column[BWI_SUBSCRIBER_NUMBER]; i++) {
		if (scan_field(r, &p, &f) != NULL)
			return false;
	}
	return bwi_phone_parse(bw_str_trim(f.raw), &got) && got == number;
}

/* The slot of a number: its line's, or the free one where it belongs. */
static size_t
find_slot(const struct bwi_roster *r, uint64_t number)
{
	size_t mask = ((size_t)1 << (64 - r->shift)) - 1;
	size_t i = slot_of(r, number);

	while (r->slots[i] != 0 && !line_has(r, r->slots[i] - 1, number))
		i = (i + 1) & mask;
	return i;
}

static enum bw_err
add_line(
    struct bwi_roster *r, size_t *at, struct field *fields, struct bw_error *e)
{
	struct place p = {.at = *at};
	const char *why = scan_line(r, &p, fields);
	struct bw_str text;
	uint64_t number;
	size_t slot;

	if (why != NULL)
		return fail(r, *at, why, nothing, e);
	text = bw_str_trim(fields[r->column[BWI_SUBSCRIBER_NUMBER]].raw);
	if (!bwi_phone_parse(text, &number))
		return fail(r, *at, "no telephone number:", text, e);
	slot = find_slot(r, number);
	if (r->slots[slot] != 0)
		return fail(r, *at, "a second line with the number", text, e);
	r->slots[slot] = (uint32_t)*at + 1;
	r->rows++;
	*at = p.at;
	return BW_OK;
}

/* At least twice as many slots as lines, so that searches stay short. */
static enum bw_err
make_slots(struct bwi_roster *r, struct bw_error *e)
{
	const char *p = r->text, *end = r->text + r->n;
	size_t lines = 1;
	unsigned bits = 4;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		lines++;
		p++;
	}
	while (((size_t)1 << bits) < lines * 2)
		bits++;
	r->shift = 64 - bits;
	r->slots = bwi_calloc((size_t)1 << bits, sizeof(*r->slots));
	if (r->slots != NULL)
		return BW_OK;
	return bw_error_set(e, BW_ERR_NOMEM, 0, "%s: out of memory", r->file);
}

static enum bw_err
read_lines(struct bwi_roster *r, size_t at, struct bw_error *e)
{
	struct field *fields = bwi_calloc(r->columns, sizeof(*fields));
	enum bw_err err = BW_OK;

	if (fields == NULL) {
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", r->file);
	}
	while (err == BW_OK && at < r->n) {
		if (!skip_blank(r, &at))
			err = add_line(r, &at, fields, e);
	}
	bwi_free(fields);
	return err;
}

static enum bw_err
check_text(const struct bwi_roster *r, struct bw_error *e)
{
	size_t good;

	if (r->n >= UINT32_MAX)
		return bw_error_set(
		    e, BW_ERR_LIMIT, 0, "%s: too large", r->file);
	good = bwi_utf8_valid(r->text, r->n);
	if (good == r->n && memchr(r->text, '\0', r->n) == NULL)
		return BW_OK;
	return bw_error_set(e, BW_ERR_ENCODING, 0,
	    "%s:%d: not UTF-8: save the table as \"CSV UTF-8\"", r->file,
	    line_of(r, good));
}

enum bw_err
bwi_roster_parse_take(struct bwi_roster **out, const char *file, char *text,
    size_t n, unsigned require, struct bw_error *e)
{
	struct bwi_roster *r = bwi_calloc(1, sizeof(*r));
	size_t at = 0;
	enum bw_err err;

	if (r == NULL) {
		bwi_free(text);
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	}
	r->file = file;
	r->text = text;
	r->n = n;
	at = bwi_utf8_mark((struct bw_str){text, n});
	err = check_text(r, e);
	if (err == BW_OK)
		err = read_header(r, &at, require, e);
	if (err == BW_OK)
		err = make_slots(r, e);
	if (err == BW_OK)
		err = read_lines(r, at, e);
	r->file = NULL;
	if (err != BW_OK) {
		bwi_roster_free(r);
		return err;
	}
	*out = r;
	return BW_OK;
}

void
bwi_roster_free(struct bwi_roster *r)
{
	if (r == NULL)
		return;
	/* It was full of PINs. */
	explicit_bzero(r->text, r->n);
	bwi_free(r->text);
	bwi_free(r->slots);
	bwi_free(r);
}

size_t
bwi_roster_size(const struct bwi_roster *r)
{
	return r->rows;
}

/* Doubled quotes become one. */
static bool
undouble(struct field *f, struct bwi_arena *arena)
{
	size_t n = 0;
	char *p;

	if (!f->doubled)
		return true;
	p = bwi_arena_alloc(arena, f->raw.n);
	if (p == NULL)
		return false;
	for (size_t i = 0; i < f->raw.n; i++) {
		p[n++] = f->raw.p[i];
		i += f->raw.p[i] == '"';
	}
	f->raw = (struct bw_str){p, n};
	return true;
}

enum bw_err
bwi_roster_find(const struct bwi_roster *r, uint64_t number,
    struct bwi_arena *arena, bool *found, struct bwi_subscriber *out)
{
	size_t slot = find_slot(r, number);
	struct field fields[MAX_COLUMNS];
	struct place p = {0};

	*out = (struct bwi_subscriber){0};
	*found = r->slots[slot] != 0;
	if (!*found)
		return BW_OK;
	p.at = r->slots[slot] - 1;
	if (scan_line(r, &p, fields) != NULL)
		return BW_ERR_INTERNAL;
	for (int f = 0; f < BWI_SUBSCRIBER__MAX; f++) {
		struct field *field;

		if (r->column[f] == SIZE_MAX)
			continue;
		field = &fields[r->column[f]];
		if (!undouble(field, arena))
			return BW_ERR_NOMEM;
		out->field[f] = field->raw;
	}
	return BW_OK;
}
