/* Requests from the CGI variables of each web server. */
#include <stdlib.h>
#include <string.h>

#include <bwcallback/limits.h>
#include <bwcallback/request.h>

#include "base/decimal.h"
#include "base/request.h"
#include "tests/tap/tap.h"

#define MAX_ENV 8

struct row {
	const char *name;
	const char *env[MAX_ENV];
	enum bw_method method;
	const char *path;
	const char *query;
};

static const struct row rows[] = {
    {"nginx", {"QUERY_STRING=", "REQUEST_METHOD=POST", "REQUEST_URI=/voice"},
	BW_METHOD_POST, "/voice", NULL},
    {"query", {"REQUEST_METHOD=GET", "REQUEST_URI=/v?a=1&b=?"}, BW_METHOD_GET,
	"/v", "a=1&b=?"},
    {"empty query", {"REQUEST_METHOD=GET", "REQUEST_URI=/v?"}, BW_METHOD_GET,
	"/v", ""},
    {"still encoded", {"REQUEST_METHOD=POST", "REQUEST_URI=/%76oice/%2e"},
	BW_METHOD_POST, "/%76oice/%2e", NULL},
    {"fragment", {"REQUEST_METHOD=GET", "REQUEST_URI=/v?a#b?c"}, BW_METHOD_GET,
	"/v", "a"},
    {"fragment with a question mark",
	{"REQUEST_METHOD=GET", "REQUEST_URI=/v#b?c"}, BW_METHOD_GET, "/v",
	NULL},
    {"absolute form",
	{"REQUEST_METHOD=POST", "REQUEST_URI=HTTP://example.net:8080/v?q"},
	BW_METHOD_POST, "/v", "q"},
    {"absolute form without a path",
	{"REQUEST_METHOD=POST", "REQUEST_URI=https://example.net"},
	BW_METHOD_POST, "/", NULL},
    {"absolute form with a query alone",
	{"REQUEST_METHOD=POST", "REQUEST_URI=https://example.net?x"},
	BW_METHOD_POST, "/", "x"},
    {"nothing but an origin", {"REQUEST_METHOD=GET", "REQUEST_URI=http://"},
	BW_METHOD_GET, "/", NULL},
    {"query alone", {"REQUEST_METHOD=GET", "REQUEST_URI=?x"}, BW_METHOD_GET,
	"/", "x"},
    {"asterisk", {"REQUEST_METHOD=OPTIONS", "REQUEST_URI=*"}, BW_METHOD_OPTIONS,
	"*", NULL},
    {"no REQUEST_URI",
	{"REQUEST_METHOD=HEAD", "SCRIPT_NAME=/bw.cgi", "PATH_INFO=/voice",
	    "QUERY_STRING=a=b"},
	BW_METHOD_HEAD, "/voice", "a=b"},
    {"no REQUEST_URI and an empty PATH_INFO",
	{"REQUEST_METHOD=POST", "SCRIPT_NAME=/voice",
	    "PATH_INFO=", "QUERY_STRING=", "REQUEST_URI="},
	BW_METHOD_POST, "/voice", NULL},
    {"another method", {"REQUEST_METHOD=post", "REQUEST_URI=/"},
	BW_METHOD_OTHER, "/", NULL},
    {"the first stands",
	{"REQUEST_METHOD=POST", "REQUEST_URI=/a", "REQUEST_URI=/b",
	    "REQUEST_METHOD=GET"},
	BW_METHOD_POST, "/a", NULL},
    {"names that only begin alike",
	{"REQUEST_METHODS=GET", "REQUEST_METHOD=POST", "REQUEST_UR=/x",
	    "REQUEST", "REQUEST_URI=/a", "=", ""},
	BW_METHOD_POST, "/a", NULL},
};

static void
test_paths(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct bw_error e = {0};
		struct bw_request r;

		is_int(bw_request_from_env(&r, row->env, &e), BW_OK, "%s: %s",
		    row->name, e.msg);
		is_int(r.method, row->method, "%s: method", row->name);
		is_text(r.path, row->path, "%s: path", row->name);
		is_text(r.query, row->query, "%s: query", row->name);
	}
}

/* The variables that may hold the header, and their order. */
static const struct {
	const char *name;
	const char *env[MAX_ENV];
	const char *want;
	bool empty;
} auth_rows[] = {
    {"none", {"REMOTE_ADDR=127.0.0.1"}, NULL, false},
    {"HTTP_AUTHORIZATION", {"HTTP_AUTHORIZATION=Basic YQ=="},
	"Basic YQ==", false},
    {"after a redirect", {"REDIRECT_HTTP_AUTHORIZATION=Basic YQ=="},
	"Basic YQ==", false},
    {"after two redirects", {"REDIRECT_REDIRECT_HTTP_AUTHORIZATION=Basic YQ=="},
	"Basic YQ==", false},
    {"under the header's name", {"Authorization=Basic YQ=="},
	"Basic YQ==", false},
    {"in REMOTE_USER", {"REMOTE_USER=basic YQ=="}, "basic YQ==", false},
    {"a user in REMOTE_USER", {"REMOTE_USER=admin"}, NULL, false},
    {"Basic in REMOTE_USER is a name", {"REMOTE_USER=Basic"}, NULL, false},
    {"an empty REMOTE_USER", {"REMOTE_USER="}, NULL, false},
    {"present but empty", {"HTTP_AUTHORIZATION="}, NULL, true},
    {"present but blank", {"HTTP_AUTHORIZATION= \t"}, NULL, true},
    {"blanks around", {"HTTP_AUTHORIZATION=  Basic YQ== "},
	"Basic YQ==", false},
    {"empty here, full there",
	{"HTTP_AUTHORIZATION=", "REDIRECT_HTTP_AUTHORIZATION=Basic YQ=="},
	"Basic YQ==", false},
    {"in order of trust, not of arrival",
	{"REMOTE_USER=Basic ZQ==", "Authorization=Basic ZA==",
	    "REDIRECT_REDIRECT_HTTP_AUTHORIZATION=Basic Yw==",
	    "REDIRECT_HTTP_AUTHORIZATION=Basic Yg==",
	    "HTTP_AUTHORIZATION=Basic YQ=="},
	"Basic YQ==", false},
    {"the first of two",
	{"HTTP_AUTHORIZATION=Basic YQ==", "HTTP_AUTHORIZATION=Basic Yg=="},
	"Basic YQ==", false},
    {"another header", {"HTTP_AUTHORIZATION2=Basic YQ=="}, NULL, false},
    {"the proxy's", {"HTTP_PROXY_AUTHORIZATION=Basic YQ=="}, NULL, false},
};

static void
test_authorization(void)
{
	for (size_t i = 0; i < sizeof(auth_rows) / sizeof(auth_rows[0]); i++) {
		const char *env[MAX_ENV + 3] = {
		    "REQUEST_METHOD=POST", "REQUEST_URI=/v"};
		struct bw_request r;

		memcpy(env + 2, auth_rows[i].env, sizeof(auth_rows[i].env));
		is_int(bw_request_from_env(&r, env, NULL), BW_OK, "%s",
		    auth_rows[i].name);
		is_text(r.authorization, auth_rows[i].want, "%s: header",
		    auth_rows[i].name);
		is_int(r.authorization_empty, auth_rows[i].empty, "%s: empty",
		    auth_rows[i].name);
	}
}

static void
test_framing(void)
{
	static const struct {
		const char *length;
		long long want;
	} lengths[] = {
	    {"CONTENT_LENGTH=0", 0},
	    {"CONTENT_LENGTH=703", 703},
	    {"CONTENT_LENGTH=", -1},
	    {"CONTENT_LENGTH=-1", -1},
	    {"CONTENT_LENGTH=+1", -1},
	    {"CONTENT_LENGTH= 1", -1},
	    {"CONTENT_LENGTH=1 ", -1},
	    {"CONTENT_LENGTH=0x10", -1},
	    {"CONTENT_LENGTH=9223372036854775807", INT64_MAX},
	    {"CONTENT_LENGTH=9223372036854775808", -1},
	    {"CONTENT_LENGTH=99999999999999999999", -1},
	    {"NOTHING=1", -1},
	};
	struct bw_request r;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		const char *env[] = {"REQUEST_METHOD=POST", "REQUEST_URI=/",
		    lengths[i].length, NULL};

		is_int(bw_request_from_env(&r, env, NULL), BW_OK, "%s",
		    lengths[i].length);
		is_int(r.content_length, lengths[i].want, "%s: value",
		    lengths[i].length);
	}
}

static void
test_the_rest(void)
{
	const char *env[] = {"REQUEST_METHOD=POST", "REQUEST_URI=/",
	    "CONTENT_TYPE=application/json", "REMOTE_ADDR=192.0.2.7",
	    "SERVER_SOFTWARE=nginx/1.22.1", "HTTP_PROXY=http://evil.example/",
	    "HTTP_TRANSFER_ENCODING=gzip, Chunked",
	    "HTTP_X_BANDWIDTH_SIGNATURE_HMAC_SHA256=00ff",
	    "HTTP_X_BANDWIDTH_SIGNATURE_SHA_256=AA==", NULL};
	const char *plain[] = {"REQUEST_METHOD=GET", "REQUEST_URI=/",
	    "CONTENT_TYPE=", "HTTP_TRANSFER_ENCODING=chunke", NULL};
	struct bw_request r;

	is_int(bw_request_from_env(&r, env, NULL), BW_OK, "a full set");
	is_text(r.method_name, "POST", "method's name");
	is_text(r.content_type, "application/json", "content type");
	is_text(r.remote_addr, "192.0.2.7", "peer");
	is_text(r.server_software, "nginx/1.22.1", "server");
	is_text(r.signatures[BWI_SIGNATURE_TFV], "00ff", "hex signature");
	is_text(
	    r.signatures[BWI_SIGNATURE_NUMBERS], "AA==", "base64 signature");
	ok(r.chunked, "chunked");
	is_int(bw_request_from_env(&r, plain, NULL), BW_OK, "a bare set");
	is_text(r.content_type, NULL, "an empty content type is none");
	is_text(r.remote_addr, NULL, "no peer");
	ok(!r.chunked, "not chunked");
}

/* name=xxx... of n bytes of value. */
static char *
long_variable(const char *start, size_t n)
{
	size_t m = strlen(start);
	char *s = malloc(m + n + 1);

	if (s == NULL)
		abort();
	memcpy(s, start, m);
	memset(s + m, 'x', n);
	s[m + n] = '\0';
	return s;
}

static void
test_limits(void)
{
	static const struct {
		const char *start;
		size_t n;
		enum bw_err want;
	} limits[] = {
	    {"REQUEST_URI=/", BW_MAX_URI - 1, BW_OK},
	    {"REQUEST_URI=/", BW_MAX_URI, BW_ERR_LIMIT},
	    {"REQUEST_URI=/?", BW_MAX_URI, BW_ERR_LIMIT},
	    {"HTTP_AUTHORIZATION=", BW_MAX_AUTHORIZATION, BW_OK},
	    {"HTTP_AUTHORIZATION=", BW_MAX_AUTHORIZATION + 1, BW_ERR_LIMIT},
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		char *var = long_variable(limits[i].start, limits[i].n);
		const char *env[] = {
		    "REQUEST_METHOD=POST", var, "REQUEST_URI=/short", NULL};
		struct bw_request r;

		is_int(bw_request_from_env(&r, env, NULL), limits[i].want,
		    "%s and %zu bytes", limits[i].start, limits[i].n);
		free(var);
	}
}

static void
test_missing(void)
{
	const char *no_method[] = {"REQUEST_URI=/", "HTTP_HOST=x", NULL};
	const char *no_path[] = {
	    "REQUEST_METHOD=POST", "PATH_INFO=", "SCRIPT_NAME=", NULL};
	const char *nothing[] = {NULL};
	struct bw_error e = {0};
	struct bw_request r;

	is_int(
	    bw_request_from_env(&r, no_method, &e), BW_ERR_USAGE, "no method");
	ok(strstr(e.msg, "include fastcgi_params") != NULL, "with the remedy");
	e = (struct bw_error){0};
	is_int(bw_request_from_env(&r, no_path, &e), BW_ERR_USAGE, "no path");
	ok(strstr(e.msg, "REQUEST_URI") != NULL, "with the name");
	is_int(bw_request_from_env(&r, nothing, NULL), BW_ERR_USAGE,
	    "nothing at all");
}

static void
test_numbers(void)
{
	int64_t v = 7;

	ok(!bwi_decimal_parse((struct bw_str){NULL, 0}, 9, &v), "absent");
	ok(!bwi_decimal_parse(BW_STR("5"), 4, &v), "over a small maximum");
	ok(!bwi_decimal_parse(BW_STR("100"), 99, &v), "over the maximum");
	is_int(v, 7, "and the number is not changed");
	ok(bwi_decimal_parse(BW_STR("0099"), 99, &v), "leading zeros");
	is_int(v, 99, "value");
	ok(bwi_decimal_parse(BW_STR("0"), 0, &v), "nothing but zero");
	is_int(v, 0, "zero");
}

int
main(void)
{
	test_paths();
	test_authorization();
	test_framing();
	test_the_rest();
	test_limits();
	test_missing();
	test_numbers();
	return tap_done();
}
