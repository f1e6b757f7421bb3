/* bwcallback passwd: who may call. */
#include <config.h>

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/passwd.h>

#include "cli/common/command.h"
#include "cli/common/password_prompt.h"

/* 24 characters are 139 bits; bcrypt reads 72. */
#define LENGTH	   24
#define MIN_LENGTH 12
#define MAX_LENGTH 72

enum action {
	SET,
	GENERATE,
	DELETE,
	VERIFY,
	LIST
};

struct options {
	enum action action;
	size_t length;
	const char *file;
	struct bw_str user;
};

static enum bw_err
set_password(const struct options *o, struct bw_error *e)
{
	struct secret s = {0};
	enum bw_err err = password_read_new(&s, e);

	if (err == BW_OK)
		err = bw_passwd_set(o->file, o->user, password_str(&s), e);
	password_wipe(&s);
	return err;
}

/* Shown only when it is the user's password by then. */
static enum bw_err
generate_password(const struct options *o, struct bw_error *e)
{
	char text[MAX_LENGTH + 1];
	enum bw_err err = bw_passwd_generate(text, o->length, e);

	if (err == BW_OK)
		err = bw_passwd_set(
		    o->file, o->user, (struct bw_str){text, o->length}, e);
	if (err == BW_OK && (puts(text) < 0 || fflush(stdout) != 0))
		err = bw_error_set(e, BW_ERR_IO, 0,
		    "standard output: the password could not be shown: "
		    "generate another");
	explicit_bzero(text, sizeof(text));
	return err;
}

static enum bw_err
verify_password(const struct options *o, struct bw_error *e)
{
	struct secret s = {0};
	enum bw_err err = password_read(&s, "Password: ", e);

	if (err == BW_OK)
		err = bw_passwd_verify(o->file, o->user, password_str(&s), e);
	password_wipe(&s);
	return err;
}

/* The file may be anybody's: no control character reaches the terminal. */
static void
print_user(void *arg, struct bw_str user)
{
	(void)arg;
	for (size_t i = 0; i < user.n; i++) {
		unsigned char c = (unsigned char)user.p[i];

		putchar(c < 0x20 || c == 0x7f ? '?' : c);
	}
	putchar('\n');
}

static enum bw_err
list_users(const struct options *o, struct bw_error *e)
{
	enum bw_err err = bw_passwd_list(o->file, print_user, NULL, e);

	if (err == BW_OK && fflush(stdout) != 0)
		err = bw_error_set(
		    e, BW_ERR_IO, 0, "standard output: cannot be written");
	return err;
}

static enum bw_err
act(const struct options *o, struct bw_error *e)
{
	switch (o->action) {
	case GENERATE:
		return generate_password(o, e);
	case DELETE:
		return bw_passwd_remove(o->file, o->user, e);
	case VERIFY:
		return verify_password(o, e);
	case LIST:
		return list_users(o, e);
	default:
		return set_password(o, e);
	}
}

static bool
parse_length(const char *text, size_t *length)
{
	size_t n = 0;

	for (; *text >= '0' && *text <= '9' && n <= MAX_LENGTH; text++)
		n = n * 10 + (size_t)(*text - '0');
	*length = n;
	return *text == '\0' && n >= MIN_LENGTH && n <= MAX_LENGTH;
}

/* One action at most, and a length only with what it is for. */
static bool
parse_options(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {
	    {"generate", no_argument, NULL, GENERATE},
	    {"delete", no_argument, NULL, DELETE},
	    {"verify", no_argument, NULL, VERIFY},
	    {"list", no_argument, NULL, LIST},
	    {"length", required_argument, NULL, 'l'},
	    {NULL, 0, NULL, 0},
	};
	bool has_length = false;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (c == 'l') {
			has_length = true;
			if (!parse_length(optarg, &o->length))
				return false;
		} else if (c == '?' || o->action != SET) {
			return false;
		} else {
			o->action = (enum action)c;
		}
	}
	if (has_length && o->action != GENERATE)
		return false;
	if (argc - optind != (o->action == LIST ? 1 : 2))
		return false;
	o->file = argv[optind];
	if (o->action != LIST)
		o->user =
		    (struct bw_str){argv[optind + 1], strlen(argv[optind + 1])};
	return true;
}

static int
run(int argc, char **argv)
{
	struct options o = {.action = SET, .length = LENGTH};
	struct bw_error e = {0};
	enum bw_err err;

	if (!parse_options(argc, argv, &o))
		return command_usage("passwd");
	err = act(&o, &e);
	if (err != BW_OK)
		fprintf(stderr, "bwcallback: %s\n", e.msg);
	return bw_err_exit(err);
}

const struct command command_passwd = {
    .name = "passwd",
    .summary = "set, generate, verify or delete a password of a file",
    .help =
	"usage: bwcallback passwd FILE USER\n"
	"       bwcallback passwd --generate [--length N] FILE USER\n"
	"       bwcallback passwd --verify FILE USER\n"
	"       bwcallback passwd --delete FILE USER\n"
	"       bwcallback passwd --list FILE\n"
	"\n"
	"Set the password of a user in a password file, which is made when\n"
	"there is none. On a terminal the password is asked for twice and\n"
	"not shown; otherwise it is one line of standard input. A server\n"
	"that uses the file takes the change within a second.\n"
	"\n"
	"  --generate  make up a password and print it, once\n"
	"  --length N  of N characters, 12 to 72 (24)\n"
	"  --verify    exit with 0 if the password read is the user's, else "
	"77\n"
	"  --delete    remove the user\n"
	"  --list      print the users, one on each line\n",
    .run = run,
};
