/*
 * The addresses of database hosts: a name server that does not answer delays no
 * event. This program has a getaddrinfo() of its own, which libpq uses, too.
 */
#include <config.h>

#include "store/postgresql_lookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/clock.h>

#include "fixture.h"
#include "store/postgresql_conn.h"
#include "store/store.h"
#include "tests/tap/tap.h"

#define MS INT64_C(1000000)

static pthread_t test_thread;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool silent;   /* no name server answers */
static int waiting;   /* how many threads wait for one */
static bool blocking; /* a name was looked up in the thread of the test */

/* "two.example" has two addresses; any other name has none. */
static const struct {
	const char *name;
	const char *address;
} names[] = {
    {"one.example", "127.0.0.1"},
    {"two.example", "127.0.0.2"},
    {"two.example", "127.0.0.3"},
};

static struct addrinfo *
make_address(const char *text, struct addrinfo *next)
{
	struct addrinfo *a = calloc(1, sizeof(*a) + sizeof(struct sockaddr_in));
	struct sockaddr_in *in;

	if (a == NULL)
		abort();
	in = (void *)(a + 1);
	*in = (struct sockaddr_in){.sin_family = AF_INET};
	if (inet_pton(AF_INET, text, &in->sin_addr) != 1)
		abort();
	*a = (struct addrinfo){.ai_family = AF_INET,
	    .ai_socktype = SOCK_STREAM,
	    .ai_addr = (void *)in,
	    .ai_addrlen = sizeof(*in),
	    .ai_next = next};
	return a;
}

static void
wait_for_server(void)
{
	(void)pthread_mutex_lock(&mutex);
	blocking = blocking || pthread_equal(pthread_self(), test_thread);
	waiting++;
	(void)pthread_cond_broadcast(&changed);
	while (silent)
		(void)pthread_cond_wait(&changed, &mutex);
	waiting--;
	(void)pthread_cond_broadcast(&changed);
	(void)pthread_mutex_unlock(&mutex);
}

int
getaddrinfo(const char *restrict name, const char *restrict service,
    const struct addrinfo *restrict hints, struct addrinfo **restrict out)
{
	struct in_addr unused;

	*out = NULL;
	if (inet_pton(AF_INET, name, &unused) == 1) {
		*out = make_address(name, NULL);
		((struct sockaddr_in *)(void *)(*out)->ai_addr)->sin_port =
		    htons((uint16_t)strtol(
			service != NULL ? service : "0", NULL, 10));
		return 0;
	}
	(void)hints;
	wait_for_server();
	for (size_t i = sizeof(names) / sizeof(names[0]); i-- > 0;) {
		if (strcmp(names[i].name, name) == 0)
			*out = make_address(names[i].address, *out);
	}
	return *out != NULL ? 0 : EAI_NONAME;
}

void
freeaddrinfo(struct addrinfo *a)
{
	while (a != NULL) {
		struct addrinfo *next = a->ai_next;

		free(a);
		a = next;
	}
}

static void
set_silent(bool yes)
{
	(void)pthread_mutex_lock(&mutex);
	silent = yes;
	(void)pthread_cond_broadcast(&changed);
	(void)pthread_mutex_unlock(&mutex);
}

/* Wait until so many threads wait. */
static void
wait_waiting(int n)
{
	(void)pthread_mutex_lock(&mutex);
	while (waiting != n)
		(void)pthread_cond_wait(&changed, &mutex);
	(void)pthread_mutex_unlock(&mutex);
}

static void
read_url(struct bwi_pg_url *u, const char *where)
{
	struct bw_error e = {0};

	is_int(bwi_pg_url_read(u, where, &e), BW_OK, "%s", where);
}

static enum bw_err
poll_to_end(struct bwi_pg_lookup *l, const struct bwi_pg_hosts **hosts,
    struct bw_error *e)
{
	enum bw_err err = bwi_pg_lookup_poll(l, hosts, e);

	for (unsigned turn = 0; err == BW_ERR_DEADLINE && tap_poll(&turn);)
		err = bwi_pg_lookup_poll(l, hosts, e);
	return err;
}

static const struct {
	const char *where;
	bool needed;
} needs[] = {
    {"//one.example/d", true},
    {"//127.0.0.1,one.example/d", true},
    {"//one.example,two.example/d?hostaddr=10.0.0.1,", true},
    {"//one.example/d?hostaddr=10.0.0.1", false},
    {"//localhost,127.0.0.1,[::1]/d", false},
    {"///d?host=/run/x", false},
    {"///d", false},
};

static void
test_needed(void)
{
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		struct bwi_pg_url u;

		read_url(&u, needs[i].where);
		is_int(bwi_pg_lookup_is_needed(&u), needs[i].needed,
		    "%s: are addresses looked up?", needs[i].where);
		bwi_pg_url_free(&u);
	}
}

static const struct {
	const char *where;
	const char *host, *hostaddr, *port; /* NULL: no address */
} found[] = {
    {"//one.example/d", "one.example", "127.0.0.1", ""},
    {"//one.example:1,10.0.0.9:2,two.example:3/d",
	"one.example,10.0.0.9,two.example,two.example",
	"127.0.0.1,,127.0.0.2,127.0.0.3", "1,2,3,3"},
    {"//two.example,one.example/d?port=7",
	"two.example,two.example,one.example", "127.0.0.2,127.0.0.3,127.0.0.1",
	"7,7,7"},
    {"//one.example,two.example/d?hostaddr=,10.0.0.9",
	"one.example,two.example", "127.0.0.1,10.0.0.9", ","},
    {"//none.example,one.example/d", "one.example", "127.0.0.1", ""},
    {"//none.example/d", NULL, NULL, NULL},
};

static void
test_found(void)
{
	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		const struct bwi_pg_hosts *h;
		struct bwi_pg_lookup l;
		struct bw_error e = {0};
		struct bwi_pg_url u;

		read_url(&u, found[i].where);
		bwi_pg_lookup_init(&l, &u);
		is_int(bwi_pg_lookup_start(&l, &e), BW_OK, "it begins");
		is_int(poll_to_end(&l, &h, &e),
		    found[i].host != NULL ? BW_OK : BW_ERR_BUSY, "it ends");
		is_str(h->host, found[i].host, "its hosts");
		is_str(h->hostaddr, found[i].hostaddr, "their addresses");
		is_str(h->port, found[i].port, "their ports");
		if (found[i].host == NULL)
			ok(strstr(e.msg, "no address of none.example: ") !=
				NULL,
			    "%s", e.msg);
		bwi_pg_lookup_free(&l);
		bwi_pg_url_free(&u);
	}
}

/* What was found before is used while the name server is silent. */
static void
test_known(void)
{
	const struct bwi_pg_hosts *h;
	struct bwi_pg_lookup l;
	struct bw_error e = {0};
	struct bwi_pg_url u;

	read_url(&u, "//one.example/d");
	bwi_pg_lookup_init(&l, &u);
	set_silent(true);
	is_int(bwi_pg_lookup_start(&l, &e), BW_OK, "silent: it begins");
	is_int(bwi_pg_lookup_poll(&l, &h, &e), BW_ERR_DEADLINE,
	    "silent: nothing is known");
	is_int(bwi_pg_lookup_start(&l, &e), BW_OK, "silent: it goes on");
	wait_waiting(1);
	set_silent(false);
	is_int(poll_to_end(&l, &h, &e), BW_OK, "it has answered");
	set_silent(true);
	is_int(bwi_pg_lookup_start(&l, &e), BW_OK, "silent again: it begins");
	is_int(bwi_pg_lookup_poll(&l, &h, &e), BW_OK, "silent again: known");
	is_str(h->hostaddr, "127.0.0.1", "silent again: the address");
	wait_waiting(1);
	bwi_pg_lookup_free(&l);
	bwi_pg_url_free(&u);
	set_silent(false);
	wait_waiting(0);
}

/* The thread that connects keeps its deadline. */
static void
test_connecting(void)
{
	struct bwi_pg_conn c;
	struct bw_error e = {0};
	struct bwi_pg_url u;

	read_url(&u, "//one.example:1/d");
	bwi_pg_conn_init(&c, &u);
	set_silent(true);
	is_int(bwi_pg_conn_open(&c, bw_monotonic_ns() + 50 * MS, &e),
	    BW_ERR_BUSY, "silent: no connection");
	ok(strstr(e.msg, "before the deadline") != NULL, "%s", e.msg);
	set_silent(false);
	e = (struct bw_error){0};
	is_int(bwi_pg_conn_open(&c, fixture_in(LONG), &e), BW_ERR_BUSY,
	    "there is no server");
	ok(strstr(e.msg, "127.0.0.1") != NULL, "%s", e.msg);
	bwi_pg_conn_free(&c);
	bwi_pg_url_free(&u);
	wait_waiting(0);
}

/* Nor does an event wait beyond its own deadline. */
static void
test_appending(void)
{
	struct bw_store_event event = fixture_event("message-received", "k");
	struct bw_store_result r = {.seq = 0};
	struct bw_store *s = NULL;
	struct bw_error e = {0};

	set_silent(true);
	is_int(bwi_store_attach("postgresql://one.example:1/d", &s, &e), BW_OK,
	    "a store");
	is_int(
	    bw_store_append(s, &event, 1, bw_monotonic_ns() + 50 * MS, &r, &e),
	    BW_ERR_BUSY, "silent: an event");
	set_silent(false);
	bw_store_free(s);
	wait_waiting(0);
}

/* Each allocation fails in turn. */
static void
test_memory(void)
{
	enum bw_err err = BW_ERR_NOMEM;
	struct bwi_pg_url u;
	unsigned long n;

	read_url(&u, "//one.example:1,two.example:2/d");
	for (n = 1; n < 100 && err == BW_ERR_NOMEM; n++) {
		const struct bwi_pg_hosts *h;
		struct bwi_pg_lookup l;
		struct bw_error e = {0};

		bwi_pg_lookup_init(&l, &u);
		tap_fail_alloc(n);
		err = bwi_pg_lookup_start(&l, &e);
		if (err == BW_OK)
			err = poll_to_end(&l, &h, &e);
		tap_fail_alloc(0);
		bwi_pg_lookup_free(&l);
	}
	is_int(err, BW_OK, "finally it works");
	ok(n > 5, "%lu failed allocations", n - 2);
	bwi_pg_url_free(&u);
}

int
main(void)
{
	tap_fail_alloc(0); /* its hook, before there is a thread */
	test_thread = pthread_self();
	(void)unsetenv("PGHOST");
	(void)unsetenv("PGHOSTADDR");
	(void)unsetenv("PGPORT");
	test_needed();
	test_found();
	test_known();
	test_connecting();
	test_appending();
	test_memory();
	ok(!blocking, "no name was looked up by the thread that waits");
	return tap_done();
}
