#include <bwcallback/finding.h>

void
bw_finding_write(const struct bw_finding *f, struct bw_buf *out)
{
	bw_buf_puts(out, f->file);
	if (f->line > 0) {
		bw_buf_putc(out, ':');
		bw_buf_int(out, f->line);
	}
	if (f->line > 0 && f->column > 0) {
		bw_buf_putc(out, ':');
		bw_buf_int(out, f->column);
	}
	bw_buf_puts(out, ": ");
	bw_buf_puts(out, bw_severity_name(f->severity));
	bw_buf_puts(out, ": ");
	bw_buf_puts(out, f->text);
}

const char *
bw_severity_name(enum bw_severity severity)
{
	return severity == BW_SEVERITY_ERROR ? "error" : "warning";
}
