#ifndef BWI_PAGE_PLAY_LINE_H
#define BWI_PAGE_PLAY_LINE_H

#include "event/payload_tree.h"

/* The lines that a telephone wrote, one after another. */
struct bwi_play_lines {
	struct bw_str rest;
	struct bwi_tree tree; /* of the line that was read last */
};

void bwi_play_lines_init(struct bwi_play_lines *, struct bw_str);
void bwi_play_lines_free(struct bwi_play_lines *);
/* Go to the next line; false: that was the last. */
bool bwi_play_lines_next(struct bwi_play_lines *) BW_CHECK;
/* A member of the line, with dots between names; p NULL: absent. */
struct bw_str bwi_play_member(const struct bwi_play_lines *, const char *name);
bool
bwi_play_is(const struct bwi_play_lines *, const char *name, const char *value);

#endif
