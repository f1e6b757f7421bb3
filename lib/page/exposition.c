#include "page/exposition.h"

#include <stdio.h>

#include "base/utf8.h"

#define SECOND INT64_C(1000000000)

void
bwi_exposition_metric(struct bwi_exposition *x, const char *name,
    enum bwi_metric_type type, const char *help)
{
	static const char *const types[] = {"counter", "gauge", "histogram"};
	const char *total;

	x->name = name;
	x->counter = type == BWI_METRIC_COUNTER;
	total = x->counter && !x->openmetrics ? "_total" : "";
	bw_buf_printf(x->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, total,
	    help, name, total, types[type]);
}

/*
 * Both formats are UTF-8, in which these three characters are escaped. Other
 * bytes, which a name from the command line may have, are shown as "\xff".
 */
static void
put_value(struct bw_buf *b, struct bw_str s)
{
	size_t valid = bwi_utf8_valid(s.p, s.n);

	for (size_t i = 0; i < s.n; i++) {
		if (i > valid)
			valid = i + bwi_utf8_valid(s.p + i, s.n - i);
		if (i == valid)
			bw_buf_printf(b, "\\\\x%02x", (unsigned char)s.p[i]);
		else if (s.p[i] == '\n')
			bw_buf_puts(b, "\\n");
		else if (s.p[i] == '"' || s.p[i] == '\\')
			bw_buf_printf(b, "\\%c", s.p[i]);
		else
			bw_buf_putc(b, s.p[i]);
	}
}

static void
put_series(struct bwi_exposition *x, const char *suffix,
    const struct bwi_label *labels, size_t n)
{
	struct bw_buf *b = x->out;

	bw_buf_puts(b, x->name);
	bw_buf_puts(b, x->counter ? "_total" : suffix);
	for (size_t i = 0; i < n; i++) {
		bw_buf_putc(b, i == 0 ? '{' : ',');
		bw_buf_puts(b, labels[i].name);
		bw_buf_puts(b, "=\"");
		put_value(b, labels[i].value);
		bw_buf_putc(b, '"');
	}
	bw_buf_puts(b, n > 0 ? "} " : " ");
}

void
bwi_exposition_number(struct bwi_exposition *x, const char *suffix,
    const struct bwi_label *labels, size_t n, uint64_t value)
{
	put_series(x, suffix, labels, n);
	bw_buf_printf(x->out, "%llu\n", (unsigned long long)value);
}

void
bwi_exposition_put_seconds(struct bw_buf *b, int64_t ns)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%lld.%09lld",
	    (long long)(ns / SECOND), (long long)(ns % SECOND));

	while (text[n - 1] == '0' && text[n - 2] != '.')
		n--;
	bw_buf_add(b, text, (size_t)n);
}

void
bwi_exposition_seconds(struct bwi_exposition *x, const char *suffix,
    const struct bwi_label *labels, size_t n, int64_t ns)
{
	put_series(x, suffix, labels, n);
	bwi_exposition_put_seconds(x->out, ns);
	bw_buf_putc(x->out, '\n');
}

void
bwi_exposition_end(struct bwi_exposition *x)
{
	if (x->openmetrics)
		bw_buf_puts(x->out, "# EOF\n");
}
