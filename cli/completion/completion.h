#ifndef BWC_COMPLETION_COMPLETION_H
#define BWC_COMPLETION_COMPLETION_H

#include "cli/common/command.h"

/* A shell, and its file of completions as text made from the tables. */
struct completion_shell {
	const char *name;
	void (*put)(struct bw_buf *, const struct command *const *commands);
};

extern const struct completion_shell completion_bash;
extern const struct completion_shell completion_fish;
extern const struct completion_shell completion_zsh;

/* bwcallback.fcgi, which has only options, as if it were a command. */
extern const struct command completion_responder;

/* The last word of the name: "list" of "events list". */
const char *completion_name(const struct command *);
/* The i-th option of a command; NULL: it has no more. */
const struct option_row *completion_row(const struct command *, size_t i);
bool completion_is_repeated(const struct option_row *);
/* Is the value of this option the name of a file? */
bool completion_is_file(const struct option_row *);
/* Append the values allowed, separated by blanks. */
void completion_put_words(struct bw_buf *, const struct option_row *);
/*
 * Append text for a place between single quotes: a '\' before each character of
 * special, and quote for a single quote.
 */
void completion_put_text(
    struct bw_buf *, const char *text, const char *special, const char *quote);
/* Call put for each command that is no group of actions, and each action. */
void completion_each(struct bw_buf *, const struct command *const *commands,
    void (*put)(struct bw_buf *, const struct command *));

#endif
