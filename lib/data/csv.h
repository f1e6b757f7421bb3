#ifndef BWI_DATA_CSV_H
#define BWI_DATA_CSV_H

#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * Scanner of CSV (RFC 4180). Fields may be quoted and then hold commas, line
 * ends and doubled quotes. LF and CRLF, a byte-order mark, empty lines and
 * lines of nothing but empty fields (spreadsheets leave them) are accepted.
 * The scanner allocates nothing and points into the text.
 */
struct bwi_csv {
	const char *file; /* for messages */
	const char *text;
	size_t n;
};

/* Where the scan stands, or after a fault, where that is. */
struct bwi_csv_cursor {
	size_t at;
	bool more; /* another field follows on the line */
};

/* A field as it is in the file, without its quotes. */
struct bwi_csv_field {
	struct bw_str raw;
	bool doubled; /* each quote in raw is there twice */
};

/* Checks the encoding and the size. BW_ERR_ENCODING, BW_ERR_LIMIT. */
enum bw_err bwi_csv_check(const struct bwi_csv *, struct bw_error *) BW_CHECK;
/* Where the first line begins: after a byte-order mark. */
size_t bwi_csv_begin(const struct bwi_csv *);

/*
 * Scans the field at the cursor and moves behind it and the comma or the line
 * end that follows. Returns NULL, or what is wrong.
 */
const char *bwi_csv_scan(
    const struct bwi_csv *, struct bwi_csv_cursor *, struct bwi_csv_field *);
/* Moves over a line without content; false when there is none at that point. */
bool bwi_csv_skip_blank(const struct bwi_csv *, size_t *at);
/* Copies with one quote for two; out may be raw's own memory. The length. */
size_t bwi_csv_undouble(struct bw_str raw, char *out);

/* Line of a position, from 1. It counts: only for messages. */
int bwi_csv_line(const struct bwi_csv *, size_t at);
/* BW_ERR_SYNTAX, "file:line: what", followed by s, masked, if it has text. */
enum bw_err bwi_csv_fail(const struct bwi_csv *, int line, const char *what,
    struct bw_str s, struct bw_error *);

#endif
