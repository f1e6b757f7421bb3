#ifndef BWI_DATA_TABLE_H
#define BWI_DATA_TABLE_H

#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * A table of the operator: CSV (see csv.h) whose first line names the columns,
 * looked up by one of them. Immutable once open.
 */
struct bwi_table;

/* Columns of a table; a wider one is not a table but a mistaken file. */
#define BWI_TABLE_MAX_COLUMNS 256

/*
 * key: name of the column that identifies a row. BW_ERR_SYNTAX, _ENCODING
 * (not UTF-8), _LIMIT, _NOFILE, _IO, _NOMEM; messages begin "file:line: ". A
 * key that stands in two rows is an error, since only one could be meant.
 */
enum bw_err bwi_table_open(struct bwi_table **, const char *file,
    struct bw_str key, struct bw_error *) BW_CHECK;
/* The same of a file's text, which it takes over whatever comes of it. */
enum bw_err bwi_table_parse_take(struct bwi_table **, const char *file,
    char *text, size_t n, struct bw_str key, struct bw_error *) BW_CHECK;
void bwi_table_free(struct bwi_table *);

size_t bwi_table_columns(const struct bwi_table *);
/* Terminated, too. */
struct bw_str bwi_table_column_name(const struct bwi_table *, size_t column);
/* Index of a column, or bwi_table_columns() when there is none. */
size_t bwi_table_column(const struct bwi_table *, struct bw_str name);
size_t bwi_table_rows(const struct bwi_table *);

/* The field of a row, from 0; terminated, too. */
struct bw_str
bwi_table_field(const struct bwi_table *, size_t row, size_t column);
/* Line of the file on which it stands: only an error needs it. */
int bwi_table_line(const struct bwi_table *, size_t row);

/* The field of the row with that key; p == NULL when there is no such row. */
struct bw_str
bwi_table_get(const struct bwi_table *, struct bw_str key, size_t column);

/* A table by the name that the configuration gives it. */
struct bwi_named_table {
	struct bw_str id;
	struct bwi_table *table;
};

/* The tables that placeholders may name. */
struct bwi_tables {
	const struct bwi_named_table *tables;
	size_t n;
};

#endif
