/* Password files: set, remove, verify, list, generate. */
#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bwcallback/buf.h>
#include <bwcallback/tools/passwd.h>

#include "tests/tap/tap.h"

static char dir[] = "/tmp/bw-passwd-XXXXXX";
static char file[sizeof(dir) + 16];

static void
write_text(const char *text)
{
	FILE *f = fopen(file, "wb");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
}

/* The file's text with each bcrypt hash replaced by H; static. */
static const char *
masked_file(void)
{
	static char out[8192];
	size_t n, at = 0;
	char *text = tap_read_file(file, &n);

	for (size_t i = 0; text != NULL && i < n; i++) {
		if (strncmp(text + i, "$2y$10$", 7) == 0) {
			out[at++] = 'H';
			i += 59;
		} else {
			out[at++] = text[i];
		}
	}
	out[at] = '\0';
	free(text);
	return out;
}

static int
count_files(void)
{
	DIR *d = opendir(dir);
	int n = -2; /* . and .. */

	while (d != NULL && readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static enum bw_err
set(const char *user, const char *password)
{
	return bw_passwd_set(file, (struct bw_str){user, strlen(user)},
	    (struct bw_str){password, strlen(password)}, NULL);
}

static enum bw_err
verify(const char *user, const char *password)
{
	return bw_passwd_verify(file, (struct bw_str){user, strlen(user)},
	    (struct bw_str){password, strlen(password)}, NULL);
}

/* The file after setting user u, and after removing u. H is a new hash. */
static const struct {
	const char *name;
	const char *before;
	const char *set;
	const char *removed;
} edits[] = {
    {"an empty file", "", "u:H\n", ""},
    {"another user", "v:x\n", "v:x\nu:H\n", "v:x\n"},
    {"no end of line", "v:x", "v:x\nu:H\n", "v:x\n"},
    {"in place", "a:1\nu:old\nb:2\n", "a:1\nu:H\nb:2\n", "a:1\nb:2\n"},
    {"in place, no end of line", "a:1\nu:old", "a:1\nu:H", "a:1\n"},
    {"twice there", "u:1\na:1\nu:2\n", "u:H\na:1\n", "a:1\n"},
    {"comments and empty lines", "# u:\n\n\tu:1\n#\n",
	"# u:\n\n\tu:1\n#\nu:H\n", "# u:\n\n\tu:1\n#\n"},
    {"CRLF", "a:1\r\nu:2\r\nb:3\r\n", "a:1\r\nu:H\r\nb:3\r\n",
	"a:1\r\nb:3\r\n"},
    {"CRLF, appended", "a:1\r\n", "a:1\r\nu:H\r\n", "a:1\r\n"},
    {"CRLF, no end of line", "a:1\r\nb:2", "a:1\r\nb:2\r\nu:H\r\n",
	"a:1\r\nb:2\r\n"},
    {"mixed", "a:1\r\nu:2\nb:3\r\n", "a:1\r\nu:H\nb:3\r\n", "a:1\r\nb:3\r\n"},
    {"a byte-order mark", "\xef\xbb\xbfu:1\r\n", "\xef\xbb\xbfu:H\r\n",
	"\xef\xbb\xbf"},
    {"a byte-order mark alone", "\xef\xbb\xbf", "\xef\xbb\xbfu:H\n",
	"\xef\xbb\xbf"},
    {"longer and shorter names", "uu:1\n:2\n", "uu:1\n:2\nu:H\n", "uu:1\n:2\n"},
    {"what is no line", "u\n\x01\n", "u\n\x01\nu:H\n", "u\n\x01\n"},
};

static void
test_edits(void)
{
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		write_text(edits[i].before);
		is_int(set("u", "p"), BW_OK, "%s: set", edits[i].name);
		is_str(masked_file(), edits[i].set, "%s: text after set",
		    edits[i].name);
		is_int(bw_passwd_remove(file, BW_STR("u"), NULL), BW_OK,
		    "%s: remove", edits[i].name);
		is_str(masked_file(), edits[i].removed, "%s: text after remove",
		    edits[i].name);
		is_int(bw_passwd_remove(file, BW_STR("u"), NULL), BW_ERR_NOFILE,
		    "%s: no such user", edits[i].name);
	}
	is_int(count_files(), 1, "no temporary file is left");
}

static void
test_verify(void)
{
	unlink(file);
	is_int(verify("u", "p"), BW_ERR_NOFILE, "no file");
	is_int(set("u", "p:q"), BW_OK, "a new file");
	is_int(verify("u", "p:q"), BW_OK, "right");
	is_int(verify("u", "p"), BW_ERR_REJECTED, "wrong");
	is_int(verify("v", "p:q"), BW_ERR_REJECTED, "an unknown user");
	is_int(verify("", ""), BW_ERR_REJECTED, "an empty password");
	is_int(set("u", "new"), BW_OK, "changed");
	is_int(verify("u", "new"), BW_OK, "the new one");
	is_int(verify("u", "p:q"), BW_ERR_REJECTED, "not the old one");
	write_text("u:plain\n");
	is_int(verify("u", "plain"), BW_ERR_SYNTAX, "plain text is refused");
}

static void
test_mode_and_owner(void)
{
	char real[sizeof(file) + 8], link[sizeof(file) + 8];
	struct stat st, after;

	unlink(file);
	umask(0);
	is_int(set("u", "p"), BW_OK, "a new file");
	umask(022);
	stat(file, &st);
	is_int(st.st_mode & 07777, 0640, "has mode 0640");
	chmod(file, 0604);
	if (geteuid() == 0 && chown(file, 1, 2) != 0)
		abort();
	stat(file, &st);
	is_int(set("v", "p"), BW_OK, "an existing one");
	stat(file, &after);
	ok(after.st_ino != st.st_ino, "is replaced");
	is_int(after.st_mode & 07777, 0604, "its mode is preserved");
	is_int(after.st_uid, st.st_uid, "owner");
	is_int(after.st_gid, st.st_gid, "and group");

	snprintf(real, sizeof(real), "%s.real", file);
	snprintf(link, sizeof(link), "%s.link", file);
	rename(file, real);
	if (symlink("passwd.real", file) != 0)
		abort();
	is_int(set("w", "p"), BW_OK, "set through a symbolic link");
	lstat(file, &st);
	ok(S_ISLNK(st.st_mode), "the link is preserved");
	lstat(real, &st);
	ok(S_ISREG(st.st_mode), "the target is preserved");
	is_str(masked_file(), "u:H\nv:H\nw:H\n", "the target has the new user");
	unlink(real);
	is_int(set("w", "p"), BW_ERR_NOFILE, "a link to nowhere");
	unlink(file);
	is_int(count_files(), 0, "no temporary file is left");
}

static void
test_refused(void)
{
	char longest[BW_PASSWD_MAX_USER + 2], password[74];
	struct bw_error e = {0};

	write_text("u:x\n");
	memset(longest, 'u', sizeof(longest));
	longest[BW_PASSWD_MAX_USER + 1] = '\0';
	memset(password, 'p', sizeof(password));
	password[73] = '\0';
	is_int(set("", "p"), BW_ERR_USAGE, "no user");
	is_int(set("a:b", "p"), BW_ERR_USAGE, "a colon");
	is_int(set("a\nb", "p"), BW_ERR_USAGE, "a line feed");
	is_int(set("#a", "p"), BW_ERR_USAGE, "a comment");
	is_int(set(longest, "p"), BW_ERR_USAGE, "a long user");
	is_int(set("u", ""), BW_ERR_USAGE, "no password");
	is_int(set("u", "a\tb"), BW_ERR_USAGE, "a tab in the password");
	is_int(set("u", password), BW_ERR_USAGE, "73 bytes");
	is_int(bw_passwd_remove(file, BW_STR("a:b"), NULL), BW_ERR_USAGE,
	    "removed: a colon");
	is_str(masked_file(), "u:x\n", "the file is unchanged");
	password[72] = '\0';
	longest[BW_PASSWD_MAX_USER] = '\0';
	is_int(set(longest, password), BW_OK, "the longest");
	is_int(
	    bw_passwd_set("/nonexistent/passwd", BW_STR("u"), BW_STR("p"), &e),
	    BW_ERR_NOFILE, "no folder: %s", e.msg);
	is_int(bw_passwd_set(dir, BW_STR("u"), BW_STR("p"), NULL),
	    BW_ERR_NOFILE, "a folder");
	is_int(bw_passwd_remove("/nonexistent", BW_STR("u"), NULL),
	    BW_ERR_NOFILE, "removed: no file");
}

static void
add_name(void *arg, struct bw_str user)
{
	bw_buf_str(arg, user);
	bw_buf_putc(arg, '|');
}

static void
test_list(void)
{
	struct bw_buf b;

	bw_buf_init(&b, 1000);
	write_text("\xef\xbb\xbf"
		   "b:1\r\n#c:1\n\na:plain\nb:2\nx\n:y\nlast:1");
	is_int(bw_passwd_list(file, add_name, &b, NULL), BW_OK, "list");
	bw_buf_putc(&b, '\0');
	is_str(b.p, "b|a|last|", "each user once");
	is_int(bw_passwd_list("/nonexistent", add_name, &b, NULL),
	    BW_ERR_NOFILE, "no file");
	bw_buf_free(&b);
}

static void
test_generate(void)
{
	char a[65], b[65], all[57] = "";
	size_t seen = 0;

	is_int(bw_passwd_generate(a, 64, NULL), BW_OK, "one");
	is_int(bw_passwd_generate(b, 64, NULL), BW_OK, "another");
	is_int((long long)strlen(a), 64, "a password of that length");
	ok(strcmp(a, b) != 0, "two passwords differ");
	for (int i = 0; i < 200; i++) {
		if (bw_passwd_generate(a, 64, NULL) != BW_OK)
			break;
		for (size_t j = 0; j < 64 && seen < 56; j++) {
			if (strchr(all, a[j]) == NULL)
				all[seen++] = a[j];
		}
	}
	is_int((long long)seen, 56, "every letter occurs");
	is_int((long long)strcspn(all, "0Oo1lI"), 56,
	    "similar letters do not occur");
	is_int(bw_passwd_generate(a, 0, NULL), BW_OK, "a password of length 0");
	is_str(a, "", "is an empty string");
}

/* Concurrent processes add users: none is lost. */
static void
test_concurrent(void)
{
	pid_t child[4];
	int bad = 0;

	write_text("");
	for (size_t i = 0; i < 4; i++) {
		child[i] = fork();
		if (child[i] == 0) {
			for (int j = 0; j < 3; j++) {
				char user[16];

				snprintf(user, sizeof(user), "u%zu%d", i, j);
				if (set(user, "p") != BW_OK)
					_exit(1);
			}
			_exit(0);
		}
	}
	for (size_t i = 0; i < 4; i++) {
		int status = 1;

		waitpid(child[i], &status, 0);
		bad += status != 0;
	}
	is_int(bad, 0, "every edit succeeded");
	is_int((long long)strlen(masked_file()), 12 * 6, "every user exists");
}

static void
test_no_memory(void)
{
	enum bw_err err = BW_ERR_NOMEM;
	unsigned long n;

	write_text("v:x\n");
	for (n = 1; err == BW_ERR_NOMEM && n < 50; n++) {
		is_str(
		    masked_file(), "v:x\n", "unchanged after failure %lu", n);
		tap_fail_alloc(n);
		err = set("u", "p");
	}
	tap_fail_alloc(0);
	is_int(err, BW_OK, "set after %lu failures", n - 2);
	is_str(masked_file(), "v:x\nu:H\n", "the user exists");
	is_int(bw_passwd_remove(file, BW_STR("v"), NULL), BW_OK, "only user u");
	for (n = 1, err = BW_ERR_NOMEM; err == BW_ERR_NOMEM && n < 50; n++) {
		tap_fail_alloc(n);
		err = verify("u", "p");
	}
	is_int(err, BW_OK, "verified after %lu failures", n - 2);
	for (n = 1, err = BW_ERR_NOMEM; err == BW_ERR_NOMEM && n < 50; n++) {
		tap_fail_alloc(n);
		err = bw_passwd_remove(file, BW_STR("u"), NULL);
	}
	tap_fail_alloc(0);
	is_int(err, BW_OK, "removed after %lu failures", n - 2);
	is_int(count_files(), 1, "no temporary file is left");
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(file, sizeof(file), "%s/passwd", dir);
	test_edits();
	test_verify();
	test_mode_and_owner();
	test_refused();
	test_list();
	test_generate();
	test_concurrent();
	test_no_memory();
	unlink(file);
	rmdir(dir);
	return tap_done();
}
