#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *
libc_realloc(void *arg, void *p, size_t n)
{
	(void)arg;
	return realloc(p, n);
}

static void
libc_free(void *arg, void *p)
{
	(void)arg;
	free(p);
}

static const struct bw_allocator libc_allocator = {
    .realloc = libc_realloc,
    .free = libc_free,
};

static struct bw_allocator current = {
    .realloc = libc_realloc,
    .free = libc_free,
};

void
bw_allocator_set(const struct bw_allocator *a)
{
	current = a != NULL ? *a : libc_allocator;
}

void *
bwi_alloc(size_t n)
{
	return current.realloc(current.arg, NULL, n != 0 ? n : 1);
}

void *
bwi_calloc(size_t count, size_t size)
{
	void *p;

	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	p = bwi_alloc(count * size);
	if (p != NULL)
		memset(p, 0, count * size);
	return p;
}

void *
bwi_realloc(void *p, size_t n)
{
	return current.realloc(current.arg, p, n != 0 ? n : 1);
}

void
bwi_free(void *p)
{
	if (p != NULL)
		current.free(current.arg, p);
}

char *
bwi_strndup(const char *p, size_t n)
{
	char *s = bwi_alloc(n + 1);

	if (s == NULL)
		return NULL;
	if (n != 0)
		memcpy(s, p, n);
	s[n] = '\0';
	return s;
}

void *
bwi_grow(void *array, size_t count, size_t *cap, size_t size)
{
	size_t want;
	void *p;

	if (count < *cap)
		return array;
	want = *cap != 0 ? *cap * 2 : 8;
	if (want > SIZE_MAX / size)
		return NULL;
	p = bwi_realloc(array, want * size);
	if (p != NULL)
		*cap = want;
	return p;
}
