#include "base/json_quote.h"

#include "base/utf8.h"

static void
put_character(struct bw_buf *b, unsigned char c)
{
	if (c == '"' || c == '\\') {
		bw_buf_putc(b, '\\');
		bw_buf_putc(b, (char)c);
	} else if (c < 0x20) {
		bw_buf_printf(b, "\\u%04x", c);
	} else {
		bw_buf_putc(b, (char)c);
	}
}

void
bwi_json_quote(struct bw_buf *b, struct bw_str s)
{
	size_t i = 0;

	while (i < s.n) {
		uint32_t cp = 0;
		size_t len = bwi_utf8_next(s.p + i, s.n - i, &cp);

		if (len == 0)
			bw_buf_puts(b, "\xef\xbf\xbd");
		else if (len == 1)
			put_character(b, (unsigned char)s.p[i]);
		else
			bw_buf_add(b, s.p + i, len);
		i += len != 0 ? len : 1;
	}
}
