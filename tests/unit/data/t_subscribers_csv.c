/* Subscribers in a CSV file: lookups, invalid lines, large files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/phone_number.h"
#include "data/subscribers_csv.h"
#include "tests/tap/tap.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *text;
	uint64_t want; /* 0: not a telephone number */
} phones[] = {
    {"9195550100", 19195550100},
    {"19195550100", 19195550100},
    {"+19195550100", 19195550100},
    {"+1 (919) 555-0100", 19195550100},
    {"919.555.0100", 19195550100},
    {"+442079460000", 442079460000},
    {"+4912345", 4912345},
    {"", 0},
    {"+", 0},
    {"-", 0},
    {"5550100", 0},
    {"0195550100", 0},
    {"1195550100", 0},
    {"+11195550100", 0},
    {"29195550100", 0},
    {"+1919555010", 0},
    {"+0123456789", 0},
    {"+1234567890123456", 0},
    {"99999999999999999999999999", 0},
    {"9195550100x", 0},
    {"919555O100", 0},
    {"9.19555E+09", 0},
    {"9195550100;9195550101", 0},
};

static void
test_phones(void)
{
	for (size_t i = 0; i < LENGTH(phones); i++) {
		struct bw_str s = {phones[i].text, strlen(phones[i].text)};
		uint64_t n = 0;

		if (!bwi_phone_number_parse(s, &n))
			n = 0;
		is_int((long long)n, (long long)phones[i].want, "\"%s\"",
		    phones[i].text);
	}
}

static const struct {
	const char *what;
	const char *text;
	const char *want; /* the message, or NULL */
} files[] = {
    {"all columns by other names",
	"phone_number,ACCOUNT,Pass-Code,postal code\n9195550100,1,2,3\n", NULL},
    {"a byte-order mark", "\xef\xbb\xbfnumber,account,pin,zip\n", NULL},
    {"empty lines", "\n,,\nnumber,account,pin,zip\n\n,,,\r\n", NULL},
    {"nothing", "",
	"f: no column \"number\": the first line names the columns"},
    {"no PIN", "number,account,zip\n",
	"f: no column \"pin\": the first line names the columns"},
    {"a misspelt column", "number,account,pin,zip,lokc\n",
	"f:1: column \"lokc\": did you mean \"lock\"? if not, "
	"give it a less similar name"},
    {"two columns", "number,account,pin,zip,passcode\n",
	"f:1: second column for the same field: \"passcode\""},
    {"a number in floating point", "number,account,pin,zip\n9.19E+09,1,2,3\n",
	"f:2: not a telephone number: \"9.19E+09\""},
    {"two lines for a number",
	"number,account,pin,zip\n9195550100,1,2,3\n+19195550100,1,2,3\n",
	"f:3: duplicate number \"+*******0100\""},
    {"a field too many", "number,account,pin,zip\n9195550100,1,2,3,4\n",
	"f:2: more fields than columns"},
    {"a field too few", "number,account,pin,zip\n9195550100,1,2\n",
	"f:2: fewer fields than columns"},
    {"an open quote", "number,account,pin,zip\n9195550100,\"1,2,3\n",
	"f:2: unterminated quoted field"},
    {"text after a quote", "number,account,pin,zip\n9195550100,\"1\"2,2,3\n",
	"f:2: text after a closing quote: put the whole field in quotes and "
	"double the quotes inside"},
    {"Latin-1", "number,account,pin,zip\n9195550100,\xe9,2,3\n",
	"f:2: not UTF-8: save the table as \"CSV UTF-8\""},
};

#define REQUIRE \
	(1u << BWI_SUBSCRIBER_ACCOUNT | 1u << BWI_SUBSCRIBER_PIN | \
	    1u << BWI_SUBSCRIBER_ZIP)

static enum bw_err
parse(struct bwi_subscribers_csv **r, const char *text, struct bw_error *e)
{
	char *copy = bwi_strndup(text, strlen(text));

	*r = NULL;
	if (copy == NULL)
		return BW_ERR_NOMEM;
	return bwi_subscribers_csv_parse_take(
	    r, "f", copy, strlen(text), REQUIRE, e);
}

static void
test_files(void)
{
	for (size_t i = 0; i < LENGTH(files); i++) {
		struct bwi_subscribers_csv *r;
		struct bw_error e = {0};
		enum bw_err err = parse(&r, files[i].text, &e);

		ok((err == BW_OK) == (files[i].want == NULL), "%s: %s",
		    files[i].what, bw_strerror(err));
		is_str(e.msg, files[i].want != NULL ? files[i].want : "",
		    "%s: message", files[i].what);
		bwi_subscribers_csv_free(r);
	}
}

static void
test_quotes(void)
{
	struct bwi_subscribers_csv *r;
	struct bwi_subscriber s;
	struct bw_error e = {0};
	struct bwi_arena arena;
	bool found = false;

	bwi_arena_init(&arena);
	is_int(parse(&r,
		   "number,account,pin,zip,name\n"
		   "\"9195550100\",\"a\nb\",\"\"\"\",\"\",\"x, \"\"y\"\"\"\r\n",
		   &e),
	    BW_OK, "quoted fields %s", e.msg);
	is_int(bwi_subscribers_csv_find(r, 19195550100, &arena, &found, &s),
	    BW_OK, "quoted fields: lookup");
	ok(found, "quoted fields: found");
	is_text(s.field[BWI_SUBSCRIBER_ACCOUNT], "a\nb", "over two lines");
	is_text(s.field[BWI_SUBSCRIBER_PIN], "\"", "a quote alone");
	is_text(s.field[BWI_SUBSCRIBER_ZIP], "", "nothing");
	is_text(s.field[BWI_SUBSCRIBER_NAME], "x, \"y\"", "quotes inside");
	is_text(s.field[BWI_SUBSCRIBER_LOCK], NULL, "no such column");
	bwi_subscribers_csv_free(r);
	bwi_arena_free(&arena);
}

static void
test_no_memory(void)
{
	enum bw_err err = BW_ERR_NOMEM;
	unsigned long n = 0;

	while (err == BW_ERR_NOMEM && n < 50) {
		struct bwi_subscribers_csv *r;
		struct bw_error e = {0};

		tap_fail_alloc(++n);
		err = parse(&r, files[0].text, &e);
		tap_fail_alloc(0);
		bwi_subscribers_csv_free(r);
	}
	is_int(err, BW_OK, "every allocation failed in turn");
	ok(n > 3, "several allocations failed");
}

#define MANY 1000000

static double
seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A file of a million lines of about 60 bytes. */
static char *
make_many(size_t *n)
{
	char *text = bwi_alloc((size_t)MANY * 80 + 100);
	char *p = text;

	if (text == NULL)
		return NULL;
	p += snprintf(p, 100, "number,account,pin,zip,name,status,lock\n");
	for (unsigned i = 0; i < MANY; i++)
		p += snprintf(p, 80,
		    "%u,AC-%07u,%04u,%05u,Subscriber %u,active,no\n",
		    2010000000u + i * 7, i, i % 10000, i % 100000, i);
	*n = (size_t)(p - text);
	return text;
}

static void
test_many(void)
{
	struct bwi_subscribers_csv *r = NULL;
	struct bwi_arena arena;
	struct bw_error e = {0};
	size_t n = 0;
	char *text = make_many(&n);
	double start = seconds(CLOCK_THREAD_CPUTIME_ID), end;
	unsigned long wrong = 0;

	if (!ok(text != NULL, "memory for a million lines"))
		return;
	is_int(bwi_subscribers_csv_parse_take(&r, "many", text, n, REQUIRE, &e),
	    BW_OK, "a million lines %s", e.msg);
	if (r == NULL)
		return;
	end = seconds(CLOCK_THREAD_CPUTIME_ID);
	tap_diag("%zu bytes read in %.3f s of CPU", n, end - start);
	is_int((long long)bwi_subscribers_csv_size(r), MANY,
	    "a million lines: number of rows");
	bwi_arena_init(&arena);
	start = seconds(CLOCK_THREAD_CPUTIME_ID);
	for (unsigned i = 0; i < MANY; i += 5) {
		struct bwi_subscriber s;
		char want[16];
		bool found = false;

		(void)snprintf(want, sizeof(want), "AC-%07u", i);
		if (bwi_subscribers_csv_find(r, UINT64_C(12010000000) + i * 7,
			&arena, &found, &s) != BW_OK ||
		    !found || !bw_str_is(s.field[BWI_SUBSCRIBER_ACCOUNT], want))
			wrong++;
		if (bwi_subscribers_csv_find(r, UINT64_C(12010000001) + i * 7,
			&arena, &found, &s) != BW_OK ||
		    found)
			wrong++;
	}
	end = seconds(CLOCK_THREAD_CPUTIME_ID);
	tap_diag("%.3f us of CPU for a look-up",
	    (end - start) * 1e6 / (MANY / 5 * 2));
	is_int((long long)wrong, 0, "a million lines: every number is found");
	bwi_arena_free(&arena);
	bwi_subscribers_csv_free(r);
}

int
main(void)
{
	test_phones();
	test_files();
	test_quotes();
	test_no_memory();
	test_many();
	return tap_done();
}
