/* bwcallback init: begin with a folder that works. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <bwcallback/tools/passwd.h>

#include "cli/common/command.h"
#include "cli/common/shell_word.h"
#include "cli/common/terminal.h"
#include "cli/init/new_folder.h"

#include "cli/init/example_files.h"

#define USER	 "bandwidth"
#define LENGTH	 24 /* of a password, as "passwd --generate" makes them */
#define EXAMPLES (sizeof(example_files) / sizeof(example_files[0]))

/* The kinds of folders, each made of an example. */
#define KINDS(KIND) \
	KIND(ivr, "ivr", \
	    "a menu, opening hours, holidays, transfers, voicemail, messages") \
	KIND(voicemail, "voicemail", "a greeting, and a recording") \
	KIND(messages, "consume", "text messages, answered by a program") \
	KIND(account, "account", "ask for a number, and look it up") \
	KIND(bridge, "bridge", "connect callers to a mobile") \
	KIND(conference, "conference", "conferences with a PIN") \
	KIND(queue, "queue", "a queue of callers, with music")

static const struct kind {
	const char *command;
	const char *folder; /* of the examples */
} kinds[] = {
#define KIND(name, folder, summary) {"init " #name, folder},
    KINDS(KIND)
#undef KIND
};

static const char *
example_of(const struct command *c)
{
	size_t i = 0;

	while (strcmp(kinds[i].command, c->name) != 0)
		i++;
	return kinds[i].folder;
}

static enum bw_err
add_examples(struct new_folder *f, const char *folder, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	for (size_t i = 0; err == BW_OK && i < EXAMPLES; i++) {
		if (strcmp(example_files[i].folder, folder) == 0)
			err = new_folder_add(f, &example_files[i], e);
	}
	return err;
}

/* Both password files, of the same password. */
static enum bw_err
add_passwords(struct new_folder *f, struct bw_error *e)
{
	char text[LENGTH + 1];
	const struct new_file password = {
	    .name = "password",
	    .mode = 0600,
	    .text = {text, LENGTH + 1},
	};
	struct bw_buf hashes;
	enum bw_err err = bw_passwd_generate(text, LENGTH, e);

	bw_buf_init(&hashes, f->draft.max + sizeof("/passwd"));
	bw_buf_printf(&hashes, "%s/passwd", f->draft.p);
	bw_buf_putc(&hashes, '\0');
	if (err == BW_OK && hashes.err != BW_OK)
		err = bw_error_set(e, hashes.err, 0, "init: out of memory");
	if (err == BW_OK)
		err =
		    bw_passwd_set(hashes.p, (struct bw_str){USER, strlen(USER)},
			(struct bw_str){text, LENGTH}, e);
	text[LENGTH] = '\n';
	if (err == BW_OK)
		err = new_folder_add(f, &password, e);
	explicit_bzero(text, sizeof(text));
	bw_buf_free(&hashes);
	return err;
}

static enum bw_err
make(const char *folder, const char *example, struct bw_error *e)
{
	struct new_folder f;
	enum bw_err err = new_folder_begin(&f, folder, e);

	if (err != BW_OK)
		return err;
	err = add_examples(&f, example, e);
	if (err == BW_OK)
		err = add_passwords(&f, e);
	if (err == BW_OK)
		err = new_folder_end(&f, e);
	new_folder_free(&f);
	return err;
}

static void
put_command(const char *command, const char *folder, const char *file)
{
	struct bw_buf path, word;

	bw_buf_init(&path, PATH_MAX);
	bw_buf_init(&word, 6 * PATH_MAX);
	bw_buf_printf(&path, "%s/%s", folder, file);
	bw_buf_putc(&path, '\0');
	if (path.err == BW_OK)
		shell_word(&word, path.p);
	if (word.err == BW_OK)
		printf("  bwcallback %s %.*s\n", command, (int)word.n, word.p);
	bw_buf_free(&path);
	bw_buf_free(&word);
}

static void
say_next(const char *folder)
{
	terminal_text(stdout, (struct bw_str){folder, strlen(folder)});
	puts(" is ready; its README.md says more. Next:");
	put_command("check", folder, "callbacks.xml");
	put_command("simulate test", folder, "scenarios.xml");
	put_command("dev", folder, "callbacks.xml");
}

/* "ivr/" is the folder "ivr". */
static void
cut_slashes(char *name)
{
	size_t n = strlen(name);

	while (n > 1 && name[n - 1] == '/')
		name[--n] = '\0';
}

static int
run(const struct command *c, int argc, char **argv)
{
	struct option_rest rest;
	struct bw_error e = {0};
	const char *folder;
	enum bw_err err;
	int status = command_parse(c, argc, argv, NULL, NULL, &rest);

	if (status >= 0)
		return status;
	if (rest.argc > 0)
		cut_slashes(rest.argv[0]);
	folder = rest.argc > 0 ? rest.argv[0] : strchr(c->name, ' ') + 1;
	err = make(folder, example_of(c), &e);
	if (err != BW_OK)
		terminal_complain("%s", e.msg);
	else
		say_next(folder);
	return bw_err_exit(err);
}

static const struct command actions[] = {
#define KIND(name, folder, summary) \
	{"init " #name, summary, "[FOLDER]", \
	    "Writes a new folder, which has the name of its kind if " \
	    "none is given. Nothing that exists is touched.", \
	    .most = 1, .takes_files = true, \
	    .examples = "bwcallback init " #name, .run = run},
    KINDS(KIND)
#undef KIND
	{.name = NULL},
};

const struct command command_init = {
    .name = "init",
    .summary = "begin with a folder that works: a flow, its tests, passwords",
    .usage = "KIND [FOLDER]",
    .about = "Writes a new folder with a configuration that passes "
	     "\"bwcallback check --strict\", scenarios that succeed, password "
	     "files that nobody else can read, and a README.",
    .actions = actions,
};
