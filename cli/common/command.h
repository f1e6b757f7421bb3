#ifndef BWC_COMMON_COMMAND_H
#define BWC_COMMON_COMMAND_H

#include <stdbool.h>

#include "options/option.h"

/*
 * A command, or one action of a command that has several ("events list").
 * Parsing, messages, --help and the output of "bwcallback help --json" all use
 * this struct. Each command is one file that defines one of these, plus one
 * line in the list of main.c.
 */
struct command {
	const char *name;    /* "check"; for an action "events list" */
	const char *summary; /* one line, for overviews */
	const char *usage;   /* text after the name; one form a line */
	const char *about;   /* paragraphs before the options, or NULL */
	const char *more;    /* paragraphs after them, or NULL */
	const struct option_row *options; /* may be NULL */
	const struct option_row *common;  /* shared, or NULL */
	unsigned group;			  /* selects rows of both tables */
	int least, most;		  /* not options; -1: no limit */
	bool takes_files;     /* for completion: these are names of files */
	const char *examples; /* command lines; the manual has them, too */
	/* Ends with a row whose name is NULL. NULL: no actions, only run. */
	const struct command *actions;
	/* argv[0] is its name. Returns an exit code (sysexits). */
	int (*run)(const struct command *, int argc, char **argv);
};

extern const struct command command_bxml;
extern const struct command command_check;
extern const struct command command_consume;
extern const struct command command_decode;
extern const struct command command_dev;
extern const struct command command_doctor;
extern const struct command command_events;
extern const struct command command_graph;
extern const struct command command_init;
extern const struct command command_orders;
extern const struct command command_passwd;
extern const struct command command_portout;
extern const struct command command_simulate;
extern const struct command command_store;
extern const struct command command_upgrade;

/* The whole program: argv[1] names a command. Returns an exit code. */
int command_main(int argc, char **argv);

bool command_is_one(const char *name);

/* Run the command, or the action that argv[1] names, or print help. */
int command_run(const struct command *, int argc, char **argv);

/*
 * Parse the arguments of a command. The command's own rows set *options, the
 * rows of its common table set *common. Returns -1 to continue; any other value
 * is the exit code, and the message has been printed.
 */
int command_parse(const struct command *, int argc, char **argv, void *options,
    void *common, struct option_rest *);

/* Print what is wrong with the arguments and where to find help. Returns 64. */
int
command_refuse(const struct command *, const char *format, ...) BW_PRINTF(2, 3);

/*
 * The default configuration: the value of BWCALLBACK_CONFIG in the environment.
 * NULL: it is not set.
 */
const char *command_config(void);
/* Refuse arguments without it: what, such as "FILE", is missing. Returns 64. */
int command_refuse_config(const struct command *, const char *what);

/* Print the help of a command to standard output. Returns an exit code. */
int command_help(const struct command *);
/* Print all commands and options as lines of JSON. Returns an exit code. */
int command_dump(const struct command *const *commands);
/* Print the completions for a shell. Returns an exit code. */
int command_complete(const struct command *const *commands, const char *shell);
/* Print the text to standard output and free it. Returns an exit code. */
int command_print(struct bw_buf *);

/*
 * Find a command by name. If there is none, returns NULL and sets *near to the
 * nearest name.
 */
const struct command *command_find(
    const struct command *const *, const char *name, const char **near);

#endif
