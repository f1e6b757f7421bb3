#ifndef BWCALLBACK_ALLOC_H
#define BWCALLBACK_ALLOC_H

#include <stddef.h>

#include <bwcallback/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The functions through which the library allocates all of its own memory.
 * (libxml2, json-c and SQLite allocate theirs with the C library.) realloc
 * behaves like the C library's: p NULL allocates n bytes, NULL means out of
 * memory. free is called with what realloc returned, or NULL.
 */
struct bw_allocator {
	void *(*realloc)(void *arg, void *p, size_t n);
	void (*free)(void *arg, void *p);
	void *arg; /* first argument of both */
};

/*
 * Replace the allocator; NULL restores the C library's. Intended for tests
 * that make the nth allocation fail. The structure is copied. Call it before
 * any other function of the library and while there is one thread.
 */
BW_EXPORT void bw_allocator_set(const struct bw_allocator *);

#ifdef __cplusplus
}
#endif

#endif
