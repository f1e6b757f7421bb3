/* Basic authentication against password files. */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <crypt.h>
#include <nettle/base64.h>

#include <bwcallback/limits.h>

#include "auth/credentials.h"
#include "auth/htpasswd.h"
#include "base/request.h"
#include "tests/tap/tap.h"

static char dir[] = "/tmp/bw-auth-XXXXXX";
static char file[sizeof(dir) + 16];

static void
write_file(const char *text, size_t n)
{
	char new[sizeof(file) + 4];
	FILE *f;

	snprintf(new, sizeof(new), "%s.new", file);
	f = fopen(new, "wb");
	if (f == NULL || fwrite(text, 1, n, f) != n || fclose(f) != 0 ||
	    rename(new, file) != 0)
		abort();
}

static void
write_text(const char *text)
{
	write_file(text, strlen(text));
}

/* A hash with the lowest cost. The result is static, one per slot. */
static const char *
hash(const char *kind, const char *password, size_t slot)
{
	static char hashes[8][CRYPT_OUTPUT_SIZE];
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data *data = calloc(1, sizeof(*data));
	unsigned long cost = kind[1] == '2' ? 4 : kind[1] == '7' ? 6 : 1;
	const char *got;

	if (kind[1] == '5' || kind[1] == '6')
		cost = 1000;
	if (data == NULL || crypt_gensalt_rn(kind, cost, NULL, 0, setting,
				(int)sizeof(setting)) == NULL)
		abort();
	got = crypt_r(password, setting, data);
	if (got == NULL)
		abort();
	snprintf(hashes[slot], sizeof(hashes[slot]), "%s", got);
	free(data);
	return hashes[slot];
}

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

static enum bw_err
check_header(struct bwi_credentials *c, struct bw_str header,
    struct bw_str *user, struct bw_error *e)
{
	struct bw_request r = {.authorization = header};

	*user = (struct bw_str){NULL, 0};
	*e = (struct bw_error){0};
	return bwi_credentials_check(c, &r, INT64_MAX, user, e);
}

static enum bw_err
check(struct bwi_credentials *c, const char *pair, struct bw_str *user)
{
	struct bw_error e;

	return check_header(c, basic(pair), user, &e);
}

static struct bwi_credentials *
open_file(void)
{
	struct bwi_credentials *c = NULL;
	struct bw_error e = {0};

	if (bwi_credentials_open(&c, "here", file, NULL, &e) != BW_OK)
		tap_diag("%s", e.msg);
	return c;
}

/* Every method of hash, several users, each checked twice. */
static void
test_kinds(void)
{
	static const char *const kinds[] = {
	    "$2a$", "$2b$", "$2y$", "$5$", "$6$", "$y$", "$gy$", "$7$"};
	struct bwi_credentials *c;
	struct bw_str user;
	char text[4096], pair[64];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "user%zu:%s\n", i, hash(kinds[i], "pass", i));
	write_text(text);
	c = open_file();
	ok(c != NULL, "a file with every kind of hash");
	if (c == NULL)
		return;
	is_text(bwi_credentials_realm(c), "here", "realm");
	for (size_t i = 0; i < 2 * sizeof(kinds) / sizeof(kinds[0]); i++) {
		snprintf(pair, sizeof(pair), "user%zu:pass", i / 2);
		is_int(check(c, pair, &user), BW_OK, "%s: right, time %zu",
		    kinds[i / 2], i % 2 + 1);
		pair[5] = '\0';
		is_text(user, pair, "%s: user", kinds[i / 2]);
		snprintf(pair, sizeof(pair), "user%zu:Pass", i / 2);
		is_int(check(c, pair, &user), BW_ERR_REJECTED,
		    "%s: wrong, time %zu", kinds[i / 2], i % 2 + 1);
		is_text(user, NULL, "%s: no user", kinds[i / 2]);
	}
	is_int(check(c, "user:pass", &user), BW_ERR_REJECTED, "unknown user");
	is_int(check(c, "user10:pass", &user), BW_ERR_REJECTED, "another");
	is_int(check(c, "USER1:pass", &user), BW_ERR_REJECTED, "in capitals");
	bwi_credentials_free(c);
}

static void
test_challenge(void)
{
	struct bwi_credentials *c;
	struct bw_request r = {0};
	struct bw_error e = {0};
	struct bw_str user;
	char text[256];

	snprintf(text, sizeof(text), "u:%s\n", hash("$2b$", "p", 0));
	write_text(text);
	c = open_file();
	is_int(bwi_credentials_check(c, &r, INT64_MAX, &user, &e),
	    BW_ERR_MISSING, "no credentials");
	ok(strstr(e.msg, "missing") != NULL, "message: %s", e.msg);
	r.authorization_empty = true;
	is_int(bwi_credentials_check(c, &r, INT64_MAX, &user, NULL),
	    BW_ERR_MISSING, "an empty header is missing");
	is_int(check_header(c, BW_STR("Basic dTpw, Basic dTpw"), &user, &e),
	    BW_ERR_REJECTED, "two headers joined");
	is_int(check_header(c, BW_STR("Bearer dTpw"), &user, &e),
	    BW_ERR_REJECTED, "another scheme");
	is_int(check_header(c, BW_STR("basic  dTpw"), &user, &e), BW_OK,
	    "one right header");
	is_text(user, "u", "user");
	is_int(check_header(c, BW_STR("Basic dTpwdw=="), &user, &e),
	    BW_ERR_REJECTED, "one wrong header");
	ok(strstr(e.msg, "dTp") == NULL && strstr(e.msg, "pw") == NULL,
	    "the message has no password: %s", e.msg);
	bwi_credentials_free(c);
}

/* Valid and invalid files; %1$s is replaced with a usable hash. */
static const struct {
	const char *name;
	const char *text;
	enum bw_err want;
	const char *message; /* part of the error's message */
} files[] = {
    {"plain", "u:%1$s\n", BW_OK, ""},
    {"no end of line", "u:%1$s", BW_OK, ""},
    {"CRLF", "u:%1$s\r\n", BW_OK, ""},
    {"byte-order mark", "\xef\xbb\xbfu:%1$s\r\n", BW_OK, ""},
    {"comments and empty lines", "# a\n\n\r\n#b:c\nu:%1$s\n\n", BW_OK, ""},
    {"two passwords", "u:%1$s\nv:%1$s\nu:%1$s\n", BW_OK, ""},
    {"nothing", "", BW_ERR_CONFIG, "passwd USER"},
    {"comments alone", "# u\n", BW_ERR_CONFIG, "no users"},
    {"apr1", "u:%1$s\nv:$apr1$9Cv/OMGj$ZomWQzuQL.3TRCS81A1g/.\n", BW_ERR_SYNTAX,
	"passwd:2: an MD5 hash: run \"bwcallback passwd"},
    {"md5", "v:$1$9Cv/OMGj$ZomWQzuQL.3TRCS81A1g/.\n", BW_ERR_SYNTAX,
	":1: an MD5"},
    {"SHA", "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n", BW_ERR_SYNTAX,
	":1: a SHA-1"},
    {"plain text", "\n# a\nu:letmein\n", BW_ERR_SYNTAX, ":3: a plain"},
    {"DES", "u:rqXexS6ZhobKA\n", BW_ERR_SYNTAX, "DES"},
    {"empty hash", "u:\n", BW_ERR_SYNTAX, "empty hash"},
    {"cut hash", "u:$2b$04$RiXOFscR4AW884uJwgnBlOdvHoMd5\n", BW_ERR_SYNTAX,
	"truncated"},
    {"a comment after the hash", "u:%1$s # mine\n", BW_ERR_SYNTAX, "truncated"},
    {"unknown kind", "u:$argon2id$v=19$m=1,t=1,p=1$c2E$aGFzaA\n", BW_ERR_SYNTAX,
	"method"},
    {"no colon", "u:%1$s\nwhat\n", BW_ERR_SYNTAX, ":2: not a line"},
    {"no user", ":%1$s\n", BW_ERR_SYNTAX, ":1: not a line"},
    {"a control character", "u\tv:%1$s\n", BW_ERR_SYNTAX, ":1: not a line"},
    {"nine lines of one user",
	"u:%1$s\nu:%1$s\nu:%1$s\nu:%1$s\nu:%1$s\nu:%1$s\nu:%1$s\nu:%1$s\n"
	"v:%1$s\nu:%1$s\n",
	BW_ERR_LIMIT, "more than 8"},
};

/* Replaces %1$s in text; the result is the caller's. */
static char *
expand(const char *text, const char *value)
{
	size_t n = strlen(text) + 16 * strlen(value) + 1, at = 0;
	char *out = malloc(n);

	while (*text != '\0') {
		if (strncmp(text, "%1$s", 4) != 0) {
			out[at++] = *text++;
			continue;
		}
		memcpy(out + at, value, strlen(value));
		at += strlen(value);
		text += 4;
	}
	out[at] = '\0';
	return out;
}

static void
test_files(void)
{
	const char *h = hash("$2y$", "p", 0);

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *text = expand(files[i].text, h);
		struct bwi_credentials *c = NULL;
		struct bw_error e = {0};
		struct bw_str user;

		write_text(text);
		is_int(bwi_credentials_open(&c, "", file, NULL, &e),
		    files[i].want, "file: %s: %s", files[i].name, e.msg);
		ok(strstr(e.msg, files[i].message) != NULL,
		    "%s: message \"%s\"", files[i].name, files[i].message);
		ok(strstr(e.msg, "letmein") == NULL &&
			strchr(e.msg, '$') == NULL,
		    "%s: the message has no hash", files[i].name);
		if (c != NULL)
			is_int(check(c, "u:p", &user), BW_OK, "%s: works",
			    files[i].name);
		bwi_credentials_free(c);
		free(text);
	}
}

static void
test_unreadable(void)
{
	struct bwi_credentials *c = NULL;
	struct bw_error e = {0};
	char *big;

	is_int(bwi_credentials_open(&c, "", dir, NULL, &e), BW_ERR_NOFILE,
	    "a folder: %s", e.msg);
	unlink(file);
	e = (struct bw_error){0};
	is_int(bwi_credentials_open(&c, "", file, NULL, &e), BW_ERR_NOFILE,
	    "no file: %s", e.msg);
	is_int(e.sys, ENOENT, "no file: message");
	if (mkfifo(file, 0600) == 0)
		is_int(bwi_credentials_open(&c, "", file, NULL, NULL),
		    BW_ERR_NOFILE, "a FIFO does not block");
	unlink(file);
	big = calloc(1, BW_MAX_PASSWD + 1);
	memset(big, '#', BW_MAX_PASSWD + 1);
	write_file(big, BW_MAX_PASSWD + 1);
	is_int(bwi_credentials_open(&c, "", file, NULL, NULL), BW_ERR_LIMIT,
	    "too large");
	free(big);
	write_file("u:$2b$04$a\0b\n", 13);
	is_int(bwi_credentials_open(&c, "", file, NULL, NULL), BW_ERR_SYNTAX,
	    "a NUL in a hash");
	write_text("u:x\n");
	chmod(file, 0666);
	is_int(bwi_credentials_open(&c, "", file, NULL, NULL), BW_ERR_CONFIG,
	    "writable for everybody");
}

/* Retries until the file is checked again: once a second. */
static enum bw_err
check_until(struct bwi_credentials *c, const char *pair, enum bw_err want)
{
	struct bw_str user;
	unsigned turn = 0;
	enum bw_err err;

	do {
		err = check(c, pair, &user);
	} while (err != want && tap_poll(&turn));
	return err;
}

static bool
wait_warning(struct bwi_credentials *c, struct bw_error *e)
{
	struct bw_str user;
	unsigned turn = 0;

	do {
		(void)!check(c, "nobody:x", &user);
		if (bwi_credentials_take_warning(c, e))
			return true;
	} while (tap_poll(&turn));
	return false;
}

static void
test_change(void)
{
	struct bwi_credentials *c;
	struct bw_error e = {0};
	struct bw_str old, user;
	char text[512], both[1024];

	snprintf(text, sizeof(text), "u:%s\n", hash("$6$", "old", 0));
	write_text(text);
	c = open_file();
	is_int(check(c, "u:old", &old), BW_OK, "the old password");
	is_int(check(c, "u:new", &user), BW_ERR_REJECTED, "before the change");
	ok(!bwi_credentials_take_warning(c, &e), "no warning");

	snprintf(both, sizeof(both), "%su:%s\n", text, hash("$2b$", "new", 1));
	write_text(both);
	is_int(check_until(c, "u:new", BW_OK), BW_OK,
	    "a second password: rejected entries are removed");
	is_int(check(c, "u:old", &user), BW_OK,
	    "the first password is still accepted");

	write_text("u:letmein\n");
	ok(wait_warning(c, &e), "an invalid file sets a warning");
	is_int(e.code, BW_ERR_SYNTAX, "%s", e.msg);
	ok(!bwi_credentials_take_warning(c, &e), "the warning is given once");
	is_int(check(c, "u:old", &user), BW_OK,
	    "invalid file: the old password is accepted");
	is_int(check(c, "u:new", &user), BW_OK,
	    "invalid file: the new password is accepted");

	unlink(file);
	e = (struct bw_error){0};
	ok(wait_warning(c, &e), "a missing file sets a warning");
	is_int(e.code, BW_ERR_NOFILE, "%s", e.msg);
	is_int(check(c, "u:new", &user), BW_OK,
	    "missing file: the users stay valid");

	snprintf(text, sizeof(text), "u:%s\n", hash("$2b$", "newest", 2));
	write_text(text);
	is_int(check_until(c, "u:old", BW_ERR_REJECTED), BW_ERR_REJECTED,
	    "a removed line is no longer accepted");
	is_int(check(c, "u:new", &user), BW_ERR_REJECTED,
	    "nor is the other removed line");
	is_int(check(c, "u:newest", &user), BW_OK, "the new line is accepted");
	is_text(old, "u", "an earlier result is still valid");
	bwi_credentials_free(c);
}

/* More credentials than the cache holds: all results stay right. */
static void
test_many(void)
{
	struct bwi_credentials *c;
	struct bw_str user;
	char text[256], pair[32];
	int wrong = 0;

	snprintf(text, sizeof(text), "u:%s\n", hash("$6$", "p", 0));
	write_text(text);
	c = open_file();
	is_int(check(c, "u:p", &user), BW_OK, "a right password");
	for (int i = 0; i < 1500; i++) {
		snprintf(pair, sizeof(pair), "u:p%d", i);
		wrong += check(c, pair, &user) == BW_ERR_REJECTED;
	}
	is_int(wrong, 1500, "1500 wrong passwords are rejected");
	tap_fail_alloc(1);
	is_int(check(c, "u:p", &user), BW_OK,
	    "a cached right password needs no memory");
	is_int(check(c, "u:p1499", &user), BW_ERR_REJECTED,
	    "a cached wrong password needs no memory");
	tap_fail_alloc(0);
	bwi_credentials_free(c);
}

static void
test_no_memory(void)
{
	struct bwi_credentials *c = NULL;
	struct bw_str user;
	char text[256];
	enum bw_err err = BW_ERR_NOMEM;
	unsigned long n;

	snprintf(text, sizeof(text), "u:%s\n", hash("$2b$", "p", 0));
	write_text(text);
	for (n = 1; err == BW_ERR_NOMEM && n < 50; n++) {
		tap_fail_alloc(n);
		err = bwi_credentials_open(&c, "here", file, NULL, NULL);
	}
	tap_fail_alloc(0);
	is_int(err, BW_OK, "opened after %lu failures", n - 2);
	ok(n > 5, "several allocations failed");
	for (n = 1, err = BW_ERR_NOMEM; err == BW_ERR_NOMEM && n < 50; n++) {
		tap_fail_alloc(n);
		err = check(c, "u:p", &user);
	}
	tap_fail_alloc(0);
	is_int(err, BW_OK, "verified after %lu failures", n - 2);
	is_int((long long)n - 2, 2, "verify allocates twice");
	is_text(user, "u", "user");
	bwi_credentials_free(c);
}

struct check_many {
	struct bwi_credentials *c;
	atomic_bool stop;
	atomic_int bad;
	atomic_int good;
};

static void *
check_many(void *arg)
{
	struct check_many *h = arg;
	struct bw_request r = {.remote_addr = BW_STR("192.0.2.1")};
	struct bw_str user;
	struct bw_error e;

	for (int i = 0; !atomic_load(&h->stop); i++) {
		enum bw_err err;
		bool right = i % 3 != 0;
		char pair[32];

		snprintf(pair, sizeof(pair), right ? "u:p" : "u:w%d", i % 50);
		r.authorization = basic(pair);
		e = (struct bw_error){0};
		err = bwi_credentials_check(h->c, &r, INT64_MAX, &user, &e);
		if (right ? err != BW_OK || !bw_str_is(user, "u")
			  : err != BW_ERR_REJECTED && err != BW_ERR_BUSY)
			atomic_fetch_add(&h->bad, 1);
		if (right && err == BW_OK)
			atomic_fetch_add(&h->good, 1);
		(void)bwi_credentials_take_warning(h->c, &e);
	}
	return NULL;
}

/* The file is replaced, damaged and repaired while threads use it. */
static void
test_threads(void)
{
	struct check_many h = {0};
	struct bw_str user;
	pthread_t threads[4];
	char text[512];

	snprintf(text, sizeof(text), "u:%s\n", hash("$2b$", "p", 0));
	write_text(text);
	h.c = open_file();
	is_int(check(h.c, "u:p", &user), BW_OK, "before the threads");
	for (size_t i = 0; i < 4; i++) {
		if (pthread_create(&threads[i], NULL, check_many, &h) != 0)
			abort();
	}
	for (int i = 0; i < 6; i++) {
		char more[1024];

		nanosleep(&(struct timespec){0, 400000000}, NULL);
		snprintf(more, sizeof(more), "%s%s:%s\n", text,
		    i % 3 == 2 ? "" : "other", hash("$2b$", "x", 1));
		write_text(more);
	}
	atomic_store(&h.stop, true);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	is_int(atomic_load(&h.bad), 0, "all results were right");
	ok(atomic_load(&h.good) > 0, "the threads made checks");
	bwi_credentials_free(h.c);
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(file, sizeof(file), "%s/passwd", dir);
	test_kinds();
	test_challenge();
	test_files();
	test_unreadable();
	test_change();
	test_many();
	test_no_memory();
	test_threads();
	unlink(file);
	rmdir(dir);
	return tap_done();
}
