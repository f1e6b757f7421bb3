#ifndef BWC_COMMON_COMMAND_H
#define BWC_COMMON_COMMAND_H

#include <stdbool.h>

/*
 * One subcommand: one file that defines one of these, and one line in the
 * list of main.c.
 */
struct command {
	const char *name;
	const char *summary; /* one line for the overview */
	const char *help;    /* all of --help */
	/* argv[0] is the command's name. Returns an exit code (sysexits). */
	int (*run)(int argc, char **argv);
};

extern const struct command command_bxml;
extern const struct command command_check;
extern const struct command command_consume;
extern const struct command command_decode;
extern const struct command command_doctor;
extern const struct command command_events;
extern const struct command command_graph;
extern const struct command command_orders;
extern const struct command command_passwd;
extern const struct command command_portout;
extern const struct command command_simulate;

/* All of bwcallback: argv[1] names a command. Returns an exit code. */
int command_main(int argc, char **argv);

/* Is it the name of a command? */
bool command_is_one(const char *name);

/* Say on standard error where the help of a command is; returns 64 (EX_USAGE).
 */
int command_usage(const char *name);

#endif
