#ifndef BWCALLBACK_BXML_H
#define BWCALLBACK_BXML_H

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/finding.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a document is checked; all zero: by itself, and strictly. */
struct bw_bxml_options {
	/*
	 * The event that it is the answer to, "gather", which decides what it
	 * may hold; p NULL: not known. After an event that is not answered
	 * with BXML any document is accepted, with a warning.
	 */
	struct bw_str answering;
	/*
	 * Attributes that BXML does not have, and values that are not of the
	 * form it documents, are warnings, not errors: for documents with
	 * made-up values, such as those in the tests of a program. What
	 * Bandwidth does about such attributes is not documented.
	 */
	bool lenient;
};

/*
 * Is this a document Bandwidth would accept? Well-formed UTF-8 without
 * DOCTYPE, namespaces and processing instructions, at most
 * BW_MAX_BXML_TAKEN bytes, every name, place, value and number of elements as
 * the documentation of Programmable Voice has it. Findings carry file, line,
 * column and what to write instead; what is valid, but surely not meant, is a
 * warning. BW_ERR_BXML when there is an error among them, BW_ERR_NOMEM.
 * file names the document in findings only. options may be NULL. Without a
 * function in the reporter it stops at the first error, and warnings cost
 * nothing.
 */
BW_EXPORT enum bw_err bw_bxml_check(const char *file, struct bw_str document,
    const struct bw_bxml_options *, const struct bw_reporter *,
    struct bw_error *) BW_CHECK;

/* May that event be answered with BXML? */
BW_EXPORT bool bw_bxml_answers(struct bw_str event);

/*
 * What an attribute stands for when it is absent: "5" for Gather's
 * firstDigitTimeout. NULL when there is no such element or attribute, or
 * nothing is documented.
 */
BW_EXPORT const char *
bw_bxml_default(const char *element, const char *attribute);

/* Append the RELAX NG schema of BXML, XML syntax. */
BW_EXPORT void bw_bxml_schema(struct bw_buf *);

#ifdef __cplusplus
}
#endif

#endif
