#include "data/table.h"

#include <stdint.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/hash.h>

#include "base/alloc.h"
#include "data/csv.h"
#include "os/file.h"

struct cell {
	uint32_t at; /* position in the text */
	uint32_t n;
};

struct bwi_table {
	char *text; /* the file; fields are unquoted in place and NUL-terminated
		     */
	struct cell *cells; /* the header, then the rows */
	size_t ncells;
	size_t cap;
	size_t columns;
	size_t key;
	uint32_t *lines; /* line numbers of the rows */
	size_t nlines;
	size_t lines_cap;
	uint32_t *slots; /* hash table by key: row numbers from 1; 0 is free */
	size_t mask;
};

/* State of parsing a file. */
struct reader {
	struct bwi_csv csv;
	struct bwi_table *table;
	struct bw_error *error;
	struct bwi_csv_cursor cursor;
	size_t counted; /* position up to which lines were counted */
	int line;	/* line number at that position */
};

static enum bw_err
fail(const struct reader *r, int line, const char *what, struct bw_str s)
{
	return bwi_csv_fail(&r->csv, line, what, s, r->error);
}

/* Line number of a position. Positions must not decrease. */
static int
line_at(struct reader *r, size_t at)
{
	for (; r->counted < at; r->counted++)
		r->line += r->csv.text[r->counted] == '\n';
	return r->line;
}

static enum bw_err
add_cell(struct reader *r, size_t at, size_t n)
{
	struct bwi_table *t = r->table;
	struct cell *cells =
	    bwi_grow(t->cells, t->ncells, &t->cap, sizeof(*cells));

	if (cells == NULL) {
		return bw_error_set(r->error, BW_ERR_NOMEM, 0,
		    "%s: out of memory", r->csv.file);
	}
	t->cells = cells;
	cells[t->ncells++] = (struct cell){(uint32_t)at, (uint32_t)n};
	return BW_OK;
}

static struct bw_str
cell_text(const struct bwi_table *t, size_t i)
{
	return (struct bw_str){t->text + t->cells[i].at, t->cells[i].n};
}

/* Read a field; replaces doubled quotes in the text. */
static enum bw_err
read_field(struct reader *r)
{
	struct bwi_csv_field f;
	const char *why = bwi_csv_scan(&r->csv, &r->cursor, &f);
	size_t at, n;

	if (why != NULL) {
		return fail(
		    r, line_at(r, r->cursor.at), why, (struct bw_str){NULL, 0});
	}
	at = (size_t)(f.raw.p - r->csv.text);
	n = f.raw.n;
	if (f.doubled) {
		char *text = r->table->text + at;

		n = bwi_csv_undouble(f.raw, text);
		/* The unused tail must not count as lines. */
		memset(text + n, 0, f.raw.n - n);
	}
	return add_cell(r, at, n);
}

/* Read the fields of one line. */
static enum bw_err
read_record(struct reader *r, size_t *fields)
{
	size_t first = r->table->ncells;
	enum bw_err err;

	do
		err = read_field(r);
	while (err == BW_OK && r->cursor.more);
	*fields = r->table->ncells - first;
	return err;
}

/* Write a NUL over the separator after each field, once all are read. */
static void
terminate_cells(struct bwi_table *t)
{
	for (size_t i = 0; i < t->ncells; i++)
		t->text[t->cells[i].at + t->cells[i].n] = '\0';
}

static void
skip_blanks(struct reader *r)
{
	while (r->cursor.at < r->csv.n &&
	       bwi_csv_skip_blank(&r->csv, &r->cursor.at))
		;
}

static enum bw_err
read_header(struct reader *r, struct bw_str key)
{
	struct bwi_table *t = r->table;
	size_t fields = 0;
	int line;
	enum bw_err err;

	skip_blanks(r);
	if (r->cursor.at == r->csv.n) {
		return fail(r, 1, "empty: the first line must name the columns",
		    (struct bw_str){NULL, 0});
	}
	line = line_at(r, r->cursor.at);
	err = read_record(r, &fields);
	if (err != BW_OK)
		return err;
	if (fields > BWI_TABLE_MAX_COLUMNS) {
		return bw_error_set(r->error, BW_ERR_LIMIT, 0,
		    "%s:%d: more than %d columns", r->csv.file, line,
		    BWI_TABLE_MAX_COLUMNS);
	}
	t->columns = fields;
	for (size_t i = 0; i < fields; i++) {
		if (t->cells[i].n == 0) {
			return fail(r, line, "column without a name",
			    (struct bw_str){NULL, 0});
		}
		if (bwi_table_column(t, cell_text(t, i)) != i) {
			return fail(
			    r, line, "two columns named", cell_text(t, i));
		}
	}
	t->key = bwi_table_column(t, key);
	if (t->key == fields)
		return fail(r, line, "no column named", key);
	return BW_OK;
}

static enum bw_err
add_line(struct reader *r, int line)
{
	struct bwi_table *t = r->table;
	uint32_t *lines =
	    bwi_grow(t->lines, t->nlines, &t->lines_cap, sizeof(*lines));

	if (lines == NULL) {
		return bw_error_set(r->error, BW_ERR_NOMEM, 0,
		    "%s: out of memory", r->csv.file);
	}
	t->lines = lines;
	lines[t->nlines++] = (uint32_t)line;
	return BW_OK;
}

static enum bw_err
read_rows(struct reader *r)
{
	struct bwi_table *t = r->table;

	for (skip_blanks(r); r->cursor.at < r->csv.n; skip_blanks(r)) {
		size_t fields, first = t->ncells;
		int line = line_at(r, r->cursor.at);
		enum bw_err err = read_record(r, &fields);

		if (err != BW_OK)
			return err;
		if (fields != t->columns) {
			return bw_error_set(r->error, BW_ERR_SYNTAX, 0,
			    "%s:%d: %zu fields, but %zu columns", r->csv.file,
			    line, fields, t->columns);
		}
		if (t->cells[first + t->key].n == 0) {
			return fail(
			    r, line, "empty key column", cell_text(t, t->key));
		}
		err = add_line(r, line);
		if (err != BW_OK)
			return err;
	}
	return BW_OK;
}

/* The slot of a key, or the free slot where it belongs. */
static size_t
find_slot(const struct bwi_table *t, struct bw_str key)
{
	size_t i = (size_t)bw_hash_str(BW_HASH_START, key) & t->mask;

	while (t->slots[i] != 0) {
		if (bw_str_eq(
			cell_text(t, t->slots[i] * t->columns + t->key), key))
			break;
		i = (i + 1) & t->mask;
	}
	return i;
}

static enum bw_err
build_index(struct reader *r)
{
	struct bwi_table *t = r->table;
	size_t rows = bwi_table_rows(t), size = 16;

	while (size < rows * 2)
		size *= 2;
	t->slots = bwi_calloc(size, sizeof(*t->slots));
	if (t->slots == NULL) {
		return bw_error_set(r->error, BW_ERR_NOMEM, 0,
		    "%s: out of memory", r->csv.file);
	}
	t->mask = size - 1;
	for (size_t row = 1; row <= rows; row++) {
		size_t cell = row * t->columns + t->key;
		size_t slot = find_slot(t, cell_text(t, cell));

		if (t->slots[slot] != 0) {
			return fail(r, (int)t->lines[row - 1], "duplicate key",
			    cell_text(t, cell));
		}
		t->slots[slot] = (uint32_t)row;
	}
	return BW_OK;
}

enum bw_err
bwi_table_parse_take(struct bwi_table **out, const char *file, char *text,
    size_t n, struct bw_str key, struct bw_error *e)
{
	struct bwi_table *t = bwi_calloc(1, sizeof(*t));
	struct reader r = {
	    .csv = {file, text, n}, .table = t, .error = e, .line = 1};
	enum bw_err err;

	if (t == NULL) {
		bwi_free(text);
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	}
	t->text = text;
	r.cursor.at = bwi_csv_begin(&r.csv);
	err = bwi_csv_check(&r.csv, e);
	if (err == BW_OK)
		err = read_header(&r, key);
	if (err == BW_OK)
		err = read_rows(&r);
	if (err == BW_OK)
		err = build_index(&r);
	if (err != BW_OK) {
		bwi_table_free(t);
		return err;
	}
	terminate_cells(t);
	*out = t;
	return BW_OK;
}

enum bw_err
bwi_table_open(struct bwi_table **out, const char *file, struct bw_str key,
    struct bw_error *e)
{
	char *text = NULL;
	size_t n = 0;
	enum bw_err err = bwi_file_read(file, BW_MAX_TABLE, &text, &n, e);

	if (err != BW_OK)
		return err;
	return bwi_table_parse_take(out, file, text, n, key, e);
}

void
bwi_table_free(struct bwi_table *t)
{
	if (t == NULL)
		return;
	bwi_free(t->text);
	bwi_free(t->cells);
	bwi_free(t->lines);
	bwi_free(t->slots);
	bwi_free(t);
}

size_t
bwi_table_columns(const struct bwi_table *t)
{
	return t->columns;
}

struct bw_str
bwi_table_column_name(const struct bwi_table *t, size_t column)
{
	return cell_text(t, column);
}

size_t
bwi_table_column(const struct bwi_table *t, struct bw_str name)
{
	size_t i = 0;

	while (i < t->columns && !bw_str_eq(cell_text(t, i), name))
		i++;
	return i;
}

size_t
bwi_table_rows(const struct bwi_table *t)
{
	return t->ncells / t->columns - 1;
}

struct bw_str
bwi_table_field(const struct bwi_table *t, size_t row, size_t column)
{
	return cell_text(t, (row + 1) * t->columns + column);
}

int
bwi_table_line(const struct bwi_table *t, size_t row)
{
	return (int)t->lines[row];
}

struct bw_str
bwi_table_get(const struct bwi_table *t, struct bw_str key, size_t column)
{
	size_t row = t->slots[find_slot(t, key)];

	if (row == 0)
		return (struct bw_str){NULL, 0};
	return cell_text(t, row * t->columns + column);
}
