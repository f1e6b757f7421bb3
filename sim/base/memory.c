/* Allocation that exits when memory runs out. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "sim/base/memory.h"

_Noreturn void
sim_no_memory(void)
{
	(void)fputs("simulate: out of memory\n", stderr);
	exit(EX_OSERR);
}

void *
sim_alloc(size_t size)
{
	void *p = calloc(1, size > 0 ? size : 1);

	if (p == NULL)
		sim_no_memory();
	return p;
}

void *
sim_resize(void *p, size_t old, size_t n, size_t size)
{
	char *q;

	if (size != 0 && n > SIZE_MAX / size)
		sim_no_memory();
	q = realloc(p, n * size > 0 ? n * size : 1);
	if (q == NULL)
		sim_no_memory();
	if (n > old)
		memset(q + old * size, 0, (n - old) * size);
	return q;
}

char *
sim_copy(const char *s)
{
	return s != NULL ? sim_copy_str((struct bw_str){s, strlen(s)}) : NULL;
}

char *
sim_copy_str(struct bw_str s)
{
	char *p = sim_alloc(s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

char *
sim_format_list(const char *fmt, va_list ap)
{
	char *s = NULL;

	if (vasprintf(&s, fmt, ap) < 0)
		sim_no_memory();
	return s;
}

char *
sim_format(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = sim_format_list(fmt, ap);
	va_end(ap);
	return s;
}
