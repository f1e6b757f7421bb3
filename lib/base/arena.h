#ifndef BWI_BASE_ARENA_H
#define BWI_BASE_ARENA_H

#include <stddef.h>

#include <bwcallback/export.h>
#include <bwcallback/str.h>

/*
 * Memory of one request: allocated upwards, given back all at once. After the
 * first requests a worker's arena has what it needs, and a request allocates
 * nothing. Blocks beyond BWI_ARENA_KEEP go back at reset, so that one large
 * body does not stay in memory for ever.
 */
#define BWI_ARENA_BLOCK 8192
#define BWI_ARENA_KEEP	(64 * 1024)

struct bwi_arena_block;

struct bwi_arena {
	struct bwi_arena_block *first; /* all blocks, oldest first */
	struct bwi_arena_block *block; /* where we allocate now */
	size_t used;		       /* of that block */
};

void bwi_arena_init(struct bwi_arena *);
void bwi_arena_reset(struct bwi_arena *);
void bwi_arena_free(struct bwi_arena *);

/* n bytes aligned for any type, or NULL. */
void *bwi_arena_alloc(struct bwi_arena *, size_t n) BW_CHECK;
/* A copy with a terminating NUL (not counted in n); p == NULL on failure. */
struct bw_str bwi_arena_copy(struct bwi_arena *, struct bw_str) BW_CHECK;

#endif
