#ifndef BWI_BASE_ALLOC_H
#define BWI_BASE_ALLOC_H

#include <stddef.h>

#include <bwcallback/alloc.h>

/*
 * Like malloc, calloc, realloc and free. bwi_calloc() checks count * size for
 * overflow.
 */
void *bwi_alloc(size_t n) BW_CHECK;
void *bwi_calloc(size_t count, size_t size) BW_CHECK;
void *bwi_realloc(void *p, size_t n) BW_CHECK;
void bwi_free(void *p);
/* A NUL-terminated copy of n bytes, or NULL. */
char *bwi_strndup(const char *p, size_t n) BW_CHECK;

/*
 * Ensure room for one more element in an array of *cap elements, doubling *cap
 * when it is full. Returns the array, which may have moved, or NULL with the
 * old array unchanged.
 */
void *bwi_grow(void *array, size_t count, size_t *cap, size_t size) BW_CHECK;

#endif
