#ifndef BWCALLBACK_EVENT_H
#define BWCALLBACK_EVENT_H

#include <stdint.h>

#include <bwcallback/buf.h>
#include <bwcallback/error.h>
#include <bwcallback/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The families of callbacks. bw_family_name gives their names. Values are only
 * ever added before BW_FAMILY__MAX.
 */
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

/* The answer that Bandwidth expects to a type of callback. */
enum bw_answer_kind {
	BW_ANSWER_STATUS,	/* a 2xx without a body */
	BW_ANSWER_BXML,		/* 200 with BXML */
	BW_ANSWER_BXML_OR_NONE, /* 200 with BXML, or 204 */
	BW_ANSWER_PORTOUT,	/* 200 with a PortOutValidationResponse */
	BW_ANSWER_JSON,		/* 200 with JSON (emergency calling) */
	BW_ANSWER_NOTHING	/* not a callback: a type only we produce */
};

/*
 * A type of callback: a row of the table that bw_event_types returns. The
 * first BW_FAMILY__MAX rows are named "other"; their index is the number of
 * their family. They stand for types of the family that the table does not
 * contain, row 0 for those of an unknown family.
 */
struct bw_event_type {
	enum bw_family family;
	const char *name; /* as in <on event="..."> of callbacks.xml(5) */
	enum bw_answer_kind answer;
	int status;	    /* of an answer without a body */
	const char *key;    /* fields that bw_event_key uses */
	const char *source; /* page or schema of dev.bandwidth.com */
};

/* "voice"; "other" for an unknown value. Static memory. */
BW_EXPORT const char *bw_family_name(enum bw_family);
/* "bxml-or-none"; "status" for an unknown value. Static memory. */
BW_EXPORT const char *bw_answer_name(enum bw_answer_kind);
/* The table of types, and in *n its number of rows. Static memory. */
BW_EXPORT const struct bw_event_type *bw_event_types(size_t *n);

/*
 * A decoded callback. It belongs to its decoder, and is valid until the next
 * bw_decode with that decoder, or until the decoder is freed. So are the
 * strings that the functions below return.
 */
struct bw_event;

/* The type of a field's value. */
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

/*
 * The type of an event as a row of the table, never NULL: the row "other" of
 * its family for a type that the table does not contain.
 */
BW_EXPORT const struct bw_event_type *bw_event_row(const struct bw_event *);
/* The family of an event. */
BW_EXPORT enum bw_family bw_event_family(const struct bw_event *);
/*
 * The name of an event's type: the name of its row, or, for a type that the
 * table does not contain, the name in the payload; "other" without one.
 */
BW_EXPORT struct bw_str bw_event_name(const struct bw_event *);

/*
 * Get a field by its dotted name: "message.from". *value is the text of a
 * string, a number (as written), true or false; for null, an object or a list
 * it is absent. The return value is the kind: BW_KIND_ABSENT when there is no
 * such field.
 *
 * The name of a list means its first element: "message.to"; "message.to.1" is
 * the second. XML elements and query parameters of the same name are a list,
 * too. An XML attribute is a member whose name begins with '@'. The root of XML
 * may be left out: "OrderId" is "Notification.OrderId". Of several JSON members
 * with the same name the first one counts.
 *
 * "query.NAME" is the parameter NAME of the URL that the callback was sent to,
 * whether by POST or GET. Parameters are decoded; an invalid escape stays as it
 * is, and bytes that are not UTF-8 become U+FFFD.
 */
BW_EXPORT enum bw_value_kind
bw_event_get(const struct bw_event *, struct bw_str name, struct bw_str *value);

/*
 * The query of the URL that the callback was sent to, as received, without the
 * '?'; absent if it has none.
 */
BW_EXPORT struct bw_str bw_event_query(const struct bw_event *);

/*
 * Append the key of an event: two deliveries of the same event have the same
 * key. Bandwidth sends no delivery id, so the key consists of fields of the
 * payload, which depend on the type: "voice.answer:9900100:c-1". The characters
 * ':', '%', '#' and control characters in a value are percent-encoded; a value
 * of more than 128 bytes is replaced by '#' and its SHA-256 in hexadecimal.
 * Nothing is appended for types of which every delivery is a new event
 * (emergency calling). Errors are recorded in the buffer.
 */
BW_EXPORT void bw_event_key(const struct bw_event *, struct bw_buf *);

/*
 * Append the fields of an event as one line of JSON, also for XML and forms.
 * Numbers stay as written. XML elements and query parameters of the same name
 * become a list; the text of an XML element that also has attributes or child
 * elements becomes the member "#text". The parameters of the URL of a POST are
 * the object "query"; the payload's own member of that name, if any, is left
 * out then. BW_ERR_NOMEM, BW_ERR_LIMIT.
 */
BW_EXPORT enum bw_err
bw_event_json(const struct bw_event *, struct bw_buf *) BW_CHECK;

/*
 * The input of bw_decode. Its memory belongs to the caller and must stay valid
 * and unchanged as long as the events are used. Initialise it with {0}.
 */
struct bw_payload {
	struct bw_str content_type;
	/*
	 * Of the URL, without the '?'. A POST callback with more than
	 * BW_MAX_PARAMETERS is decoded without them.
	 */
	struct bw_str query;
	struct bw_str body;
	bool get; /* a GET callback: the query is the payload */
	/*
	 * The family, if it is known from the URL or a header. It is used for
	 * payloads that do not show their family (subscriptions v2, emergency
	 * calling, global porting). BW_FAMILY_OTHER: unknown.
	 */
	enum bw_family hint;
};

/*
 * Memory for decoding, reused from one payload to the next. One thread at a
 * time may use a decoder.
 */
struct bw_decoder;

/* A new decoder, which the caller frees. NULL: out of memory. */
BW_EXPORT struct bw_decoder *bw_decoder_new(void);
/* Free a decoder and its events. NULL is allowed. */
BW_EXPORT void bw_decoder_free(struct bw_decoder *);

/*
 * Decode the payload of a callback. *events becomes an array of *n events,
 * which belongs to the decoder: one event, or one for each element of a
 * messaging list, which may be empty. Whether the body is JSON, XML or a form
 * is recognised from the body itself; the content type is used only if that is
 * ambiguous. Unknown types and fields, null, a single object in place of a list
 * and a byte-order mark are accepted.
 *
 * BW_ERR_SYNTAX (with line and column in the message), BW_ERR_ENCODING: not
 * UTF-8. BW_ERR_DEPTH, BW_ERR_LIMIT: beyond a limit of <bwcallback/limits.h>.
 * BW_ERR_NOMEM.
 */
BW_EXPORT enum bw_err bw_decode(struct bw_decoder *, const struct bw_payload *,
    const struct bw_event *const **events, size_t *n,
    struct bw_error *) BW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
