#ifndef SIM_BASE_PRINTABLE_H
#define SIM_BASE_PRINTABLE_H

#include <stdio.h>

#include <bwcallback/str.h>

/*
 * Text from outside, where a person or a program reads it: nothing in it can
 * move a cursor, turn the reading direction or end a line.
 */

/*
 * For a terminal: white space as blanks, control and bidi characters and
 * what has no form of its own as \u{202e}, bytes that are no UTF-8 as \xff.
 */
void sim_printable(FILE *, struct bw_str);
/* The same for a terminated string; NULL prints nothing. */
void sim_printable_text(FILE *, const char *);
/* A JSON string, quotes and all, in ASCII; "null" for an absent one. */
void sim_printable_json(FILE *, struct bw_str);
void sim_printable_json_text(FILE *, const char *);

#endif
