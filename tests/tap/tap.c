#include "tap.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bwcallback/alloc.h>

static int points;
static int failed;

static void print_point(bool good, const char *file, int line, const char *fmt,
    va_list ap) __attribute__((format(printf, 4, 0)));

static void
print_point(bool good, const char *file, int line, const char *fmt, va_list ap)
{
	points++;
	printf("%sok %d - ", good ? "" : "not ", points);
	vprintf(fmt, ap);
	putchar('\n');
	if (!good) {
		failed++;
		printf("#   at %s:%d\n", file, line);
	}
	fflush(stdout);
}

/* Print text in a diagnostic as one line, escaped. */
static void
print_quoted(const char *label, const char *p, size_t n)
{
	printf("#   %s: ", label);
	if (p == NULL) {
		puts("(absent)");
		return;
	}
	putchar('"');
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < 0x20 || c == 0x7f)
			printf("\\x%02x", c);
		else
			putchar(c);
	}
	puts("\"");
}

bool
tap_ok(bool cond, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_point(cond, file, line, fmt, ap);
	va_end(ap);
	return cond;
}

bool
tap_is_int(long long got, long long want, const char *file, int line,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_point(got == want, file, line, fmt, ap);
	va_end(ap);
	if (got != want)
		printf("#   got: %lld\n#   want: %lld\n", got, want);
	return got == want;
}

static bool
same_text(struct bw_str got, struct bw_str want)
{
	if (got.p == NULL || want.p == NULL)
		return got.p == want.p;
	return bw_str_eq(got, want);
}

static bool
check_text(struct bw_str got, const char *want, const char *file, int line,
    const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));

static bool
check_text(struct bw_str got, const char *want, const char *file, int line,
    const char *fmt, va_list ap)
{
	struct bw_str w = {want, want != NULL ? strlen(want) : 0};
	bool good = same_text(got, w);

	print_point(good, file, line, fmt, ap);
	if (!good) {
		print_quoted("got", got.p, got.n);
		print_quoted("want", w.p, w.n);
	}
	return good;
}

bool
tap_is_str(const char *got, const char *want, const char *file, int line,
    const char *fmt, ...)
{
	va_list ap;
	bool good;

	va_start(ap, fmt);
	good = check_text((struct bw_str){got, got != NULL ? strlen(got) : 0},
	    want, file, line, fmt, ap);
	va_end(ap);
	return good;
}

bool
tap_is_text(struct bw_str got, const char *want, const char *file, int line,
    const char *fmt, ...)
{
	va_list ap;
	bool good;

	va_start(ap, fmt);
	good = check_text(got, want, file, line, fmt, ap);
	va_end(ap);
	return good;
}

void
tap_diag(const char *fmt, ...)
{
	va_list ap;

	fputs("# ", stdout);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

#define POLL_MS	   5
#define POLL_TURNS (120 * 1000 / POLL_MS)

bool
tap_poll(unsigned *turn)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};

	if (++*turn > POLL_TURNS)
		return false;
	(void)nanosleep(&pause, NULL);
	return true;
}

int
tap_skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	return 0;
}

int
tap_done(void)
{
	printf("1..%d\n", points);
	return failed != 0;
}

const char *
tap_data_dir(void)
{
	const char *dir = getenv("BW_TEST_DATA");

	return dir != NULL ? dir : "tests/data";
}

char *
tap_read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *p = NULL;
	size_t cap = 0;

	*n = 0;
	if (f == NULL)
		return NULL;
	do {
		char *q;

		cap = cap != 0 ? cap * 2 : 65536;
		q = realloc(p, cap);
		if (q == NULL)
			abort();
		p = q;
		*n += fread(p + *n, 1, cap - *n - 1, f);
	} while (*n == cap - 1);
	fclose(f);
	p[*n] = '\0';
	return p;
}

static atomic_ulong alloc_count;
static atomic_ulong alloc_fail;

static void *
counting_realloc(void *arg, void *p, size_t n)
{
	(void)arg;
	return ++alloc_count == alloc_fail ? NULL : realloc(p, n);
}

static void
counting_free(void *arg, void *p)
{
	(void)arg;
	free(p);
}

void
tap_fail_alloc(unsigned long nth)
{
	static const struct bw_allocator hook = {
	    .realloc = counting_realloc,
	    .free = counting_free,
	};

	static bool is_set;

	if (!is_set)
		bw_allocator_set(&hook);
	is_set = true;
	alloc_count = 0;
	alloc_fail = nth;
}

unsigned long
tap_alloc_count(void)
{
	return alloc_count;
}
