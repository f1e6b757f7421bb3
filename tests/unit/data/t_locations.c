/* Locations of callers: answers, and lines that are refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/locations.h"
#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#define HEADER "number,aeui,location_id,lat,lon,radius,callback,name\n"

static struct bw_str
text(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

/* Result of the last find(). */
static enum bw_err find_result;

/* The answer; "" for none, NULL after an error. */
static const char *
find(struct bwi_locations *l, const char *number)
{
	static char answer[1024];
	struct bw_error e = {0};
	struct bw_buf b;
	bool found;

	bw_buf_init(&b, 1000);
	find_result = bwi_locations_find(l, text(number), &b, &found, &e);
	answer[0] = '\0';
	if (found)
		(void)snprintf(answer, sizeof(answer), "%.*s", (int)b.n, b.p);
	bw_buf_free(&b);
	return find_result == BW_OK ? answer : NULL;
}

static const struct {
	const char *number;
	const char *want;
} answers[] = {
    {"+19195550101",
	"{\"aeui\":\"site-1\",\"location_id\":\"Room \\\"5\\\"\"}"},
    {"19195550101", "{\"aeui\":\"site-1\",\"location_id\":\"Room \\\"5\\\"\"}"},
    {" 19195550102", "{\"aeui\":\"2\",\"lat\":35.779591,\"lon\":-78.638179}"},
    {"9195550103",
	"{\"aeui\":\"3\",\"location_id\":\"7\",\"lat\":90,\"lon\":-180.0,"
	"\"radius\":50,\"callback\":\"+19195550100\",\"name\":\"Vale\"}"},
    {"+19195550104", ""},
    {"", ""},
    {"anonymous", ""},
};

static const char good[] =
    "\xef\xbb\xbf" HEADER "9195550103,3,7,90,-180.0,50,+19195550100,Vale\r\n"
    "+1 919 555 0101,site-1,\"Room \"\"5\"\"\",,,,,\n"
    "19195550102,2,,35.779591,-78.638179,,,\n";

static void
test_answers(void)
{
	struct bwi_locations *l = NULL;
	struct bw_error e = {0};

	scratch_write("l.csv", good);
	if (!ok(bwi_locations_open(&l, "l.csv", &e) == BW_OK, "opens %s",
		e.msg))
		return;
	for (size_t i = 0; i < LENGTH(answers); i++)
		is_str(find(l, answers[i].number), answers[i].want, "\"%s\"",
		    answers[i].number);
	bwi_locations_free(l);
	bwi_locations_free(NULL);
}

static const struct {
	const char *what;
	const char *text;
	const char *want;
} files[] = {
    {"no aeui", "number,location_id\n",
	"l.csv:1: no column \"aeui\": every answer must have one"},
    {"no number", "aeui,location_id\n", "l.csv:1: no column named \"number\""},
    {"a misspelt column", "number,aeui,locationid\n",
	"l.csv:1: column \"locationid\": did you mean \"location_id\"?"},
    {"no aeui in a line", HEADER "9195550101,,7,,,,,\n",
	"l.csv:2: no aeui: every answer must have one"},
    {"nowhere", HEADER "9195550101,1,,,,,,\n",
	"l.csv:2: neither location_id nor lat and lon"},
    {"half a place", HEADER "9195550101,1,7,35,,,,\n",
	"l.csv:2: only one of lat and lon: write both"},
    {"a radius of nothing", HEADER "9195550101,1,,35,-78,50,,\n",
	"l.csv:2: radius: only with location_id, lat and lon"},
    {"too far north", HEADER "9195550101,1,,90.1,-78,,,\n",
	"l.csv:2: lat: write degrees from -90 to 90, as 35.779591"},
    {"degrees and minutes", HEADER "9195550101,1,,35°46,-78,,,\n",
	"l.csv:2: lat: write degrees from -90 to 90, as 35.779591"},
    {"an exponent", HEADER "9195550101,1,,3e1,-78,,,\n",
	"l.csv:2: lat: write degrees from -90 to 90, as 35.779591"},
    {"no number for JSON", HEADER "9195550101,1,,035,-78,,,\n",
	"l.csv:2: lat: write degrees from -90 to 90, as 35.779591"},
    {"a point alone", HEADER "9195550101,1,,35.,-78,,,\n",
	"l.csv:2: lat: write degrees from -90 to 90, as 35.779591"},
    {"too far west", HEADER "9195550101,1,,35,-181,,,\n",
	"l.csv:2: lon: write degrees from -180 to 180, as -78.638179"},
    {"a negative radius", HEADER "9195550101,1,7,35,-78,-1,,\n",
	"l.csv:2: radius: write metres"},
    {"a callback of ten digits", HEADER "9195550101,1,7,,,,9195550100,\n",
	"l.csv:2: callback: write it as +19195550100"},
    {"no telephone number", HEADER "none,1,7,,,,,\n",
	"l.csv:2: not a telephone number"},
    {"one number twice", HEADER "9195550101,1,7,,,,,\n+19195550101,2,8,,,,,\n",
	"l.csv:3: duplicate number"},
};

static void
test_files(void)
{
	for (size_t i = 0; i < LENGTH(files); i++) {
		struct bwi_locations *l = NULL;
		struct bw_error e = {0};

		scratch_write("l.csv", files[i].text);
		is_int(bwi_locations_open(&l, "l.csv", &e), BW_ERR_SYNTAX, "%s",
		    files[i].what);
		is_str(e.msg, files[i].want, "%s: message", files[i].what);
	}
}

static void
test_reload(void)
{
	struct bwi_locations *l = NULL;
	struct bw_error e = {0};
	unsigned turn;

	scratch_write("l.csv", good);
	ok(bwi_locations_open(&l, "l.csv", &e) == BW_OK, "opens");
	scratch_write("new", HEADER "9195550101,moved,7,,,,,\n");
	(void)rename("new", "l.csv");
	for (turn = 0;
	     strstr(find(l, "9195550101"), "moved") == NULL && tap_poll(&turn);)
		;
	is_str(find(l, "9195550101"),
	    "{\"aeui\":\"moved\",\"location_id\":\"7\"}",
	    "a changed file is used");
	scratch_write("new", HEADER "9195550101,,7,,,,,\n");
	(void)rename("new", "l.csv");
	for (turn = 0; find(l, "9195550101") != NULL && tap_poll(&turn);)
		;
	ok(find(l, "9195550101") == NULL, "an invalid file is not used");
	is_int(bw_err_status(find_result), 500,
	    "an invalid file is not the request's error");
	ok(bwi_locations_take_warning(l, &e),
	    "an invalid file sets a warning: %s", e.msg);
	bwi_locations_free(l);
}

static void
test_no_memory(void)
{
	bool all = true;
	unsigned long n;

	scratch_write("l.csv", good);
	for (n = 1; n < 100; n++) {
		struct bwi_locations *l = NULL;
		struct bw_error e = {0};
		unsigned long before;
		enum bw_err err;

		tap_fail_alloc(n);
		before = tap_alloc_count();
		err = bwi_locations_open(&l, "l.csv", &e);
		if (err == BW_OK)
			(void)find(l, "9195550101");
		before = tap_alloc_count() - before;
		tap_fail_alloc(0);
		all = all && (err == BW_OK || err == BW_ERR_NOMEM);
		bwi_locations_free(l);
		if (before < n)
			break;
	}
	ok(all && n > 5 && n < 100, "any of %lu allocations may fail", n - 1);
}

int
main(void)
{
	scratch_enter();
	test_answers();
	test_files();
	test_reload();
	test_no_memory();
	return tap_done();
}
