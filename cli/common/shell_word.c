/* Words of commands that a person copies into a shell. */
#include "cli/common/shell_word.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <bwcallback/tools/printable.h>

static bool
is_printable(struct bw_str s)
{
	while (s.n > 0) {
		uint32_t c;
		bool plain;
		size_t n = bw_printable_next(s, &c, &plain);

		if (!plain)
			return false;
		s = (struct bw_str){s.p + n, s.n - n};
	}
	return true;
}

/*
 * $'...' is the only form that has escapes for bytes, in bash, ksh, zsh and
 * POSIX of 2024. Three octal digits end by themselves, hex digits do not.
 */
static void
put_escaped(struct bw_buf *b, const char *s)
{
	bw_buf_puts(b, "$'");
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x20 || c >= 0x7f || c == '\'' || c == '\\')
			bw_buf_printf(b, "\\%03o", c);
		else
			bw_buf_putc(b, *s);
	}
	bw_buf_puts(b, "'");
}

void
shell_word(struct bw_buf *b, const char *s)
{
	bool plain = *s != '\0' && s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
					       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					       "0123456789/:._-+=,@%")] == '\0';

	if (!is_printable((struct bw_str){s, strlen(s)})) {
		put_escaped(b, s);
		return;
	}
	bw_buf_puts(b, plain ? "" : "'");
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			bw_buf_puts(b, "'\\''");
		else
			bw_buf_putc(b, *s);
	}
	bw_buf_puts(b, plain ? "" : "'");
}
