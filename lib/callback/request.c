#include <bwcallback/request.h>

#include <string.h>
#include <strings.h>

#include <bwcallback/limits.h>

#include "base/decimal.h"
#include "base/request.h"
#include "callback/callback.h"

/* The variables that may hold the Authorization header, most trusted first. */
enum auth_source {
	AUTH_HTTP,
	AUTH_REDIRECT,
	AUTH_REDIRECT_REDIRECT,
	AUTH_PLAIN,
	AUTH_REMOTE_USER,
	AUTH__MAX
};

/* Variables that are not stored in the request as they are. */
struct variables {
	struct bw_str request_uri;
	struct bw_str script_name;
	struct bw_str path_info;
	struct bw_str query_string;
	struct bw_str content_length;
	struct bw_str transfer_encoding;
	struct bw_str auth[AUTH__MAX];
};

/* The length of a name, for a case label. */
#define LENGTH(literal)	  (sizeof(literal) - 1)
#define IS(name, literal) (memcmp(name, literal, LENGTH(literal)) == 0)

/* Where to store the value of a variable that only pages use, or NULL. */
static struct bw_str *
find_browser_slot(const char *name, size_t n, struct bwi_request_browser *b)
{
	switch (n) {
	case LENGTH("HTTPS"):
		return IS(name, "HTTPS") ? &b->https : NULL;
	case LENGTH("HTTP_HOST"):
		return IS(name, "HTTP_HOST") ? &b->host : NULL;
	case LENGTH("HTTP_ACCEPT"):
		return IS(name, "HTTP_ACCEPT")	 ? &b->accept
		       : IS(name, "HTTP_ORIGIN") ? &b->origin
		       : IS(name, "SERVER_PORT") ? &b->port
						 : NULL;
	case LENGTH("HTTP_LAST_EVENT_ID"):
		return IS(name, "HTTP_LAST_EVENT_ID") ? &b->last_event_id
						      : NULL;
	case LENGTH("HTTP_SEC_FETCH_SITE"):
		return IS(name, "HTTP_SEC_FETCH_SITE") ? &b->fetch_site : NULL;
	case LENGTH("HTTP_X_FORWARDED_FOR"):
		return IS(name, "HTTP_X_FORWARDED_FOR") ? &b->forwarded_for
							: NULL;
	case LENGTH("HTTP_X_FORWARDED_PROTO"):
		return IS(name, "HTTP_X_FORWARDED_PROTO") ? &b->forwarded_proto
							  : NULL;
	default:
		return NULL;
	}
}

/*
 * Where to store the value of a variable; NULL for the many variables that are
 * not used (a web server passes every header). Names are selected by length,
 * then compared.
 */
static struct bw_str *
find_slot(const char *name, size_t n, struct bw_request *r, struct variables *v)
{
	switch (n) {
	case LENGTH("PATH_INFO"):
		return IS(name, "PATH_INFO") ? &v->path_info : NULL;
	case LENGTH("REQUEST_URI"):
		return IS(name, "REQUEST_URI")	 ? &v->request_uri
		       : IS(name, "SCRIPT_NAME") ? &v->script_name
		       : IS(name, "REMOTE_ADDR") ? &r->remote_addr
		       : IS(name, "REMOTE_USER") ? &v->auth[AUTH_REMOTE_USER]
						 : NULL;
	case LENGTH("CONTENT_TYPE"):
		return IS(name, "CONTENT_TYPE")	  ? &r->content_type
		       : IS(name, "QUERY_STRING") ? &v->query_string
						  : NULL;
	case LENGTH("Authorization"):
		return IS(name, "Authorization") ? &v->auth[AUTH_PLAIN] : NULL;
	case LENGTH("REQUEST_METHOD"):
		return IS(name, "REQUEST_METHOD")   ? &r->method_name
		       : IS(name, "CONTENT_LENGTH") ? &v->content_length
						    : NULL;
	case LENGTH("SERVER_SOFTWARE"):
		return IS(name, "SERVER_SOFTWARE") ? &r->server_software : NULL;
	case LENGTH("HTTP_AUTHORIZATION"):
		return IS(name, "HTTP_AUTHORIZATION") ? &v->auth[AUTH_HTTP]
						      : NULL;
	case LENGTH("HTTP_TRANSFER_ENCODING"):
		return IS(name, "HTTP_TRANSFER_ENCODING")
			   ? &v->transfer_encoding
			   : NULL;
	case LENGTH("REDIRECT_HTTP_AUTHORIZATION"):
		return IS(name, "REDIRECT_HTTP_AUTHORIZATION")
			   ? &v->auth[AUTH_REDIRECT]
			   : NULL;
	case LENGTH("HTTP_X_BANDWIDTH_SIGNATURE_SHA_256"):
		return IS(name, "HTTP_X_BANDWIDTH_SIGNATURE_SHA_256")
			   ? &r->signatures[BWI_SIGNATURE_NUMBERS]
			   : NULL;
	case LENGTH("REDIRECT_REDIRECT_HTTP_AUTHORIZATION"):
		return IS(name, "REDIRECT_REDIRECT_HTTP_AUTHORIZATION")
			   ? &v->auth[AUTH_REDIRECT_REDIRECT]
			   : NULL;
	case LENGTH("HTTP_X_BANDWIDTH_SIGNATURE_HMAC_SHA256"):
		return IS(name, "HTTP_X_BANDWIDTH_SIGNATURE_HMAC_SHA256")
			   ? &r->signatures[BWI_SIGNATURE_TFV]
			   : NULL;
	default:
		return NULL;
	}
}

/* Cheap check of the first letters: most variables are unused headers. */
static bool
may_matter(const char *var)
{
	if (var[0] != 'H')
		return var[0] != 'D' && var[0] != 'G';
	return var[1] == 'T' && var[2] == 'T' && var[3] == 'P' &&
	       (var[4] == 'S' ||
		   (var[4] == '_' && memchr("AHLOSTX", var[5], 7) != NULL));
}

/* The first of several variables of the same name is used. */
static void
take_variable(const char *var, struct bw_request *r, struct variables *v)
{
	const char *equals;
	struct bw_str *slot;

	if (!may_matter(var))
		return;
	equals = strchr(var, '=');
	if (equals == NULL)
		return;
	slot = find_slot(var, (size_t)(equals - var), r, v);
	if (slot == NULL)
		slot =
		    find_browser_slot(var, (size_t)(equals - var), &r->browser);
	if (slot == NULL || slot->p != NULL)
		return;
	*slot = (struct bw_str){equals + 1, strlen(equals + 1)};
}

bool
bw_request_uses_variable(struct bw_str name)
{
	struct variables v = {0};
	struct bw_request r = {0};

	/* Such a request is answered without its other headers, and never
	 * with a page. */
	return find_slot(name.p, name.n, &r, &v) != NULL;
}

static struct bw_str
trim(struct bw_str s)
{
	while (s.n != 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.n--;
	}
	while (s.n != 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/*
 * Does it begin with "Basic ", in any case? Then it is a header and not a
 * user's name.
 */
static bool
is_basic(struct bw_str s)
{
	return s.n > 6 && strncasecmp(s.p, "Basic ", 6) == 0;
}

static void
set_authorization(struct bw_request *r, const struct variables *v)
{
	bool empty = false;

	for (size_t i = 0; i < AUTH__MAX; i++) {
		struct bw_str s = trim(v->auth[i]);

		if (i == AUTH_REMOTE_USER && !is_basic(s))
			continue;
		if (s.n != 0) {
			r->authorization = s;
			return;
		}
		empty = empty || s.p != NULL;
	}
	r->authorization_empty = empty;
}

/* The rest of an absolute URI (RFC 9112, 3.2.2) after the authority. */
static struct bw_str
skip_origin(struct bw_str uri)
{
	size_t at;

	if (uri.p[0] == '/')
		return uri;
	if (uri.n >= 7 && strncasecmp(uri.p, "http://", 7) == 0)
		at = 7;
	else if (uri.n >= 8 && strncasecmp(uri.p, "https://", 8) == 0)
		at = 8;
	else
		return uri;
	while (at < uri.n && uri.p[at] != '/' && uri.p[at] != '?' &&
	       uri.p[at] != '#')
		at++;
	return (struct bw_str){uri.p + at, uri.n - at};
}

/*
 * Split a URI at its '?' and drop a fragment, which does not belong in a
 * request.
 */
static void
split_uri(struct bw_request *r, struct bw_str uri)
{
	const char *end;

	uri = skip_origin(uri);
	end = memchr(uri.p, '#', uri.n);
	if (end != NULL)
		uri.n = (size_t)(end - uri.p);
	end = memchr(uri.p, '?', uri.n);
	r->path = uri;
	if (end != NULL) {
		r->path.n = (size_t)(end - uri.p);
		r->query = (struct bw_str){end + 1, uri.n - r->path.n - 1};
	}
	if (r->path.n == 0)
		r->path = BW_STR("/");
}

static void
set_path(struct bw_request *r, const struct variables *v)
{
	if (v->request_uri.n != 0) {
		split_uri(r, v->request_uri);
		return;
	}
	r->path = v->path_info.n != 0 ? v->path_info : v->script_name;
	/* CGI sets an empty one if there is none. */
	if (v->query_string.n != 0)
		r->query = v->query_string;
}

static void
set_framing(struct bw_request *r, const struct variables *v)
{
	struct bw_str te = v->transfer_encoding;

	r->content_length = -1;
	(void)bwi_decimal_parse(
	    v->content_length, INT64_MAX, &r->content_length);
	for (size_t i = 0; i + 7 <= te.n && !r->chunked; i++)
		r->chunked = strncasecmp(te.p + i, "chunked", 7) == 0;
	/* nginx sends an empty one with a GET. */
	if (r->content_type.n == 0)
		r->content_type.p = NULL;
}

enum bw_err
bwi_request_check(const struct bw_request *r, struct bw_error *e)
{
	if (r->method_name.n == 0)
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "request: no REQUEST_METHOD: the web server passes no CGI "
		    "variables; with nginx, put \"include fastcgi_params\" "
		    "into "
		    "each location that has a fastcgi_param");
	if (r->path.n == 0)
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "request: no REQUEST_URI, PATH_INFO or SCRIPT_NAME: the "
		    "web server must pass one of them");
	if (r->path.n + r->query.n > BW_MAX_URI)
		return bw_error_set(e, BW_ERR_LIMIT, 0,
		    "request: URI of %zu bytes: at most %d are allowed",
		    r->path.n + r->query.n, BW_MAX_URI);
	if (r->authorization.n > BW_MAX_AUTHORIZATION)
		return bw_error_set(e, BW_ERR_LIMIT, 0,
		    "request: Authorization of %zu bytes: at most %d are "
		    "allowed",
		    r->authorization.n, BW_MAX_AUTHORIZATION);
	return BW_OK;
}

enum bw_err
bw_request_from_env(
    struct bw_request *r, const char *const *env, struct bw_error *e)
{
	struct variables v = {0};

	bw_request_reset(r);
	for (; *env != NULL; env++)
		take_variable(*env, r, &v);
	bw_request_set_method(r, r->method_name);
	set_path(r, &v);
	set_authorization(r, &v);
	set_framing(r, &v);
	return bwi_request_check(r, e);
}
