/* Outlines of templates: placeholders replaced by one byte. */
#include "base/str.h"

/* The length of the placeholder at the front; a backslash quotes a brace. */
static size_t
placeholder_length(struct bw_str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '}')
		n += s.p[n] == '\\' ? 2 : 1;
	return n < s.n ? n + 1 : s.n;
}

void
bwi_str_outline(struct bw_str s, struct bw_buf *out)
{
	for (size_t i = 0; i < s.n;) {
		char c = s.p[i];

		if ((c == '{' || c == '}') && i + 1 < s.n && s.p[i + 1] == c) {
			bw_buf_putc(out, c);
			i += 2;
		} else if (c == '{') {
			bw_buf_putc(out, BWI_OUTLINE_VALUE);
			i += placeholder_length(
			    (struct bw_str){s.p + i, s.n - i});
		} else {
			bw_buf_putc(out, c);
			i++;
		}
	}
}
