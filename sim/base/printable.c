/* Escapes untrusted text. */
#include "sim/base/printable.h"

#include <bwcallback/tools/printable.h>

#define BROKEN 0xfffd

void
sim_printable(FILE *f, struct bw_str s)
{
	for (size_t i = 0, n; i < s.n; i += n) {
		struct bw_str rest = {s.p + i, s.n - i};
		uint32_t c;
		bool plain;

		n = bw_printable_next(rest, &c, &plain);
		if (plain)
			fwrite(rest.p, 1, n, f);
		else if (c == '\n' || c == '\t' || c == '\r')
			putc(' ', f);
		else if (n == 1 && c >= 0x80)
			fprintf(f, "\\x%02x", (unsigned)c);
		else
			fprintf(f, "\\u{%x}", (unsigned)c);
	}
}

void
sim_printable_text(FILE *f, const char *s)
{
	if (s != NULL)
		sim_printable(f, (struct bw_str){s, strlen(s)});
}

static void
put_json(FILE *f, uint32_t c)
{
	if (c == '"' || c == '\\') {
		putc('\\', f);
		putc((int)c, f);
	} else if (c >= 0x20 && c < 0x7f) {
		putc((int)c, f);
	} else if (c < 0x10000) {
		fprintf(f, "\\u%04x", (unsigned)c);
	} else {
		c -= 0x10000;
		fprintf(f, "\\u%04x\\u%04x", 0xd800 + (unsigned)(c >> 10),
		    0xdc00 + (unsigned)(c & 0x3ff));
	}
}

void
sim_printable_json(FILE *f, struct bw_str s)
{
	if (s.p == NULL) {
		fputs("null", f);
		return;
	}
	putc('"', f);
	for (size_t i = 0, n; i < s.n; i += n) {
		struct bw_str rest = {s.p + i, s.n - i};
		uint32_t c;
		bool plain;

		n = bw_printable_next(rest, &c, &plain);
		put_json(f, n == 1 && c >= 0x80 ? BROKEN : c);
	}
	putc('"', f);
}

void
sim_printable_json_text(FILE *f, const char *s)
{
	sim_printable_json(f, (struct bw_str){s, s != NULL ? strlen(s) : 0});
}
