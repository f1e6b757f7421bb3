/* Filters of placeholders. */
#include "template/filter.h"
#include "tests/tap/tap.h"

static const struct {
	const char *filter;
	const char *in; /* NULL: absent */
	const char *out;
} rows[] = {
    {"spell", "+19195550100", "1, 9 1 9, 5 5 5, 0 1 0 0"},
    {"spell", "9195550100", "9 1 9, 5 5 5, 0 1 0 0"},
    {"spell", "42", "4 2"},
    {"spell", "12#*", "1 2 # *"},
    {"spell", "AB-1 2", "A B, 1, 2"},
    {"spell", "+442079460100", "4 4 2 0 7 9 4 6 0 1 0 0"},
    {"spell", "\xc3\xa9x", "\xc3\xa9 x"},
    {"spell", "...", ""},
    {"spell", "", ""},
    {"spell", NULL, NULL},
    {"default:none", NULL, "none"},
    {"default:none", "", "none"},
    {"default:none", "x", "x"},
    {"default:", NULL, ""},
    {"digits", "+1 (919) 555-0100", "19195550100"},
    {"digits", "none", ""},
    {"last:4", "+19195550100", "0100"},
    {"last:4", "12", "12"},
    {"last:1", "a\xc3\xa9", "\xc3\xa9"},
    {"last:999", NULL, NULL},
    {"e164", "(919) 555-0100", "+19195550100"},
    {"e164", "1-919-555-0100", "+19195550100"},
    {"e164", "+44 20 7946 0100", "+442079460100"},
    {"e164", "5550100", ""},
    {"e164", "0195550100", ""},
    {"e164", "Anonymous", ""},
    {"e164", "+", ""},
    {"upper", "aZ1\xc3\xa9", "AZ1\xc3\xa9"},
    {"lower", "aZ1{", "az1{"},
};

static const struct {
	const char *filter;
	const char *want;
} wrong[] = {
    {"spel", "unknown filter \"spel\", did you mean \"spell\"?; there are "
	     "spell default digits last e164 upper lower"},
    {"", "unknown filter \"\"; there are spell default digits last e164 upper "
	 "lower"},
    {"spell:1", "filter \"spell\" takes no argument"},
    {"default", "filter \"default\" needs an argument: {field|default:text}"},
    {"last", "filter \"last\" needs a number from 1 to 999: {field|last:4}"},
    {"last:0", "filter \"last\" needs a number from 1 to 999: {field|last:4}"},
    {"last:1000",
	"filter \"last\" needs a number from 1 to 999: {field|last:4}"},
    {"last:-1", "filter \"last\" needs a number from 1 to 999: {field|last:4}"},
};

int
main(void)
{
	struct bwi_arena arena;

	bwi_arena_init(&arena);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *s = rows[i].filter, *in = rows[i].in;
		struct bw_str v = {in, in != NULL ? strlen(in) : 0};
		struct bwi_filter f;

		ok(bwi_filter_parse(&f, (struct bw_str){s, strlen(s)}, NULL) ==
			    BW_OK &&
			bwi_filter_apply(&f, &arena, &v),
		    "%s applies", s);
		is_text(v, rows[i].out, "%s of %s", s, in != NULL ? in : "-");
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *s = wrong[i].filter;
		struct bw_error e = {0};
		struct bwi_filter f;

		(void)!bwi_filter_parse(&f, (struct bw_str){s, strlen(s)}, &e);
		is_str(e.msg, wrong[i].want, "\"%s\"", s);
	}
	bwi_arena_free(&arena);
	return tap_done();
}
