#ifndef TEST_SUPPORT_SCRATCH_H
#define TEST_SUPPORT_SCRATCH_H

#include <stddef.h>

/* Create a temporary folder, removed at exit, and enter it. */
void scratch_enter(void);
/* Write or replace a file in it. */
void scratch_write(const char *name, const char *text);
void scratch_write_bytes(const char *name, const char *p, size_t n);
/* The same, executable. */
void scratch_write_program(const char *name, const char *text);

#endif
