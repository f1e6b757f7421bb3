/* The CSV scanner: fields, lines, errors and their positions. */
#include "data/csv.h"

#include <bwcallback/buf.h>

#include "tests/tap/tap.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/*
 * Expected: fields in brackets, lines end with ';', an error as "line: text".
 */
static const struct {
	const char *text;
	const char *want;
} scans[] = {
    {"", ""},
    {"a", "[a];"},
    {"a,b\nc,d\n", "[a][b];[c][d];"},
    {"a,b\r\nc,d", "[a][b];[c][d];"},
    {"a\rb\n", "[a\rb];"},
    {"a\r", "[a\r];"},
    {"a,", "[a][];"},
    {",a", "[][a];"},
    {"\xef\xbb\xbf\"a\"", "[a];"},
    {"\"a,\nb\",c", "[a,\nb][c];"},
    {"\"a\"\"b\",\"\"\"\"", "[a\"b][\"];"},
    {"\"\"", ""},
    {"\"\"\"\"", "[\"];"},
    {"a\"b", "[a\"b];"},
    {"\n,,\r\n\"\",\"\"\n,\"\",\na", "[a];"},
    {"\"\"a", "1: text after a closing quote: put the whole field in "
	      "quotes and double the quotes inside"},
    {"a\n\"b\n\"c", "[a];3: text after a closing quote: put the whole field "
		    "in quotes and double the quotes inside"},
    {"a\n\nb,\"c\n\n", "[a];[b]3: unterminated quoted field"},
    {"\"", "1: unterminated quoted field"},
    {"\"\"\"", "1: unterminated quoted field"},
};

static void
add_field(struct bw_buf *b, const struct bwi_csv_field *f)
{
	char out[64];
	size_t n = f->raw.n;

	bw_buf_putc(b, '[');
	if (f->doubled)
		n = bwi_csv_undouble(f->raw, out);
	bw_buf_add(b, f->doubled ? out : f->raw.p, n);
	bw_buf_putc(b, ']');
}

/* False after an error. */
static bool
scan_line(
    struct bw_buf *b, const struct bwi_csv *c, struct bwi_csv_cursor *cursor)
{
	do {
		struct bwi_csv_field f;
		const char *why = bwi_csv_scan(c, cursor, &f);

		if (why != NULL) {
			bw_buf_printf(
			    b, "%d: %s", bwi_csv_line(c, cursor->at), why);
			return false;
		}
		add_field(b, &f);
	} while (cursor->more);
	bw_buf_putc(b, ';');
	return true;
}

static const char *
scan(struct bw_buf *b, const struct bwi_csv *c)
{
	struct bwi_csv_cursor cursor = {.at = bwi_csv_begin(c)};
	bool good = true;

	while (good && cursor.at < c->n) {
		if (!bwi_csv_skip_blank(c, &cursor.at))
			good = scan_line(b, c, &cursor);
	}
	bw_buf_putc(b, '\0');
	return b->p;
}

static void
test_scans(void)
{
	for (size_t i = 0; i < LENGTH(scans); i++) {
		const char *text = scans[i].text;
		struct bwi_csv c = {"f", text, strlen(text)};
		struct bw_buf b;

		bw_buf_init(&b, 1000);
		is_str(scan(&b, &c), scans[i].want, "scan %zu", i);
		bw_buf_free(&b);
	}
}

static void
test_check(void)
{
	static const struct {
		struct bw_str text;
		const char *want;
	} texts[] = {
	    {{NULL, 0}, ""},
	    {{"a\n\xc3\xa9", 4}, ""},
	    {{"a\nb\xe9\nc", 6},
		"f:2: not UTF-8: save the table as \"CSV UTF-8\""},
	    {{"a\n\nb\0\nc", 7},
		"f:3: not UTF-8: save the table as \"CSV UTF-8\""},
	};

	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct bwi_csv c = {"f", texts[i].text.p, texts[i].text.n};
		struct bw_error e = {0};
		enum bw_err err = bwi_csv_check(&c, &e);

		is_int(err, texts[i].want[0] == '\0' ? BW_OK : BW_ERR_ENCODING,
		    "check %zu", i);
		is_str(e.msg, texts[i].want, "check %zu: message", i);
	}
}

int
main(void)
{
	test_scans();
	test_check();
	return tap_done();
}
