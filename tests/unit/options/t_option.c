/* Options by their table: values, messages, help. */
#include <stdio.h>
#include <string.h>

#include "options/option.h"

#include "tests/tap/tap.h"

struct settings {
	bool flag;
	const char *text;
	struct bw_str str;
	struct option_list list;
	int64_t count;
	int64_t any;
	int custom;
	const char *word;
	const char *other; /* of a group */
};

static enum bw_err
parse_custom(void *to, const char *value, struct bw_error *e)
{
	*(int *)to = value[0];
	if (strcmp(value, "bad") == 0)
		return bw_error_set(e, BW_ERR_USAGE, 0, "never good");
	return BW_OK;
}

static const char *
colour(size_t i)
{
	static const char *const all[] = {"red", "green"};

	return i < 2 ? all[i] : NULL;
}

#define AT(member) .at = offsetof(struct settings, member)
static const struct option_row rows[] = {
    {"flag", .kind = OPTION_FLAG, AT(flag), .help = "a flag"},
    {"text", "TEXT", "any text", .letter = 't', .kind = OPTION_TEXT, AT(text)},
    {"str", "TEXT", "text, too", .kind = OPTION_STR, AT(str)},
    {"list", "X", "several", .kind = OPTION_LIST, AT(list), .words = "a|b|c"},
    {"count", "N", "a number", .kind = OPTION_NUMBER, AT(count),
	.form = &option_count, .min = 1, .max = 256},
    {"any", "N", "any number", .kind = OPTION_NUMBER, AT(any),
	.form = &option_count, .min = 1},
    {"custom", "X", "own", .kind = OPTION_CUSTOM, AT(custom),
	.parse = parse_custom},
    {"colour", "C", "one of these", .kind = OPTION_TEXT, AT(word),
	.word = colour},
    {"caller", "NUMBER", "a number", .kind = OPTION_TEXT, AT(text)},
    {"place", "URL", "a URL", .kind = OPTION_TEXT, AT(text)},
    {"line", "NUMBER", "of an order", .kind = OPTION_TEXT, AT(text),
	.value = &option_order_number},
    {"with", "TEXT", "not alone", .kind = OPTION_TEXT, AT(text),
	.needs = "flag list=a|b"},
    {"without", NULL, "alone", .kind = OPTION_FLAG, AT(flag),
	.excludes = "text list=b|c"},
    {"of-two", "X", "of the second", .kind = OPTION_TEXT, AT(other),
	.group = 2},
    {.name = NULL},
};

static struct settings set;
static struct option_rest rest;
static struct bw_error error;
static char *argv[32];
static char words[512];

/* Words separated by single spaces. */
static enum bw_err
parse(const char *line, unsigned group)
{
	const struct option_table table = {rows, group, &set};
	int argc = 0;
	char *p = words, *word;

	set = (struct settings){.flag = false};
	error = (struct bw_error){BW_OK, 0, ""};
	(void)snprintf(words, sizeof(words), "command %s", line);
	while ((word = strsep(&p, " ")) != NULL)
		argv[argc++] = word;
	return option_parse(&table, 1, argc, argv, &rest, &error);
}

static void
test_values(void)
{
	is_int(parse("--flag one --text t --str s --count 256 two", 1), BW_OK,
	    "options and arguments mixed");
	ok(set.flag, "flag");
	is_str(set.text, "t", "text");
	ok(bw_str_is(set.str, "s"), "string");
	is_int(set.count, 256, "number");
	is_int(rest.argc, 2, "arguments");
	is_str(rest.argv[1], "two", "in their order");
	is_int(parse("--text=a=b --list a --list=c -t u --any "
		     "10000000000 - --custom x",
		   1),
	    BW_OK, "other ways to write them");
	is_str(set.text, "u", "the last one counts");
	is_int((long long)set.list.n, 2, "a list");
	is_str(set.list.v[1], "c", "its values");
	ok(set.list.v[2] == NULL, "and its end");
	is_int(set.custom, 'x', "its own parser");
	is_int(rest.argc, 1, "\"-\" is no option");
	is_int(parse("a -- --flag b", 1), BW_OK, "the end of the options");
	ok(!set.flag, "after which there are none");
	ok(rest.ended, "is known");
	is_int(rest.before, 1, "what stood before");
	is_int(rest.argc, 3, "and behind");
	is_int(parse("--text=--flag", 1), BW_OK, "a value like an option");
	is_str(set.text, "--flag", "after an equals sign");
	is_int(parse("--text --no-option", 1), BW_OK, "or if it is none");
	is_int(parse("--count nonsense --help", 1), BW_ERR_USAGE,
	    "what is wrong before --help");
	is_int(parse("a -h --count nonsense", 1), BW_OK, "or behind");
	ok(rest.help, "help");
	is_int(parse("--of-two x", 2), BW_OK, "an option of the group");
}

static const struct {
	const char *line;
	const char *message;
} wrong[] = {
    {"--flg", "no option \"--flg\"; did you mean \"--flag\"?"},
    {"--hlep", "no option \"--hlep\"; did you mean \"--help\"?"},
    {"--nothing-like-it", "no option \"--nothing-like-it\""},
    {"--tex=x", "no option \"--tex=x\"; did you mean \"--text\"?"},
    {"-x", "no option \"-x\""},
    {"-text x", "no option \"-text\"; did you mean \"--text\"?"},
    {"--of-two x", "no option \"--of-two\""},
    {"--flag=yes", "--flag takes no value, and \"yes\" is one"},
    {"--text", "--text: its value is missing: --text TEXT"},
    {"--text --flag", "--text: its value is missing: --text TEXT"},
    {"--count 0", "--count 0: not a number from 1 to 256"},
    {"--count 257", "--count 257: not a number from 1 to 256"},
    {"--count -1", "--count -1: not a number from 1 to 256"},
    {"--count=", "--count : not a number from 1 to 256"},
    {"--count 1x", "--count 1x: not a number from 1 to 256"},
    {"--any 0", "--any 0: not a number above 0"},
    {"--any 10000000001", "--any 10000000001: not a number above 0"},
    {"--any 99999999999999999999",
	"--any 99999999999999999999: not a number above 0"},
    {"--list dd", "--list dd: must be a, b or c"},
    {"--list a|bc", "--list a|bc: must be a, b or c"},
    {"--colour gren",
	"--colour gren: must be red or green; did you mean \"green\"?"},
    {"--colour blue", "--colour blue: must be red or green"},
    {"--custom bad", "--custom bad: never good"},
    {"--caller one",
	"--caller one: must be a number such as +19195550100, a SIP URI or "
	"Anonymous"},
    {"--place ftp://a",
	"--place ftp://a: must be an http or https URL with a host, or a path"},
    {"--line 911", "--line 911: must be 10 digits, or +1 and 10 digits"},
    {"--with x", "--with needs --flag"},
    {"--with x --flag", "--with needs --list a or b"},
    {"--list c --with x --flag", "--with needs --list a or b"},
    {"--without --text x", "--without does not go with --text"},
    {"--list a --list c --without", "--without does not go with --list b or c"},
};

static void
test_texts(void)
{
	static const char *const good[] = {"--caller +19195550100",
	    "--caller 911", "--caller 55512", "--caller sip:a@example.com",
	    "--caller anonymous", "--place http://a", "--place https://a:1/b?c",
	    "--place /b?c=d:e", "--place b", "--line 9195550100",
	    "--line +19195550100", "--with x --flag --list c --list b",
	    "--without --list a", "--text ="};
	static const char *const bad[] = {"--caller +1", "--caller 9195550100",
	    "--caller sip:", "--caller +1919555010x", "--place http:///x",
	    "--place mailto:x", "--place=", "--line 9195550100x"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		is_int(parse(good[i], 1), BW_OK, "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_int(parse(bad[i], 1), BW_ERR_USAGE, "%s", bad[i]);
}

static void
test_messages(void)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		is_int(parse(wrong[i].line, 1), BW_ERR_USAGE, "refused");
		is_str(error.msg, wrong[i].message, "%s", wrong[i].line);
	}
}

static void
test_full(void)
{
	static char list[] = "--list", value[] = "a";
	const struct option_table table = {rows, 1, &set};
	char *many[2 * OPTION_MAX_LIST + 4];
	int n = 1;

	set = (struct settings){.flag = false};
	error = (struct bw_error){BW_OK, 0, ""};
	many[0] = list;
	while (n < 2 * OPTION_MAX_LIST + 3) {
		many[n++] = list;
		many[n++] = value;
	}
	is_int(option_parse(&table, 1, n - 2, many, &rest, &error), BW_OK,
	    "as many as fit");
	set.list.n = 0;
	n = 1;
	while (n < 2 * OPTION_MAX_LIST + 3) {
		many[n++] = list;
		many[n++] = value;
	}
	is_int(option_parse(&table, 1, n, many, &rest, &error), BW_ERR_USAGE,
	    "one more");
	is_str(error.msg, "--list a: more than 64 of them", "says so");
}

static void
test_help(void)
{
	const struct option_table table = {rows, 1, NULL};
	struct bw_buf b;

	bw_buf_init(&b, 4096);
	option_put_help(&b, &table, 1);
	bw_buf_putc(&b, '\0');
	is_str(b.p,
	    "  --flag           a flag\n"
	    "  -t, --text TEXT  any text\n"
	    "  --str TEXT       text, too\n"
	    "  --list X...      several: a, b or c\n"
	    "  --count N        a number\n"
	    "  --any N          any number\n"
	    "  --custom X       own\n"
	    "  --colour C       one of these: red or green\n"
	    "  --caller NUMBER  a number\n"
	    "  --place URL      a URL\n"
	    "  --line NUMBER    of an order\n"
	    "  --with TEXT      not alone\n"
	    "  --without        alone\n",
	    "help");
	bw_buf_reset(&b);
	option_put_text(&b, 4,
	    "A text that is longer than what one line of a terminal has room "
	    "for, and\na second line.");
	bw_buf_putc(&b, '\0');
	is_str(b.p,
	    "A text that is longer than what one line of a terminal has room "
	    "for, and\n    a second line.\n",
	    "filled lines");
	bw_buf_free(&b);
}

int
main(void)
{
	test_values();
	test_texts();
	test_messages();
	test_full();
	test_help();
	return tap_done();
}
