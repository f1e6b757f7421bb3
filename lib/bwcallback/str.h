#ifndef BWCALLBACK_STR_H
#define BWCALLBACK_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Text: a pointer and a length in bytes, without a terminating NUL. It does
 * not own the memory it points to. An absent string has p == NULL; an empty
 * one has n == 0 and p != NULL. The difference matters: a GET callback with
 * "digits=" is not the same as one without digits.
 */
struct bw_str {
	const char *p;
	size_t n;
};

/* A string literal as a struct bw_str. */
#ifdef __cplusplus
#define BW_STR(literal) (bw_str{(literal), sizeof(literal) - 1})
#else
#define BW_STR(literal) ((struct bw_str){(literal), sizeof(literal) - 1})
#endif

/* The same bytes. An absent string equals an empty one. */
static inline bool
bw_str_eq(struct bw_str a, struct bw_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* The same bytes as a terminated string. */
static inline bool
bw_str_is(struct bw_str a, const char *b)
{
	size_t n = strlen(b);

	return a.n == n && (n == 0 || memcmp(a.p, b, n) == 0);
}

#ifdef __cplusplus
}
#endif

#endif
