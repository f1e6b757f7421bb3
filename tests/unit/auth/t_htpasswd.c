/*
 * A wrong password costs the same for every user of a file, whatever the costs
 * of the hashes: the hashes that are computed are counted.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <crypt.h>

#include <bwcallback/buf.h>

#include "auth/htpasswd.h"
#include "base/alloc.h"
#include "tests/tap/tap.h"

/* The settings of computed hashes, sorted; the salt does not matter. */
static char computed[32][16];
static size_t ncomputed;

/* Replaces the C library's function for the library under test. */
char *
crypt_r(const char *password, const char *setting, struct crypt_data *data)
{
	if (ncomputed < 32)
		(void)snprintf(computed[ncomputed++], sizeof(computed[0]),
		    "%.*s", (int)strcspn(setting + 4, "$") + 4, setting);
	return crypt_rn(password, setting, data, sizeof(*data));
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The work of a rejection, as "$2b$04 $2b$04 $5$rounds=1000". */
static const char *
work(struct bwi_htpasswd *h, const char *user)
{
	static char text[512];
	const struct bwi_htpasswd_line *line;
	struct bw_str name = {user, strlen(user)};
	struct bw_buf b;
	enum bw_err err;

	ncomputed = 0;
	err = bwi_htpasswd_verify(h, name, BW_STR("wrong"), &line, NULL);
	if (err != BW_ERR_REJECTED)
		return "not rejected";
	qsort(computed, ncomputed, sizeof(computed[0]), compare);
	bw_buf_init(&b, sizeof(text));
	for (size_t i = 0; i < ncomputed; i++)
		bw_buf_printf(&b, "%s ", computed[i]);
	bw_buf_putc(&b, '\0');
	memcpy(text, b.p, b.n);
	bw_buf_free(&b);
	return text;
}

static void
put_line(
    struct bw_buf *b, const char *user, const char *prefix, unsigned long count)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data *data = calloc(1, sizeof(*data));

	if (data == NULL || crypt_gensalt_rn(prefix, count, NULL, 0, setting,
				sizeof(setting)) == NULL)
		exit(1);
	bw_buf_printf(b, "%s:%s\n", user,
	    crypt_rn("right", setting, data, sizeof(*data)));
	free(data);
}

static enum bw_err
parse(struct bw_buf *b, struct bwi_htpasswd **h, struct bw_error *e)
{
	char *text = bwi_strndup(b->p, b->n);

	if (text == NULL)
		exit(1);
	return bwi_htpasswd_parse_take(h, "file", text, b->n, e);
}

static void
test_costs(void)
{
	static const char *const users[] = {
	    "nobody", "cheap", "dear", "both", "sha", "twice", "", "a"};
	struct bwi_htpasswd *h = NULL;
	const struct bwi_htpasswd_line *line = NULL;
	struct bw_buf b;
	char want[512];

	bw_buf_init(&b, 1 << 16);
	put_line(&b, "cheap", "$2b$", 4);
	put_line(&b, "dear", "$2b$", 6);
	put_line(&b, "both", "$2b$", 6);
	put_line(&b, "both", "$2b$", 4);
	put_line(&b, "sha", "$5$", 1000);
	put_line(&b, "twice", "$2b$", 4);
	put_line(&b, "twice", "$2b$", 4);
	is_int(parse(&b, &h, NULL), BW_OK, "three costs");
	(void)snprintf(want, sizeof(want), "%s", work(h, "nobody"));
	is_str(want, "$2b$04 $2b$04 $2b$06 $5$rounds=1000 ",
	    "an unknown user costs each of them");
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		is_str(work(h, users[i]), want, "\"%s\": the same", users[i]);
	is_int(bwi_htpasswd_verify(
		   h, BW_STR("both"), BW_STR("right"), &line, NULL),
	    BW_OK, "the right password");
	bwi_htpasswd_unref(h);
	bw_buf_free(&b);
}

static void
test_same_cost(void)
{
	struct bwi_htpasswd *h = NULL;
	struct bw_buf b;

	bw_buf_init(&b, 1 << 16);
	put_line(&b, "one", "$2b$", 4);
	put_line(&b, "two", "$2a$", 4);
	put_line(&b, "three", "$2y$", 4);
	is_int(parse(&b, &h, NULL), BW_OK, "variants of bcrypt");
	ok(strlen(work(h, "nobody")) == strlen("$2b$04 "), "are one cost");
	ok(strlen(work(h, "three")) == strlen("$2b$04 "), "for each user");
	bwi_htpasswd_unref(h);
	bw_buf_free(&b);
}

static void
test_limit(void)
{
	struct bwi_htpasswd *h = NULL;
	struct bw_error e = {0};
	struct bw_buf b;

	bw_buf_init(&b, 1 << 16);
	for (unsigned long i = 0; i < BWI_HTPASSWD_MAX_COSTS; i++)
		put_line(&b, "user", "$5$", 1000 + i);
	is_int(parse(&b, &h, NULL), BW_OK, "as many costs as are allowed");
	bwi_htpasswd_unref(h);
	put_line(&b, "other", "$5$", 2000);
	is_int(parse(&b, &h, &e), BW_ERR_LIMIT, "one more");
	ok(strstr(e.msg, "file:9: more than 8 kinds of hashes") != NULL, "%s",
	    e.msg);
	bw_buf_free(&b);
}

int
main(void)
{
	test_costs();
	test_same_cost();
	test_limit();
	return tap_done();
}
