#include "report.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static void
set_error(const struct bwi_report *r, int line, int column, const char *text)
{
	if (line == 0)
		bw_error_set(r->error, r->code, 0, "%s: %s", r->file, text);
	else if (column == 0)
		bw_error_set(
		    r->error, r->code, 0, "%s:%d: %s", r->file, line, text);
	else
		bw_error_set(r->error, r->code, 0, "%s:%d:%d: %s", r->file,
		    line, column, text);
}

static void
tell(const struct bwi_report *r, int line, int column, const char *text)
{
	struct bw_finding finding = {
	    .severity = BW_SEVERITY_ERROR,
	    .file = r->file,
	    .line = line,
	    .column = column,
	    .text = text,
	};

	if (r->to != NULL && r->to->fn != NULL)
		r->to->fn(r->to->arg, &finding);
}

void
bwi_report_error(
    struct bwi_report *r, int line, int column, const char *fmt, ...)
{
	char text[BW_ERROR_MSG_SIZE];
	va_list ap;

	if (r->done)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	set_error(r, line, column, text);
	tell(r, line, column, text);
	r->errors++;
	if (r->to == NULL || r->to->fn == NULL) {
		r->done = true;
	} else if (r->errors == BWI_REPORT_MAX) {
		tell(r, line, 0, "too many errors, the rest is not shown");
		r->done = true;
	}
}
