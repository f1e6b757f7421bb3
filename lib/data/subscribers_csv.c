#include <config.h>

#include "data/subscribers_csv.h"

#include <string.h>

#include <bwcallback/tools/str.h>

#include "base/alloc.h"
#include "base/phone_number.h"
#include "data/csv.h"

/* Largest number of columns; a file with more is probably the wrong file. */
#define MAX_COLUMNS 256

struct bwi_subscribers_csv {
	struct bwi_csv csv; /* file is set only while parsing */
	char *text;
	size_t columns;
	/* Column of each field; SIZE_MAX for none. */
	size_t column[BWI_SUBSCRIBER__MAX];
	uint32_t *slots; /* hash table by number: 1 + position of the line; 0 is
			    free */
	unsigned shift;	 /* 64 - log2 of the number of slots */
	size_t rows;
};

/* Report an error in the line of a position. */
static enum bw_err
fail(const struct bwi_subscribers_csv *r, size_t at, const char *what,
    struct bw_str s, struct bw_error *e)
{
	return bwi_csv_fail(&r->csv, bwi_csv_line(&r->csv, at), what, s, e);
}

static const struct bw_str nothing = {NULL, 0};

static enum bw_err
take_column(struct bwi_subscribers_csv *r, size_t line, struct bw_str name,
    struct bw_error *e)
{
	const char *meant;
	enum bwi_subscriber_field field = bwi_subscriber_column(name, &meant);

	if (meant != NULL) {
		return bw_error_set(e, BW_ERR_SYNTAX, 0,
		    "%s:%d: column \"%.*s\": did you mean \"%s\"? if not, "
		    "give it a less similar name",
		    r->csv.file, bwi_csv_line(&r->csv, line),
		    (int)(name.n < 60 ? name.n : 60), name.p, meant);
	}
	if (field == BWI_SUBSCRIBER__MAX)
		return BW_OK;
	if (r->column[field] != SIZE_MAX) {
		return fail(
		    r, line, "second column for the same field:", name, e);
	}
	r->column[field] = r->columns;
	return BW_OK;
}

static enum bw_err
check_columns(
    struct bwi_subscribers_csv *r, unsigned require, struct bw_error *e)
{
	require |= 1u << BWI_SUBSCRIBER_NUMBER;
	for (int f = 0; f < BWI_SUBSCRIBER__MAX; f++) {
		if ((require >> f & 1) != 0 && r->column[f] == SIZE_MAX) {
			return bw_error_set(e, BW_ERR_SYNTAX, 0,
			    "%s: no column \"%s\": the first line names the "
			    "columns",
			    r->csv.file,
			    bwi_subscriber_word((enum bwi_subscriber_field)f));
		}
	}
	return BW_OK;
}

static enum bw_err
read_header(struct bwi_subscribers_csv *r, size_t *at, unsigned require,
    struct bw_error *e)
{
	struct bwi_csv_cursor p = {.more = true};

	for (int f = 0; f < BWI_SUBSCRIBER__MAX; f++)
		r->column[f] = SIZE_MAX;
	while (*at < r->csv.n && bwi_csv_skip_blank(&r->csv, at))
		;
	p.at = *at;
	while (p.more) {
		struct bwi_csv_field f;
		const char *why = bwi_csv_scan(&r->csv, &p, &f);
		enum bw_err err;

		if (why != NULL)
			return fail(r, p.at, why, nothing, e);
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

/*
 * Scan the fields of a line. Returns NULL, or what is wrong; p->at is the
 * position then.
 */
static const char *
scan_line(const struct bwi_subscribers_csv *r, struct bwi_csv_cursor *p,
    struct bwi_csv_field *fields)
{
	size_t n = 0, begin = p->at;

	p->more = true;
	while (p->more) {
		const char *why;

		if (n == r->columns) {
			p->at = begin;
			return "more fields than columns";
		}
		why = bwi_csv_scan(&r->csv, p, &fields[n]);
		if (why != NULL)
			return why;
		n++;
	}
	if (n == r->columns)
		return NULL;
	p->at = begin;
	return "fewer fields than columns";
}

static size_t
slot_of(const struct bwi_subscribers_csv *r, uint64_t number)
{
	/* Fibonacci hashing spreads consecutive numbers. */
	return (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> r->shift);
}

/* Does the line at the position have the number? */
static bool
line_has(const struct bwi_subscribers_csv *r, size_t at, uint64_t number)
{
	struct bwi_csv_cursor p = {.at = at, .more = true};
	struct bwi_csv_field f = {.raw = nothing};
	uint64_t got = 0;

	for (size_t i = 0; i <= r->column[BWI_SUBSCRIBER_NUMBER]; i++) {
		if (bwi_csv_scan(&r->csv, &p, &f) != NULL)
			return false;
	}
	return bwi_phone_number_parse(bw_str_trim(f.raw), &got) &&
	       got == number;
}

/* The slot of a number, or the free slot where it belongs. */
static size_t
find_slot(const struct bwi_subscribers_csv *r, uint64_t number)
{
	size_t mask = ((size_t)1 << (64 - r->shift)) - 1;
	size_t i = slot_of(r, number);

	while (r->slots[i] != 0 && !line_has(r, r->slots[i] - 1, number))
		i = (i + 1) & mask;
	return i;
}

static enum bw_err
add_line(struct bwi_subscribers_csv *r, size_t *at,
    struct bwi_csv_field *fields, struct bw_error *e)
{
	struct bwi_csv_cursor p = {.at = *at};
	const char *why = scan_line(r, &p, fields);
	struct bw_str text;
	uint64_t number;
	size_t slot;

	if (why != NULL)
		return fail(r, p.at, why, nothing, e);
	text = bw_str_trim(fields[r->column[BWI_SUBSCRIBER_NUMBER]].raw);
	if (!bwi_phone_number_parse(text, &number))
		return fail(r, *at, "not a telephone number:", text, e);
	slot = find_slot(r, number);
	if (r->slots[slot] != 0)
		return fail(r, *at, "duplicate number", text, e);
	r->slots[slot] = (uint32_t)*at + 1;
	r->rows++;
	*at = p.at;
	return BW_OK;
}

/* Twice as many slots as lines or more, so that probing is short. */
static enum bw_err
make_slots(struct bwi_subscribers_csv *r, struct bw_error *e)
{
	const char *p = r->text, *end = r->text + r->csv.n;
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
	return bw_error_set(
	    e, BW_ERR_NOMEM, 0, "%s: out of memory", r->csv.file);
}

static enum bw_err
read_lines(struct bwi_subscribers_csv *r, size_t at, struct bw_error *e)
{
	struct bwi_csv_field *fields = bwi_calloc(r->columns, sizeof(*fields));
	enum bw_err err = BW_OK;

	if (fields == NULL) {
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", r->csv.file);
	}
	while (err == BW_OK && at < r->csv.n) {
		if (!bwi_csv_skip_blank(&r->csv, &at))
			err = add_line(r, &at, fields, e);
	}
	bwi_free(fields);
	return err;
}

enum bw_err
bwi_subscribers_csv_parse_take(struct bwi_subscribers_csv **out,
    const char *file, char *text, size_t n, unsigned require,
    struct bw_error *e)
{
	struct bwi_subscribers_csv *r = bwi_calloc(1, sizeof(*r));
	size_t at = 0;
	enum bw_err err;

	if (r == NULL) {
		bwi_free(text);
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	}
	r->csv = (struct bwi_csv){file, text, n};
	r->text = text;
	at = bwi_csv_begin(&r->csv);
	err = bwi_csv_check(&r->csv, e);
	if (err == BW_OK)
		err = read_header(r, &at, require, e);
	if (err == BW_OK)
		err = make_slots(r, e);
	if (err == BW_OK)
		err = read_lines(r, at, e);
	r->csv.file = NULL;
	if (err != BW_OK) {
		bwi_subscribers_csv_free(r);
		return err;
	}
	*out = r;
	return BW_OK;
}

void
bwi_subscribers_csv_free(struct bwi_subscribers_csv *r)
{
	if (r == NULL)
		return;
	/* The text has PINs. */
	explicit_bzero(r->text, r->csv.n);
	bwi_free(r->text);
	bwi_free(r->slots);
	bwi_free(r);
}

size_t
bwi_subscribers_csv_size(const struct bwi_subscribers_csv *r)
{
	return r->rows;
}

/* Replace doubled quotes in a field. */
static bool
undouble(struct bwi_csv_field *f, struct bwi_arena *arena)
{
	char *p;

	if (!f->doubled)
		return true;
	p = bwi_arena_alloc(arena, f->raw.n);
	if (p == NULL)
		return false;
	f->raw = (struct bw_str){p, bwi_csv_undouble(f->raw, p)};
	return true;
}

enum bw_err
bwi_subscribers_csv_find(const struct bwi_subscribers_csv *r, uint64_t number,
    struct bwi_arena *arena, bool *found, struct bwi_subscriber *out)
{
	size_t slot = find_slot(r, number);
	struct bwi_csv_field fields[MAX_COLUMNS];
	struct bwi_csv_cursor p = {0};

	*out = (struct bwi_subscriber){0};
	*found = r->slots[slot] != 0;
	if (!*found)
		return BW_OK;
	p.at = r->slots[slot] - 1;
	if (scan_line(r, &p, fields) != NULL)
		return BW_ERR_INTERNAL;
	for (int f = 0; f < BWI_SUBSCRIBER__MAX; f++) {
		struct bwi_csv_field *field;

		if (r->column[f] == SIZE_MAX)
			continue;
		field = &fields[r->column[f]];
		if (!undouble(field, arena))
			return BW_ERR_NOMEM;
		out->field[f] = field->raw;
	}
	return BW_OK;
}
