#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/common/command.h"

static const struct command *const commands[] = {
    &command_bxml,
    &command_check,
    &command_consume,
    &command_decode,
    &command_doctor,
    &command_events,
    &command_graph,
    &command_orders,
    &command_passwd,
    &command_portout,
    &command_simulate,
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

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

bool
command_is_one(const char *name)
{
	return find_command(name) != NULL;
}

static int
run_command(const struct command *c, int argc, char **argv)
{
	if (argc > 1 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		fputs(c->help, stdout);
		return 0;
	}
	return c->run(argc, argv);
}

/*
 * As a shell would start us: systemd ignores SIGPIPE, and a parent that
 * ignores SIGCHLD would have us lose how programs ended.
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
	c = find_command(argv[1]);
	if (c == NULL) {
		fprintf(stderr,
		    "bwcallback: %s: no such command, "
		    "\"bwcallback --help\" lists them\n",
		    argv[1]);
		return 64;
	}
	return run_command(c, argc - 1, argv + 1);
}

/* Weak, so that the program that is all in one has a main() of its own. */
__attribute__((weak)) int
main(int argc, char **argv)
{
	return command_main(argc, argv);
}
