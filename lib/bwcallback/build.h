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
 * Writing BXML that Bandwidth accepts. One function for each verb and nested
 * element (<bwcallback/verbs.h>), with a struct of its attributes under their
 * own names; what is not set is not written:
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
 * A flag is BW_YES or BW_NO, a number 0 when it is not set and BW_BXML_ZERO
 * where zero is meant; of decimals three places are written. Words are
 * constants. Text is text: whatever it holds, it becomes no markup. What may
 * be NULL are structs of options, where nothing in them is required.
 *
 * What holds other elements is begun and ended; bw_bxml_end ends the one that
 * was begun last. Speech is whole, or begun, then text and SSML elements in
 * their order, and ended.
 *
 * The first fault stays (a value, a place, a number of elements, a verb that
 * may not answer the event), later calls do nothing, and one check at the end
 * is enough. A document that was finished without one passes bw_bxml_check.
 * Memory is only the buffer's.
 *
 * The structs grow with the language, and the library's soname with them.
 */
#define BW_BXML_ZERO (-1)

struct bw_bxml_opened {
	const void *element;
	unsigned children;
	unsigned most; /* children, 0: no limit */
	bool content;  /* the start tag is complete */
};

struct bw_bxml {
	struct bw_buf *out;
	size_t start; /* of the document in the buffer */
	struct bw_error error;
	unsigned context;
	bool spoken; /* something in the speech that is open */
	unsigned depth;
	struct bw_bxml_opened levels[BW_MAX_BXML_DEPTH];
};

/*
 * Begin a document at the end of a buffer, which stays the caller's.
 * answering: the event that it answers, which decides about the verbs; p NULL
 * when it is not known.
 */
BW_EXPORT void
bw_bxml_begin(struct bw_bxml *, struct bw_buf *out, struct bw_str answering);

/* Text of the speech that is open, in it or in one of its SSML elements. */
BW_EXPORT void bw_bxml_text(struct bw_bxml *, struct bw_str);

/* End what was begun last. */
BW_EXPORT void bw_bxml_end(struct bw_bxml *);

/*
 * Complete the document. BW_ERR_BXML with what was wrong first, BW_ERR_LIMIT
 * beyond BW_MAX_BXML bytes, BW_ERR_NOMEM; the buffer then is as long as it was
 * at the beginning.
 */
BW_EXPORT enum bw_err
bw_bxml_finish(struct bw_bxml *, struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
