/* Buffers: size limits, sticky errors, and the functions that escape. */
#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/finding.h>

#include "tests/tap/tap.h"

static const struct {
	const char *in;
	size_t n;
	const char *xml;
	const char *url;
} rows[] = {
#define ROW(in, xml, url) \
	{ \
		in, sizeof(in) - 1, xml, url \
	}
    ROW("", "", ""),
    ROW("plain", "plain", "plain"),
    ROW("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;", "a%3Cb%3E%26%22%27"),
    ROW("]]>", "]]&gt;", "%5D%5D%3E"),
    ROW("\t\n\r", "&#9;&#10;&#13;", "%09%0A%0D"),
    ROW("a\0b",
	"a\xef\xbf\xbd"
	"b",
	"a%00b"),
    ROW("\x01\x7f", "\xef\xbf\xbd\xef\xbf\xbd", "%01%7F"),
    ROW("\xc3\xa9", "\xc3\xa9", "%C3%A9"),
    ROW("\xc3", "\xef\xbf\xbd", "%C3"),
    ROW("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "%ED%A0%80"),
    ROW("\xef\xbf\xbe", "\xef\xbf\xbd", "%EF%BF%BE"),
    ROW("\xf0\x9f\x91\x8b", "\xf0\x9f\x91\x8b", "%F0%9F%91%8B"),
    ROW("\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
	"%F4%90%80%80"),
    ROW("+1919 x", "+1919 x", "%2B1919%20x"),
#undef ROW
};

static void
test_sinks(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_str in = {rows[i].in, rows[i].n};
		struct bw_buf b;

		bw_buf_init(&b, 1000);
		bw_buf_xml(&b, in);
		bw_buf_putc(&b, '\0');
		is_str(b.p, rows[i].xml, "row %zu as XML", i);
		bw_buf_reset(&b);
		bw_buf_url(&b, in);
		bw_buf_putc(&b, '\0');
		is_str(b.p, rows[i].url, "row %zu in a URL", i);
		bw_buf_free(&b);
	}
}

static void
test_limit(void)
{
	struct bw_buf b;

	bw_buf_init(&b, 300);
	for (int i = 0; i < 299; i++)
		bw_buf_putc(&b, 'x');
	is_int(b.err, BW_OK, "within the limit");
	bw_buf_puts(&b, "yy");
	is_int(b.err, BW_ERR_LIMIT, "beyond the limit");
	is_int((long long)b.n, 299, "beyond the limit: nothing was added");
	bw_buf_puts(&b, "y");
	is_int((long long)b.n, 299, "the error sticks");
	bw_buf_reset(&b);
	bw_buf_int(&b, -9223372036854775807LL - 1);
	bw_buf_printf(&b, "|%d|%s", 42, "x");
	bw_buf_putc(&b, '\0');
	is_str(b.p, "-9223372036854775808|42|x", "numbers");
	bw_buf_free(&b);

	bw_buf_init(&b, 10);
	bw_buf_puts(&b, "0123456789");
	is_int(b.err, BW_OK, "a small limit is reached");
	bw_buf_putc(&b, 'x');
	is_int(b.err, BW_ERR_LIMIT, "a small limit is enforced");
	bw_buf_free(&b);
}

static void
test_no_memory(void)
{
	struct bw_buf b;

	tap_fail_alloc(1);
	bw_buf_init(&b, 300);
	bw_buf_puts(&b, "x");
	is_int(b.err, BW_ERR_NOMEM, "an allocation that fails");
	tap_fail_alloc(0);
	bw_buf_free(&b);
}

static void
test_error(void)
{
	struct bw_error e = {0};

	is_int(bw_error_set(&e, BW_ERR_IO, 5, "file: %s", "a\nb\x1b"),
	    BW_ERR_IO, "bw_error_set returns the code");
	is_str(e.msg, "file: a?b?", "control characters are replaced");
	is_int(bw_error_set(&e, BW_ERR_NOMEM, 0, "later"), BW_ERR_NOMEM,
	    "a second bw_error_set returns its code");
	is_str(e.msg, "file: a?b?",
	    "a second bw_error_set does not change the error");
	is_int(bw_err_status(BW_ERR_LIMIT), 413, "status from the table");
	is_int(bw_err_exit((enum bw_err)99), 70, "status of an unknown code");
}

static void
test_finding(void)
{
	static const struct {
		struct bw_finding finding;
		const char *want;
	} findings[] = {
	    {{BW_SEVERITY_ERROR, "f.xml", 3, 7, "no"}, "f.xml:3:7: error: no"},
	    {{BW_SEVERITY_WARNING, "f.xml", 3, 0, "hm"},
		"f.xml:3: warning: hm"},
	    {{BW_SEVERITY_ERROR, "f.xml", 0, 0, "no"}, "f.xml: error: no"},
	};

	for (size_t i = 0; i < sizeof(findings) / sizeof(findings[0]); i++) {
		struct bw_buf b;

		bw_buf_init(&b, 100);
		bw_finding_write(&findings[i].finding, &b);
		bw_buf_putc(&b, '\0');
		is_str(b.p, findings[i].want, "finding %zu", i);
		bw_buf_free(&b);
	}
}

int
main(void)
{
	test_sinks();
	test_limit();
	test_no_memory();
	test_error();
	test_finding();
	return tap_done();
}
