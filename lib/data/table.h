#ifndef BWI_DATA_TABLE_H
#define BWI_DATA_TABLE_H

#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * A table of the operator: a CSV file (see csv.h) whose first line names the
 * columns, with rows found by the value of one column. Immutable once open.
 */
struct bwi_table;

/* Largest number of columns; a wider file is probably the wrong file. */
#define BWI_TABLE_MAX_COLUMNS 256

/*
 * key: name of the column that identifies a row. BW_ERR_SYNTAX, _ENCODING (not
 * UTF-8), _LIMIT, _NOFILE, _IO, _NOMEM; messages begin with file and line. Two
 * rows with the same key are an error.
 */
enum bw_err bwi_table_open(struct bwi_table **, const char *file,
    struct bw_str key, struct bw_error *) BW_CHECK;
/*
 * Like bwi_table_open(), from a file's text. Takes ownership of text
 * (NUL-terminated, from bwi_alloc), also when it fails.
 */
enum bw_err bwi_table_parse_take(struct bwi_table **, const char *file,
    char *text, size_t n, struct bw_str key, struct bw_error *) BW_CHECK;
void bwi_table_free(struct bwi_table *);

size_t bwi_table_columns(const struct bwi_table *);
/* The name is NUL-terminated. */
struct bw_str bwi_table_column_name(const struct bwi_table *, size_t column);
/* Index of a column; bwi_table_columns() for none. */
size_t bwi_table_column(const struct bwi_table *, struct bw_str name);
size_t bwi_table_rows(const struct bwi_table *);

/* A field; row and column count from 0. It is NUL-terminated. */
struct bw_str
bwi_table_field(const struct bwi_table *, size_t row, size_t column);
/* Line number of a row in the file, for messages. */
int bwi_table_line(const struct bwi_table *, size_t row);

/* The field in the row with that key; p is NULL when there is no such row. */
struct bw_str
bwi_table_get(const struct bwi_table *, struct bw_str key, size_t column);

/* A table with its name in the configuration. */
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
