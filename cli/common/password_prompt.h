#ifndef BWC_COMMON_PASSWORD_PROMPT_H
#define BWC_COMMON_PASSWORD_PROMPT_H

#include <bwcallback/error.h>
#include <bwcallback/str.h>
#include <bwcallback/tools/passwd.h>

/* A password that was typed or piped. Wipe it after use. */
struct secret {
	size_t n;
	char text[BW_PASSWD_MAX_PASSWORD + 2]; /* CR and NUL */
};

/*
 * Read one line of standard input, without its end. On a terminal the prompt
 * is shown on standard error and nothing typed is; a signal that ends the
 * program leaves the terminal as it was. BW_ERR_USAGE: no line, or a line that
 * is too long; BW_ERR_IO.
 */
enum bw_err
password_read(struct secret *, const char *prompt, struct bw_error *) BW_CHECK;
/* Twice on a terminal; BW_ERR_USAGE when they differ. */
enum bw_err password_read_new(struct secret *, struct bw_error *) BW_CHECK;
struct bw_str password_str(const struct secret *);
void password_wipe(struct secret *);

#endif
