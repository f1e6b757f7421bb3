#ifndef BWCALLBACK_BXML_H
#define BWCALLBACK_BXML_H

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/finding.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Options of bw_bxml_check. All zero: strict, for an unknown event. */
struct bw_bxml_options {
	/*
	 * The event that the document answers: "gather". It determines which
	 * verbs are allowed. p NULL: unknown, all verbs are. With an event
	 * that is not answered with BXML there is a warning.
	 */
	struct bw_str answering;
	/*
	 * Unknown attributes and values of an undocumented form are warnings
	 * instead of errors: for documents with placeholder values, as in
	 * tests. How Bandwidth handles them is not documented.
	 */
	bool lenient;
};

/*
 * Check whether Bandwidth accepts a BXML document: well-formed UTF-8 of at most
 * BW_MAX_BXML_TAKEN bytes without DOCTYPE, namespaces and processing
 * instructions; names, nesting, values and number of elements as documented for
 * Programmable Voice (bxml(7) lists all of them). Each error is reported with
 * line, column and what to write instead; what is valid but most likely a
 * mistake is a warning.
 *
 * file is the name of the document in findings. The options may be NULL. A
 * reporter without a function makes the check stop at the first error.
 * BW_ERR_BXML: at least one error. BW_ERR_NOMEM.
 */
BW_EXPORT enum bw_err bw_bxml_check(const char *file, struct bw_str document,
    const struct bw_bxml_options *, const struct bw_reporter *,
    struct bw_error *) BW_CHECK;

/* Whether an event may be answered with BXML. */
BW_EXPORT bool bw_bxml_answers(struct bw_str event);

/*
 * The documented default of an attribute: "5" for firstDigitTimeout of Gather.
 * NULL when there is no such element or attribute, or no documented default.
 * Static memory.
 */
BW_EXPORT const char *
bw_bxml_default(const char *element, const char *attribute);

/* Append the RELAX NG schema of BXML in XML syntax. */
BW_EXPORT void bw_bxml_schema(struct bw_buf *);

#ifdef __cplusplus
}
#endif

#endif
