/* Query strings: decoding, nesting, and invalid input. */
#include <stdlib.h>

#include "event/payload_tree.h"
#include "tests/tap/tap.h"

static const struct {
	const char *query;
	const char *name;
	const char *value;
} rows[] = {
    {"a=b", "a", "b"},
    {"a=", "a", ""},
    {"a", "a", ""},
    {"a=b", "b", NULL},
    {"", "a", NULL},
    {"&&a=b&&", "a", "b"},
    {"=x", "", "x"},
    {"a=b=c", "a", "b=c"},
    {"a=b+c%20d%2Be", "a", "b c d+e"},
    {"a%20b=c", "a b", "c"},
    {"a=%", "a", "%"},
    {"a=%4", "a", "%4"},
    {"a=%zz%41", "a", "%zzA"},
    {"a=100%+sure", "a", "100% sure"},
    {"a=%C3%A9", "a", "\xc3\xa9"},
    {"a=x%E9y", "a", "x\xef\xbf\xbdy"},
    {"a=\xff", "a", "\xef\xbf\xbd"},
    {"from=+19195550100", "from", "+19195550100"},
    {"from=%2B19195550100", "from", "+19195550100"},
    {"from=+1919555", "from", "+1919555"},
    {"from=+123456", "from", " 123456"},
    {"from=+19195550100+", "from", " 19195550100 "},
    {"from=+1234567890123456", "from", " 1234567890123456"},
    {"from=+1919555010x", "from", " 1919555010x"},
    {"a.b=1&x=2&a.c=3", "a.b", "1"},
    {"a.b=1&x=2&a.c=3", "a.c", "3"},
    {"a.b.c.d=1", "a.b.c.d", "1"},
    {"a.b=1&a.b.c=2", "a.b", "1"},
    {".a=1", ".a", NULL},
    {"a.=1", "a.", "1"},
    {"d={\"x\":\"y\",\"z\":[1,2]}", "d.x", "y"},
    {"d={\"x\":\"y\",\"z\":[1,2]}", "d.z.1", "2"},
    {"d=%7B%22x%22%3A%22%2B1%22%7D", "d.x", "+1"},
    {"d={x:1}", "d", "{x:1}"},
    {"d=[http://x,+http://y]", "d", "[http://x, http://y]"},
    {"d={", "d", "{"},
    {"d=7", "d", "7"},
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
		struct bw_str query = {rows[i].query, strlen(rows[i].query)};
		struct bw_str name = {rows[i].name, strlen(rows[i].name)};
		uint32_t at;

		bwi_tree_reset(&t);
		is_int(bwi_query_parse(&t, query, NULL), BW_OK, "%s",
		    rows[i].query);
		at = bwi_tree_find(&t, 0, name);
		is_text(value_at(&t, at), rows[i].value, "%s: %s",
		    rows[i].query, rows[i].name);
	}
	bwi_tree_free(&t);
}

/* The largest number of parameters, all of one object, and one more. */
static void
test_parameters(void)
{
	static char text[6 * BW_MAX_PARAMETERS + 6];
	struct bwi_tree t;
	size_t n = 0;

	for (int i = 0; i <= BW_MAX_PARAMETERS; i++, n += 6)
		memcpy(text + n, "a.b=c&", 6);
	bwi_tree_init(&t);
	is_int(bwi_query_parse(&t, (struct bw_str){text, n - 7}, NULL), BW_OK,
	    "the largest number of parameters");
	is_int(t.n, BW_MAX_PARAMETERS + 2, "all of them, in one object");
	bwi_tree_reset(&t);
	is_int(bwi_query_parse(&t, (struct bw_str){text, n - 1}, NULL),
	    BW_ERR_LIMIT, "one parameter more");
	bwi_tree_free(&t);
}

/* Dots and JSON nest; together they stay within the depth limit. */
static void
test_depth(void)
{
	char text[256];
	struct bwi_tree t;
	size_t n = 0;

	for (int i = 0; i < 60; i++, n += 2)
		memcpy(text + n, "a.", 2);
	memcpy(text + n, "a=[[1]]", 8);
	bwi_tree_init(&t);
	is_int(bwi_query_parse(&t, (struct bw_str){text, n + 7}, NULL), BW_OK,
	    "sixty dots");
	is_int(
	    t.n, BW_MAX_DEPTH + 1, "sixty dots: the rest is part of the name");
	is_text(bwi_node_value(&t.nodes[t.n - 1]), "[[1]]",
	    "JSON in sixty dots: the value is a string");
	bwi_tree_free(&t);
}

int
main(void)
{
	test_rows();
	test_parameters();
	test_depth();
	return tap_done();
}
