#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stddef.h>

#include <bwcallback/str.h>

/*
 * For test programs that print TAP. Each check is one point; a failure prints
 * file, line, got and want. End main with "return tap_done();".
 */

#define ok(cond, ...) tap_ok((cond), __FILE__, __LINE__, __VA_ARGS__)
#define is_int(got, want, ...) \
	tap_is_int((got), (want), __FILE__, __LINE__, __VA_ARGS__)
#define is_str(got, want, ...) \
	tap_is_str((got), (want), __FILE__, __LINE__, __VA_ARGS__)
/* got is a struct bw_str; want a terminated string, NULL for absent */
#define is_text(got, want, ...) \
	tap_is_text((got), (want), __FILE__, __LINE__, __VA_ARGS__)

bool tap_ok(bool cond, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
bool tap_is_int(long long got, long long want, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
bool tap_is_str(const char *got, const char *want, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
bool tap_is_text(struct bw_str got, const char *want, const char *file,
    int line, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void tap_diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Skip the whole program. Returns the exit code. */
int tap_skip_all(const char *why);
/* Print the plan; returns 0 if every point passed. */
int tap_done(void);

/*
 * Pause between two checks of another thread or process, and return true; false
 * after two minutes, so that a test does not hang. turn begins at 0:
 *   for (unsigned turn = 0; !is_there() && tap_poll(&turn);)
 */
bool tap_poll(unsigned *turn);

/* The folder of test data: tests/data, or BW_TEST_DATA. */
const char *tap_data_dir(void);
/* A whole file in memory (malloc), terminated; NULL if unreadable. */
char *tap_read_file(const char *path, size_t *n);

/*
 * Make the nth allocation of the library from now fail (0: none), and count
 * allocations. Installs the hook at first use.
 */
void tap_fail_alloc(unsigned long nth);
unsigned long tap_alloc_count(void);

#endif
