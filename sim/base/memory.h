#ifndef SIM_BASE_MEMORY_H
#define SIM_BASE_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

#include <bwcallback/str.h>

/*
 * Memory of the simulator. Unlike the library, a simulation that runs out of
 * memory has nothing to save: the program prints a message and exits with
 * EX_OSERR.
 */
_Noreturn void sim_no_memory(void);
void *sim_alloc(size_t size); /* zeroed */
/*
 * Resize an array to n elements of size bytes; elements from old on are zeroed.
 */
void *sim_resize(void *, size_t old, size_t n, size_t size);
char *sim_copy(const char *); /* NULL gives NULL */
char *sim_copy_str(struct bw_str);
char *sim_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *
sim_format_list(const char *fmt, va_list) __attribute__((format(printf, 1, 0)));

#endif
