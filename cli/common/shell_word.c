/* Words of commands that a person copies into a shell. */
#include "cli/common/shell_word.h"

#include <string.h>

#include "cli/common/event_columns.h"

void
shell_word(struct bw_buf *b, const char *s)
{
	size_t from = b->n;
	bool plain = *s != '\0' && s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
					       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					       "0123456789/:._-+=,@%")] == '\0';

	bw_buf_puts(b, plain ? "" : "'");
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			bw_buf_puts(b, "'\\''");
		else
			bw_buf_putc(b, *s);
	}
	bw_buf_puts(b, plain ? "" : "'");
	events_printable(b, from);
}
