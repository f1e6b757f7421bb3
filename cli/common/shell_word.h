#ifndef BWC_COMMON_SHELL_WORD_H
#define BWC_COMMON_SHELL_WORD_H

#include <bwcallback/buf.h>

/*
 * Append a word for a shell, in quotes where it needs them. The shell gets the
 * same bytes, also of a name with characters that could control a terminal.
 */
void shell_word(struct bw_buf *, const char *);

#endif
