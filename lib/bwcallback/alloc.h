#ifndef BWCALLBACK_ALLOC_H
#define BWCALLBACK_ALLOC_H

#include <stddef.h>

#include <bwcallback/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * All of the library's memory comes through these. The hook is for tests that
 * make the nth allocation fail; set it before anything is allocated and from
 * one thread. NULL restores the C library's functions.
 */
struct bw_allocator {
	void *(*realloc)(void *arg, void *p, size_t n);
	void (*free)(void *arg, void *p);
	void *arg;
};

BW_EXPORT void bw_allocator_set(const struct bw_allocator *);

#ifdef __cplusplus
}
#endif

#endif
