#ifndef BWI_BASE_PRINTED_H
#define BWI_BASE_PRINTED_H

#include <stddef.h>

/*
 * Bytes that snprintf() left in a buffer of so many, the NUL not counted: what
 * it returns is the length that the whole text would have had.
 */
static inline size_t
bwi_printed(int returned, size_t size)
{
	if (returned < 0)
		return 0;
	return (size_t)returned < size ? (size_t)returned : size - 1;
}

#endif
