#ifndef BWI_ROW_JSON_MEMBER_H
#define BWI_ROW_JSON_MEMBER_H

#include <stdint.h>

#include <bwcallback/tools/mask.h>

/*
 * Append members to a JSON object whose '{' is in the buffer. An absent text is
 * left out. Text is valid JSON whatever it contains; nothing in it can act on
 * a terminal.
 */
void bwi_json_name(struct bw_buf *, const char *name);
void bwi_json_text(struct bw_buf *, const char *name, enum bw_mask,
    struct bw_str, bool reveal);
void bwi_json_number(struct bw_buf *, const char *name, int64_t);
void bwi_json_flag(struct bw_buf *, const char *name, bool);

/* Append a string that is not masked, with its quotes. */
void bwi_json_string(struct bw_buf *, struct bw_str);
/* The same of the content of a buffer, which is freed. */
void bwi_json_take(struct bw_buf *, struct bw_buf *text);

#endif
