#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/common/command.h"
#include "cli/common/manual.h"
#include "cli/common/terminal.h"

static const struct command *const commands[] = {
    &command_bxml,
    &command_check,
    &command_consume,
    &command_decode,
    &command_dev,
    &command_doctor,
    &command_events,
    &command_graph,
    &command_init,
    &command_orders,
    &command_passwd,
    &command_portout,
    &command_simulate,
    &command_store,
    &command_upgrade,
    NULL,
};

static void
print_overview(FILE *f)
{
	fputs("usage: bwcallback COMMAND [ARGUMENT...]\n\n", f);
	for (size_t i = 0; commands[i] != NULL; i++) {
		fprintf(
		    f, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	}
	fputs("\n\"bwcallback COMMAND --help\" says more, "
	      "bwcallback(1) everything.\n",
	    f);
}

bool
command_is_one(const char *name)
{
	const char *near;

	return strcmp(name, "help") == 0 ||
	       command_find(commands, name, &near) != NULL;
}

static int
refuse(const char *name, const char *near)
{
	fputs("bwcallback: no command \"", stderr);
	terminal_text(stderr, (struct bw_str){name, strnlen(name, 100)});
	putc('"', stderr);
	if (near != NULL)
		fprintf(stderr, "; did you mean \"%s\"?", near);
	fputs("\nbwcallback: see \"bwcallback --help\"\n", stderr);
	return 64;
}

/* "help --json", "help --completion SHELL" */
static int
help_option(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--json") == 0)
		return command_dump(commands);
	if (argc == 3 && strcmp(argv[1], "--completion") == 0)
		return command_complete(commands, argv[2]);
	if (strcmp(argv[1], "--help") != 0)
		return refuse(argv[1], NULL);
	print_overview(stdout);
	return 0;
}

/* "help", "help COMMAND", "help COMMAND ACTION" or with an option */
static int
help(int argc, char **argv)
{
	const struct command *c;
	const char *near = NULL;

	if (argc < 2) {
		print_overview(stdout);
		return 0;
	}
	if (argv[1][0] == '-')
		return help_option(argc, argv);
	c = command_find(commands, argv[1], &near);
	if (c == NULL)
		return refuse(argv[1], near);
	manual_open(c);
	if (c->actions == NULL)
		return command_help(c);
	/* "help events list" is "events help list". */
	argv[1] = argv[0];
	return command_run(c, argc, argv);
}

/*
 * Reset the signals as a shell would: systemd ignores SIGPIPE, and if the
 * parent ignores SIGCHLD, exit statuses of our child processes would be lost.
 */
static void
reset_signals(void)
{
	sigset_t none;

	(void)signal(SIGCHLD, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

int
command_main(int argc, char **argv)
{
	const struct command *c;
	const char *near = NULL;

	reset_signals();
	if (argc < 2) {
		print_overview(stderr);
		return 64;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_overview(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("bwcallback " VERSION);
		return 0;
	}
	if (strcmp(argv[1], "help") == 0)
		return help(argc - 1, argv + 1);
	c = command_find(commands, argv[1], &near);
	if (c == NULL)
		return refuse(argv[1], near);
	return command_run(c, argc - 1, argv + 1);
}

/* Weak: the combined program has its own main(). */
__attribute__((weak)) int
main(int argc, char **argv)
{
	return command_main(argc, argv);
}
