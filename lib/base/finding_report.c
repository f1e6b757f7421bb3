#include "base/finding_report.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "base/mask_password.h"
#include "base/printable.h"

static void
set_error(
    const struct bwi_finding_report *r, int line, int column, const char *text)
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
report(const struct bwi_finding_report *r, enum bw_severity severity, int line,
    int column, const char *text)
{
	struct bw_finding finding = {
	    .severity = severity,
	    .file = r->file,
	    .line = line,
	    .column = column,
	    .text = text,
	};

	if (r->to != NULL && r->to->fn != NULL)
		r->to->fn(r->to->arg, &finding);
}

static bool
has_reporter(const struct bwi_finding_report *r)
{
	return r->to != NULL && r->to->fn != NULL;
}

void
bwi_finding_report_error(
    struct bwi_finding_report *r, int line, int column, const char *fmt, ...)
{
	char text[BW_ERROR_MSG_SIZE];
	va_list ap;

	if (r->done)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	bwi_mask_message(text);
	bwi_printable_message(text);
	set_error(r, line, column, text);
	r->errors++;
	if (!has_reporter(r)) {
		r->done = true;
		return;
	}
	report(r, BW_SEVERITY_ERROR, line, column, text);
	if (r->errors == BWI_REPORT_MAX) {
		report(r, BW_SEVERITY_ERROR, line, 0,
		    "too many errors: the rest is not shown");
		r->done = true;
	}
}

/* Warnings are counted apart, so that many warnings cannot hide an error. */
void
bwi_finding_report_warning(
    struct bwi_finding_report *r, int line, int column, const char *fmt, ...)
{
	char text[BW_ERROR_MSG_SIZE];
	va_list ap;

	if (r->done || !has_reporter(r) || r->warnings == BWI_REPORT_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	bwi_mask_message(text);
	bwi_printable_message(text);
	report(r, BW_SEVERITY_WARNING, line, column, text);
	if (++r->warnings == BWI_REPORT_MAX)
		report(r, BW_SEVERITY_WARNING, line, 0,
		    "too many warnings: the rest is not shown");
}
