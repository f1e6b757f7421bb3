#ifndef BWC_COMMON_TEXT_DIFF_H
#define BWC_COMMON_TEXT_DIFF_H

#include <stdio.h>

#include <bwcallback/str.h>

/*
 * Print how two documents of XML differ: a line for each tag with the text
 * behind it, "-" before what only the first has, "+" before what only the
 * second has, and those around it with a blank.
 */
void text_diff_print(
    FILE *, const char *indent, struct bw_str before, struct bw_str after);

#endif
