/* The JSON parser: strict RFC 8259, compared with json-c. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/oracle.h"
#include "tests/tap/tap.h"

#define DEEP8  "[[[[[[[["
#define FLAT8  "]]]]]]]]"
#define DEEP32 DEEP8 DEEP8 DEEP8 DEEP8
#define FLAT32 FLAT8 FLAT8 FLAT8 FLAT8
#define TEXT(s) \
	{ \
		s, sizeof(s) - 1 \
	}

static const struct {
	struct bw_str text;
	const char *msg; /* message of the error; NULL for valid JSON */
} rows[] = {
    {TEXT("{}"), NULL},
    {TEXT(" [ ] \r\n\t"), NULL},
    {TEXT("\xef\xbb\xbf[]"), NULL},
    {TEXT("\"\x7f\""), NULL},
    {TEXT("-0.5e-10"), NULL},
    {TEXT("[0,-0,1E+2,1e2,0.0]"), NULL},
    {TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00Af\""), NULL},
    {TEXT("\"\xf4\x8f\xbf\xbf\""), NULL},
    {TEXT(DEEP32 FLAT32), NULL},
    {TEXT("{\"a\":1,\"a\":2}"), NULL},
    {TEXT(DEEP32 "[]" FLAT32), "1:33: nested too deeply"},
    {TEXT(""), "1:1: ends early"},
    {TEXT("["), "1:2: ends early"},
    {TEXT("{\"a\""), "1:5: ends early"},
    {TEXT("{\"a\":"), "1:6: ends early"},
    {TEXT("\"abc"), "1:5: ends early"},
    {TEXT("\"abc\\"), "1:6: ends early"},
    {TEXT("\"\\u12"), "1:6: ends early"},
    {TEXT("tru"), "1:1: expected a value"},
    {TEXT("True"), "1:1: expected a value"},
    {TEXT("NaN"), "1:1: expected a value"},
    {TEXT("-Infinity"), "1:2: expected a digit"},
    {TEXT("'a'"), "1:1: expected a value"},
    {TEXT("/* */1"), "1:1: expected a value"},
    {TEXT("{a:1}"), "1:2: expected a name in quotes"},
    {TEXT("{\"a\" 1}"), "1:6: expected ':'"},
    {TEXT("{\"a\":1,}"), "1:8: expected a name in quotes"},
    {TEXT("[1,]"), "1:4: expected a value"},
    {TEXT("[1 2]"), "1:4: expected ',' or ']'"},
    {TEXT("{\"a\":1]"), "1:7: expected ',' or '}'"},
    {TEXT("[1}"), "1:3: expected ',' or ']'"},
    {TEXT("01"), "1:2: text after the end"},
    {TEXT("1."), "1:3: ends early"},
    {TEXT("1.x"), "1:3: expected a digit"},
    {TEXT("1e"), "1:3: ends early"},
    {TEXT("+1"), "1:1: expected a value"},
    {TEXT(".5"), "1:1: expected a value"},
    {TEXT("-"), "1:2: ends early"},
    {TEXT("{} {}"), "1:4: text after the end"},
    {TEXT("[]\n\n  x"), "3:3: text after the end"},
    {TEXT("[\"\xc3\xa9\xc3\xa9\",x]"), "1:7: expected a value"},
    {TEXT("\"a\tb\""), "1:3: control character in a string"},
    {TEXT("\"abcdefgh\n\""), "1:10: control character in a string"},
    {TEXT("\"\\x\""), "1:3: no such escape"},
    {TEXT("\"\\\0\""), "1:3: no such escape"},
    {TEXT("\"\\u12g4\""), "1:6: expected four hexadecimal digits"},
    {TEXT("\"\xc3(\""), "1:2: not UTF-8"},
    {TEXT("\"\xed\xa0\x80\""), "1:2: not UTF-8"},
    {TEXT("\"abc\xf5\""), "1:5: not UTF-8"},
    {TEXT("[\xff]"), "1:2: not UTF-8"},
    {TEXT("[1]\0"), "1:4: text after the end"},
    {TEXT("[\0]"), "1:1: not UTF-8: looks like UTF-16 or UTF-32"},
    {TEXT("\xfe\xff\0["), "1:1: not UTF-8: looks like UTF-16 or UTF-32"},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_error error = {0};
		struct bwi_tree t;
		const char *disagreement = oracle_compare(rows[i].text);
		enum bw_err err;

		bwi_tree_init(&t);
		err = bwi_json_parse(&t, rows[i].text, &error);
		if (rows[i].msg == NULL)
			is_int(err, BW_OK, "row %zu", i);
		else
			is_str(error.code == err ? error.msg + 6 : "",
			    rows[i].msg, "row %zu", i);
		ok(disagreement == NULL, "row %zu: %s", i,
		    disagreement != NULL ? disagreement : "json-c agrees");
		bwi_tree_free(&t);
	}
}

static const struct {
	struct bw_str text;
	struct bw_str value;
} strings[] = {
    {TEXT("\"\""), TEXT("")},
    {TEXT("\"plain text of some length\""), TEXT("plain text of some length")},
    {TEXT("\"0123456\\\"89\""), TEXT("0123456\"89")},
    {TEXT("\"\\b\\f\\n\\r\\t\\/\\\\\""), TEXT("\b\f\n\r\t/\\")},
    {TEXT("\"a\\u0000b\""), TEXT("a\0b")},
    {TEXT("\"\\u00e9\\u20AC\\ud83d\\udc4b\""),
	TEXT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x91\x8b")},
    {TEXT("\"\\ud83d\""), TEXT("\xef\xbf\xbd")},
    {TEXT("\"\\udc4b!\""), TEXT("\xef\xbf\xbd!")},
    {TEXT("\"\\ud83d\\ud83d\\udc4b\""), TEXT("\xef\xbf\xbd\xf0\x9f\x91\x8b")},
    {TEXT("\"\\ud83d\\n\""), TEXT("\xef\xbf\xbd\n")},
    {TEXT("\"\\ud83dA\\u0041\""), TEXT("\xef\xbf\xbd"
				       "AA")},
    {TEXT("\"\xc3\xa9 \xf0\x9f\x91\x8b\""), TEXT("\xc3\xa9 \xf0\x9f\x91\x8b")},
};

static void
test_strings(void)
{
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		struct bwi_tree t;

		bwi_tree_init(&t);
		if (is_int(bwi_json_parse(&t, strings[i].text, NULL), BW_OK,
			"string %zu", i))
			ok(bw_str_eq(
			       bwi_node_value(&t.nodes[0]), strings[i].value),
			    "string %zu is decoded", i);
		bwi_tree_free(&t);
	}
}

/* "[1,1,1...": the largest number of values in a body, and one more. */
static void
test_nodes(void)
{
	static char text[2 * BW_MAX_NODES + 2];
	struct bwi_tree t;
	size_t n = 0;

	text[n++] = '[';
	for (int i = 0; i < BW_MAX_NODES - 1; i++) {
		text[n++] = '1';
		text[n++] = ',';
	}
	text[n - 1] = ']';
	bwi_tree_init(&t);
	is_int(bwi_json_parse(&t, (struct bw_str){text, n}, NULL), BW_OK,
	    "the largest number of values");
	is_int(t.n, BW_MAX_NODES, "all of them");
	bwi_tree_reset(&t);
	ok(t.cap < 10000, "memory of a large body is freed");
	memcpy(text + n - 1, ",1]", 3);
	is_int(bwi_json_parse(&t, (struct bw_str){text, n + 2}, NULL),
	    BW_ERR_LIMIT, "one value more");
	bwi_tree_free(&t);
}

static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 16;
}

/* Change, cut and repeat bytes, with bytes that JSON uses. */
static size_t
mutate(char *p, size_t n, uint32_t *state)
{
	static const char bytes[] = "{}[]\",:\\u0019.eE-+ntf \xc3\xa9\x01";

	for (uint32_t k = next_random(state) % 4 + 1; k > 0 && n > 1; k--) {
		size_t at = next_random(state) % n;

		switch (next_random(state) % 3) {
		case 0:
			p[at] = bytes[next_random(state) % (sizeof(bytes) - 1)];
			break;
		case 1:
			memmove(p + at, p + at + 1, n - at - 1);
			n--;
			break;
		default:
			n = n - at > 1 ? n - 1 : n;
			break;
		}
	}
	return n;
}

/* Run both parsers on a payload and on mutations of it. */
static const char *
compare_mutations(const char *p, size_t n, uint32_t seed)
{
	const char *what = oracle_compare((struct bw_str){p, n});
	char *copy = malloc(n + 1);

	for (int i = 0; copy != NULL && what == NULL && i < 50; i++) {
		size_t k;

		memcpy(copy, p, n);
		k = mutate(copy, n, &seed);
		what = oracle_compare((struct bw_str){copy, k});
		if (what != NULL)
			tap_diag("%.*s", (int)k, copy);
	}
	free(copy);
	return what;
}

static void
test_payloads(void)
{
	const char *dir = tap_data_dir();
	struct dirent **files;
	int count = 0;
	int n = scandir(dir, &files, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		const char *name = files[i]->d_name;
		size_t len = strlen(name), size;
		char path[1024];
		char *text;
		const char *what;

		snprintf(path, sizeof(path), "%s/%s", dir, name);
		if (len > 5 && strcmp(name + len - 5, ".json") == 0 &&
		    (text = tap_read_file(path, &size)) != NULL) {
			what = compare_mutations(text, size, (uint32_t)i);
			ok(what == NULL, "%s: %s", name,
			    what != NULL ? what : "json-c agrees");
			count++;
			free(text);
		}
		free(files[i]);
	}
	if (n >= 0)
		free(files);
	ok(count > 50, "there were payloads");
}

int
main(void)
{
	test_rows();
	test_strings();
	test_nodes();
	test_payloads();
	return tap_done();
}
