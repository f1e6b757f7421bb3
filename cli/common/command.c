/* Finds commands and parses their arguments by their tables. */
#include "cli/common/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/spell.h>

#include "cli/common/terminal.h"

#define MAX_ACTIONS 32

/* The last word of the name. */
static const char *
action_name(const struct command *c)
{
	const char *space = strchr(c->name, ' ');

	return space != NULL ? space + 1 : c->name;
}

static const struct command *
find_action(const struct command *c, const char *name, const char **near)
{
	const char *names[MAX_ACTIONS];
	size_t n = 0;

	for (const struct command *a = c->actions; a->name != NULL; a++) {
		if (strcmp(action_name(a), name) == 0)
			return a;
		if (n < MAX_ACTIONS)
			names[n++] = action_name(a);
	}
	*near = bw_spell_suggest((struct bw_str){name, strlen(name)}, names, n);
	return NULL;
}

const struct command *
command_find(
    const struct command *const *all, const char *name, const char **near)
{
	const char *names[MAX_ACTIONS];
	size_t n = 0;

	for (; all[n] != NULL && n < MAX_ACTIONS; n++) {
		if (strcmp(all[n]->name, name) == 0)
			return all[n];
		names[n] = all[n]->name;
	}
	*near = bw_spell_suggest((struct bw_str){name, strlen(name)}, names, n);
	return NULL;
}

int
command_refuse(const struct command *c, const char *format, ...)
{
	struct bw_error e = {BW_OK, 0, ""};
	char what[BW_ERROR_MSG_SIZE];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	/* bw_error_set() removes passwords from URLs. */
	(void)bw_error_set(&e, BW_ERR_USAGE, 0, "%s", what);
	fprintf(stderr,
	    "bwcallback: %s: %s\n"
	    "bwcallback: see \"bwcallback %s --help\"\n",
	    c->name, e.msg, c->name);
	return 64;
}

static int
refuse_action(const struct command *c, const char *name, const char *near)
{
	struct bw_buf b;
	int status;

	bw_buf_init(&b, 1024);
	for (const struct command *a = c->actions; a->name != NULL; a++)
		bw_buf_printf(&b, "%s%s",
		    a == c->actions	? ""
		    : a[1].name == NULL ? " or "
					: ", ",
		    action_name(a));
	if (name == NULL)
		status = command_refuse(
		    c, "what to do is missing: %.*s", (int)b.n, b.p);
	else if (near != NULL)
		status = command_refuse(c,
		    "no action \"%.100s\"; did you mean \"%s\"?", name, near);
	else
		status =
		    command_refuse(c, "no action \"%.100s\"; there are %.*s",
			name, (int)b.n, b.p);
	bw_buf_free(&b);
	return status;
}

static bool
is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
	       strcmp(word, "help") == 0;
}

int
command_run(const struct command *c, int argc, char **argv)
{
	const struct command *action;
	const char *near = NULL;

	/* To name a file "help", write "./help". */
	if (argc == 2 && is_help(argv[1]))
		return command_help(c);
	if (c->actions == NULL)
		return c->run(c, argc, argv);
	if (argc < 2)
		return refuse_action(c, NULL, NULL);
	if (argc == 3 && is_help(argv[1]))
		action = find_action(c, argv[2], &near);
	else
		action = find_action(c, argv[1], &near);
	if (action == NULL)
		return refuse_action(
		    c, is_help(argv[1]) ? argv[2] : argv[1], near);
	return is_help(argv[1]) ? command_help(action)
				: command_run(action, argc - 1, argv + 1);
}

/* Refuse a wrong number of arguments; prints the first form of the usage. */
static int
refuse_count(const struct command *c, const struct option_rest *rest)
{
	int n = (int)strcspn(c->usage, "\n");

	if (rest->argc < c->least)
		return command_refuse(c,
		    "an argument is missing: bwcallback %s %.*s", c->name, n,
		    c->usage);
	return command_refuse(c, "\"%.100s\" is too much: bwcallback %s%s%.*s",
	    rest->argv[c->most], c->name, n > 0 ? " " : "", n, c->usage);
}

int
command_parse(const struct command *c, int argc, char **argv, void *options,
    void *common, struct option_rest *rest)
{
	const struct option_table tables[] = {
	    {c->options, c->group, options}, {c->common, c->group, common}};
	struct bw_error e = {BW_OK, 0, ""};
	enum bw_err err = option_parse(tables, 2, argc, argv, rest, &e);

	if (err == BW_ERR_USAGE)
		return command_refuse(c, "%s", e.msg);
	if (err != BW_OK) {
		terminal_complain("%s: %s", c->name, e.msg);
		return bw_err_exit(err);
	}
	if (rest->help)
		return command_help(c);
	if (rest->argc < c->least || (c->most >= 0 && rest->argc > c->most))
		return refuse_count(c, rest);
	return -1;
}

const char *
command_config(void)
{
	const char *file = getenv("BWCALLBACK_CONFIG");

	return file != NULL && *file != '\0' ? file : NULL;
}

int
command_refuse_config(const struct command *c, const char *what)
{
	return command_refuse(c,
	    "%s is missing, and so is BWCALLBACK_CONFIG in the environment",
	    what);
}
