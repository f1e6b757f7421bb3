#include <bwcallback/error.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "base/mask_password.h"
#include "base/printable.h"

struct row {
	const char *name;
	const char *text;
	int status;
	int exit;
};

static const struct row rows[] = {
#define X(name, status, exit, text) {#name, text, status, exit},
#include "base/errors.def"
#undef X
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))
_Static_assert(NROWS == BW_ERR__MAX, "errors.def and enum bw_err differ");

static const struct row unknown = {"UNKNOWN", "unknown error", 500, 70};

static const struct row *
find_row(enum bw_err code)
{
	return (size_t)code < NROWS ? &rows[code] : &unknown;
}

const char *
bw_strerror(enum bw_err code)
{
	return find_row(code)->text;
}

const char *
bw_err_name(enum bw_err code)
{
	return find_row(code)->name;
}

int
bw_err_status(enum bw_err code)
{
	return find_row(code)->status;
}

int
bw_err_exit(enum bw_err code)
{
	return find_row(code)->exit;
}

enum bw_err
bw_error_set(
    struct bw_error *e, enum bw_err code, int sys, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL || e->code != BW_OK)
		return code;
	e->code = code;
	e->sys = sys;
	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	bwi_mask_message(e->msg);
	bwi_printable_message(e->msg);
	return code;
}
