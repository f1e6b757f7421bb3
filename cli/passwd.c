/* bwcallback passwd: manage the users that may send callbacks. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/tools/passwd.h>

#include "cli/common/command.h"
#include "cli/common/password_prompt.h"
#include "cli/common/terminal.h"

/* 24 characters have 139 bits; bcrypt uses at most 72 bytes. */
#define LENGTH	   24
#define MIN_LENGTH 12
#define MAX_LENGTH 72

struct options {
	bool generate, verify, delete, list;
	int64_t length;
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

/* Print the password only after it has been stored. */
static enum bw_err
generate_password(const struct options *o, struct bw_error *e)
{
	char text[MAX_LENGTH + 1];
	enum bw_err err = bw_passwd_generate(text, (size_t)o->length, e);

	if (err == BW_OK)
		err = bw_passwd_set(o->file, o->user,
		    (struct bw_str){text, (size_t)o->length}, e);
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

static void
print_user(void *arg, struct bw_str user)
{
	(void)arg;
	terminal_text(stdout, user);
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
	if (o->generate)
		return generate_password(o, e);
	if (o->delete)
		return bw_passwd_remove(o->file, o->user, e);
	if (o->verify)
		return verify_password(o, e);
	if (o->list)
		return list_users(o, e);
	return set_password(o, e);
}

#define AT(member) .at = offsetof(struct options, member)
static const struct option_row rows[] = {
    {"generate", NULL, "make up a password and print it, once",
	.kind = OPTION_FLAG, AT(generate)},
    {"length", "N", "of N characters, 12 to 72 (24)", .kind = OPTION_NUMBER,
	AT(length), .form = &option_count, .min = MIN_LENGTH,
	.max = MAX_LENGTH},
    {"verify", NULL, "exit with 0 if the password read is the user's, else 77",
	.kind = OPTION_FLAG, AT(verify)},
    {"delete", NULL, "remove the user", .kind = OPTION_FLAG, AT(delete)},
    {"list", NULL, "print the users, one on each line", .kind = OPTION_FLAG,
	AT(list)},
    {.name = NULL},
};

/* Returns -1 if the options are valid. */
static int
check_options(const struct command *c, const struct options *o,
    const struct option_rest *rest)
{
	if (o->generate + o->verify + o->delete + o->list > 1)
		return command_refuse(
		    c, "only one of --generate, --verify, --delete and --list");
	if (o->length != 0 && !o->generate)
		return command_refuse(c, "--length goes with --generate");
	if (o->list && rest->argc > 1)
		return command_refuse(c,
		    "--list takes no user, and \"%.100s\" is one",
		    rest->argv[1]);
	if (!o->list && rest->argc < 2)
		return command_refuse(c, "USER is missing");
	return -1;
}

static int
run(const struct command *c, int argc, char **argv)
{
	struct options o = {.generate = false};
	struct option_rest rest;
	struct bw_error e = {0};
	enum bw_err err;
	int status = command_parse(c, argc, argv, &o, NULL, &rest);

	if (status < 0)
		status = check_options(c, &o, &rest);
	if (status >= 0)
		return status;
	if (o.length == 0)
		o.length = LENGTH;
	o.file = rest.argv[0];
	if (!o.list)
		o.user = (struct bw_str){rest.argv[1], strlen(rest.argv[1])};
	err = act(&o, &e);
	if (err != BW_OK)
		terminal_complain("%s", e.msg);
	return bw_err_exit(err);
}

const struct command command_passwd = {
    .name = "passwd",
    .summary = "set, generate, verify or delete a password of a file",
    .usage = "FILE USER\n"
	     "--generate [--length N] FILE USER\n"
	     "--verify FILE USER\n"
	     "--delete FILE USER\n"
	     "--list FILE",
    .about =
	"Set the password of a user in a password file, which is made when "
	"there is none. On a terminal the password is asked for twice and not "
	"shown; otherwise it is one line of standard input. A server that uses "
	"the file takes the change within a second.",
    .options = rows,
    .group = 1,
    .least = 1,
    .most = 2,
    .takes_files = true,
    .examples =
	"(umask 077; bwcallback passwd --generate passwd bandwidth >password)",
    .run = run,
};
