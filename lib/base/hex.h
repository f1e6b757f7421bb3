#ifndef BWI_BASE_HEX_H
#define BWI_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

/* The value of a hexadecimal digit in either case, or -1. */
static inline int
bwi_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Writes two lower-case digits for each of n bytes, and no terminator. */
static inline void
bwi_hex_encode(const uint8_t *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
}

#endif
