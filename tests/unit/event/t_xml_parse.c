/* XML: the tree it becomes, and documents that are refused. */
#include <stdio.h>
#include <stdlib.h>

#include "event/payload_tree.h"
#include "tests/tap/tap.h"

#define TEXT(s) \
	{ \
		s, sizeof(s) - 1 \
	}

static const struct {
	struct bw_str text;
	const char *name; /* path from the root object */
	const char *value;
} rows[] = {
    {TEXT("<a>x</a>"), "a", "x"},
    {TEXT("\xef\xbb\xbf<a>x</a>"), "a", "x"},
    {TEXT(" \n\t<?xml version='1.0' encoding='UTF-8'?>\r\n<a>x</a>\n"), "a",
	"x"},
    {TEXT("<a> \n x y\t</a>"), "a", "x y"},
    {TEXT("<a/>"), "a", ""},
    {TEXT("<a>  </a>"), "a", ""},
    {TEXT("<a><![CDATA[<&>]]></a>"), "a", "<&>"},
    {TEXT("<a>x<!-- c -->y<?p i?>z</a>"), "a", "xyz"},
    {TEXT("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;</a>"), "a", "<>&\"'AB"},
    {TEXT("<a b='&lt;&#10;x'/>"), "a.@b", "<\nx"},
    {TEXT("<a b='1' c=''>t</a>"), "a.@c", ""},
    {TEXT("<a b='1' c=''>t</a>"), "a", "t"},
    {TEXT("<n:a xmlns:n='urn:x' n:b='1'><n:c>2</n:c></n:a>"), "a.c", "2"},
    {TEXT("<n:a xmlns:n='urn:x' n:b='1'><n:c>2</n:c></n:a>"), "a.@b", "1"},
    {TEXT("<n:a xmlns:n='urn:x'/>"), "a.@n", NULL},
    {TEXT("<n:a>undeclared</n:a>"), "a", "undeclared"},
    {TEXT("<a>1<b>2</b>3<b>4</b>5</a>"), "a.b.1", "4"},
    {TEXT("<a>1<b>2</b>3<b>4</b>5</a>"), "a", "135"},
    {TEXT("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>"), "a",
	"\xc3\xa9"},
    {TEXT("\xfe\xff\0<\0a\0>\0x\0<\0/\0a\0>"), "a", "x"},
};

static struct bw_str
value_at(const struct bwi_tree *t, uint32_t at)
{
	if (at == 0)
		return (struct bw_str){NULL, 0};
	return bwi_node_value(&t->nodes[at]);
}

static void
test_rows(void)
{
	struct bwi_tree t;

	bwi_tree_init(&t);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_error error = {0};
		struct bw_str name = {rows[i].name, strlen(rows[i].name)};
		uint32_t at;

		bwi_tree_reset(&t);
		if (!is_int(bwi_xml_parse(&t, rows[i].text, &error), BW_OK,
			"row %zu", i)) {
			tap_diag("%s", error.msg);
			continue;
		}
		at = bwi_tree_find(&t, 0, name);
		is_text(value_at(&t, at), rows[i].value, "row %zu: %s", i,
		    rows[i].name);
	}
	bwi_tree_free(&t);
}

#define ENTITIES \
	"<!DOCTYPE a [<!ENTITY b 'bbbbbbbb'><!ENTITY c '&b;&b;&b;&b;'>]>"

static const struct {
	struct bw_str text;
	enum bw_err err;
	const char *position; /* start of the message, with the position */
} faults[] = {
    {TEXT(""), BW_ERR_SYNTAX, "xml: "},
    {TEXT("<"), BW_ERR_SYNTAX, "xml: 1:"},
    {TEXT("<a>"), BW_ERR_SYNTAX, "xml: 1:"},
    {TEXT("<a></b>"), BW_ERR_SYNTAX, "xml: 1:"},
    {TEXT("<a>\n\n<b></a>"), BW_ERR_SYNTAX, "xml: 3:"},
    {TEXT("\n\n<a>\n</b>"), BW_ERR_SYNTAX, "xml: 4:"},
    {TEXT("<a/><b/>"), BW_ERR_SYNTAX, "xml: 1:5"},
    {TEXT("<a/>x"), BW_ERR_SYNTAX, "xml: 1:5"},
    {TEXT("<a>&nbsp;</a>"), BW_ERR_SYNTAX, "xml: 1:"},
    {TEXT("<a b='&nbsp;'/>"), BW_ERR_SYNTAX, "xml: 1:"},
    {TEXT("<a b=1/>"), BW_ERR_SYNTAX, "xml: 1:"},
    {TEXT("<a b='1' b='2'/>"), BW_ERR_SYNTAX, "xml: 1:"},
    {TEXT("<a>\x01</a>"), BW_ERR_SYNTAX, "xml: 1:"},
    {TEXT("<!DOCTYPE a><a/>"), BW_ERR_SYNTAX,
	"xml: 1:12: document type declaration not allowed"},
    {TEXT("<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/'><a/>"), BW_ERR_SYNTAX,
	"xml: 1:"},
    {TEXT(ENTITIES "<a>&c;</a>"), BW_ERR_SYNTAX, "xml: 1:"},
    {TEXT("<a>\xe9</a>"), BW_ERR_ENCODING, "xml: 1:"},
    {TEXT("<a b='\xc3('/>"), BW_ERR_ENCODING, "xml: 1:"},
    {TEXT("\xff\xfe<\0a\0>\0\x00\xd8<\0/\0a\0>\0"), BW_ERR_ENCODING, "xml: 1:"},
    {TEXT("<?xml version='1.0' encoding='EUC-JP'?><a>\xff\x80</a>"),
	BW_ERR_ENCODING, "xml: 1:"},
    {TEXT("<?xml version='1.0' encoding='x-none'?><a/>"), BW_ERR_ENCODING,
	"xml: 1:"},
};

static void
test_faults(void)
{
	struct bwi_tree t;

	bwi_tree_init(&t);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct bw_error error = {0};
		const char *position = faults[i].position;

		bwi_tree_reset(&t);
		is_int(bwi_xml_parse(&t, faults[i].text, &error), faults[i].err,
		    "fault %zu", i);
		if (!ok(strncmp(error.msg, position, strlen(position)) == 0,
			"fault %zu: position", i))
			tap_diag("%s", error.msg);
	}
	bwi_tree_free(&t);
}

static void
test_depth(void)
{
	for (int depth = BW_MAX_DEPTH; depth <= BW_MAX_DEPTH + 1; depth++) {
		char text[1024];
		struct bwi_tree t;
		size_t n = 0;

		for (int i = 0; i < depth; i++, n += 3)
			memcpy(text + n, "<a>", 3);
		for (int i = 0; i < depth; i++, n += 4)
			memcpy(text + n, "</a>", 4);
		bwi_tree_init(&t);
		is_int(bwi_xml_parse(&t, (struct bw_str){text, n}, NULL),
		    depth > BW_MAX_DEPTH ? BW_ERR_DEPTH : BW_OK,
		    "%d levels of elements", depth);
		bwi_tree_free(&t);
	}
}

/* Text in 50,000 pieces of one byte must be parsed in linear time. */
static void
test_pieces(void)
{
	static char text[BW_MAX_BODY];
	struct bwi_tree t;
	size_t n = 3;

	memcpy(text, "<a>", 3);
	for (; n + 9 < sizeof(text); n += 5)
		memcpy(text + n, "&amp;", 5);
	memcpy(text + n, "</a>", 4);
	bwi_tree_init(&t);
	is_int(bwi_xml_parse(&t, (struct bw_str){text, n + 4}, NULL), BW_OK,
	    "very many references");
	is_int(t.nodes[1].value_len, (long long)(n - 3) / 5, "all of them");
	bwi_tree_free(&t);
}

int
main(void)
{
	/* libxml2 prints errors to standard error by default. */
	if (freopen("/dev/full", "w", stderr) == NULL)
		return 1;
	test_rows();
	test_faults();
	test_depth();
	test_pieces();
	ok(fflush(stderr) == 0 && !ferror(stderr), "nothing on standard error");
	return tap_done();
}
