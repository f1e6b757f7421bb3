#include "data/locations.h"

#include <stdlib.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/spell.h>

#include "base/alloc.h"
#include "base/json_quote.h"
#include "base/phone_number.h"
#include "data/table.h"
#include "os/file_reload.h"

/* Coordinates have a dozen digits; longer text is not a coordinate. */
#define MAX_NUMBER 24

enum field {
#define X(name, column, number) FIELD_##name,
#include "data/locations.def"
#undef X
	FIELD__MAX
};

static const struct {
	const char *column;
	bool number;
} fields[] = {
#define X(name, column, number) [FIELD_##name] = {column, number},
#include "data/locations.def"
#undef X
};

struct entry {
	uint64_t number;
	uint32_t row;
};

/* One parsed version of the file. */
struct location_index {
	struct bwi_table *table;
	size_t column[FIELD__MAX]; /* SIZE_MAX: none */
	struct entry *entries;	   /* by number */
	size_t n;
};

static void
free_index(void *arg)
{
	struct location_index *b = arg;

	bwi_table_free(b->table);
	bwi_free(b->entries);
	bwi_free(b);
}

static struct bw_str
field_text(const struct location_index *b, size_t row, enum field f)
{
	if (b->column[f] == SIZE_MAX)
		return (struct bw_str){"", 0};
	return bwi_table_field(b->table, row, b->column[f]);
}

static enum bw_err
find_columns(struct location_index *b, const char *file, struct bw_error *e)
{
	const char *names[FIELD__MAX];

	for (int f = 0; f < FIELD__MAX; f++) {
		struct bw_str name = {
		    fields[f].column, strlen(fields[f].column)};
		size_t i = bwi_table_column(b->table, name);

		names[f] = fields[f].column;
		b->column[f] = i < bwi_table_columns(b->table) ? i : SIZE_MAX;
	}
	for (size_t i = 0; i < bwi_table_columns(b->table); i++) {
		struct bw_str name = bwi_table_column_name(b->table, i);
		const char *near = bw_spell_suggest(name, names, FIELD__MAX);

		if (near != NULL && !bw_str_is(name, near)) {
			return bw_error_set(e, BW_ERR_SYNTAX, 0,
			    "%s:1: column \"%.60s\": did you mean \"%s\"?",
			    file, name.p, near);
		}
	}
	if (b->column[FIELD_AEUI] != SIZE_MAX)
		return BW_OK;
	return bw_error_set(e, BW_ERR_SYNTAX, 0,
	    "%s:1: no column \"aeui\": every answer must have one", file);
}

static size_t
digits(struct bw_str s, size_t i)
{
	size_t n = 0;

	while (i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9')
		n++;
	return n;
}

/* Is s a JSON number without an exponent? */
static bool
is_number(struct bw_str s)
{
	size_t i = s.n > 0 && s.p[0] == '-';
	size_t whole = digits(s, i);

	if (s.n > MAX_NUMBER || whole == 0 || (whole > 1 && s.p[i] == '0'))
		return false;
	i += whole;
	if (i < s.n && s.p[i] == '.') {
		size_t fraction = digits(s, i + 1);

		if (fraction == 0)
			return false;
		i += 1 + fraction;
	}
	return i == s.n;
}

/*
 * Is the absolute value at most the limit? Compares whole units; at the limit,
 * every fraction digit must be 0.
 */
static bool
is_within(struct bw_str s, long most)
{
	size_t i = s.n > 0 && s.p[0] == '-';
	size_t n = digits(s, i);
	long value = 0;

	if (n > 6)
		return false;
	for (size_t k = 0; k < n; k++)
		value = value * 10 + (s.p[i + k] - '0');
	if (value != most)
		return value < most;
	for (i += n; i < s.n; i++) {
		if (s.p[i] != '.' && s.p[i] != '0')
			return false;
	}
	return true;
}

/* Is s a North American number in E.164? */
static bool
is_callback(struct bw_str s)
{
	uint64_t number;

	return s.n == 12 && s.p[0] == '+' && s.p[1] == '1' &&
	       digits(s, 1) == 11 && bwi_phone_number_parse(s, &number);
}

/* What is wrong with a row, or NULL. */
static const char *
check_line(const struct location_index *b, size_t row)
{
	struct bw_str lat = field_text(b, row, FIELD_LAT);
	struct bw_str lon = field_text(b, row, FIELD_LON);
	struct bw_str radius = field_text(b, row, FIELD_RADIUS);
	bool located = field_text(b, row, FIELD_LOCATION).n > 0;
	struct bw_str callback = field_text(b, row, FIELD_CALLBACK);

	if (field_text(b, row, FIELD_AEUI).n == 0)
		return "no aeui: every answer must have one";
	if ((lat.n > 0) != (lon.n > 0))
		return "only one of lat and lon: write both";
	if (lat.n == 0 && !located)
		return "neither location_id nor lat and lon";
	if (lat.n > 0 && (!is_number(lat) || !is_within(lat, 90)))
		return "lat: write degrees from -90 to 90, as 35.779591";
	if (lon.n > 0 && (!is_number(lon) || !is_within(lon, 180)))
		return "lon: write degrees from -180 to 180, as -78.638179";
	if (radius.n > 0 && (lat.n == 0 || !located))
		return "radius: only with location_id, lat and lon";
	if (radius.n > 0 && (!is_number(radius) || radius.p[0] == '-' ||
				!is_within(radius, 100000)))
		return "radius: write metres";
	if (callback.n > 0 && !is_callback(callback))
		return "callback: write it as +19195550100";
	return NULL;
}

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static enum bw_err
fail(const struct location_index *b, const char *file, size_t row,
    const char *why, struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_SYNTAX, 0, "%s:%d: %s", file,
	    bwi_table_line(b->table, row), why);
}

static enum bw_err
index_rows(struct location_index *b, const char *file, struct bw_error *e)
{
	size_t rows = bwi_table_rows(b->table);
	size_t key = bwi_table_column(b->table, BW_STR("number"));

	b->entries = bwi_calloc(rows + 1, sizeof(*b->entries));
	if (b->entries == NULL) {
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	}
	for (size_t row = 0; row < rows; row++) {
		struct entry *entry = &b->entries[b->n++];
		const char *why = check_line(b, row);

		entry->row = (uint32_t)row;
		if (!bwi_phone_number_parse(
			bwi_table_field(b->table, row, key), &entry->number))
			why = "not a telephone number";
		if (why != NULL)
			return fail(b, file, row, why, e);
	}
	qsort(b->entries, b->n, sizeof(*b->entries), compare);
	for (size_t i = 1; i < b->n; i++) {
		if (b->entries[i].number == b->entries[i - 1].number)
			return fail(
			    b, file, b->entries[i].row, "duplicate number", e);
	}
	return BW_OK;
}

static enum bw_err
parse(void **out, const char *file, char *text, size_t n, unsigned unused,
    struct bw_error *e)
{
	struct location_index *b = bwi_calloc(1, sizeof(*b));
	enum bw_err err;

	(void)unused;
	if (b == NULL) {
		bwi_free(text);
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	}
	err =
	    bwi_table_parse_take(&b->table, file, text, n, BW_STR("number"), e);
	if (err == BW_OK)
		err = find_columns(b, file, e);
	if (err == BW_OK)
		err = index_rows(b, file, e);
	if (err != BW_OK) {
		free_index(b);
		return err;
	}
	*out = b;
	return BW_OK;
}

static const struct bwi_file_reload_kind kind = {
    .parse = parse, .free = free_index, .max = BW_MAX_TABLE};

struct bwi_locations {
	struct bwi_file_reload *file;
};

enum bw_err
bwi_locations_open(
    struct bwi_locations **out, const char *file, struct bw_error *e)
{
	struct bwi_locations *l = bwi_calloc(1, sizeof(*l));
	enum bw_err err;

	if (l == NULL) {
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "%s: out of memory", file);
	}
	err = bwi_file_reload_open(&l->file, file, &kind, 0, e);
	if (err != BW_OK) {
		bwi_locations_free(l);
		return err;
	}
	*out = l;
	return BW_OK;
}

void
bwi_locations_free(struct bwi_locations *l)
{
	if (l == NULL)
		return;
	bwi_file_reload_free(l->file);
	bwi_free(l);
}

bool
bwi_locations_take_warning(struct bwi_locations *l, struct bw_error *e)
{
	return bwi_file_reload_take_warning(l->file, e);
}

static void
write_answer(const struct location_index *b, size_t row, struct bw_buf *out)
{
	const char *separator = "{";

	for (int f = 0; f < FIELD__MAX; f++) {
		struct bw_str value = field_text(b, row, (enum field)f);
		const char *quote = fields[f].number ? "" : "\"";

		if (value.n == 0)
			continue;
		bw_buf_printf(
		    out, "%s\"%s\":%s", separator, fields[f].column, quote);
		bwi_json_quote(out, value);
		bw_buf_puts(out, quote);
		separator = ",";
	}
	bw_buf_putc(out, '}');
}

enum bw_err
bwi_locations_find(struct bwi_locations *l, struct bw_str number,
    struct bw_buf *out, bool *found, struct bw_error *e)
{
	struct entry want = {0};
	const struct entry *entry = NULL;
	struct bwi_snapshot *snapshot = NULL;
	const struct location_index *b;
	enum bw_err err = bwi_file_reload_acquire(l->file, &snapshot, e);

	*found = false;
	if (err != BW_OK)
		return err;
	b = bwi_snapshot_content(snapshot);
	if (bwi_phone_number_parse(number, &want.number))
		entry = bsearch(
		    &want, b->entries, b->n, sizeof(*b->entries), compare);
	if (entry != NULL) {
		*found = true;
		write_answer(b, entry->row, out);
		err = out->err;
	}
	bwi_snapshot_release(snapshot);
	if (err != BW_OK)
		(void)bw_error_set(
		    e, err, 0, "locations: %s", bw_strerror(err));
	return err;
}
