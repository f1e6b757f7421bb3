#ifndef BWO_OPTION_H
#define BWO_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/str.h>

/*
 * The options of a program as a table, from which they are parsed, and from
 * which the messages and the text of --help are made.
 */

enum option_kind {
	OPTION_FLAG,   /* bool */
	OPTION_TEXT,   /* const char * */
	OPTION_STR,    /* struct bw_str */
	OPTION_LIST,   /* struct option_list; may be repeated */
	OPTION_NUMBER, /* int64_t, of a form */
	OPTION_CUSTOM  /* whatever parse() sets */
};

#define OPTION_MAX_LIST 64

/* The values of an option that may be repeated, and a NULL after them. */
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

/* Decimal digits, to ten thousand millions. */
extern const struct option_form option_count;

struct option_row {
	const char *name;     /* without "--"; NULL ends the table */
	const char *argument; /* the name of its value; NULL: a flag */
	const char *help;
	char letter;   /* "-o", or '\0' */
	bool repeated; /* CUSTOM: may come again; LIST always may */
	enum option_kind kind;
	size_t at;	/* offset of its value in what the table sets */
	unsigned group; /* see struct option_table; 0: all */
	/*
	 * The values allowed of TEXT, STR or LIST: words separated by '|', or
	 * the i-th word, NULL after the last. Neither: any text.
	 */
	const char *words;
	const char *(*word)(size_t i);
	/* NUMBER; max 0: no bound but that of the form. */
	const struct option_form *form;
	int64_t min, max;
	/*
	 * CUSTOM: set *to. On failure the error says what is wrong with the
	 * value, without naming the option. An impossible value, for tests.
	 */
	enum bw_err (*parse)(void *to, const char *value, struct bw_error *);
	const char *impossible;
};

/* A table, and what it sets. */
struct option_table {
	const struct option_row *rows;
	unsigned group; /* rows of this group, a bit of theirs, and of all */
	void *to;
};

/* What is left when the options are taken out. */
struct option_rest {
	char **argv;
	int argc;
	int before; /* how many of them stood before "--" */
	bool ended; /* "--" was there */
	bool help;  /* --help or -h was, and nothing else counts */
};

/*
 * Set what the options say. argv[0] is passed over; argv is reordered: the
 * other arguments move to its front. "--name value" and "--name=value" are the
 * same, "--" ends the options, and "-" alone is no option. Of options that
 * cannot be repeated the last one counts. BW_ERR_USAGE: the error names the
 * option and its value, and what is allowed.
 */
enum bw_err option_parse(const struct option_table *, size_t tables, int argc,
    char **argv, struct option_rest *, struct bw_error *) BW_CHECK;

/* Is the row of the table's group? */
bool option_is_of(const struct option_row *, unsigned group);
/* The i-th value allowed; p NULL: no such, or any text is. */
struct bw_str option_word(const struct option_row *, size_t i);
/* Append the words allowed: "nginx, apache or cgi"; nothing where any is. */
void option_put_words(struct bw_buf *, const struct option_row *);

/* Append a line or more for each option of the tables, with its help. */
void
option_put_help(struct bw_buf *, const struct option_table *, size_t tables);
/* Append text filled into lines that begin in a column; '\n' ends one. */
void option_put_text(struct bw_buf *, size_t column, const char *text);

#endif
