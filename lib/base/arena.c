#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>

#include "base/alloc.h"

struct bwi_arena_block {
	struct bwi_arena_block *next;
	size_t size;
	alignas(max_align_t) char data[];
};

void
bwi_arena_init(struct bwi_arena *a)
{
	*a = (struct bwi_arena){0};
}

static void
free_blocks(struct bwi_arena_block *b)
{
	while (b != NULL) {
		struct bwi_arena_block *next = b->next;

		bwi_free(b);
		b = next;
	}
}

void
bwi_arena_reset(struct bwi_arena *a)
{
	size_t retained = 0;

	for (struct bwi_arena_block *b = a->first; b != NULL; b = b->next) {
		retained += b->size;
		if (b->next != NULL &&
		    retained + b->next->size > BWI_ARENA_RETAIN_MAX) {
			free_blocks(b->next);
			b->next = NULL;
		}
	}
	if (retained >
	    BWI_ARENA_RETAIN_MAX) { /* the first block alone is too large */
		bwi_arena_free(a);
		return;
	}
	a->block = a->first;
	a->used = 0;
}

void
bwi_arena_free(struct bwi_arena *a)
{
	free_blocks(a->first);
	bwi_arena_init(a);
}

static bool
next_block(struct bwi_arena *a, size_t n)
{
	struct bwi_arena_block *b =
	    a->block != NULL ? a->block->next : a->first;
	size_t least = a->first == NULL ? BWI_ARENA_FIRST : BWI_ARENA_BLOCK;
	size_t size = n > least ? n : least;

	if (b == NULL || b->size < n) {
		if (size > SIZE_MAX - sizeof(*b))
			return false;
		b = bwi_alloc(sizeof(*b) + size);
		if (b == NULL)
			return false;
		b->size = size;
		if (a->block == NULL) {
			b->next = a->first;
			a->first = b;
		} else {
			b->next = a->block->next;
			a->block->next = b;
		}
	}
	a->block = b;
	a->used = 0;
	return true;
}

void *
bwi_arena_alloc(struct bwi_arena *a, size_t n)
{
	const size_t mask = alignof(max_align_t) - 1;
	void *p;

	if (n > SIZE_MAX - mask)
		return NULL;
	n = (n + mask) & ~mask;
	if (a->block == NULL || n > a->block->size - a->used) {
		if (!next_block(a, n))
			return NULL;
	}
	p = a->block->data + a->used;
	a->used += n;
	return p;
}

struct bw_str
bwi_arena_copy(struct bwi_arena *a, struct bw_str s)
{
	char *p = s.n < SIZE_MAX ? bwi_arena_alloc(a, s.n + 1) : NULL;

	if (p == NULL)
		return (struct bw_str){NULL, 0};
	if (s.n != 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct bw_str){p, s.n};
}
