/* The check of answers: parsed by libxml2, checked by the tables. */
#include <bwcallback/bxml.h>
#include <bwcallback/limits.h>

#include <stdlib.h>

#include "fuzz.h"

static void
on_finding(void *arg, const struct bw_finding *f)
{
	int *n = arg;

	if (f->text == NULL || f->text[0] == '\0' || f->line < 0)
		abort();
	*n += f->severity == BW_SEVERITY_ERROR;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bw_str document = {(const char *)p, n};
	struct bw_error error = {0}, quiet = {0};
	int errors = 0;
	struct bw_reporter to = {on_finding, &errors};
	enum bw_err err = bw_bxml_check("fuzz", document, NULL, &to, &error);

	fuzz_check_error(err, &error);
	if ((err == BW_OK) != (errors == 0))
		abort();
	if (err == BW_OK && n > BW_MAX_BXML_TAKEN)
		abort();
	/* Without a reporter the result and the message are the same. */
	if (bw_bxml_check("fuzz", document, NULL, NULL, &quiet) != err ||
	    memcmp(&error, &quiet, sizeof(error)) != 0)
		abort();
	return 0;
}
