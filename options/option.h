#ifndef BWO_OPTION_H
#define BWO_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/str.h>

/* The options of a program as a table. Parsing, messages and --help use it. */

enum option_kind {
	OPTION_FLAG,   /* bool */
	OPTION_TEXT,   /* const char * */
	OPTION_STR,    /* struct bw_str */
	OPTION_LIST,   /* struct option_list; may be repeated */
	OPTION_NUMBER, /* int64_t, written as its form says */
	OPTION_CUSTOM  /* set by parse() */
};

#define OPTION_MAX_LIST 64

/* The values of a repeated option, followed by a NULL. */
struct option_list {
	const char *v[OPTION_MAX_LIST + 1];
	size_t n;
};

/* How a number is written. */
struct option_form {
	const char *name; /* "number", "age" */
	const char *like; /* "10s, 30m, 12h or 90d"; NULL: digits */
	bool (*parse)(const char *, int64_t *);
};

/* Decimal digits, at most ten thousand million. */
extern const struct option_form option_count;

/* The check for a text option, by the name of its argument. */
struct option_value {
	const char *argument;	     /* of the rows that it applies to */
	bool (*check)(const char *); /* NULL: any text is a value */
	const char *what;	     /* "a number such as +19195550100" */
	const char *impossible;	     /* a text that check() refuses */
};

/* "9195550100" or "+19195550100", as orders have them. */
extern const struct option_value option_order_number;
extern const struct option_value option_tollfree_number;
extern const struct option_value option_store;

struct option_row {
	const char *name;     /* without "--"; NULL ends the table */
	const char *argument; /* name of its value; NULL: a flag */
	const char *help;
	char letter;   /* 'o' for "-o"; '\0': none */
	bool repeated; /* CUSTOM: may be repeated; a LIST always may */
	enum option_kind kind;
	size_t at;	/* offset of its value in the target struct */
	unsigned group; /* see struct option_table; 0: all */
	/*
	 * TEXT, STR or LIST: the values allowed, as words separated by '|', or
	 * from word(i), which returns NULL after the last. Without both, what
	 * value says; if that is NULL, what is known by the argument's name.
	 */
	const char *words;
	const char *(*word)(size_t i);
	const struct option_value *value;
	/* NUMBER; max 0: no limit but that of the form. */
	const struct option_form *form;
	int64_t min, max;
	/*
	 * CUSTOM: parse() sets *to. On failure its error describes the value
	 * without naming the option. impossible: a value that parse() rejects,
	 * for tests.
	 */
	enum bw_err (*parse)(void *to, const char *value, struct bw_error *);
	const char *impossible;
	/*
	 * The options without which it has no effect, and those with which it
	 * has none, separated by blanks: "out channel=RBM", "out
	 * channel=SMS|MMS". NULL: none.
	 */
	const char *needs, *excludes;
};

/* A table, and the struct that it sets. */
struct option_table {
	const struct option_row *rows;
	unsigned group; /* use rows with a bit in common, and rows of group 0 */
	void *to;
};

/* Limit for the options of one command line; further ones are not compared. */
#define OPTION_MAX_GIVEN 256

/* The options that were given, with their values; NULL: a flag. */
struct option_given {
	const struct option_row *rows[OPTION_MAX_GIVEN];
	const char *values[OPTION_MAX_GIVEN];
	size_t n;
};

struct option_rest {
	struct option_given given;
	char **argv;
	int argc;
	int before; /* number of arguments before "--" */
	bool ended; /* "--" was there */
	bool help;  /* --help or -h was given: ignore everything else */
};

/*
 * Parse the options. Skips argv[0] and moves the other arguments to the front
 * of argv. "--name value" and "--name=value" are the same, "--" ends the
 * options, and "-" alone is not an option. If an option that cannot be repeated
 * is given more than once, the last one counts. BW_ERR_USAGE: the error names
 * the option, its value and the values allowed.
 */
enum bw_err option_parse(const struct option_table *, size_t tables, int argc,
    char **argv, struct option_rest *, struct bw_error *) BW_CHECK;

/* Returns true if the row applies to the group. */
bool option_is_of(const struct option_row *, unsigned group);
/* The i-th value allowed; p NULL: no such value, or any text is allowed. */
struct bw_str option_word(const struct option_row *, size_t i);
/*
 * What the texts of an option are; NULL: it has words or a form, or no value is
 * known for the name of its argument.
 */
const struct option_value *option_value_of(const struct option_row *);
/* Append the values allowed: "nginx, apache or cgi"; nothing if any text is. */
void option_put_words(struct bw_buf *, const struct option_row *);

/* Append the help of each option of the tables, in one or more lines. */
void
option_put_help(struct bw_buf *, const struct option_table *, size_t tables);
/* Append text wrapped into lines that begin at a column; '\n' ends a line. */
void option_put_text(struct bw_buf *, size_t column, const char *text);

#endif
