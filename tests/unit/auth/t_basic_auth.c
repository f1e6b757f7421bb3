/* The Authorization header: which values are accepted as Basic. */
#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>

#include "auth/basic_auth.h"
#include "tests/tap/tap.h"

/* "Basic base64(pair)". The result is static. */
static struct bw_str
basic(const char *pair)
{
	static _Thread_local char header[8192];
	size_t n = strlen(pair), m;

	memcpy(header, "Basic ", 6);
	m = BASE64_ENCODE_RAW_LENGTH(n);
	if (m + 6 > sizeof(header))
		abort();
	base64_encode_raw(header + 6, n, (const uint8_t *)pair);
	return (struct bw_str){header, m + 6};
}

static const struct {
	const char *name;
	const char *header;
	const char *user; /* NULL: rejected */
	const char *password;
} headers[] = {
    {"as sent", "Basic dTpw", "u", "p"},
    {"lower case", "basic dTpw", "u", "p"},
    {"upper case", "BASIC dTpw", "u", "p"},
    {"spaces", "Basic   dTpw", "u", "p"},
    {"padding", "Basic dXg6cA==", "ux", "p"},
    {"one padding", "Basic dXg6cHA=", "ux", "pp"},
    {"no padding where some belongs", "Basic dXg6cA", "ux", "p"},
    {"half the padding", "Basic dXg6cA=", "ux", "p"},
    {"an empty password", "Basic dTo=", "u", ""},
    {"a colon in the password", "Basic dTpwOnE=", "u", "p:q"},
    {"UTF-8", "Basic dcO8OnDDuA==", "u\xc3\xbc", "p\xc3\xb8"},
    {"two schemes", "Basic dTpw, Basic dTpw", NULL, NULL},
    {"two schemes, no space", "Basic dTpw,Basic dTpw", NULL, NULL},
    {"two values", "Basic dTpw dTpw", NULL, NULL},
    {"another scheme", "Bearer dTpw", NULL, NULL},
    {"a longer scheme", "Basics dTpw", NULL, NULL},
    {"the scheme alone", "Basic", NULL, NULL},
    {"the scheme and a space", "Basic ", NULL, NULL},
    {"no scheme", "dTpw", NULL, NULL},
    {"a tab", "Basic\tdTpw", NULL, NULL},
    {"a space inside", "Basic dT pw", NULL, NULL},
    {"a line feed inside", "Basic dT\npw", NULL, NULL},
    {"URL alphabet", "Basic dTp-_w==", NULL, NULL},
    {"too much padding", "Basic dTpw====", NULL, NULL},
    {"padding in the middle", "Basic dT==pw==", NULL, NULL},
    {"bits left over", "Basic dXg6cB==", NULL, NULL},
    {"five digits", "Basic dTpwa", NULL, NULL},
    {"no colon", "Basic dXA=", NULL, NULL},
    {"no user", "Basic OnA=", NULL, NULL},
    {"a NUL in the password", "Basic dTpwAHA=", NULL, NULL},
    {"a line feed in the user", "Basic dQo6cA==", NULL, NULL},
    {"a DEL in the password", "Basic dTp/", NULL, NULL},
    {"a quoted realm", "Basic \"dTpw\"", NULL, NULL},
};

static void
test_headers(void)
{
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct bw_str h = {
		    headers[i].header, strlen(headers[i].header)};
		struct bwi_basic_auth b = {0};
		struct bw_error e = {0};
		enum bw_err err = bwi_basic_auth_parse(&b, h, &e);

		is_int(err, headers[i].user ? BW_OK : BW_ERR_REJECTED,
		    "header: %s", headers[i].name);
		if (err != BW_OK) {
			ok(strstr(e.msg, "rejected") != NULL, "%s: message",
			    headers[i].name);
			continue;
		}
		is_text(b.user, headers[i].user, "%s: user", headers[i].name);
		is_text(b.password, headers[i].password, "%s: password",
		    headers[i].name);
	}
}

static void
test_long_headers(void)
{
	static const struct {
		size_t user, password;
		enum bw_err want;
	} rows[] = {
	    {1024, 1024, BW_OK},
	    {1025, 1, BW_ERR_REJECTED},
	    {1, 1025, BW_ERR_REJECTED},
	    {3000, 3000, BW_ERR_REJECTED},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = rows[i].user + 1 + rows[i].password;
		char *pair = calloc(1, n + 1);
		struct bwi_basic_auth b;

		memset(pair, 'x', n);
		pair[rows[i].user] = ':';
		is_int(bwi_basic_auth_parse(&b, basic(pair), NULL),
		    rows[i].want, "a user of %zu and a password of %zu",
		    rows[i].user, rows[i].password);
		free(pair);
	}
}

int
main(void)
{
	test_headers();
	test_long_headers();
	return tap_done();
}
