/*
 * Requests with a store: acknowledged events are stored, re-deliveries get the
 * first answer, and errors of the store are handled by family.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include <bwcallback/callback.h>

#include "base/request.h"
#include "base/response.h"
#include "fixture.h"
#include "tests/tap/tap.h"

static const char config_text[] =
    "<callbacks>\n"
    "<store url='sqlite:events.db'/>\n"
    "<voice path='/voice'>\n"
    "<on event='gather' digits='2'><exec program='waits'/></on>\n"
    "<on event='gather'><exec program='counts'/></on>\n"
    "<on event='answer'><Response><Hangup/></Response></on>\n"
    "<fallback><Response><Pause/></Response></fallback>\n"
    "</voice>\n"
    "<messaging path='/messages'>\n"
    "<on event='message-failed'><exec program='fails'/></on>\n"
    "</messaging>\n"
    "<numbers path='/orders'/>\n"
    "<numbers path='/patient' deadline='60s'/>\n"
    "<mfa path='/mfa'/>\n"
    "<portout path='/portout'/>\n"
    "<portout path='/often'><subscribers file='s.csv' require='pin'"
    " velocity='2'/></portout>\n"
    "</callbacks>\n";

static char dir[64];
static struct bw_config *config;
static struct bw_callback_context *worker;
static struct bw_response resp;

static char *
in_dir(const char *name)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
write_file(const char *name, const char *text, mode_t mode)
{
	FILE *f = fopen(in_dir(name), "w");

	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0 ||
	    chmod(in_dir(name), mode) != 0) {
		printf("Bail out! %s: %s\n", in_dir(name), strerror(errno));
		exit(1);
	}
}

static void
load(void)
{
	struct bw_error e = {0};
	struct bw_config *before = config;

	if (bw_config_load(in_dir("callbacks.xml"), &config,
		&(struct bw_reporter){0}, &e) != BW_OK) {
		printf("Bail out! %s\n", e.msg);
		exit(1);
	}
	bw_config_unref(before);
}

static void
start(void)
{
	fixture_make_dir(dir);
	write_file("callbacks.xml", config_text, 0600);
	write_file("counts",
	    "#!/bin/sh\n"
	    "echo run >> \"${0%/*}/runs\"\nsleep 0.2\n"
	    "echo \"<Response><Pause duration='$(wc -l < \"${0%/*}/runs\")'/>"
	    "</Response>\"\n",
	    0700);
	write_file("fails", "#!/bin/sh\nexit 3\n", 0700);
	write_file("waits",
	    "#!/bin/sh\n"
	    "echo run >> \"${0%/*}/runs\"\n"
	    "until [ -e \"${0%/*}/go\" ]; do sleep 0.02; done\n"
	    "echo '<Response><Pause duration=\"7\"/></Response>'\n",
	    0700);
	write_file("s.csv", "number,pin\n9195550101,1\n9195550102,1\n", 0600);
	config = NULL;
	load();
}

static void
stop(void)
{
	bw_config_unref(config);
	config = NULL;
	fixture_remove_dir(dir);
}

static int
answer_with(struct bw_callback_context *w, struct bw_response *r,
    const char *path, const char *body)
{
	struct bw_request req = {
	    .id = BW_STR("r-1"),
	    .method = BW_METHOD_POST,
	    .method_name = BW_STR("POST"),
	    .path = fixture_text(path),
	    .content_type = BW_STR("application/json"),
	    .content_length = (int64_t)strlen(body),
	    .body = fixture_text(body),
	    .arrived = fixture_in(0),
	};

	bw_callback_answer(w, config, &req, r);
	return r->status;
}

static int
answer(const char *path, const char *body)
{
	return answer_with(worker, &resp, path, body);
}

static struct bw_str
body_of(const struct bw_response *r)
{
	return r->prepared.p != NULL ? r->prepared
				     : (struct bw_str){r->body.p, r->body.n};
}

#define GATHER_DIGITS(time, digits) \
	"{\"eventType\":\"gather\",\"accountId\":\"9900100\"," \
	"\"callId\":\"c-1\",\"eventTime\":\"" time "\"," \
	"\"digits\":\"" digits "\"}"
#define GATHER(time) GATHER_DIGITS(time, "1")
#define ANSWER(call) \
	"{\"eventType\":\"answer\",\"accountId\":\"9900100\"," \
	"\"callId\":\"" call "\",\"from\":\"+19195550101\"}"
#define MESSAGE(type, id) \
	"[{\"type\":\"" type "\",\"to\":\"+19195550102\"," \
	"\"message\":{\"id\":\"" id "\",\"from\":\"+19195550101\"}}]"
#define CODE(platform) \
	"{\"type\":\"message-failed\",\"platform\":\"" platform "\"," \
	"\"time\":\"2026-03-02T10:00:00Z\",\"description\":\"x\"," \
	"\"message\":{\"id\":\"m-" platform "\"},\"errorCode\":995}"
#define ORDER \
	"<Notification><SubscriptionId>s-1</SubscriptionId><OrderId>o-1" \
	"</OrderId><Status>COMPLETE</Status></Notification>"
#define PORTOUT \
	"<PortOutValidationRequest><PON>p-1</PON><TelephoneNumbers>" \
	"<TelephoneNumber>9195550101</TelephoneNumber></TelephoneNumbers>" \
	"</PortOutValidationRequest>"

static size_t
stored(void)
{
	struct bw_store *s = NULL;
	struct bw_error e = {0};
	char url[300];
	size_t n;

	(void)snprintf(url, sizeof(url), "sqlite:%s", in_dir("events.db"));
	if (bw_store_open(url, &s, &e) != BW_OK) {
		tap_diag("%s", e.msg);
		return 0;
	}
	n = fixture_count(s, NULL);
	bw_store_free(s);
	return n;
}

static int
runs(void)
{
	size_t n = 0;
	char *text = tap_read_file(in_dir("runs"), &n);
	int lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	free(text);
	return lines;
}

static void
test_families(void)
{
	start();
	is_int(answer("/messages", MESSAGE("message-received", "m-1")), 200,
	    "a message");
	is_int((long long)stored(), 1, "is stored");
	is_int(answer("/messages", MESSAGE("message-received", "m-1")), 200,
	    "again");
	is_int((long long)stored(), 1, "is the same");
	is_int(answer("/orders", ORDER), 200, "an order");
	is_int(answer("/portout", PORTOUT), 200, "a port-out");
	is_int(answer("/voice", ANSWER("c-9")), 200, "a call");
	is_int((long long)stored(), 4, "all are stored");
	is_int(answer("/messages", "{\"broken"), 200, "an unreadable message");
	ok(resp.why.code == BW_ERR_SYNTAX, "with the reason for the log");
	is_int(answer("/voice", "{\"broken"), 400, "an unreadable call");
	is_int((long long)stored(), 6, "are stored, too");
	is_int(answer("/messages", "[]"), 200, "an empty list");
	is_int(answer("/messages",
		   "[{\"type\":\"message-sent\",\"to\":\"1\",\"message\":"
		   "{\"id\":\"a\"}},{\"type\":\"message-sent\",\"to\":\"2\","
		   "\"message\":{\"id\":\"a\"}}]"),
	    200, "a list of two");
	is_int((long long)stored(), 8, "is two");
	load();
	is_int(answer("/messages", MESSAGE("message-received", "m-1")), 200,
	    "after a reload");
	is_int((long long)stored(), 8, "the same store is used");
	stop();
}

struct caller {
	struct bw_callback_context *worker;
	struct bw_response resp;
};

static void *
call(void *arg)
{
	struct caller *c = arg;

	(void)answer_with(c->worker, &c->resp, "/voice", GATHER("t-2"));
	return NULL;
}

#define CALLERS 6

static void
test_re_delivery(void)
{
	struct caller callers[CALLERS];
	pthread_t threads[CALLERS];
	int same = 0;

	start();
	is_int(answer("/voice", GATHER("t-1")), 200, "a program answers");
	is_text(body_of(&resp), "<Response><Pause duration='1'/></Response>\n",
	    "the first time");
	is_int(answer("/voice", GATHER("t-1")), 200, "a re-delivery");
	is_text(body_of(&resp), "<Response><Pause duration='1'/></Response>\n",
	    "gets the same");
	is_str(resp.content_type, "application/xml; charset=utf-8",
	    "of the same type");
	is_int(runs(), 1, "without running the program again");

	for (int i = 0; i < CALLERS; i++) {
		callers[i].worker = bw_callback_context_new();
		bwi_response_init(&callers[i].resp);
		(void)pthread_create(&threads[i], NULL, call, &callers[i]);
	}
	for (int i = 0; i < CALLERS; i++) {
		(void)pthread_join(threads[i], NULL);
		same += bw_str_is(body_of(&callers[i].resp),
		    "<Response><Pause duration='2'/></Response>\n");
		bwi_response_release(&callers[i].resp);
		bw_callback_context_free(callers[i].worker);
	}
	is_int(same, CALLERS, "concurrent deliveries get one answer");
	is_int(runs(), 2, "and the program ran once");
	stop();
}

/* Wait until a file is there. */
static bool
appears(const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (unsigned turn = 0; access(path, F_OK) != 0;) {
		if (!tap_poll(&turn))
			return false;
	}
	return true;
}

/* What was answered may still be written. */
static sqlite3 *
lock(void)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(in_dir("events.db"), &db) != SQLITE_OK ||
	    sqlite3_busy_timeout(db, 120000) != SQLITE_OK ||
	    sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		tap_diag("not locked");
	return db;
}

/* Once the program runs, let the store go on, and then the program. */
static void *
unlock(void *db)
{
	if (!appears("runs"))
		tap_diag("the program was not started");
	sqlite3_close(db);
	for (unsigned turn = 0; stored() < 2 && tap_poll(&turn);)
		;
	write_file("go", "", 0600);
	return NULL;
}

/*
 * A call does not wait long for the store. Its answer is recorded all the same
 * if the event is stored before it ends.
 */
static void
test_slow_store(void)
{
	pthread_t other;

	start();
	is_int(answer("/voice", ANSWER("c-9")), 200, "a call");
	if (pthread_create(&other, NULL, unlock, lock()) != 0)
		abort();
	is_int(answer("/voice", GATHER_DIGITS("t-3", "2")), 200,
	    "a call goes on while the store is locked");
	(void)pthread_join(other, NULL);
	is_int(
	    answer("/voice", GATHER_DIGITS("t-3", "2")), 200, "a re-delivery");
	is_text(body_of(&resp),
	    "<Response><Pause duration=\"7\"/></Response>\n",
	    "gets the first answer");
	is_int(runs(), 1, "without running the program again");
	stop();
}

static void
test_failed_handling(void)
{
	start();
	is_int(answer("/messages", MESSAGE("message-failed", "m-1")), 500,
	    "a program fails");
	is_int((long long)stored(), 1, "the event is stored");
	stop();
}

/* The answer to each family while the store cannot be written. */
static void
check_without_store(const char *what, size_t spooled)
{
	char path[300];
	struct stat st;

	is_int(answer("/messages", MESSAGE("message-received", "m-2")), 503,
	    "%s: a message is refused, to be sent again", what);
	ok(resp.why.code != BW_OK, "%s: with a reason", what);
	is_int(
	    answer("/voice", ANSWER("c-2")), 200, "%s: a call continues", what);
	is_text(body_of(&resp), "<Response><Hangup/></Response>",
	    "%s: as configured", what);
	ok(resp.why.code != BW_OK, "%s: with a reason", what);
	is_int(answer("/orders", ORDER), spooled > 0 ? 200 : 503,
	    "%s: an order", what);
	is_int(answer("/portout", PORTOUT), 200, "%s: a port-out", what);
	ok(strstr(resp.body.p != NULL ? resp.body.p : resp.prepared.p,
	       "PortOutValidationResponse") != NULL,
	    "%s: gets its verdict", what);
	(void)snprintf(path, sizeof(path), "%s", in_dir("events.db.spool"));
	ok((stat(path, &st) == 0 && st.st_size > 0) == (spooled > 0),
	    "%s: the spool", what);
}

static void
drained(const char *what, size_t n)
{
	struct bw_store *s = NULL;
	struct bw_error e = {0};
	char url[300], spool[300];

	(void)snprintf(url, sizeof(url), "sqlite:%s", in_dir("events.db"));
	(void)snprintf(spool, sizeof(spool), "%s", in_dir("events.db.spool"));
	if (bw_store_open(url, &s, &e) != BW_OK ||
	    bw_store_set_spool(s, spool, &e) != BW_OK)
		tap_diag("%s", e.msg);
	is_int((long long)fixture_count(s, NULL), (long long)n,
	    "%s: finally all events are stored", what);
	ok(access(spool, F_OK) != 0, "%s: and the spool is removed", what);
	bw_store_free(s);
}

static void
test_corrupt(void)
{
	start();
	write_file("events.db", "this is not a database, by no means", 0600);
	check_without_store("damaged", 3);
	(void)unlink(in_dir("events.db"));
	bw_config_unref(config);
	config = NULL;
	load();
	is_int(answer("/messages", MESSAGE("message-received", "m-2")), 200,
	    "damaged: works again after repair");
	/* As at the end of a CGI process. */
	bw_config_unref(config);
	config = NULL;
	drained("damaged", 4);
	stop();
}

static void
test_no_folder(void)
{
	char moved[128];

	start();
	/* The folder is missing, so the spool cannot be written either. */
	(void)snprintf(moved, sizeof(moved), "%s.moved", dir);
	if (rename(dir, moved) != 0)
		tap_diag("%s", strerror(errno));
	check_without_store("no folder", 0);
	if (rename(moved, dir) != 0)
		tap_diag("%s", strerror(errno));
	stop();
}

/* Only one of the two platforms of codes repeats callbacks. */
static void
test_codes(void)
{
	start();
	write_file("events.db", "this is not a database, by no means", 0600);
	is_int(answer("/mfa", CODE("NorthAmericaSMS")), 503,
	    "no store: a code to North America is refused");
	ok(access(in_dir("events.db.spool"), F_OK) != 0, "and is not spooled");
	is_int(answer("/mfa", CODE("GlobalSMS")), 200,
	    "no store: other codes are accepted");
	ok(access(in_dir("events.db.spool"), F_OK) == 0, "and are spooled");
	stop();
}

static void
check_refused(const char *what, const char *body)
{
	is_int(answer("/portout", body), 200, "%s: a port-out", what);
	ok(memmem(body_of(&resp).p, body_of(&resp).n,
	       "<Portable>false</Portable>", 26) != NULL,
	    "%s: is refused", what);
}

static atomic_bool order_is_begun, order_is_done;

static void *
send_order(void *arg)
{
	struct bw_callback_context *w = bw_callback_context_new();
	struct bw_response r;

	(void)arg;
	bwi_response_init(&r);
	atomic_store(&order_is_begun, true);
	(void)answer_with(w, &r, "/patient", "<Notification/>");
	atomic_store(&order_is_done, true);
	bwi_response_release(&r);
	bw_callback_context_free(w);
	return NULL;
}

/*
 * Another process locks the store for longer than a verdict can wait. An order,
 * which arrives first, waits all the time.
 */
static void
test_locked(void)
{
	sqlite3 *db;
	pthread_t order;

	start();
	check_refused("before", PORTOUT);
	db = lock();
	if (pthread_create(&order, NULL, send_order, NULL) != 0)
		abort();
	while (!atomic_load(&order_is_begun))
		(void)sched_yield();
	check_refused("locked", PORTOUT "<!-- another -->");
	check_refused("locked and unreadable", "<PortOut");
	ok(appears("events.db.spool"), "locked: the events are in the spool");
	ok(!atomic_load(&order_is_done), "answered before the order");
	sqlite3_close(db);
	(void)pthread_join(order, NULL);
	stop();
}

#define ONE "<TelephoneNumber>9195550101</TelephoneNumber>"
#define TWO "<TelephoneNumber>+19195550102</TelephoneNumber>"

/* May the numbers leave? */
static bool
ask(const char *pon, const char *numbers)
{
	char body[512];

	(void)snprintf(body, sizeof(body),
	    "<PortOutValidationRequest><PON>%s</PON><Pin>1</Pin>"
	    "<TelephoneNumbers>%s</TelephoneNumbers>"
	    "</PortOutValidationRequest>",
	    pon, numbers);
	(void)answer("/often", body);
	return memmem(body_of(&resp).p, body_of(&resp).n,
		   "<Portable>true</Portable>", 25) != NULL;
}

/* As at a restart of the program: memory is lost. */
static void
restart(void)
{
	bw_config_unref(config);
	config = NULL;
	load();
}

static void
test_often(void)
{
	start();
	ok(ask("1", ONE), "often: the first request for a number");
	ok(ask("2", TWO ONE), "often: the second, among others");
	restart();
	ok(!ask("3", ONE), "often: the third, after a restart, is refused");
	ok(ask("1", ONE), "often: a retry gets the same answer");
	restart();
	ok(ask("4", TWO), "often: another number has its own count");
	ok(!ask("5", TWO), "often: which also survives a restart");
	restart();
	ok(!ask("6", ONE TWO), "often: and applies to a list of both");
	stop();
}

int
main(void)
{
	worker = bw_callback_context_new();
	bwi_response_init(&resp);
	test_families();
	test_re_delivery();
	test_slow_store();
	test_failed_handling();
	test_corrupt();
	test_no_folder();
	test_codes();
	test_locked();
	test_often();
	bwi_response_release(&resp);
	bw_callback_context_free(worker);
	return tap_done();
}
