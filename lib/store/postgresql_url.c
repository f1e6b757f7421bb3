/* URLs of the PostgreSQL store, and what libpq gets of them. */
#include "store/postgresql_url.h"

#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include <bwcallback/buf.h>
#include <bwcallback/limits.h>

#include "base/alloc.h"
#include "os/file.h"
#include "store/libpq.h"

/* Longest password. */
#define MAX_PASSWORD 4096

static enum bw_err
no_memory(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
}

static enum bw_err
refuse(struct bw_error *e, const char *why)
{
	return bw_error_set(e, BW_ERR_CONFIG, 0, "store: %s", why);
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A copy with the percent-encoding undone. NULL: out of memory. */
static char *
decode(const char *p, size_t n)
{
	char *out = bwi_alloc(n + 1);
	size_t to = 0;

	for (size_t i = 0; out != NULL && i < n; i++) {
		int high = i + 2 < n && p[i] == '%' ? digit(p[i + 1]) : -1;
		int low = high >= 0 ? digit(p[i + 2]) : -1;

		if (low > 0 || (low == 0 && high > 0)) {
			out[to++] = (char)(high * 16 + low);
			i += 2;
		} else {
			out[to++] = p[i];
		}
	}
	if (out != NULL)
		out[to] = '\0';
	return out;
}

/* Is it the parameter of this name? Then *value is its value. */
static bool
is_parameter(
    const char *p, size_t n, const char *name, char **value, enum bw_err *err)
{
	size_t length = strlen(name);

	if (n <= length || p[length] != '=' || strncmp(p, name, length) != 0)
		return false;
	bwi_free(*value);
	*value = decode(p + length + 1, n - length - 1);
	if (*value == NULL)
		*err = BW_ERR_NOMEM;
	return true;
}

/* Take our own parameters out of the query of the URL. */
static enum bw_err
take_parameters(struct bwi_pg_url *u, const char *where, char **single)
{
	const char *query = strchr(where, '?');
	size_t before = query != NULL ? (size_t)(query - where) : strlen(where);
	enum bw_err err = BW_OK;
	char join = '?';
	struct bw_buf b;

	bw_buf_init(&b, BW_MAX_URI);
	bw_buf_puts(&b, "postgresql:");
	bw_buf_add(&b, where, before);
	for (const char *p = query; p != NULL && err == BW_OK;) {
		const char *end = strchr(++p, '&');
		size_t n = end != NULL ? (size_t)(end - p) : strlen(p);

		if (!is_parameter(
			p, n, "password-file", &u->password_file, &err) &&
		    !is_parameter(p, n, "spool", &u->spool, &err) &&
		    !is_parameter(p, n, "single", single, &err)) {
			bw_buf_putc(&b, join);
			bw_buf_add(&b, p, n);
			join = '&';
		}
		p = end;
	}
	bw_buf_putc(&b, '\0');
	if (err == BW_OK && b.err == BW_OK)
		u->url = bwi_strndup(b.p, b.n);
	if (err == BW_OK && u->url == NULL)
		err = b.err != BW_OK ? b.err : BW_ERR_NOMEM;
	bw_buf_free(&b);
	return err;
}

/* The value of an option, from the URL or the environment; NULL: none. */
static const char *
option(const PQconninfoOption *o, const char *name, const char *variable)
{
	while (o->keyword != NULL && strcmp(o->keyword, name) != 0)
		o++;
	if (o->val != NULL && *o->val != '\0')
		return o->val;
	return variable != NULL ? getenv(variable) : NULL;
}

static bool
is_local(const char *host, size_t n)
{
	return n == 0 || host[0] == '/' || host[0] == '@' ||
	       (n == 9 && strncmp(host, "localhost", 9) == 0) ||
	       (n >= 8 && strncmp(host, "127.", 4) == 0 &&
		   strspn(host, "0123456789.") >= n) ||
	       (n == 3 && strncmp(host, "::1", 3) == 0);
}

/* Count the hosts of a list; *local: whether all are this machine. */
static size_t
count_hosts(const char *list, bool *local)
{
	size_t n = 0;

	*local = true;
	while (list != NULL) {
		size_t length = strcspn(list, ",");

		*local = *local && is_local(list, length);
		n++;
		list = list[length] == ',' ? list + length + 1 : NULL;
	}
	return n > 0 ? n : 1;
}

static bool
copy(char **to, const char *from)
{
	if (from != NULL)
		*to = bwi_strndup(from, strlen(from));
	return from == NULL || *to != NULL;
}

static bool
set_name(struct bwi_pg_url *u, const PQconninfoOption *o)
{
	const char *database = option(o, "dbname", "PGDATABASE");
	const struct bwi_pg_hosts *h = &u->hosts;
	struct bw_buf b;

	bw_buf_init(&b, BW_MAX_URI);
	bw_buf_puts(&b, h->host != NULL
			    ? h->host
			    : (h->hostaddr != NULL ? h->hostaddr : "local"));
	bw_buf_putc(&b, '/');
	bw_buf_puts(&b, database != NULL ? database : "");
	bw_buf_putc(&b, '\0');
	u->name = b.err == BW_OK ? bwi_strndup(b.p, b.n) : NULL;
	bw_buf_free(&b);
	return u->name != NULL;
}

static enum bw_err
check_options(
    struct bwi_pg_url *u, const PQconninfoOption *o, struct bw_error *e)
{
	const char *mode = option(o, "sslmode", NULL);
	struct bwi_pg_hosts *h = &u->hosts;

	if (option(o, "password", NULL) != NULL)
		return refuse(e,
		    "the URL has a password; put it into a file, and write "
		    "password-file or passfile");
	if (!copy(&h->host, option(o, "host", "PGHOST")) ||
	    !copy(&h->hostaddr, option(o, "hostaddr", "PGHOSTADDR")) ||
	    !copy(&h->port, option(o, "port", "PGPORT")) || !set_name(u, o))
		return no_memory(e);
	h->n =
	    count_hosts(h->hostaddr != NULL ? h->hostaddr : h->host, &u->local);
	if (!u->local && mode != NULL && strcmp(mode, "verify-full") != 0)
		return refuse(e,
		    "sslmode: a host that is not this machine needs "
		    "verify-full, which is the default");
	return BW_OK;
}

/* libpq's own message about a URL may contain its password. */
static enum bw_err
check_url(struct bwi_pg_url *u, struct bw_error *e)
{
	enum bw_err err = bwi_libpq_load(BWI_LIBPQ, e);
	PQconninfoOption *o;

	if (err != BW_OK)
		return err;
	o = PQconninfoParse(u->url, NULL);
	if (o == NULL)
		return refuse(e,
		    "the URL is not valid; write "
		    "postgresql://USER@HOST/DATABASE, its parameters as "
		    "PostgreSQL's libpq names them");
	err = check_options(u, o, e);
	PQconninfoFree(o);
	return err;
}

enum bw_err
bwi_pg_url_read(struct bwi_pg_url *u, const char *where, struct bw_error *e)
{
	char *single = NULL;
	enum bw_err err;

	*u = (struct bwi_pg_url){.hosts.n = 1};
	err = take_parameters(u, where, &single);
	if (err != BW_OK) {
		err = err == BW_ERR_NOMEM ? no_memory(e)
					  : refuse(e, "the URL is too long");
	} else if (single != NULL && strcmp(single, "yes") != 0) {
		err = refuse(e, "single: write it as single=yes");
	} else {
		u->single = single != NULL;
		err = check_url(u, e);
	}
	bwi_free(single);
	if (err != BW_OK)
		bwi_pg_url_free(u);
	return err;
}

void
bwi_pg_url_free(struct bwi_pg_url *u)
{
	bwi_free(u->url);
	bwi_free(u->password_file);
	bwi_free(u->spool);
	bwi_free(u->hosts.host);
	bwi_free(u->hosts.hostaddr);
	bwi_free(u->hosts.port);
	bwi_free(u->name);
	*u = (struct bwi_pg_url){.hosts.n = 1};
}

static void
set(struct bwi_pg_parameters *p, const char *name, const char *value)
{
	if (value == NULL || p->n + 1 >= BWI_PG_MAX_PARAMETERS)
		return;
	p->names[p->n] = name;
	p->values[p->n++] = value;
}

/*
 * A list that begins with another element. One element is for all hosts, so it
 * stays. NULL: out of memory.
 */
static char *
rotate(const char *list, size_t first)
{
	const char *from = list;
	size_t n = strlen(list), before;
	char *out = bwi_alloc(n + 2);

	if (out == NULL)
		return NULL;
	while (first-- > 0) {
		from = strchr(from, ',');
		if (from == NULL)
			break;
		from++;
	}
	if (from == NULL)
		from = list;
	before = (size_t)(from - list);
	memcpy(out, from, n - before);
	if (before > 0) {
		out[n - before] = ',';
		memcpy(out + n - before + 1, list, before - 1);
	}
	out[n] = '\0';
	return out;
}

static enum bw_err
set_hosts(struct bwi_pg_parameters *p, const struct bwi_pg_hosts *h,
    size_t first, struct bw_error *e)
{
	static const char *const names[] = {"host", "hostaddr", "port"};
	const char *const lists[] = {h->host, h->hostaddr, h->port};

	for (size_t i = 0; i < 3; i++) {
		if (lists[i] == NULL)
			continue;
		p->rotated[i] = rotate(lists[i], first % h->n);
		if (p->rotated[i] == NULL)
			return no_memory(e);
		set(p, names[i], p->rotated[i]);
	}
	return BW_OK;
}

/* Read the password each time, so that a new one needs no restart. */
static enum bw_err
set_password(struct bwi_pg_parameters *p, const char *file, struct bw_error *e)
{
	size_t n;
	enum bw_err err =
	    bwi_file_read(file, MAX_PASSWORD, &p->password, &n, e);

	if (err != BW_OK)
		return err;
	p->password[strcspn(p->password, "\r\n")] = '\0';
	set(p, "password", p->password);
	return BW_OK;
}

/*
 * A host that has gone must be noticed although it sends nothing: probe an idle
 * connection after 5 s, give up after 10 s.
 */
static void
set_defaults(struct bwi_pg_parameters *p, const PQconninfoOption *o)
{
	static const char *const defaults[][2] = {
	    {"application_name", "bwcallback"}, {"keepalives_idle", "5"},
	    {"keepalives_interval", "2"}, {"keepalives_count", "3"},
	    {"tcp_user_timeout", "10000"}};

	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		if (option(o, defaults[i][0], NULL) == NULL)
			set(p, defaults[i][0], defaults[i][1]);
	}
	set(p, "target_session_attrs", "read-write");
}

static bool
is_set_elsewhere(const char *name)
{
	return strcmp(name, "host") == 0 || strcmp(name, "hostaddr") == 0 ||
	       strcmp(name, "port") == 0 ||
	       strcmp(name, "target_session_attrs") == 0;
}

enum bw_err
bwi_pg_parameters_make(struct bwi_pg_parameters *p, const struct bwi_pg_url *u,
    const struct bwi_pg_hosts *hosts, size_t first, struct bw_error *e)
{
	PQconninfoOption *o = PQconninfoParse(u->url, NULL);
	enum bw_err err;

	*p = (struct bwi_pg_parameters){.parsed = o};
	if (o == NULL)
		return no_memory(e); /* it was valid before */
	for (const PQconninfoOption *i = o; i->keyword != NULL; i++) {
		if (!is_set_elsewhere(i->keyword))
			set(p, i->keyword, i->val);
	}
	set_defaults(p, o);
	if (!u->local)
		set(p, "sslmode", "verify-full");
	err = set_hosts(p, hosts, first, e);
	if (err == BW_OK && u->password_file != NULL)
		err = set_password(p, u->password_file, e);
	if (err != BW_OK)
		bwi_pg_parameters_free(p);
	return err;
}

void
bwi_pg_parameters_free(struct bwi_pg_parameters *p)
{
	for (size_t i = 0; i < 3; i++)
		bwi_free(p->rotated[i]);
	if (p->password != NULL)
		explicit_bzero(p->password, strlen(p->password));
	bwi_free(p->password);
	PQconninfoFree(p->parsed);
	*p = (struct bwi_pg_parameters){.n = 0};
}
