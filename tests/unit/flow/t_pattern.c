/* Values of conditions, and suggestions for misspelt names. */
#include <bwcallback/tools/spell.h>

#include "flow/pattern.h"
#include "tests/tap/tap.h"

static const struct {
	const char *pattern;
	const char *value; /* NULL: absent */
	bool want;
} rows[] = {
    {"1", "1", true},
    {"1", "11", false},
    {"1", "", false},
    {"1", NULL, false},
    {"1|2", "2", true},
    {"1|2", "3", false},
    {"", "", true},
    {"", NULL, true},
    {"", "x", false},
    {"a|", NULL, true},
    {"|a", "a", true},
    {"*", NULL, true},
    {"*", "anything", true},
    {"?*", NULL, false},
    {"?*", "x", true},
    {"+1919*", "+19195550100", true},
    {"+1919*", "+1919", true},
    {"+1919*", "+191", false},
    {"+1919*|+1984*", "+19845550100", true},
    {"*0100", "+19195550100", true},
    {"*0100", "+19195550101", false},
    {"a*b*c", "aXbXbXc", true},
    {"a*b*c", "aXcXb", false},
    {"a**c", "ac", true},
    {"?", "\xc3\xa9", true},
    {"??", "\xc3\xa9", false},
    {"a?c", "abc", true},
    {"\\*", "*", true},
    {"\\*", "x", false},
    {"\\*\\#", "*#", true},
    {"1\\|2", "1|2", true},
    {"1\\|2", "1", false},
    {"a\\\\", "a\\", true},
    {"a\\", "a\\", true},
    {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
};

static void
test_match(void)
{
	struct bwi_arena arena;

	bwi_arena_init(&arena);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *p = rows[i].pattern, *v = rows[i].value;
		struct bwi_pattern *m =
		    bwi_pattern_compile(&arena, (struct bw_str){p, strlen(p)});

		ok(m != NULL &&
			bwi_pattern_match(
			    m, (struct bw_str){v, v != NULL ? strlen(v) : 0}) ==
			    rows[i].want,
		    "%s against %s", p, v != NULL ? v : "nothing");
	}
	ok(bwi_pattern_is_any(bwi_pattern_compile(&arena, BW_STR("a|*"))),
	    "an alternative matches whatever comes");
	ok(!bwi_pattern_is_any(bwi_pattern_compile(&arena, BW_STR("a*|?*"))),
	    "none does");
	bwi_arena_free(&arena);
	tap_fail_alloc(1);
	ok(bwi_pattern_compile(&arena, BW_STR("a")) == NULL, "out of memory");
	tap_fail_alloc(0);
	bwi_arena_free(&arena);
}

static const struct {
	const char *got;
	const char *want;
} nearly[] = {
    {"gahter", "gather"},
    {"Gather", "gather"},
    {"gathers", "gather"},
    {"initate", "initiate"},
    {"recordingComplete", "recordComplete"},
    {"dogs", NULL},
    {"x", NULL},
    {"", NULL},
};

static void
test_suggest(void)
{
	static const char *const names[] = {
	    "", "initiate", "gather", "recordComplete", "redirect"};

	for (size_t i = 0; i < sizeof(nearly) / sizeof(nearly[0]); i++) {
		const char *got = nearly[i].got;

		is_str(bw_spell_suggest((struct bw_str){got, strlen(got)},
			   names, sizeof(names) / sizeof(names[0])),
		    nearly[i].want, "\"%s\" is near", got);
	}
}

int
main(void)
{
	test_match();
	test_suggest();
	return tap_done();
}
