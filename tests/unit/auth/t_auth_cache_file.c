/* The cache file: which credentials a later process finds in it. */
#include "auth/auth_cache_file.h"
#include "base/request.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bwcallback/tools/passwd.h>

#include "auth/credentials.h"
#include "base/alloc.h"
#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

#define FILE_NAME "c.verified"
#define USER	  BW_STR("ada")
#define HEADER	  BW_STR("Basic YWRhOng=")

static const char two_lines[] =
    "ada:$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\n"
    "ada:$2y$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK\n"
    "bob:$2y$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK\n";

static struct bwi_htpasswd *
parse(const char *text)
{
	struct bwi_htpasswd *users = NULL;
	char *copy = bwi_strndup(text, strlen(text));

	if (bwi_htpasswd_parse_take(
		&users, "passwd", copy, strlen(text), NULL) != BW_OK)
		abort();
	return users;
}

static struct bwi_auth_cache_file *new (void)
{
	struct bwi_auth_cache_file *v = NULL;

	if (bwi_auth_cache_file_new(&v, FILE_NAME, NULL) != BW_OK)
		abort();
	return v;
}

/* Looks in the file as another process would. */
static bool
is_cached(
    const struct bwi_htpasswd *users, struct bw_str user, struct bw_str header)
{
	const struct bwi_htpasswd_line *line = NULL;
	struct bwi_auth_cache_file *v = new ();
	bool cached = bwi_auth_cache_file_find(v, users, user, header, &line);

	if (cached && !bw_str_eq(line->user, user))
		abort();
	bwi_auth_cache_file_free(v);
	return cached;
}

/* Add the header as accepted for the user's nth line. */
static enum bw_err
add_line_until(const struct bwi_htpasswd *users, size_t n, struct bw_str header,
    int64_t deadline)
{
	const struct bwi_htpasswd_line *line;
	struct bwi_auth_cache_file *v = new ();
	enum bw_err err = bwi_auth_cache_file_enter(v, deadline, NULL);

	if (err == BW_OK) {
		if (bwi_htpasswd_lines(users, USER, &line) != 2)
			abort();
		bwi_auth_cache_file_add(v, &line[n], header);
		bwi_auth_cache_file_leave(v);
	}
	bwi_auth_cache_file_free(v);
	return err;
}

static enum bw_err
add_line(const struct bwi_htpasswd *users, size_t n, struct bw_str header)
{
	return add_line_until(users, n, header, INT64_MAX);
}

static void
test_known(void)
{
	struct bwi_htpasswd *users = parse(two_lines), *changed;
	struct stat st;

	ok(!is_cached(users, USER, HEADER), "empty cache: not found");
	is_int(add_line(users, 1, HEADER), BW_OK, "an entry is added");
	ok(is_cached(users, USER, HEADER), "the entry is found");
	ok(stat(FILE_NAME, &st) == 0 && (st.st_mode & 07777) == 0600,
	    "the file is private");
	ok(!is_cached(users, USER, BW_STR("Basic YWRhOnk=")),
	    "another header is not found");
	ok(!is_cached(users, BW_STR("bob"), HEADER),
	    "another user with the same hash is not found");
	ok(!is_cached(users, BW_STR("eve"), HEADER),
	    "an unknown user is not found");
	changed = parse(strchr(two_lines, '\n') + 1);
	ok(is_cached(changed, USER, HEADER),
	    "found as long as its line exists");
	bwi_htpasswd_unref(changed);
	bwi_htpasswd_unref(users);
}

/* An entry is not valid for another line of the password file. */
static void
test_changed_line(void)
{
	struct bwi_htpasswd *users = parse(two_lines), *changed;
	char text[sizeof(two_lines)];

	memcpy(text, two_lines, sizeof(text));
	for (char *p = text; (p = strstr(p, "ada:$2y$05$C")) != NULL; p += 11)
		p[11] = 'A';
	changed = parse(text);
	(void)add_line(users, 0, HEADER);
	(void)add_line(users, 1, HEADER);
	ok(is_cached(users, USER, HEADER), "found with the old line");
	ok(!is_cached(changed, USER, HEADER), "not found with a changed line");
	bwi_htpasswd_unref(changed);
	bwi_htpasswd_unref(users);
}

static void
test_file(void)
{
	struct bwi_htpasswd *users = parse(two_lines);
	size_t n = 0, cached = 0;
	char *bytes = tap_read_file(FILE_NAME, &n), *others;
	struct stat st;

	(void)chmod(FILE_NAME, 0640);
	ok(!is_cached(users, USER, HEADER),
	    "a file that others may read is not used");
	is_int(add_line(users, 0, HEADER), BW_OK,
	    "adding an entry when others may read the file");
	others = bytes;
	bytes = tap_read_file(FILE_NAME, &n);
	ok(stat(FILE_NAME, &st) == 0 && (st.st_mode & 07777) == 0600 &&
		memcmp(bytes + 8, others + 8, 32) != 0,
	    "a private file replaces it");
	ok(is_cached(users, USER, HEADER),
	    "the entry is found in the private file");
	free(others);
	for (size_t i = 0; i < n; i += 7) {
		scratch_write_bytes(FILE_NAME, bytes, i);
		cached += is_cached(users, USER, HEADER);
	}
	is_int((long long)cached, 0, "a truncated file: not found");
	is_int(add_line(users, 0, HEADER), BW_OK,
	    "adding an entry to a truncated file");
	ok(is_cached(users, USER, HEADER),
	    "the entry is found after truncation");
	scratch_write_bytes(FILE_NAME, bytes, n);
	bytes[8] = (char)(bytes[8] ^ 1);
	scratch_write_bytes(FILE_NAME, bytes, n);
	ok(!is_cached(users, USER, HEADER), "another key: not found");
	free(bytes);
	(void)unlink(FILE_NAME);
	ok(symlink("elsewhere", FILE_NAME) == 0 &&
		add_line(users, 0, HEADER) == BW_OK,
	    "the file is a symbolic link");
	ok(access("elsewhere", F_OK) != 0, "the link is not followed");
	ok(is_cached(users, USER, HEADER), "the link is replaced");
	(void)unlink(FILE_NAME);
	bwi_htpasswd_unref(users);
}

static void
test_many(void)
{
	struct bwi_htpasswd *users = parse(two_lines);
	char text[32];
	struct stat st;
	int cached = 0;

	for (int i = 0; i < 200; i++) {
		int n = snprintf(text, sizeof(text), "Basic %d", i);
		struct bw_str header = {text, (size_t)n};

		(void)add_line(users, 0, header);
		cached += is_cached(users, USER, header);
	}
	is_int(cached, 200, "the newest entry is always found");
	ok(stat(FILE_NAME, &st) == 0 && st.st_size < 4096,
	    "the size of the file is limited");
	bwi_htpasswd_unref(users);
}

static void
test_lock(void)
{
	struct bwi_htpasswd *users = parse(two_lines);
	int fd = open(FILE_NAME, O_RDWR);

	ok(fd >= 0 && flock(fd, LOCK_EX) == 0,
	    "another process holds the lock");
	is_int(add_line_until(users, 0, HEADER, 1), BW_ERR_BUSY,
	    "busy at the request's deadline");
	is_int(add_line(users, 0, HEADER), BW_ERR_BUSY,
	    "busy after the longest wait");
	(void)close(fd);
	is_int(add_line(users, 0, HEADER), BW_OK,
	    "the other process has released the lock");
	bwi_htpasswd_unref(users);
}

static enum bw_err
check(const char *header, struct bw_str *user)
{
	struct bwi_credentials *c = NULL;
	struct bw_request req = {.authorization = {header, strlen(header)}};
	struct bw_str got = {NULL, 0};
	static char name[32];
	enum bw_err err;

	err = bwi_credentials_open(&c, "here", "passwd", FILE_NAME, NULL);
	if (err == BW_OK)
		err = bwi_credentials_check(c, &req, INT64_MAX, &got, NULL);
	if (err == BW_OK && got.n < sizeof(name)) {
		memcpy(name, got.p, got.n);
		*user = (struct bw_str){name, got.n};
	}
	bwi_credentials_free(c);
	return err;
}

/* Authentication with a cache file, with each allocation failing in turn. */
static void
test_credentials(void)
{
	struct bw_str user = {NULL, 0};
	unsigned long n = 0;
	enum bw_err err;

	if (bw_passwd_set("passwd", USER, BW_STR("x"), NULL) != BW_OK)
		abort();
	is_int(check("", &user), BW_ERR_MISSING, "no credentials");
	is_int(check("Basic YWRhOnk=", &user), BW_ERR_REJECTED,
	    "a wrong password");
	for (int i = 0; i < 2; i++) {
		is_int(check("Basic YWRhOng=", &user), BW_OK,
		    "the right password");
		is_text(user, "ada", "its user");
	}
	do {
		(void)unlink(FILE_NAME);
		tap_fail_alloc(++n);
		err = check("Basic YWRhOng=", &user);
		tap_fail_alloc(0);
	} while (err == BW_ERR_NOMEM && n < 100);
	is_int(err, BW_OK, "each allocation failed (%lu)", n);
	ok(n > 5, "the test made allocations fail");
	scratch_write("passwd", "ada:x\n");
	is_int(check("", &user), BW_ERR_MISSING,
	    "invalid password file: a request without credentials");
	is_int(check("Basic YWRhOng=", &user), BW_ERR_CONFIG,
	    "invalid password file: a request with credentials");
}

int
main(void)
{
	scratch_enter();
	test_known();
	test_changed_line();
	test_file();
	test_many();
	test_lock();
	test_credentials();
	return tap_done();
}
