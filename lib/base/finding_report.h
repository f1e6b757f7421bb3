#ifndef BWI_BASE_FINDING_REPORT_H
#define BWI_BASE_FINDING_REPORT_H

#include <stdbool.h>

#include <bwcallback/error.h>
#include <bwcallback/finding.h>

/*
 * Errors reported for one document. A document with more is probably not BXML
 * at all.
 */
#define BWI_REPORT_MAX 100

/*
 * Collects the findings about one document: passes each to the reporter, and
 * the first error to the caller's bw_error.
 */
struct bwi_finding_report {
	const char *file; /* name of the document, for messages */
	const struct bw_reporter *to;
	struct bw_error *error; /* gets the first error, may be NULL */
	enum bw_err code;	/* code of an error in this document */
	unsigned errors;
	unsigned warnings;
	bool done; /* further findings are dropped */
};

/* line and column as in struct bw_finding. */
void bwi_finding_report_error(struct bwi_finding_report *, int line, int column,
    const char *fmt, ...) BW_PRINTF(4, 5);
void bwi_finding_report_warning(struct bwi_finding_report *, int line,
    int column, const char *fmt, ...) BW_PRINTF(4, 5);

#endif
