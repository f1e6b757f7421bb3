#include "cli/common/terminal.h"

#include <bwcallback/error.h>
#include <bwcallback/tools/printable.h>

/* In pieces, so that no memory is needed for a long text. */
static void
print(FILE *f, struct bw_str s, void (*add)(struct bw_buf *, struct bw_str))
{
	struct bw_buf b;

	bw_buf_init(&b, 64);
	for (size_t i = 0, n; i < s.n; i += n) {
		struct bw_str rest = {s.p + i, s.n - i};
		uint32_t c;
		bool plain;

		n = bw_printable_next(rest, &c, &plain);
		if (plain) {
			fwrite(rest.p, 1, n, f);
			continue;
		}
		bw_buf_reset(&b);
		add(&b, (struct bw_str){rest.p, n});
		fwrite(b.p != NULL ? b.p : "", 1, b.n, f);
	}
	bw_buf_free(&b);
}

void
terminal_text(FILE *f, struct bw_str s)
{
	print(f, s, bw_printable_add);
}

void
terminal_lines(FILE *f, struct bw_str s)
{
	print(f, s, bw_printable_lines);
}

void
terminal_log(const char *before, const char *format, va_list ap)
{
	char text[BW_ERROR_MSG_SIZE];

	(void)vsnprintf(text, sizeof(text), format, ap);
	flockfile(stderr);
	fprintf(stderr, "%sbwcallback: ", before);
	terminal_text(stderr, (struct bw_str){text, strlen(text)});
	putc('\n', stderr);
	funlockfile(stderr);
}

void
terminal_complain(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	terminal_log("", format, ap);
	va_end(ap);
}
