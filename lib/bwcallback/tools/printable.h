#ifndef BWCALLBACK_TOOLS_PRINTABLE_H
#define BWCALLBACK_TOOLS_PRINTABLE_H

/* An interface for the programs of this package: any release may change it. */

#include <stdbool.h>
#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Output of untrusted text to a terminal: nothing in it can move the cursor,
 * change the direction of text, hide text or end a line. The table of these
 * characters is here only.
 */

/*
 * The next character of a text that is not empty; returns its length. Not
 * UTF-8: one byte, *c is that byte, and *plain is false. plain: it may be
 * printed as it is.
 */
BW_EXPORT size_t bw_printable_next(struct bw_str, uint32_t *c, bool *plain);
/*
 * Append text for a line. White space becomes a blank; control, bidirectional
 * and invisible characters become \u{202e}; bytes that are not UTF-8 become
 * \xff.
 */
BW_EXPORT void bw_printable_add(struct bw_buf *, struct bw_str);
/* Append text of several lines: the same, but line feeds and tabs remain. */
BW_EXPORT void bw_printable_lines(struct bw_buf *, struct bw_str);
/*
 * Append a JSON document in UTF-8, with these characters as \u202e, which means
 * the same.
 */
BW_EXPORT void bw_printable_json(struct bw_buf *, struct bw_str);

#ifdef __cplusplus
}
#endif

#endif
