#ifndef BWC_COMMON_TERMINAL_H
#define BWC_COMMON_TERMINAL_H

#include <stdarg.h>
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
/*
 * A line "bwcallback: ..." on standard error; with something before it, such as
 * the time. Lines of several threads do not mix.
 */
void terminal_complain(const char *format, ...) BW_PRINTF(1, 2);
void
terminal_log(const char *before, const char *format, va_list) BW_PRINTF(2, 0);

#endif
