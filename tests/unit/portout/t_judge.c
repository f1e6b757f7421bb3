/*
 * Port-outs decided by subscriber data, from request to response: in every case
 * a complete verdict is sent with status 200, and it allows the port-out only
 * if every rule passed or the operator configured so.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/support/portout_requests.h"
#include "tests/support/scratch.h"
#include "tests/support/verdicts.h"
#include "tests/tap/tap.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#define HEADER \
	"Telephone Number,Account Number,PIN,ZIP,Name,Status,Lock,Notes\n"

/* A name of 96 characters, three more than the maximum. */
#define LONG \
	"Abcdefghijkl of Abcdefghijkl of Abcdefghijkl of Abcdefghijkl of " \
	"Abcdefghijkl of Abcdefghijkl of "

/* Numbers in several notations, as spreadsheets and people write them. */
#define SUBSCRIBERS \
	HEADER \
	"919-555-0192,AC-900,0042,02154,\"Reed, \"\"A\"\" & Sons\",active,,\n" \
	"(919) 555-0191,ac900,0042,2154-1234,Reed A & Sons,Active,no,\n" \
	"+1 919 555 0193,7,1234,27601,Vale,gone,,\n" \
	"9195550194,7,1234,27601,Vale,active,yes,\n" \
	"19195550195,7,1234,276011234,Vale,active,0,\r\n" \
	",,,,,,,\n" \
	"9195550196,7,,27601,Vale,active,,\n" \
	"9195550197,8,1234,27601,,active,maybe,\n" \
	"9195550198,ABCDEFGHIJKLMNOPQRSTUVWXYZ,1234,02154-12340000001," LONG \
	",active,,\n"

static const char config_text[] =
    "<callbacks>\n"
    "<portout path='/p'><subscribers file='s.csv'/></portout>\n"
    "<portout path='/name'><subscribers file='s.csv' require='name'/>"
    "</portout>\n"
    "<portout path='/open' on-error='allow'><subscribers file='s.csv'/>"
    "</portout>\n"
    "<portout path='/tell'><subscribers file='s.csv' max-numbers='2'\n"
    "disclose='account zip name number'/></portout>\n"
    "<portout path='/rule'><on PON='STOP*'><deny code='7519'/></on>\n"
    "<subscribers file='s.csv'/></portout>\n"
    "<portout path='/often'><subscribers file='s.csv' velocity='2'/>\n"
    "</portout>\n"
    "<portout path='/sql'><subscribers sqlite='s.db' query='SELECT acct AS\n"
    "account, code AS pin, zip FROM t WHERE tn = ?1 OR tn = ?2'\n"
    "/></portout>\n"
    "<portout path='/slow'><subscribers sqlite='s.db' query='WITH RECURSIVE\n"
    "c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS account,\n"
    "x AS pin, x AS zip FROM c WHERE x = -length(?1)'/></portout>\n"
    "<portout path='/notified'><subscribers file='s.csv'/>\n"
    "<notify program='tell'><arg>one</arg></notify></portout>\n"
    "<portout path='/sleepy'><subscribers file='s.csv'/>\n"
    "<notify program='sleep'/></portout>\n"
    "</callbacks>\n";

static struct bw_config *config;
static char body[65536];

static void
send_request(const char *path, const char *text)
{
	verdicts_send(config, path, (struct bw_str){text, strlen(text)});
}

static void
test_rows(void)
{
	for (size_t i = 0; i < LENGTH(rows); i++) {
		/* The second request is a re-delivery. */
		for (int again = 0; again < 2; again++) {
			send_request(rows[i].path, rows[i].body);
			is_str(
			    verdicts_fault(), NULL, "%s: valid", rows[i].what);
			is_str(verdicts_codes(), rows[i].codes, "%s",
			    rows[i].what);
			if (rows[i].holds != NULL)
				ok(verdicts_hold(rows[i].holds), "%s: holds %s",
				    rows[i].what, rows[i].holds);
			ok(!verdicts_hold("0042") && !verdicts_hold("7599"),
			    "%s: no PIN in it", rows[i].what);
		}
	}
}

/* Make each allocation of a request fail in turn. */
static void
test_no_memory(void)
{
	for (size_t i = 0; i < LENGTH(rows); i++) {
		unsigned long n = 0;
		bool all = true;

		if (strcmp(rows[i].path, "/open") == 0 ||
		    strcmp(rows[i].path, "/slow") == 0)
			continue;
		for (n = 1; n < 200; n++) {
			unsigned long before;
			const char *c;

			verdicts_renew();
			/*
			 * A different body each time, so that no stored verdict
			 * is used.
			 */
			(void)snprintf(body, sizeof(body), "%s<!--%lu-->",
			    rows[i].body, n);
			tap_fail_alloc(n);
			before = tap_alloc_count();
			send_request(rows[i].path, body);
			before = tap_alloc_count() - before;
			tap_fail_alloc(0);
			c = verdicts_codes();
			all = all && verdicts_fault() == NULL &&
			      strcmp(c, "?") != 0 &&
			      (c[0] != '\0' || rows[i].codes[0] == '\0');
			if (before < n)
				break;
		}
		ok(all && n < 200, "%s: any allocation may fail", rows[i].what);
	}
}

static void
ask_numbered(const char *path, int pon)
{
	(void)snprintf(
	    body, sizeof(body), REQUEST(PON("V-%d") RIGHT, N192), pon);
	send_request(path, body);
}

static void
test_velocity(void)
{
	ask_numbered("/often", 1);
	is_str(verdicts_codes(), "", "the first request for a number");
	ask_numbered("/often", 2);
	is_str(verdicts_codes(), "", "the second");
	ask_numbered("/often", 3);
	is_str(verdicts_codes(), "7598", "the third is one too many");
	ok(verdicts_hold("Too many requests"), "with that reason");
	send_request("/often", REQUEST(PON("V-4") PIN("1"), N192));
	is_str(verdicts_codes(), "7598", "no error about the PIN then");
	ask_numbered("/often", 1);
	is_str(verdicts_codes(), "", "a re-delivery gets the same verdict");
	ask_numbered("/often", 3);
	is_str(verdicts_codes(), "7598", "also if it was refused");
	send_request("/often", REQUEST(PON("V-5") SEVEN, N195));
	is_str(verdicts_codes(), "", "another number is another");
}

/* Repeat the request until the verdict is as expected. */
static bool
comes_to(const char *path, const char *fields, const char *want)
{
	static int pon;
	unsigned turn = 0;
	bool good = true;

	do {
		(void)snprintf(body, sizeof(body),
		    REQUEST(PON("C-%d") "%s", N192), ++pon, fields);
		send_request(path, body);
		good = good && verdicts_fault() == NULL;
		if (strcmp(verdicts_codes(), want) == 0)
			return good;
	} while (tap_poll(&turn));
	return false;
}

static void
replace(const char *name, const char *text)
{
	scratch_write("new", text);
	if (rename("new", name) != 0)
		tap_diag("%s: not replaced", name);
}

static void
test_read_again(void)
{
	static const char other[] =
	    HEADER "9195550192,AC-900,5555,02154,x,active,,\n";
	struct bw_error e = {0};

	replace("s.csv", other);
	ok(comes_to("/p", RIGHT, "7513"), "a changed file is read");
	(void)unlink("s.csv");
	ok(comes_to("/p", RIGHT, "7598"), "without a file there is no data");
	ok(comes_to("/open", "", ""), "and the policy decides");
	ok(bw_config_take_warning(config, &e) && strstr(e.msg, "s.csv") != NULL,
	    "a warning is logged: %s", e.msg);
	replace("s.csv", HEADER "9195550192,AC-900,0042\n");
	ok(comes_to("/p", RIGHT, "7598"), "a broken file counts as missing");
	replace("s.csv", SUBSCRIBERS);
	ok(comes_to("/p", RIGHT, ""), "a valid file is read again");
	ok(comes_to("/open", RIGHT, ""), "in every section");
	ok(comes_to("/open", "", "7510 7512 7514"), "which then goes by it");
	/* Test all sections before continuing. */
	ok(comes_to("/notified", "", "7510 7512 7514"), "and the last");
}

static void
make_database(const char *name)
{
	static const char sql[] =
	    "CREATE TABLE t(tn, acct, code, zip);"
	    "INSERT INTO t VALUES('9195550192','AC-900','0042','02154'),"
	    "('+19195550195','7',1234,'27601'),('9195550199','7','1234','27601'"
	    "),('9195550199','8','1234','27601')";
	sqlite3 *db = NULL;

	(void)unlink(name);
	if (sqlite3_open(name, &db) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		tap_diag("%s: %s", name, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void
test_database(void)
{
	sqlite3 *db = NULL;

	ok(sqlite3_open("s.db", &db) == SQLITE_OK &&
		sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL) ==
		    SQLITE_OK,
	    "another connection locks the database");
	send_request("/sql", REQUEST(PON("L-1") RIGHT, N192));
	is_str(verdicts_codes(), "7598", "a locked database cannot be read");
	is_str(verdicts_fault(), NULL, "and the verdict is valid");
	ok(verdicts_response()->fallback, "by the policy");
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(db);
	send_request("/sql", REQUEST(PON("L-1") RIGHT, N192));
	is_str(verdicts_codes(), "", "the retry finds it free");
	(void)unlink("s.db");
	send_request("/sql", REQUEST(PON("L-2") RIGHT, N192));
	is_str(
	    verdicts_codes(), "7598", "a removed database counts as missing");
	scratch_write("s.db", "This is no database, whatever it is called.\n");
	send_request("/sql", REQUEST(PON("L-3") RIGHT, N192));
	is_str(verdicts_codes(), "7598", "nor is another file");
	make_database("s.db");
	send_request("/sql", REQUEST(PON("L-4") RIGHT, N192));
	is_str(verdicts_codes(), "", "a new one is used");
}

/* An independent oracle: a request passes if each part was chosen correctly. */
static void
test_property(void)
{
	static const char *const accounts[] = {
	    "AC-900", "ac 900", "AC-90", "", "7", "AC-9000", "0"};
	static const char *const pins[] = {"0042", "42", "", "1234", "00042"};
	static const char *const zips[] = {
	    "02154", "02154-0001", "2154", "02155", "", "21540", "x"};
	static const char *const numbers[] = {"9195550192", "+19195550191",
	    "9195550193", "9195550194", "9195550196", "9195550100"};
	unsigned seed = 20260601;
	int passed = 0, wrong = 0;

	for (int i = 0; i < 3000; i++) {
		size_t a, p, z, n, m;
		bool want;

#define PICK(list) \
	(seed = seed * 1103515245 + 12345, (seed >> 16) % LENGTH(list))
		a = PICK(accounts);
		p = PICK(pins);
		z = PICK(zips);
		n = PICK(numbers);
		m = PICK(numbers);
		want = a < 2 && p == 0 && z < 3 && n < 2 && m < 2;
		(void)snprintf(body, sizeof(body),
		    REQUEST(PON("R-%d") ACCOUNT("%s") PIN("%s") ZIP("%s"),
			NUMBER("%s") NUMBER("%s")),
		    i, accounts[a], pins[p], zips[z], numbers[n], numbers[m]);
		send_request("/p", body);
		passed += want;
		wrong += verdicts_fault() != NULL ||
			 (verdicts_codes()[0] == '\0') != want;
	}
	is_int(wrong, 0, "3000 requests, each judged right");
	ok(passed > 0, "%d of which pass", passed);
}

static void
test_notify(void)
{
	char *text;
	size_t n;

	verdicts_replay(config, "/notified",
	    BW_STR(REQUEST(PON("AGAIN") PIN("0042"), N192)));
	is_str(verdicts_codes(), "7510 7514", "replayed: nobody is notified");
	send_request("/notified", REQUEST(PON("H&amp;1\"") PIN("0042"), N192));
	is_str(verdicts_codes(), "7510 7514", "a verdict with a notification");
	send_request("/notified", "<PortOut");
	is_str(verdicts_codes(), "7598", "and one by the policy");
	for (unsigned turn = 0; access("second", F_OK) != 0 && tap_poll(&turn);)
		;
	text = tap_read_file("first", &n);
	is_str(text,
	    "one\n{\"portable\":false,\"codes\":[7510,7514],\"on_error\":false,"
	    "\"section\":\"/notified\",\"pon\":\"H&1\\\"\",\"numbers\":["
	    "\"9195550192\"]}\n",
	    "the program gets the verdict");
	free(text);
	text = tap_read_file("second", &n);
	ok(text != NULL && strstr(text, "\"on_error\":true") != NULL &&
		strstr(text, "\"why\":\"") != NULL,
	    "also why it was the policy");
	free(text);
}

/* A request with too much text for a message. */
static void
test_notify_long(void)
{
	static char pon[60001];
	char *text = NULL;
	size_t n;

	memset(pon, 'P', sizeof(pon) - 1);
	(void)unlink("second");
	(void)snprintf(
	    body, sizeof(body), REQUEST(PON("%s") RIGHT, N192 N192), pon);
	send_request("/notified", body);
	is_str(verdicts_codes(), "", "a port-out is allowed, with long texts");
	for (unsigned turn = 0; access("second", F_OK) != 0 && tap_poll(&turn);)
		;
	text = tap_read_file("second", &n);
	ok(text != NULL && strstr(text, "\"portable\":true") != NULL &&
		strstr(text, "9195550192") != NULL && n < 2000,
	    "the notification is sent all the same");
	free(text);
}

/* The program does not exit while the file exists, and the queue overflows. */
static void
test_notify_slow(void)
{
	struct bw_error e = {0};
	size_t begun = 0; /* one byte for each start */
	bool all = true;

	for (int i = 0; i < 100; i++) {
		ask_numbered("/sleepy", i);
		all = all && verdicts_codes()[0] == '\0';
	}
	ok(all, "a hundred verdicts");
	free(tap_read_file("begun", &begun));
	ok(begun < 50, "wait for none of the %zu programs that began", begun);
	ok(bw_config_take_warning(config, &e) &&
		strstr(e.msg, "not passed on") != NULL,
	    "dropped verdicts are logged: %s", e.msg);
}

/* The store's folder does not exist. */
static void
test_no_store(void)
{
	static const char text[] =
	    "<callbacks><store url='sqlite:s.csv/events.db'/>"
	    "<portout path='/p'><subscribers file='s.csv'/></portout>"
	    "</callbacks>";
	struct bw_config *before = config;
	struct bw_error e = {0};

	scratch_write("other.xml", text);
	if (!ok(bw_config_load("other.xml", &config, NULL, &e) == BW_OK,
		"a configuration whose store cannot be opened %s", e.msg))
		return;
	send_request("/p", REQUEST(PON("S-1") RIGHT, N192));
	is_str(verdicts_codes(), "", "the verdict is by the data all the same");
	is_str(verdicts_fault(), NULL, "and valid");
	ok(verdicts_response()->why.code != BW_OK, "a warning is logged: %s",
	    verdicts_response()->why.msg);
	send_request("/p", REQUEST(PON("S-2"), N192));
	is_str(verdicts_codes(), "7510 7512 7514", "also when it refuses");
	bw_config_unref(config);
	config = before;
}

static void
write_files(void)
{
	scratch_write("s.csv", SUBSCRIBERS);
	scratch_write("callbacks.xml", config_text);
	scratch_write_program("tell",
	    "#!/bin/sh\nf=first; test -f first && f=second\n"
	    "{ echo \"$1\"; cat; } >$f.new\nmv $f.new $f\n");
	scratch_write_program("sleep",
	    "#!/bin/sh\necho >>begun\n"
	    "while [ -e \"$0\" ]; do sleep 0.2; done\n");
	make_database("s.db");
}

static void
on_finding(void *arg, const struct bw_finding *f)
{
	(void)arg;
	tap_diag("%s:%d: %s", f->file, f->line, f->text);
}

int
main(void)
{
	struct bw_reporter reporter = {on_finding, NULL};
	struct bw_error e = {0};

	scratch_enter();
	write_files();
	if (!ok(verdicts_begin() && bw_config_load("callbacks.xml", &config,
					&reporter, &e) == BW_OK,
		"the configuration loads %s", e.msg))
		return tap_done();
	test_rows();
	test_no_memory();
	test_velocity();
	test_notify();
	test_notify_long();
	test_notify_slow();
	test_property();
	test_read_again();
	test_database();
	test_no_store();
	bw_config_unref(config);
	verdicts_end();
	return tap_done();
}
