#ifndef BWC_COMMON_TEXT_DIFF_H
#define BWC_COMMON_TEXT_DIFF_H

#include <stdio.h>

#include <bwcallback/str.h>

/*
 * Print how two XML documents differ, one line for each tag with the text after
 * it. Lines start with "-" if only the first document has them, "+" if only the
 * second has them, and a space for the lines around a difference.
 */
void text_diff_print(
    FILE *, const char *indent, struct bw_str before, struct bw_str after);

#endif
