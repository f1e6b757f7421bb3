#ifndef TEST_SUPPORT_SCRATCH_H
#define TEST_SUPPORT_SCRATCH_H

#include <stddef.h>

/* A folder of a test's own, gone at exit; the current one, too. */
void scratch_enter(void);
/* Write a file in it, replacing what is there. */
void scratch_write(const char *name, const char *text);
void scratch_write_bytes(const char *name, const char *p, size_t n);
/* The same, executable. */
void scratch_write_program(const char *name, const char *text);

#endif
