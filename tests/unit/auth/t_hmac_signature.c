/* Signed families: keys, signatures and the canonical form of a body. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/limits.h>
#include <nettle/base16.h>
#include <nettle/base64.h>
#include <nettle/hmac.h>

#include "auth/credentials.h"
#include "auth/json_canonical.h"
#include "base/request.h"
#include "tests/tap/tap.h"

static char file[] = "/tmp/bw-hmac-XXXXXX";

/* The example that Bandwidth publishes for toll-free verification. */
#define VECTOR_KEY "This is my $3cret"
#define VECTOR_BODY \
	"{\"accountId\":\"1234567\",\"phoneNumber\":\"+18005555555\"," \
	"\"status\":\"VERIFIED\"}"
#define VECTOR_HMAC \
	"ca7b9e9816c90d336f5dca529e733354" \
	"b81535c7af027b81878ac98afb2dbaa2"

static void
write_text(const char *text)
{
	char new[sizeof(file) + 4];
	FILE *f;

	snprintf(new, sizeof(new), "%s.new", file);
	f = fopen(new, "wb");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 ||
	    rename(new, file) != 0)
		abort();
}

static void
digest(const char *key, const char *body, uint8_t out[SHA256_DIGEST_SIZE])
{
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, strlen(key), (const uint8_t *)key);
	hmac_sha256_update(&ctx, strlen(body), (const uint8_t *)body);
	hmac_sha256_digest(&ctx, SHA256_DIGEST_SIZE, out);
}

/* The result is static. */
static const char *
hex(const char *key, const char *body)
{
	static char text[2 * SHA256_DIGEST_SIZE + 1];
	uint8_t d[SHA256_DIGEST_SIZE];

	digest(key, body, d);
	base16_encode_update(text, sizeof(d), d);
	return text;
}

static const char *
base64(const char *key, const char *body)
{
	static char text[64];
	uint8_t d[SHA256_DIGEST_SIZE];

	digest(key, body, d);
	base64_encode_raw(text, sizeof(d), d);
	return text;
}

static struct bw_str
str(const char *s)
{
	return (struct bw_str){s, s != NULL ? strlen(s) : 0};
}

static enum bw_err
check(
    struct bwi_hmac *h, const char *tfv, const char *numbers, const char *body)
{
	struct bw_request r = {.body = str(body)};

	r.signatures[BWI_SIGNATURE_TFV] = str(tfv);
	r.signatures[BWI_SIGNATURE_NUMBERS] = str(numbers);
	return bwi_hmac_check(h, &r, NULL);
}

static struct bwi_hmac *
open_keys(const char *text)
{
	struct bwi_hmac *h = NULL;
	struct bw_error e = {0};

	write_text(text);
	if (bwi_hmac_open(&h, file, &e) != BW_OK)
		tap_diag("%s", e.msg);
	return h;
}

static const struct {
	const char *name;
	const char *signature;
	const char *body;
	enum bw_err want;
} vectors[] = {
    {"the published vector", VECTOR_HMAC, VECTOR_BODY, BW_OK},
    {"upper case",
	"CA7B9E9816C90D336F5DCA529E733354B81535C7AF027B81878AC98AFB2DBAA2",
	VECTOR_BODY, BW_OK},
    {"with white space", VECTOR_HMAC,
	" {\n\t\"accountId\" : \"1234567\" ,\r\n\"phoneNumber\":"
	"\"+18005555555\",  \"status\":\"VERIFIED\" }\n",
	BW_OK},
    {"in another order", VECTOR_HMAC,
	"{\"status\":\"VERIFIED\",\"phoneNumber\":\"+18005555555\","
	"\"accountId\":\"1234567\"}",
	BW_OK},
    {"in another order with white space", VECTOR_HMAC,
	"{ \"status\": \"VERIFIED\", \"accountId\": \"1234567\","
	" \"phoneNumber\": \"+18005555555\"}",
	BW_OK},
    {"one character changed", VECTOR_HMAC,
	"{\"accountId\":\"1234567\",\"phoneNumber\":\"+18005555556\","
	"\"status\":\"VERIFIED\"}",
	BW_ERR_SIGNATURE},
    {"a space inside a string", VECTOR_HMAC,
	"{\"accountId\":\"1234567 \",\"phoneNumber\":\"+18005555555\","
	"\"status\":\"VERIFIED\"}",
	BW_ERR_SIGNATURE},
    {"a member more", VECTOR_HMAC,
	"{\"accountId\":\"1234567\",\"phoneNumber\":\"+18005555555\","
	"\"status\":\"VERIFIED\",\"status\":\"DENIED\"}",
	BW_ERR_SIGNATURE},
    {"a number for a string", VECTOR_HMAC,
	"{\"accountId\":1234567,\"phoneNumber\":\"+18005555555\","
	"\"status\":\"VERIFIED\"}",
	BW_ERR_SIGNATURE},
    {"something after it", VECTOR_HMAC, VECTOR_BODY "x", BW_ERR_SIGNATURE},
    {"two of them", VECTOR_HMAC, VECTOR_BODY VECTOR_BODY, BW_ERR_SIGNATURE},
    {"no body", VECTOR_HMAC, "", BW_ERR_SIGNATURE},
    {"no JSON", VECTOR_HMAC, "<a/>", BW_ERR_SIGNATURE},
    {"one digit wrong",
	"ca7b9e9816c90d336f5dca529e733354b81535c7af027b81878ac98afb2dbaa3",
	VECTOR_BODY, BW_ERR_SIGNATURE},
    {"one digit short",
	"ca7b9e9816c90d336f5dca529e733354b81535c7af027b81878ac98afb2dbaa",
	VECTOR_BODY, BW_ERR_SIGNATURE},
    {"one digit more", VECTOR_HMAC "0", VECTOR_BODY, BW_ERR_SIGNATURE},
    {"no digits",
	"ga7b9e9816c90d336f5dca529e733354b81535c7af027b81878ac98afb2dbaa2",
	VECTOR_BODY, BW_ERR_SIGNATURE},
    {"spaces for digits",
	"ca7b9e9816c90d336f5dca529e733354b81535c7af027b81878ac98afb2dba  ",
	VECTOR_BODY, BW_ERR_SIGNATURE},
    {"empty", "", VECTOR_BODY, BW_ERR_SIGNATURE},
    {"absent", NULL, VECTOR_BODY, BW_ERR_SIGNATURE},
};

static void
test_tfv(void)
{
	struct bwi_hmac *h = open_keys(VECTOR_KEY "\r\n");

	ok(h != NULL, "a key file with CRLF");
	if (h == NULL)
		return;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		is_int(check(h, vectors[i].signature, NULL, vectors[i].body),
		    vectors[i].want, "hex: %s", vectors[i].name);
	is_int(check(h, NULL, VECTOR_HMAC, VECTOR_BODY), BW_ERR_SIGNATURE,
	    "hex instead of base64");
	bwi_hmac_free(h);
}

static void
test_numbers(void)
{
	const char *key = "another 16 chars", *body = "{\"a\": 1}";
	struct bwi_hmac *h = open_keys("another 16 chars");
	const char *good = base64(key, body);
	char text[64];

	is_int(check(h, NULL, good, body), BW_OK, "base64");
	is_int(check(h, NULL, good, "{\"a\":1}"), BW_ERR_SIGNATURE,
	    "the body is not canonicalised");
	is_int(check(h, good, NULL, body), BW_ERR_SIGNATURE,
	    "base64 instead of hex");
	is_int(check(h, hex(key, body), "x", body), BW_OK,
	    "either header is accepted: hex");
	is_int(check(h, "x", good, body), BW_OK,
	    "either header is accepted: base64");
	snprintf(text, sizeof(text), "%.43s", good);
	is_int(check(h, NULL, text, body), BW_ERR_SIGNATURE, "cut");
	text[0] = text[0] == 'A' ? 'B' : 'A';
	snprintf(text + 43, sizeof(text) - 43, "=");
	is_int(check(h, NULL, text, body), BW_ERR_SIGNATURE, "changed");
	is_int(check(h, NULL, base64(key, ""), ""), BW_OK, "an empty body");
	bwi_hmac_free(h);
}

static void
test_requests(void)
{
	struct bwi_hmac *h = open_keys(VECTOR_KEY);
	struct bw_request r = {.body = BW_STR(VECTOR_BODY)};
	struct bw_error e = {0};

	is_int(bwi_hmac_check(h, &r, &e), BW_ERR_SIGNATURE, "no header");
	ok(strstr(e.msg, "missing") != NULL, "no header: %s", e.msg);
	r.signatures[BWI_SIGNATURE_TFV] = BW_STR("00");
	e = (struct bw_error){0};
	is_int(
	    bwi_hmac_check(h, &r, &e), BW_ERR_SIGNATURE, "a short signature");
	ok(strstr(e.msg, "rejected") != NULL, "a short signature: %s", e.msg);
	r.signatures[BWI_SIGNATURE_TFV] = BW_STR(VECTOR_HMAC);
	is_int(bwi_hmac_check(h, &r, NULL), BW_OK, "a right signature");
	r.body_too_large = true;
	is_int(bwi_hmac_check(h, &r, NULL), BW_ERR_SIGNATURE,
	    "rejected when the body was truncated");
	bwi_hmac_free(h);
}

static const struct {
	const char *name;
	const char *text;
	enum bw_err want;
	const char *message;
} files[] = {
    {"one key", VECTOR_KEY, BW_OK, ""},
    {"two keys", "0123456789abcdef\n" VECTOR_KEY "\n", BW_OK, ""},
    {"empty lines, CRLF, a byte-order mark",
	"\xef\xbb\xbf\r\n" VECTOR_KEY "\r\n\r\n", BW_OK, ""},
    {"eight keys",
	"0123456789abcde0\n0123456789abcde1\n0123456789abcde2\n"
	"0123456789abcde3\n0123456789abcde4\n0123456789abcde5\n"
	"0123456789abcde6\n" VECTOR_KEY "\n",
	BW_OK, ""},
    {"nine keys",
	"0123456789abcde0\n0123456789abcde1\n0123456789abcde2\n"
	"0123456789abcde3\n0123456789abcde4\n0123456789abcde5\n"
	"0123456789abcde6\n0123456789abcde7\n" VECTOR_KEY "\n",
	BW_ERR_LIMIT, ":9: more than 8"},
    {"nothing", "\n", BW_ERR_CONFIG, "no key"},
    {"a short key", VECTOR_KEY "\n0123456789abcde\n", BW_ERR_SYNTAX,
	":2: not a key"},
    {"a tab", "0123456789abcdef\tg\n", BW_ERR_SYNTAX, ":1: not a key"},
    {"beyond ASCII", "0123456789abcdef\xc3\xa9\n", BW_ERR_SYNTAX, ":1:"},
};

static void
test_files(void)
{
	struct bw_error e = {0};
	struct bwi_hmac *h = NULL;
	char text[1026];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		h = NULL;
		e = (struct bw_error){0};
		write_text(files[i].text);
		is_int(bwi_hmac_open(&h, file, &e), files[i].want, "%s: %s",
		    files[i].name, e.msg);
		ok(strstr(e.msg, files[i].message) != NULL,
		    "%s: message \"%s\"", files[i].name, files[i].message);
		ok(strstr(e.msg, "0123") == NULL, "%s: the message has no key",
		    files[i].name);
		if (h != NULL)
			is_int(check(h, VECTOR_HMAC, NULL, VECTOR_BODY), BW_OK,
			    "%s: works", files[i].name);
		bwi_hmac_free(h);
	}
	memset(text, 'k', sizeof(text) - 1);
	text[1025] = '\0';
	write_text(text);
	is_int(bwi_hmac_open(&h, file, NULL), BW_ERR_SYNTAX, "1025 bytes");
	text[1024] = '\0';
	h = open_keys(text);
	is_int(check(h, hex(text, "x"), NULL, "x"), BW_OK, "1024 bytes");
	bwi_hmac_free(h);
	unlink(file);
	is_int(bwi_hmac_open(&h, file, NULL), BW_ERR_NOFILE, "no file");
}

static bool
wait_warning(struct bwi_hmac *h, struct bw_error *e)
{
	unsigned turn = 0;

	do {
		(void)!check(h, VECTOR_HMAC, NULL, "");
		if (bwi_hmac_take_warning(h, e))
			return true;
	} while (tap_poll(&turn));
	return false;
}

static void
test_change(void)
{
	struct bwi_hmac *h = open_keys(VECTOR_KEY);
	const char *other = hex("0123456789abcdef", "x");
	struct bw_error e = {0};
	unsigned turn = 0;
	enum bw_err err;

	is_int(
	    check(h, other, NULL, "x"), BW_ERR_SIGNATURE, "before the change");
	ok(!bwi_hmac_take_warning(h, &e), "no warning");
	write_text("0123456789abcdef\n" VECTOR_KEY);
	do {
		err = check(h, other, NULL, "x");
	} while (err != BW_OK && tap_poll(&turn));
	is_int(err, BW_OK, "a second key");
	is_int(check(h, VECTOR_HMAC, NULL, VECTOR_BODY), BW_OK,
	    "the first key is still accepted");
	write_text("short");
	ok(wait_warning(h, &e), "an invalid file sets a warning: %s", e.msg);
	is_int(e.code, BW_ERR_SYNTAX, "the warning's code");
	ok(!bwi_hmac_take_warning(h, &e), "the warning is given once");
	is_int(check(h, other, NULL, "x"), BW_OK,
	    "invalid file: the keys stay valid");
	bwi_hmac_free(h);
}

static const struct {
	const char *json;
	const char *plain; /* NULL: no tokens found */
	const char *sorted;
} forms[] = {
    {"{}", "{}", "{}"},
    {" { } ", "{}", "{}"},
    {"[ ]", "[]", "[]"},
    {"1.50e+3", "1.50e+3", "1.50e+3"},
    {"[1 , \"a b\",null, true]", "[1,\"a b\",null,true]",
	"[1,\"a b\",null,true]"},
    {"{\"b\":1,\"a\":{\"d\": [ {\"z\":1,\"y\":2} ],\"c\":\"\"}}",
	"{\"b\":1,\"a\":{\"d\":[{\"z\":1,\"y\":2}],\"c\":\"\"}}",
	"{\"a\":{\"c\":\"\",\"d\":[{\"y\":2,\"z\":1}]},\"b\":1}"},
    {"{\"ab\":1,\"a\":2,\"a!\":3,\"\":4}", "{\"ab\":1,\"a\":2,\"a!\":3,\"\":4}",
	"{\"\":4,\"a\":2,\"a!\":3,\"ab\":1}"},
    {"{\"a\\\"b \":\"\\\\\"}", "{\"a\\\"b \":\"\\\\\"}",
	"{\"a\\\"b \":\"\\\\\"}"},
    {"{\"\xc3\xa9\":1,\"z\":\"\\u00e9\\/\"}",
	"{\"\xc3\xa9\":1,\"z\":\"\\u00e9\\/\"}",
	"{\"z\":\"\\u00e9\\/\",\"\xc3\xa9\":1}"},
    {"", NULL, NULL},
    {" ", NULL, NULL},
    {"{", NULL, NULL},
    {"{\"a\"", NULL, NULL},
    {"{\"a\":", NULL, NULL},
    {"{\"a\":1", NULL, NULL},
    {"{\"a\":1,", NULL, NULL},
    {"{\"a\":1,}", NULL, NULL},
    {"{\"a\" 1}", NULL, NULL},
    {"{a:1}", NULL, NULL},
    {"{\"a\":1]", NULL, NULL},
    {"[1", NULL, NULL},
    {"[1,]", NULL, NULL},
    {"[1 2]", NULL, NULL},
    {"[,]", NULL, NULL},
    {"\"a", NULL, NULL},
    {"\"a\\", NULL, NULL},
    {"\"a\\\"", NULL, NULL},
    {"1 2", NULL, NULL},
    {"{}}", NULL, NULL},
};

static void
test_canonical(void)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		for (int sorted = 0; sorted <= 1; sorted++) {
			const char *want =
			    sorted ? forms[i].sorted : forms[i].plain;
			struct bw_str got = {NULL, 0};
			struct bw_buf b;

			bw_buf_init(&b, 1000);
			if (bwi_json_canonical_add(
				&b, str(forms[i].json), sorted))
				got = (struct bw_str){b.p, b.n};
			is_text(got, want, "canonical, row %zu%s", i,
			    sorted ? ", sorted" : "");
			bw_buf_free(&b);
		}
	}
}

static void
test_canonical_limits(void)
{
	char text[2 * BW_MAX_DEPTH + 3], wide[65 * 7 + 2] = "{";
	struct bw_buf b;
	size_t n = 1;

	bw_buf_init(&b, 1000);
	memset(text, '[', BW_MAX_DEPTH + 1);
	memset(text + BW_MAX_DEPTH + 1, ']', BW_MAX_DEPTH + 1);
	text[2 * BW_MAX_DEPTH + 2] = '\0';
	ok(!bwi_json_canonical_add(&b, str(text), false), "too deep");
	ok(bwi_json_canonical_add(
	       &b, (struct bw_str){text + 1, 2 * BW_MAX_DEPTH}, true),
	    "deep enough");
	for (int i = 0; i < 65; i++)
		n += (size_t)snprintf(wide + n, sizeof(wide) - n,
		    "\"%02d\":1%s", i, i < 64 ? "," : "");
	bw_buf_reset(&b);
	ok(!bwi_json_canonical_add(&b, (struct bw_str){wide, n}, true),
	    "no end");
	wide[n++] = '}';
	ok(!bwi_json_canonical_add(&b, (struct bw_str){wide, n}, true),
	    "too wide");
	bw_buf_free(&b);
}

static void
test_no_memory(void)
{
	struct bwi_hmac *h = NULL;
	enum bw_err err = BW_ERR_NOMEM;
	unsigned long n;

	write_text(VECTOR_KEY);
	for (n = 1; err == BW_ERR_NOMEM && n < 50; n++) {
		tap_fail_alloc(n);
		err = bwi_hmac_open(&h, file, NULL);
	}
	is_int(err, BW_OK, "opened after %lu failures", n - 2);
	is_int((long long)n - 2, 4, "of each of its allocations");
	tap_fail_alloc(1);
	is_int(check(h, VECTOR_HMAC, NULL, VECTOR_BODY), BW_OK,
	    "a check needs no memory");
	tap_fail_alloc(1);
	is_int(check(h, VECTOR_HMAC, NULL, " " VECTOR_BODY), BW_ERR_NOMEM,
	    "but the canonical form does");
	tap_fail_alloc(0);
	bwi_hmac_free(h);
}

int
main(void)
{
	int fd = mkstemp(file);

	if (fd < 0 || close(fd) != 0)
		return 1;
	test_tfv();
	test_numbers();
	test_requests();
	test_files();
	test_change();
	test_canonical();
	test_canonical_limits();
	test_no_memory();
	unlink(file);
	return tap_done();
}
