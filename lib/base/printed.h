#ifndef BWI_BASE_PRINTED_H
#define BWI_BASE_PRINTED_H

#include <stddef.h>

/*
 * Number of bytes, without the NUL, that snprintf() wrote to a buffer of size
 * bytes. snprintf() itself returns the length of the whole text, which may be
 * more.
 */
static inline size_t
bwi_printed(int returned, size_t size)
{
	if (returned < 0)
		return 0;
	return (size_t)returned < size ? (size_t)returned : size - 1;
}

#endif
