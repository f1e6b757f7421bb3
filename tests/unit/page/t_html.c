/* The one writer of HTML: whatever the text is, it stays text. */
#include <stdlib.h>
#include <string.h>

#include "page/html.h"
#include "page/params.h"
#include "tests/tap/tap.h"

#define NUMBER(n) "\xe2\x9f\xa8U+" n "\xe2\x9f\xa9"
#define UNSEEN(n) "<span class=\"unseen\">" NUMBER(n) "</span>"

static const struct {
	const char *text;
	size_t n;
	const char *want;
	const char *attr; /* NULL: the same */
} rows[] = {
    {"", 0, "", NULL},
    {"a b", 3, "a b", NULL},
    {"<b>&amp;\"'", 10, "&lt;b&gt;&amp;amp;&quot;&#39;", NULL},
    {"]]>-->", 6, "]]&gt;--&gt;", NULL},
    {"\0\x01\x1f\x7f", 4, "&#9216;&#9217;&#9247;&#9249;", NULL},
    {"a\nb\tc\r", 6, "a&#9226;b&#9225;c&#9229;", NULL},
    {"\xc2\x85", 2, UNSEEN("0085"), NUMBER("0085")},
    {"\xe2\x80\xae"
     "x",
	4, UNSEEN("202E") "x", NUMBER("202E") "x"},
    {"\xe2\x81\xa6\xd8\x9c", 5, UNSEEN("2066") UNSEEN("061C"),
	NUMBER("2066") NUMBER("061C")},
    {"\xe2\x80\x8e\xe2\x80\x8f", 6, UNSEEN("200E") UNSEEN("200F"),
	NUMBER("200E") NUMBER("200F")},
    {"\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", NULL},
    {"\xff\xc3", 2, "\xef\xbf\xbd\xef\xbf\xbd", NULL},
    {"\xc3\xa9\xf0\x9f\x98\x80", 6, "\xc3\xa9\xf0\x9f\x98\x80", NULL},
};

static void
is_buf(struct bw_buf *b, const char *want, const char *what, size_t i)
{
	bw_buf_putc(b, '\0');
	is_str(b->p, want, "%s %zu", what, i);
	bw_buf_reset(b);
}

static void
test_text(void)
{
	struct bw_buf b;

	bw_buf_init(&b, 4096);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bwi_html h = {.out = &b};
		struct bw_str s = {rows[i].text, rows[i].n};
		const char *attr =
		    rows[i].attr != NULL ? rows[i].attr : rows[i].want;
		struct bw_buf want;

		bwi_html_text(&h, s);
		is_buf(&b, rows[i].want, "text", i);
		bw_buf_init(&want, 4096);
		bw_buf_printf(&want, "<a title=\"%s\"></a>%c", attr, '\0');
		bwi_html_tag(&h, "a");
		bwi_html_attr(&h, "title", s);
		bwi_html_end(&h);
		is_buf(&b, want.p, "attribute", i);
		bw_buf_reset(&want);
		bw_buf_printf(&want, "<title>%s</title>%c", attr, '\0');
		bwi_html_tag(&h, "title");
		bwi_html_text(&h, s);
		bwi_html_end(&h);
		is_buf(&b, want.p, "title", i);
		bw_buf_free(&want);
	}
	bw_buf_free(&b);
}

/* Every byte and every pair of bytes: no quote, no "<", no control. */
static void
test_bytes(void)
{
	size_t wrong = 0;
	struct bw_buf b;

	bw_buf_init(&b, 4096);
	for (unsigned i = 0; i < 65536; i++) {
		struct bwi_html h = {.out = &b};
		const char s[] = {(char)(i >> 8), (char)i};

		bw_buf_reset(&b);
		bwi_html_tag(&h, "title");
		bwi_html_text(&h, (struct bw_str){s, 2});
		for (size_t k = 7; k < b.n; k++) {
			unsigned char c = (unsigned char)b.p[k];

			wrong += c < ' ' || c == 0x7f || c == '<' || c == '>' ||
				 c == '"' || c == '\'';
		}
	}
	is_int((long long)wrong, 0, "pairs of bytes");
	bw_buf_free(&b);
}

static void
test_lines(void)
{
	struct bw_buf b;
	struct bwi_html h = {.out = &b};

	bw_buf_init(&b, 4096);
	bwi_html_lines(&h, BW_STR("a\r\nb\t<\r\x01"));
	is_buf(&b, "a\nb\t&lt;&#9229;&#9217;", "lines", 0);
	bwi_html_cut(&h, BW_STR("abcdef"), 3);
	is_buf(&b,
	    "abc<span class=\"unseen\">\xe2\x80\xa6 6 bytes in all</span>",
	    "cut", 0);
	bwi_html_cut(&h,
	    BW_STR("ab\xc3\xa9"
		   "f"),
	    3);
	is_buf(&b,
	    "ab<span class=\"unseen\">\xe2\x80\xa6 5 bytes in all</span>",
	    "cut between characters", 0);
	bwi_html_cut(&h, BW_STR("abc"), 3);
	is_buf(&b, "abc", "not cut", 0);
	bw_buf_free(&b);
}

static void
test_elements(void)
{
	struct bw_buf b;
	struct bwi_html h;

	bw_buf_init(&b, 4096);
	bwi_html_begin(&h, &b);
	bwi_html_class(&h, "p", "x");
	bwi_html_tag(&h, "input");
	bwi_html_attr_int(&h, "value", -7);
	bwi_html_end(&h);
	bwi_html_printf(&h, "%d < %s", 1, "2");
	bwi_html_tag(&h, "i");
	bwi_html_end_to(&h, 0);
	bwi_html_end(&h);
	is_buf(&b,
	    "<!DOCTYPE html>\n<p class=\"x\"><input value=\"-7\">"
	    "1 &lt; 2<i></i></p>",
	    "elements", 0);
	for (int i = 0; i <= BWI_HTML_DEPTH; i++)
		bwi_html_tag(&h, "i");
	ok(b.err == BW_ERR_LIMIT, "too deep");
	bw_buf_free(&b);
}

static const struct {
	const char *query;
	const char *want; /* name=value, each on a line */
} queries[] = {
    {"", ""},
    {"a=1", "a=1\n"},
    {"a=1&b=&c", "a=1\nb=\nc=\n"},
    {"&&a=1&", "a=1\n"},
    {"a%3d=%41+b%2", "a==A b%2\n"},
    {"a=%zz%", "a=%zz%\n"},
    {"a=1=2&a=3", "a=1=2\na=3\n"},
};

/* The same as JSON: whatever the text is, it stays a string. */
static void
test_tree(void)
{
	struct bwi_html h;
	struct bw_buf b;

	bw_buf_init(&b, 4096);
	bwi_html_tree(&h, &b);
	bwi_html_class(&h, "td", "n\"");
	bwi_html_attr_int(&h, "data-n", 5);
	bwi_html_puts(&h, "<b>&\\\"\n\x01");
	bwi_html_tag(&h, "br");
	bwi_html_end(&h);
	bwi_html_cut(&h, BW_STR("a\nb\xe2\x80\xae"), 99);
	bwi_html_end_to(&h, 0);
	is_buf(&b,
	    "[\"td\",{\"class\":\"n\\\"\",\"data-n\":\"5\"},"
	    "\"<b>&\\\\\\\"\\u240a\\u2401\",[\"br\",{}],"
	    "\"a\\nb" NUMBER("202E") "\"]",
	    "a tree", 0);
	bw_buf_free(&b);
}

static void
test_params(void)
{
	struct bw_buf got, many;
	struct bwi_params p;

	bw_buf_init(&got, 4096);
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		const char *q = queries[i].query;

		ok(bwi_params_init(&p, (struct bw_str){q, strlen(q)}), "%s", q);
		for (size_t k = 0; k < p.n; k++) {
			bw_buf_str(&got, bwi_params_name(&p, k));
			bw_buf_putc(&got, '=');
			bw_buf_str(&got, bwi_params_value(&p, k));
			bw_buf_putc(&got, '\n');
		}
		is_buf(&got, queries[i].want, "query", i);
		bwi_params_free(&p);
	}
	bw_buf_free(&got);
	bw_buf_init(&many, 4096);
	for (int i = 0; i <= BWI_PARAMS_MAX; i++)
		bw_buf_puts(&many, "a=1&");
	ok(!bwi_params_init(&p, (struct bw_str){many.p, many.n}), "too many");
	bwi_params_free(&p);
	bw_buf_free(&many);
}

int
main(void)
{
	test_text();
	test_bytes();
	test_lines();
	test_elements();
	test_tree();
	test_params();
	return tap_done();
}
