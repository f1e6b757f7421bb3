/* URLs of databases: what is refused, and what libpq gets. */
#include "store/postgresql_url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/store.h>

#include "tests/tap/tap.h"

static const struct {
	const char *where;
	enum bw_err err;
	const char *said; /* a part of the message */
} refused[] = {
    {"//u:hunter2@/d", BW_ERR_CONFIG, "has a password"},
    {"//u@/d?password=hunter2", BW_ERR_CONFIG, "has a password"},
    {"//u:hunter2@[h/d", BW_ERR_CONFIG, "not valid"},
    {"//u:hunter2@h/d?nosuch=1", BW_ERR_CONFIG, "not valid"},
    {"//h/d?sslmode=require", BW_ERR_CONFIG, "verify-full"},
    {"//localhost,h/d?sslmode=disable", BW_ERR_CONFIG, "verify-full"},
    {"///d?host=localhost&hostaddr=10.0.0.1&sslmode=prefer", BW_ERR_CONFIG,
	"verify-full"},
    {"//127.0.0.1.example.com/d?sslmode=prefer", BW_ERR_CONFIG, "verify-full"},
    {"///d?single=no", BW_ERR_CONFIG, "single=yes"},
};

static void
test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct bwi_pg_url u;
		struct bw_error e = {0};

		is_int(bwi_pg_url_read(&u, refused[i].where, &e),
		    refused[i].err, "%s: refused", refused[i].where);
		ok(strstr(e.msg, refused[i].said) != NULL, "%s: %s",
		    refused[i].where, e.msg);
		ok(strstr(e.msg, "hunter2") == NULL, "%s: no password",
		    refused[i].where);
	}
}

/* The value of the last parameter with a name: that is what counts. */
static const char *
value(const struct bwi_pg_parameters *p, const char *name)
{
	for (size_t i = p->n; i-- > 0;) {
		if (strcmp(p->names[i], name) == 0)
			return p->values[i];
	}
	return NULL;
}

static const struct {
	const char *where;
	size_t first;
	const char *name;
	const char *value;
} passed[] = {
    {"//u@h/d", 0, "sslmode", "verify-full"},
    {"//u@h/d", 0, "user", "u"},
    {"//u@h/d", 0, "dbname", "d"},
    {"//u@h/d", 0, "target_session_attrs", "read-write"},
    {"//h/d?target_session_attrs=any", 0, "target_session_attrs", "read-write"},
    {"//h/d?sslrootcert=ca.pem&spool=/s", 0, "sslrootcert", "ca.pem"},
    {"//localhost/d", 0, "sslmode", NULL},
    {"//127.0.0.1,localhost/d", 0, "sslmode", NULL},
    {"///d?host=/run/x", 0, "sslmode", NULL},
    {"///d?host=/run/x&single=yes", 0, "host", "/run/x"},
    {"//a:1,b:2,c:3/d", 0, "host", "a,b,c"},
    {"//a:1,b:2,c:3/d", 1, "host", "b,c,a"},
    {"//a:1,b:2,c:3/d", 1, "port", "2,3,1"},
    {"//a:1,b:2,c:3/d", 5, "host", "c,a,b"},
    {"//a,b/d?port=7", 1, "port", "7"},
    {"//h/d", 0, "tcp_user_timeout", "10000"},
    {"//h/d?tcp_user_timeout=5", 0, "tcp_user_timeout", "5"},
};

static void
test_passed(void)
{
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
		struct bwi_pg_parameters p;
		struct bw_error e = {0};
		struct bwi_pg_url u;

		is_int(bwi_pg_url_read(&u, passed[i].where, &e), BW_OK, "%s",
		    passed[i].where);
		is_int(bwi_pg_parameters_make(
			   &p, &u, &u.hosts, passed[i].first, &e),
		    BW_OK, "%s: parameters", passed[i].where);
		is_str(value(&p, passed[i].name), passed[i].value, "%s: %s",
		    passed[i].where, passed[i].name);
		bwi_pg_parameters_free(&p);
		bwi_pg_url_free(&u);
	}
}

static void
test_own(void)
{
	struct bwi_pg_parameters p;
	struct bw_error e = {0};
	struct bwi_pg_url u;
	FILE *f = fopen("postgresql-password", "w");

	is_int(bwi_pg_url_read(&u,
		   "///d?spool=/a%20b%26c&password-file=postgresql-password&"
		   "single=yes",
		   &e),
	    BW_OK, "our own parameters");
	is_str(u.spool, "/a b&c", "the spool");
	ok(u.single, "single");
	is_str(u.url, "postgresql:///d", "libpq does not get them");
	ok(f != NULL && fputs("first\n", f) >= 0 && fclose(f) == 0,
	    "a password in a file");
	is_int(bwi_pg_parameters_make(&p, &u, &u.hosts, 0, &e), BW_OK,
	    "parameters");
	is_str(value(&p, "password"), "first", "the password");
	bwi_pg_parameters_free(&p);
	ok(remove("postgresql-password") == 0, "the file is removed");
	is_int(bwi_pg_parameters_make(&p, &u, &u.hosts, 0, &e), BW_ERR_NOFILE,
	    "it is read each time");
	bwi_pg_url_free(&u);
}

/* Each allocation fails in turn. */
static void
test_memory(void)
{
	enum bw_err err = BW_ERR_NOMEM;
	unsigned long n;

	for (n = 1; n < 100 && err == BW_ERR_NOMEM; n++) {
		struct bwi_pg_parameters p;
		struct bw_error e = {0};
		struct bwi_pg_url u;

		tap_fail_alloc(n);
		err = bwi_pg_url_read(&u, "//a,b/d?spool=x&single=yes", &e);
		if (err == BW_OK) {
			err = bwi_pg_parameters_make(&p, &u, &u.hosts, 1, &e);
			if (err == BW_OK)
				bwi_pg_parameters_free(&p);
			bwi_pg_url_free(&u);
		}
		tap_fail_alloc(0);
	}
	is_int(err, BW_OK, "finally it works");
	ok(n > 5, "%lu failed allocations", n - 2);
}

static bool
is_local(const char *url, const char *want)
{
	struct bw_error e = {0};
	struct bw_buf b;
	bool same;

	bw_buf_init(&b, 100);
	same = bw_store_put_local(url, &b, &e) == BW_OK &&
	       bw_str_is((struct bw_str){b.p, b.n}, want);
	bw_buf_free(&b);
	return same;
}

static void
test_local(void)
{
	ok(is_local("postgresql://a/d?spool=/s/x", "/s/x"),
	    "the files of a host are beside the spool");
	ok(is_local("sqlite:/s/x.db", "/s/x.db"), "or beside the file");
	ok(is_local("postgresql://a/d", ""), "or there are none");
}

int
main(void)
{
	(void)unsetenv("PGHOST");
	(void)unsetenv("PGHOSTADDR");
	(void)unsetenv("PGPORT");
	(void)unsetenv("PGDATABASE");
	test_refused();
	test_passed();
	test_own();
	test_local();
	test_memory();
	return tap_done();
}
