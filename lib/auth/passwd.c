#include <config.h>

#include <bwcallback/tools/passwd.h>

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include <bwcallback/buf.h>
#include <bwcallback/limits.h>
#include <crypt.h>

#include "auth/htpasswd.h"
#include "base/alloc.h"
#include "base/utf8.h"
#include "os/file.h"
#include "os/file_replace.h"

/* bcrypt ignores further bytes. */
#define MAX_BCRYPT 72

static bool
has_control(struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f)
			return true;
	}
	return false;
}

static enum bw_err
check_user(struct bw_str user, struct bw_error *e)
{
	const char *fault = NULL;

	if (user.n == 0)
		fault = "empty";
	else if (user.n > BW_PASSWD_MAX_USER)
		fault = "too long";
	else if (user.p[0] == '#')
		fault = "begins with '#', like a comment";
	else if (memchr(user.p, ':', user.n) != NULL || has_control(user))
		fault = "has a colon or a control character";
	if (fault == NULL)
		return BW_OK;
	return bw_error_set(e, BW_ERR_USAGE, 0, "user: %s", fault);
}

static enum bw_err
check_password(struct bw_str password, struct bw_error *e)
{
	if (password.n == 0)
		return bw_error_set(e, BW_ERR_USAGE, 0, "password: empty");
	if (password.n > MAX_BCRYPT)
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "password: longer than %d bytes", MAX_BCRYPT);
	if (has_control(password))
		return bw_error_set(
		    e, BW_ERR_USAGE, 0, "password: has a control character");
	return BW_OK;
}

/* $2y$ is the bcrypt prefix that all servers accept. */
static enum bw_err
make_hash(struct bw_str password, char *out, size_t size, struct bw_error *e)
{
	char terminated[MAX_BCRYPT + 1], setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data *data = bwi_calloc(1, sizeof(*data));
	const char *got = NULL;
	size_t n = 0;

	if (data == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "password: out of memory");
	memcpy(terminated, password.p, password.n);
	terminated[password.n] = '\0';
	if (crypt_gensalt_rn(
		"$2y$", 10, NULL, 0, setting, (int)sizeof(setting)) != NULL)
		got = crypt_r(terminated, setting, data);
	if (got != NULL)
		n = strlen(got) + 1;
	if (n > 1 && n <= size && got[0] != '*')
		memcpy(out, got, n);
	else
		n = 0;
	explicit_bzero(terminated, sizeof(terminated));
	explicit_bzero(data, sizeof(*data));
	bwi_free(data);
	return n != 0 ? BW_OK
		      : bw_error_set(e, BW_ERR_INTERNAL, errno,
			    "password: crypt(3) cannot make a bcrypt hash");
}

static void
add_user(struct bw_buf *b, struct bw_str user, const char *hash_text)
{
	bw_buf_str(b, user);
	bw_buf_putc(b, ':');
	bw_buf_puts(b, hash_text);
}

/*
 * Append the text with the user's first line replaced and other lines of the
 * user removed; with hash_text NULL, all are removed. Other bytes are copied
 * unchanged. True when the user had a line.
 */
static bool
replace_lines(struct bw_buf *b, struct bw_str text, struct bw_str user,
    const char *hash_text)
{
	struct bw_str line;
	size_t start = bwi_utf8_mark(text), at = start;
	bool found = false;

	bw_buf_add(b, text.p, start);
	for (; bwi_htpasswd_next(text, &at, &line); start = at) {
		struct bw_str name = bwi_htpasswd_user(line);
		size_t end = at < text.n ? at : text.n;

		if (name.p == NULL || !bw_str_eq(name, user)) {
			bw_buf_add(b, text.p + start, end - start);
			continue;
		}
		if (hash_text != NULL && !found) {
			add_user(b, user, hash_text);
			bw_buf_add(b, line.p + line.n, end - start - line.n);
		}
		found = true;
	}
	return found;
}

/* Append a line with the line end of the file's first line. */
static void
append_line(struct bw_buf *b, struct bw_str text, struct bw_str user,
    const char *hash_text)
{
	const char *lf = text.n != 0 ? memchr(text.p, '\n', text.n) : NULL;
	bool crlf = lf != NULL && lf != text.p && lf[-1] == '\r';

	if (text.n > bwi_utf8_mark(text) && text.p[text.n - 1] != '\n')
		bw_buf_puts(b, crlf ? "\r\n" : "\n");
	add_user(b, user, hash_text);
	bw_buf_puts(b, crlf ? "\r\n" : "\n");
}

static enum bw_err
edit_file(const char *file, struct bw_str user, const char *hash_text,
    struct bw_error *e)
{
	struct bwi_file_replace edit;
	struct bw_buf b;
	enum bw_err err;
	bool found;

	bw_buf_init(&b, BW_MAX_PASSWD);
	err = bwi_file_replace_begin(&edit, file, BW_MAX_PASSWD, e);
	if (err != BW_OK)
		goto out;
	found = replace_lines(
	    &b, (struct bw_str){edit.text, edit.n}, user, hash_text);
	if (!found && hash_text == NULL) {
		err =
		    bw_error_set(e, BW_ERR_NOFILE, 0, "%s: no such user", file);
		goto out;
	}
	if (!found)
		append_line(
		    &b, (struct bw_str){edit.text, edit.n}, user, hash_text);
	err = b.err;
	if (err != BW_OK)
		(void)bw_error_set(e, err, 0, "%s: %s", file,
		    err == BW_ERR_LIMIT ? "file too large" : "out of memory");
	else
		err = bwi_file_replace_commit(
		    &edit, (struct bw_str){b.p, b.n}, e);
out:
	bwi_file_replace_end(&edit);
	bw_buf_free(&b);
	return err;
}

enum bw_err
bw_passwd_set(const char *file, struct bw_str user, struct bw_str password,
    struct bw_error *e)
{
	char text[CRYPT_OUTPUT_SIZE];
	enum bw_err err = check_user(user, e);

	if (err == BW_OK)
		err = check_password(password, e);
	if (err == BW_OK)
		err = make_hash(password, text, sizeof(text), e);
	return err == BW_OK ? edit_file(file, user, text, e) : err;
}

enum bw_err
bw_passwd_remove(const char *file, struct bw_str user, struct bw_error *e)
{
	enum bw_err err = check_user(user, e);

	return err == BW_OK ? edit_file(file, user, NULL, e) : err;
}

enum bw_err
bw_passwd_verify(const char *file, struct bw_str user, struct bw_str password,
    struct bw_error *e)
{
	const struct bwi_htpasswd_line *line;
	struct bwi_htpasswd *users;
	char *text;
	size_t n;
	enum bw_err err;

	err = bwi_file_read(file, BW_MAX_PASSWD, &text, &n, e);
	if (err == BW_OK)
		err = bwi_htpasswd_parse_take(&users, file, text, n, e);
	if (err != BW_OK)
		return err;
	err = bwi_htpasswd_verify(users, user, password, &line, e);
	bwi_htpasswd_unref(users);
	return err;
}

/* Does an earlier line of the text have the same user? */
static bool
is_repeated(struct bw_str text, struct bw_str user)
{
	struct bw_str before = {text.p, (size_t)(user.p - text.p)}, line;
	size_t at = 0;

	while (bwi_htpasswd_next(before, &at, &line)) {
		struct bw_str name = bwi_htpasswd_user(line);

		if (name.p != NULL && bw_str_eq(name, user))
			return true;
	}
	return false;
}

enum bw_err
bw_passwd_list(const char *file, void (*each)(void *arg, struct bw_str user),
    void *arg, struct bw_error *e)
{
	struct bw_str text = {NULL, 0}, line;
	char *p = NULL;
	size_t at = 0;
	enum bw_err err;

	err = bwi_file_read(file, BW_MAX_PASSWD, &p, &text.n, e);
	if (err != BW_OK)
		return err;
	text.p = p;
	while (bwi_htpasswd_next(text, &at, &line)) {
		struct bw_str user = bwi_htpasswd_user(line);

		if (user.n != 0 && !is_repeated(text, user))
			each(arg, user);
	}
	bwi_free(p);
	return BW_OK;
}

enum bw_err
bw_passwd_generate(char *out, size_t n, struct bw_error *e)
{
	/* Without the similar characters 0 O o 1 l I. */
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ"
				      "abcdefghijkmnpqrstuvwxyz"
				      "23456789";
	const size_t count = sizeof(letters) - 1;

	for (size_t i = 0; i < n;) {
		unsigned char random;

		if (getrandom(&random, 1, 0) != 1) {
			if (errno == EINTR)
				continue;
			return bw_error_set(e, BW_ERR_IO, errno,
			    "password: cannot get random numbers: %s",
			    strerror(errno));
		}
		/* Reject the rest, so that every letter is equally likely. */
		if (random < 256 - 256 % count)
			out[i++] = letters[random % count];
	}
	out[n] = '\0';
	return BW_OK;
}
