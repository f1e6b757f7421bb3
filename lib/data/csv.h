#ifndef BWI_DATA_CSV_H
#define BWI_DATA_CSV_H

#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * CSV scanner (RFC 4180). Quoted fields may contain commas, line ends and
 * doubled quotes. LF and CRLF, a byte-order mark, empty lines and lines of only
 * empty fields (spreadsheets write them) are accepted. The scanner allocates
 * nothing and returns pointers into the text.
 */
struct bwi_csv {
	const char *file; /* for messages */
	const char *text;
	size_t n;
};

/* Position of the scan; after an error, position of the error. */
struct bwi_csv_cursor {
	size_t at;
	bool more; /* another field follows on the line */
};

/* A field as in the file, without its surrounding quotes. */
struct bwi_csv_field {
	struct bw_str raw;
	bool doubled; /* quotes in raw are doubled */
};

/* Check the encoding and the size. BW_ERR_ENCODING, BW_ERR_LIMIT. */
enum bw_err bwi_csv_check(const struct bwi_csv *, struct bw_error *) BW_CHECK;
/* Start of the first line, after a byte-order mark. */
size_t bwi_csv_begin(const struct bwi_csv *);

/*
 * Scan the field at the cursor; move the cursor behind it and the comma or line
 * end that follows. Returns NULL, or what is wrong.
 */
const char *bwi_csv_scan(
    const struct bwi_csv *, struct bwi_csv_cursor *, struct bwi_csv_field *);
/* Skip a line without content at *at. False when the line has content. */
bool bwi_csv_skip_blank(const struct bwi_csv *, size_t *at);
/*
 * Copy raw with each doubled quote as one; out may be raw's own memory. Returns
 * the length.
 */
size_t bwi_csv_undouble(struct bw_str raw, char *out);

/* Line number of a position, from 1. Slow, as it counts: only for messages. */
int bwi_csv_line(const struct bwi_csv *, size_t at);
/* Set BW_ERR_SYNTAX, "file:line: what", followed by s, masked, if not empty. */
enum bw_err bwi_csv_fail(const struct bwi_csv *, int line, const char *what,
    struct bw_str s, struct bw_error *);

#endif
