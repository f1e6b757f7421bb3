/* The last lines that a program wrote on its standard error. */
#include "os/process_said.h"

#include <string.h>

#include "base/utf8.h"

void
bwi_process_said_add(struct bw_process_said *s, const char *p, size_t n)
{
	size_t old;

	if (n > sizeof(s->text)) {
		s->cut = true;
		p += n - sizeof(s->text);
		n = sizeof(s->text);
	}
	old = sizeof(s->text) - n;
	if (s->n > old) {
		s->cut = true;
		memmove(s->text, s->text + s->n - old, old);
		s->n = old;
	}
	memcpy(s->text + s->n, p, n);
	s->n += n;
}

static void
drop_first_line(struct bw_process_said *s)
{
	const char *end = memchr(s->text, '\n', s->n);
	size_t n;

	if (end == NULL)
		return;
	n = (size_t)(end + 1 - s->text);
	memmove(s->text, s->text + n, s->n - n);
	s->n -= n;
}

static bool
is_shown(uint32_t c)
{
	return c == '\n' || (c >= 0x20 && c < 0x7f) || c >= 0xa0;
}

void
bwi_process_said_finish(struct bw_process_said *s)
{
	size_t i = 0;

	while (s->n > 0 && strchr("\r\n \t", s->text[s->n - 1]) != NULL &&
	       s->text[s->n - 1] != '\0')
		s->n--;
	if (s->cut)
		drop_first_line(s);
	while (i < s->n) {
		uint32_t c = 0;
		size_t n = bwi_utf8_next(s->text + i, s->n - i, &c);

		if (n == 0 || !is_shown(c)) {
			n = n > 0 ? n : 1;
			memset(s->text + i, c == '\t' ? ' ' : '?', n);
		}
		i += n;
	}
}
