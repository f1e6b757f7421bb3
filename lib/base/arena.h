#ifndef BWI_BASE_ARENA_H
#define BWI_BASE_ARENA_H

#include <stddef.h>

#include <bwcallback/export.h>
#include <bwcallback/str.h>

/*
 * Memory of one request: allocated upwards and freed all at once. A worker
 * reuses its arena, so after the first requests a request allocates nothing.
 * Reset frees blocks beyond BWI_ARENA_RETAIN_MAX bytes, so that one large body
 * does not stay in memory. The first block is smaller: most requests need no
 * second one, and many of them may be waiting.
 */
#define BWI_ARENA_FIRST	     2048
#define BWI_ARENA_BLOCK	     8192
#define BWI_ARENA_RETAIN_MAX (64 * 1024)

struct bwi_arena_block;

struct bwi_arena {
	struct bwi_arena_block *first; /* all blocks, oldest first */
	struct bwi_arena_block *block; /* the block that allocation uses now */
	size_t used;		       /* bytes of that block in use */
};

void bwi_arena_init(struct bwi_arena *);
void bwi_arena_reset(struct bwi_arena *);
void bwi_arena_free(struct bwi_arena *);

/* n bytes aligned for any type, or NULL. */
void *bwi_arena_alloc(struct bwi_arena *, size_t n) BW_CHECK;
/* A copy with a terminating NUL (not counted in n); p == NULL on failure. */
struct bw_str bwi_arena_copy(struct bwi_arena *, struct bw_str) BW_CHECK;

#endif
