#ifndef BWCALLBACK_BUILD_H
#define BWCALLBACK_BUILD_H

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/limits.h>
#include <bwcallback/str.h>
#include <bwcallback/verbs.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Write BXML that Bandwidth accepts. There is one function for each verb and
 * each nested element (<bwcallback/verbs.h>), and a structure with its
 * attributes, under their BXML names. Members that are not set are not written:
 *
 *	struct bw_bxml b;
 *
 *	bw_bxml_begin(&b, out, bw_event_name(event));
 *	bw_bxml_begin_gather(&b, &(struct bw_bxml_gather){
 *		.gatherUrl = BW_STR("/menu"), .maxDigits = 1});
 *	bw_bxml_speak_sentence(&b, BW_STR("Press 1 or 2."), NULL);
 *	bw_bxml_end(&b);
 *	err = bw_bxml_finish(&b, &error);
 *
 * Flags are BW_YES or BW_NO. A number of 0 is not set: write BW_BXML_ZERO for
 * zero. Decimals are written with up to three places. Enumerated values are
 * constants. Text is escaped, so it never becomes markup. A pointer to a
 * structure of attributes may be NULL unless an attribute is required.
 *
 * Functions with "begin" in their name open an element that contains others;
 * bw_bxml_end closes the element that was opened last. Speech is written by one
 * call, or opened, then text and SSML elements in order, and closed.
 *
 * The first error is recorded (a wrong value, nesting or number of elements, a
 * verb that is not allowed in an answer to the event), and later calls do
 * nothing: so check the result of bw_bxml_finish only. A document without an
 * error passes bw_bxml_check. All memory is the buffer's.
 *
 * The structures grow with BXML; the soname of the library then changes.
 */
#define BW_BXML_ZERO (-1)

/* An element that is open. For struct bw_bxml. */
struct bw_bxml_opened {
	const void *element;
	unsigned children;
	unsigned most; /* maximum of children; 0: no limit */
	bool content;  /* the start tag is complete */
};

/* A document that is being written. Its members are internal. */
struct bw_bxml {
	struct bw_buf *out;
	size_t start; /* offset of the document in the buffer */
	struct bw_error error;
	unsigned context;
	bool spoken; /* the open speech has content */
	unsigned depth;
	struct bw_bxml_opened levels[BW_MAX_BXML_DEPTH];
};

/*
 * Begin a document at the end of a buffer, which belongs to the caller.
 * answering is the event that the document answers ("initiate"), which
 * determines the verbs that are allowed; p NULL: unknown, all are.
 */
BW_EXPORT void
bw_bxml_begin(struct bw_bxml *, struct bw_buf *out, struct bw_str answering);

/* Append text to the open speech, or to the SSML element open in it. */
BW_EXPORT void bw_bxml_text(struct bw_bxml *, struct bw_str);

/* Close the element that was opened last. */
BW_EXPORT void bw_bxml_end(struct bw_bxml *);

/*
 * Complete the document. BW_ERR_BXML: the first error in the calls.
 * BW_ERR_LIMIT: more than BW_MAX_BXML bytes, or than the buffer may hold.
 * BW_ERR_NOMEM. After an error the buffer has the content from before
 * bw_bxml_begin.
 */
BW_EXPORT enum bw_err
bw_bxml_finish(struct bw_bxml *, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
