#ifndef BWI_BASE_FINDING_REPORT_H
#define BWI_BASE_FINDING_REPORT_H

#include <stdbool.h>

#include <bwcallback/error.h>
#include <bwcallback/finding.h>

/*
 * Past so many errors in one document it is something else than BXML, and
 * the rest is not worth anybody's time.
 */
#define BWI_REPORT_MAX 100

/* The findings about one document, on their way to whoever asked. */
struct bwi_finding_report {
	const char *file; /* names the document */
	const struct bw_reporter *to;
	struct bw_error *error; /* gets the first error, may be NULL */
	enum bw_err code;	/* what an error of this document is */
	unsigned errors;	/* so far */
	unsigned warnings;
	bool done; /* nobody listens to more */
};

/* line and column as in struct bw_finding. */
void bwi_finding_report_error(struct bwi_finding_report *, int line, int column,
    const char *fmt, ...) BW_PRINTF(4, 5);
void bwi_finding_report_warning(struct bwi_finding_report *, int line,
    int column, const char *fmt, ...) BW_PRINTF(4, 5);

#endif
