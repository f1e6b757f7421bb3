#ifndef BWC_COMMON_PASSWORD_PROMPT_H
#define BWC_COMMON_PASSWORD_PROMPT_H

#include <bwcallback/error.h>
#include <bwcallback/str.h>
#include <bwcallback/tools/passwd.h>

/* A password that was typed or piped. Wipe after use. */
struct secret {
	size_t n;
	char text[BW_PASSWD_MAX_PASSWORD + 2]; /* room for CR and NUL */
};

/*
 * Read one line of standard input, without its line end. On a terminal, the
 * prompt is printed to standard error and echo is off; a signal that ends the
 * program restores the terminal first. BW_ERR_USAGE: no line, or the line is
 * too long; BW_ERR_IO.
 */
enum bw_err
password_read(struct secret *, const char *prompt, struct bw_error *) BW_CHECK;
/* Reads it twice on a terminal; BW_ERR_USAGE if the two differ. */
enum bw_err password_read_new(struct secret *, struct bw_error *) BW_CHECK;
struct bw_str password_str(const struct secret *);
void password_wipe(struct secret *);

#endif
