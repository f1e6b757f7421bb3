#ifndef BWCALLBACK_TOOLS_MASK_H
#define BWCALLBACK_TOOLS_MASK_H

/* An interface for the programs of this package: any release may change it. */

#include <bwcallback/buf.h>
#include <bwcallback/store.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The one place that decides how much of a value an output shows: log lines,
 * listings, JSON, reports. Every value has a kind, which the table
 * lib/mask/members.def gives for members of events, columns of the store and
 * attributes of BXML. A value is either masked or revealed (--reveal). A
 * password is never shown, and neither is the one in a URL.
 */
enum bw_mask {
	/*
	 * Text that a person said or wrote, and every member that is in no
	 * table. Masked: its size.
	 */
	BW_MASK_HIDDEN,
	/* An identifier, a time, a code, a word of the protocol: shown. */
	BW_MASK_WORD,
	/*
	 * Telephone numbers and SIP URIs, separated by commas, in any
	 * notation. Masked: the last four digits of seven or more, the host
	 * of a URI, and the words that stand for a withheld number.
	 */
	BW_MASK_NUMBER,
	/* Keys of a telephone. Masked: whether there are any. */
	BW_MASK_KEYS,
	/*
	 * A sentence of a program or an operator, which may quote a number.
	 * Masked: all but what bw_mask_digits hides.
	 */
	BW_MASK_REMARK,
	/* A sentence that is spoken to callers. Masked: all but digits. */
	BW_MASK_SPEECH,
	/* Masked: no user, no query, and the path like a remark. */
	BW_MASK_URL,
	/* A password: never shown. */
	BW_MASK_SECRET,
	BW_MASK__MAX
};

/*
 * The kind of a member of an event by its dotted name as bw_event_get takes
 * it: "message.to.1", "Notification.OrderId" and "OrderId".
 */
BW_EXPORT enum bw_mask bw_mask_of_member(struct bw_str name);

/* Append a value. Errors are the buffer's; an absent value adds nothing. */
BW_EXPORT void
bw_mask_add(struct bw_buf *, enum bw_mask, struct bw_str value, bool reveal);

/*
 * Append the de-duplication key of a stored event. Masked, every part is
 * shown as the member that it came from. Of an event whose type has no such
 * recipe (another version stored it) all parts but hashes are hidden.
 */
BW_EXPORT void
bw_mask_key(struct bw_buf *, const struct bw_store_event *, bool reveal);

/* Append the thread of a stored event: the two numbers of a message masked. */
BW_EXPORT void bw_mask_thread(struct bw_buf *, struct bw_str, bool reveal);

/*
 * Append the body of an event. Masked: its size. Revealed: as it came, but
 * for passwords in URLs.
 */
BW_EXPORT void bw_mask_body(struct bw_buf *, struct bw_str, bool reveal);

/*
 * Append what an event was answered with. Masked, elements and attributes of
 * BXML and of port-out verdicts are shown by their kind, and of anything else
 * the size. Revealed: as it
 * was, but for the passwords in attributes, members and URLs.
 */
BW_EXPORT void bw_mask_answer(struct bw_buf *, struct bw_str, bool reveal);

/*
 * For an output with a buffer of its own, at a digit: the number of bytes
 * from there that belong together, one at least, and of how many bytes, from
 * the first on, all digits are to be replaced by '*'. Seven digits or more,
 * with up to three blanks, tabs, hyphens, dots or parentheses (also
 * percent-encoded, and the blanks and dashes of Unicode) between two of them,
 * may be a telephone number: the last four show. A date, a time, an IPv4
 * address, a UUID and an amount of bytes are none.
 */
BW_EXPORT size_t bw_mask_digits(struct bw_str, size_t at, size_t *hidden);

#ifdef __cplusplus
}
#endif

#endif
