/* bwcallback doctor URL: all checks from outside. */
#include "cli/doctor/doctor_remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/doctor/doctor_page.h"
#include "cli/doctor/doctor_path.h"
#include "cli/doctor/doctor_server.h"
#include "cli/doctor/doctor_tls.h"
#include "options/option.h"

#include <bwcallback/tools/config.h>
#include <bwcallback/tools/url.h>

#define MAX_URL 2048

struct origin {
	CURLU *url;
	char *scheme, *host, *path;
	int64_t port;
	char base[MAX_URL / 2]; /* without a path */
	char whole[MAX_URL];	/* with its path, without a query */
};

static void
origin_free(struct origin *o)
{
	curl_free(o->scheme);
	curl_free(o->host);
	curl_free(o->path);
	curl_url_cleanup(o->url);
}

static bool
take_port(struct origin *o)
{
	char *port = NULL;
	bool good = curl_url_get(o->url, CURLUPART_PORT, &port,
			CURLU_DEFAULT_PORT) == CURLUE_OK &&
		    option_count.parse(port, &o->port);

	curl_free(port);
	return good;
}

static bool
has_user(const struct origin *o)
{
	char *user = NULL;
	bool has = curl_url_get(o->url, CURLUPART_USER, &user, 0) == CURLUE_OK;

	curl_free(user);
	return has;
}

static bool
put_base(struct origin *o)
{
	bool usual = o->port == (strcmp(o->scheme, "https") == 0 ? 443 : 80);
	char port[24] = "";

	if (!usual)
		(void)snprintf(port, sizeof(port), ":%d", (int)o->port);
	return snprintf(o->base, sizeof(o->base), "%s://%s%s", o->scheme,
		   o->host, port) < (int)sizeof(o->base) &&
	       snprintf(o->whole, sizeof(o->whole), "%s%s", o->base, o->path) <
		   (int)sizeof(o->whole);
}

static enum bw_err
parse(struct origin *o, const char *url, struct bw_error *e)
{
	o->url = curl_url();
	if (o->url == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "out of memory");
	if (curl_url_set(o->url, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    curl_url_get(o->url, CURLUPART_SCHEME, &o->scheme, 0) !=
		CURLUE_OK ||
	    curl_url_get(o->url, CURLUPART_HOST, &o->host, 0) != CURLUE_OK ||
	    curl_url_get(o->url, CURLUPART_PATH, &o->path, 0) != CURLUE_OK ||
	    !take_port(o) ||
	    (strcmp(o->scheme, "https") != 0 && strcmp(o->scheme, "http") != 0))
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "%s: not a URL that begins with https:// or http://", url);
	if (has_user(o))
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "URL: credentials belong into --user and --password-file");
	if (!put_base(o))
		return bw_error_set(e, BW_ERR_USAGE, 0, "URL: too long");
	return BW_OK;
}

/* Check the URL itself; sends no request. */
static void
check_url(struct doctor *d, const struct origin *o)
{
	struct bw_str host = {o->host, strlen(o->host)};
	bool here = bw_url_reach(host) == BW_URL_LOOPBACK;

	if (!bw_url_port_is_called(o->port))
		doctor_found(&d->report, DOCTOR_PORT, o->base, NULL, d->server,
		    "port %d", (int)o->port);
	if (strcmp(o->scheme, "http") == 0 && !here)
		doctor_found(&d->report, DOCTOR_PLAIN, o->base, NULL, d->server,
		    "the URL begins with http://");
}

/*
 * Find which server answers, and whether its certificate is trusted. Send no
 * credentials before that is known.
 */
static void
greet(struct doctor *d, const struct origin *o)
{
	struct doctor_path p = {.url = o->whole};
	struct doctor_answer a = {.status = 0};
	struct doctor_ask q;
	bool trusted = true;

	doctor_step(o->base, "who answers");
	d->insecure = true;
	q = doctor_question(d, &p);
	if (doctor_ask(d, &q, &a))
		d->server = doctor_recognise(&a);
	doctor_answer_free(&a);
	if (strcmp(o->scheme, "https") == 0 &&
	    !doctor_tls(&d->report, o->base, d->server, &trusted))
		d->failed = true;
	d->insecure = !trusted;
}

static void
try_section(
    struct doctor *d, const struct origin *o, const struct bw_section *s)
{
	char url[MAX_URL + 1], path[MAX_URL], realm[256];
	struct doctor_path p = {
	    .url = url,
	    .path = path,
	    .family = doctor_family(s->element),
	    .passwd = s->passwd,
	};

	(void)snprintf(path, sizeof(path), "%.*s%.*s", (int)s->mount.n,
	    s->mount.p != NULL ? s->mount.p : "", (int)s->path.n, s->path.p);
	if (s->realm.p != NULL) {
		(void)snprintf(
		    realm, sizeof(realm), "%.*s", (int)s->realm.n, s->realm.p);
		p.realm = realm;
	}
	if (snprintf(url, sizeof(url), "%s%s", o->base, path) <
	    (int)sizeof(url)) {
		if (s->page)
			doctor_page(d, &p, s->element);
		else
			doctor_path(d, &p);
	}
}

/* Test all sections; if the URL has a path, only that one. */
static bool
try_sections(struct doctor *d, const struct origin *o)
{
	bool any = strcmp(o->path, "/") == 0, tried = false;
	struct bw_section s;

	for (size_t i = 0; bw_config_section(d->config, i, &s); i++) {
		size_t mount = s.mount.n;
		bool same =
		    strlen(o->path) == mount + s.path.n &&
		    (mount == 0 || strncmp(o->path, s.mount.p, mount) == 0) &&
		    strncmp(o->path + mount, s.path.p, s.path.n) == 0;

		if (any || same) {
			try_section(d, o, &s);
			tried = tried || !s.page;
		}
		if (doctor_has(&d->report, DOCTOR_UNREACHABLE))
			break;
	}
	return tried;
}

enum bw_err
doctor_remote(struct doctor *d, struct bw_error *e)
{
	struct origin o = {.url = NULL};
	struct doctor_path p = {.url = o.whole};
	enum bw_err err;

	err = parse(&o, d->url, e);
	d->report.login = d->user;
	p.path = o.path;
	if (err == BW_OK && d->config == NULL && strcmp(o.path, "/") == 0)
		err = bw_error_set(e, BW_ERR_USAGE, 0,
		    "%s: add the path of a callback, or --config FILE",
		    o.whole);
	if (err == BW_OK) {
		greet(d, &o);
		check_url(d, &o);
		if (d->config == NULL || !try_sections(d, &o))
			doctor_path(d, &p);
	}
	origin_free(&o);
	return err;
}
