#ifndef BWC_COMMON_SHELL_WORD_H
#define BWC_COMMON_SHELL_WORD_H

#include <bwcallback/buf.h>

/*
 * Append a word for a shell, in quotes where it needs them.
 * What is not printable is escaped.
 */
void shell_word(struct bw_buf *, const char *);

#endif
