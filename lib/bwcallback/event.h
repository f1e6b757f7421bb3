#ifndef BWCALLBACK_EVENT_H
#define BWCALLBACK_EVENT_H

#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The families of callbacks, rows of lib/event/families.def. */
enum bw_family {
	BW_FAMILY_OTHER,
	BW_FAMILY_VOICE,
	BW_FAMILY_CONFERENCE,
	BW_FAMILY_MESSAGING,
	BW_FAMILY_MESSAGING_INTL,
	BW_FAMILY_MFA,
	BW_FAMILY_NUMBERS,
	BW_FAMILY_NUMBERS_V2,
	BW_FAMILY_PORTOUT,
	BW_FAMILY_PORTING_GLOBAL,
	BW_FAMILY_ENDUSER,
	BW_FAMILY_TFV,
	BW_FAMILY_BRTC,
	BW_FAMILY_WEBRTC,
	BW_FAMILY_EMERGENCY,
	BW_FAMILY_LEGACY_V1,
	BW_FAMILY__MAX
};

/* What the sender wants for an answer. */
enum bw_answer_kind {
	BW_ANSWER_STATUS,	/* a 2xx, no body */
	BW_ANSWER_BXML,		/* 200 with BXML */
	BW_ANSWER_BXML_OR_NONE, /* 200 with BXML, or 204 */
	BW_ANSWER_PORTOUT,	/* 200 with a PortOutValidationResponse */
	BW_ANSWER_JSON,		/* 200 with JSON (emergency calling) */
	BW_ANSWER_NOTHING	/* not a callback: something we send */
};

/*
 * A type of callback: a row of lib/event/events.def. Before those stands a row
 * named "other" for each family, whose index is the family's number: for types
 * of the family that nobody has met. Row 0 is "other" of no family at all.
 */
struct bw_event_type {
	enum bw_family family;
	const char *name; /* canonical, as used in <on event="..."> */
	enum bw_answer_kind answer;
	int status;	    /* of the answer when there is nothing to say */
	const char *key;    /* recipe of the de-duplication key */
	const char *source; /* what the row rests on */
};

/* "voice"; "other" outside the table. */
BW_EXPORT const char *bw_family_name(enum bw_family);
/* "bxml-or-none" and so on, for listings; "status" outside the table. */
BW_EXPORT const char *bw_answer_name(enum bw_answer_kind);
/* The table; *n gets the number of rows. */
BW_EXPORT const struct bw_event_type *bw_event_types(size_t *n);

/*
 * A decoded callback. Owned by its decoder and valid until the decoder runs
 * again or is freed.
 */
struct bw_event;

enum bw_value_kind {
	BW_KIND_ABSENT,
	BW_KIND_NULL,
	BW_KIND_FALSE,
	BW_KIND_TRUE,
	BW_KIND_NUMBER,
	BW_KIND_STRING,
	BW_KIND_OBJECT,
	BW_KIND_LIST
};

/* The row of the table, never NULL; the family's "other" if not in it. */
BW_EXPORT const struct bw_event_type *bw_event_row(const struct bw_event *);
BW_EXPORT enum bw_family bw_event_family(const struct bw_event *);
/*
 * The type: the row's canonical name, or for a type that is not in the table
 * the name the payload gives; "other" when it gives none.
 */
BW_EXPORT struct bw_str bw_event_name(const struct bw_event *);

/*
 * A field by dotted name, "message.from". Text, numbers (as written), true
 * and false are their text; null, objects and lists are absent here. A list
 * stands for its first element ("message.to"); "message.to.1" is the second.
 * The same goes for XML elements and query parameters of one name. An XML
 * attribute is a member whose name begins with '@', and the root may be left
 * out: "OrderId" is "Notification.OrderId". Of JSON members that have one
 * name the first counts. Returns BW_KIND_ABSENT and p == NULL when there is
 * no such field.
 */
BW_EXPORT enum bw_value_kind
bw_event_get(const struct bw_event *, struct bw_str name, struct bw_str *value);

/*
 * Append the key that makes a re-delivery recognisable. Bandwidth sends no
 * delivery id; the key is the row's recipe over the payload's fields, with
 * values percent-encoded where they hold ':', '%', '#' or control characters:
 * "voice.answer:9900100:c-1". A value over 128 bytes stands as its SHA-256,
 * "#" and 64 hexadecimal digits. Nothing is appended for an event of which
 * every delivery is a new one (emergency calling). Errors are the buffer's.
 */
BW_EXPORT void bw_event_key(const struct bw_event *, struct bw_buf *);

/*
 * Append the event's fields as one line of JSON, whatever the wire form:
 * numbers as they were written, XML elements and query parameters of one name
 * as a list, an XML element's own text beside attributes or other elements as
 * "#text". BW_ERR_NOMEM, or the buffer's error.
 */
BW_EXPORT enum bw_err
bw_event_json(const struct bw_event *, struct bw_buf *) BW_CHECK;

/* What is decoded. Everything stays the caller's and must outlive the events.
 */
struct bw_payload {
	struct bw_str content_type;
	struct bw_str query; /* decoded instead of the body when get is true */
	struct bw_str body;
	bool get;
	/*
	 * What the path or a header says of the family, where payloads do
	 * not (subscriptions v2, emergency, global porting): used only when
	 * the payload itself tells nothing. BW_FAMILY_OTHER for none.
	 */
	enum bw_family hint;
};

struct bw_decoder;

BW_EXPORT struct bw_decoder *bw_decoder_new(void);
BW_EXPORT void bw_decoder_free(struct bw_decoder *);

/*
 * Recognise a callback. The body decides what it is, JSON, XML or a form; the
 * content type counts only where the body leaves it open. *events gets an array
 * of *n events, owned by the decoder, valid until the next call: one, or one
 * for each element of a messaging list, which may be empty. Unknown types and
 * fields, null, a bare object for a list, and a byte-order mark are accepted.
 *
 * BW_ERR_SYNTAX, _ENCODING, _DEPTH, _LIMIT, _NOMEM, with the reason and, for
 * a syntax error, line and column in the bw_error.
 */
BW_EXPORT enum bw_err bw_decode(struct bw_decoder *, const struct bw_payload *,
    const struct bw_event *const **events, size_t *n,
    struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
