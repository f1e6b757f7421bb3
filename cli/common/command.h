#ifndef BWC_COMMON_COMMAND_H
#define BWC_COMMON_COMMAND_H

#include <stdbool.h>

#include "options/option.h"

/*
 * A command, or one action of a command that has several ("events list"). All
 * that is said of it comes from here: parsing, messages, --help, and what
 * "bwcallback help --json" prints. A command is one file that defines one of
 * these, and one line in the list of main.c.
 */
struct command {
	const char *name;    /* "check"; of an action: "events list" */
	const char *summary; /* a line for overviews */
	const char *usage;   /* what follows the name; a form on each line */
	const char *about;   /* paragraphs before the options, or NULL */
	const char *more;    /* paragraphs after them, or NULL */
	const struct option_row *options; /* or NULL */
	const struct option_row *common;  /* shared with others, or NULL */
	unsigned group;			  /* which rows of both */
	int least, most; /* arguments that are no options; -1: any number */
	/* A name of NULL ends them; NULL: none, but run. */
	const struct command *actions;
	/* argv[0] is the name. Returns an exit code (sysexits). */
	int (*run)(const struct command *, int argc, char **argv);
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

/* Run it, or the action that argv[1] names, or print help. */
int command_run(const struct command *, int argc, char **argv);

/*
 * Parse the arguments of a command: options sets what its rows say, common
 * what those of the common table say. -1: go on. Otherwise the command ends
 * with this exit code, and everything has been said.
 */
int command_parse(const struct command *, int argc, char **argv, void *options,
    void *common, struct option_rest *);

/* Say what is wrong with the arguments, and where help is. Returns 64. */
int
command_refuse(const struct command *, const char *format, ...) BW_PRINTF(2, 3);

/*
 * The configuration to use where none is given: that of BWCALLBACK_CONFIG in
 * the environment. NULL: there is none.
 */
const char *command_config(void);

/* The help of a command, on standard output. Returns an exit code. */
int command_help(const struct command *);
/* All commands and options as lines of JSON. Returns an exit code. */
int command_dump(const struct command *const *commands);

/* The command of that name; NULL: there is none, and near is the nearest. */
const struct command *command_find(
    const struct command *const *, const char *name, const char **near);

#endif
