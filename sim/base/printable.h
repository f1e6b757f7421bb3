#ifndef SIM_BASE_PRINTABLE_H
#define SIM_BASE_PRINTABLE_H

#include <stdio.h>

#include <bwcallback/str.h>

/*
 * Output of untrusted text. Nothing in it can move the cursor, change the text
 * direction or end a line.
 */

/*
 * For a terminal. White space becomes a blank; control, bidirectional and
 * invisible characters become \u{202e}; bytes that are not UTF-8 become \xff.
 */
void sim_printable(FILE *, struct bw_str);
/* The same for a terminated string; NULL prints nothing. */
void sim_printable_text(FILE *, const char *);
/* A JSON string with its quotes, in ASCII; "null" if s.p is NULL. */
void sim_printable_json(FILE *, struct bw_str);
void sim_printable_json_text(FILE *, const char *);

#endif
