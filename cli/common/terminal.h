#ifndef BWC_COMMON_TERMINAL_H
#define BWC_COMMON_TERMINAL_H

#include <stdio.h>

#include <bwcallback/export.h>
#include <bwcallback/str.h>

/*
 * Output of text from outside: names of files, arguments, events. See
 * <bwcallback/tools/printable.h>.
 */

/* Within a line. */
void terminal_text(FILE *, struct bw_str);
/* Several lines. */
void terminal_lines(FILE *, struct bw_str);
/* A line "bwcallback: ..." on standard error. */
void terminal_complain(const char *format, ...) BW_PRINTF(1, 2);

#endif
