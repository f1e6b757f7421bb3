#ifndef BWCALLBACK_TOOLS_ROW_H
#define BWCALLBACK_TOOLS_ROW_H

/* An interface for the programs of this package: any release may change it. */

#include <bwcallback/event.h>
#include <bwcallback/store.h>
#include <bwcallback/tools/mask.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Decodes stored events, one after the other. */
struct bw_row_decoder {
	struct bw_decoder *decoder;
	struct bw_buf list;
	const struct bw_event *event; /* the last one; NULL: decoding failed */
};

/* Allocates nothing. */
BW_EXPORT void bw_row_decoder_init(struct bw_row_decoder *);
BW_EXPORT void bw_row_decoder_free(struct bw_row_decoder *);
/*
 * The event of a row, valid until the next one and no longer than the row.
 * NULL: its body contains none, or there is no memory.
 */
BW_EXPORT const struct bw_event *
bw_row_decode(struct bw_row_decoder *, const struct bw_store_row *);
/* A field by name; p is NULL if the event does not have it, or is NULL. */
BW_EXPORT struct bw_str bw_row_field(const struct bw_event *, const char *name);

/* Why a message failed, from a row of message_codes.def. */
struct bw_row_code {
	struct bw_str code; /* the event's code; valid as the event is */
	const char *name;   /* NULL: unknown code */
	const char *by;	    /* source of the code; NULL: not documented */
	bool billed;
};

/* Returns false if the event has no such code. */
BW_EXPORT bool bw_row_code(
    struct bw_row_decoder *, const struct bw_store_row *, struct bw_row_code *);

/* Most codes of a refusal that are shown; Bandwidth defines eleven. */
#define BW_ROW_MAX_CODES 32

/* How a port-out was answered. */
struct bw_row_portout {
	bool portable;
	size_t n; /* codes of the refusal, four digits each */
	struct bw_str codes[BW_ROW_MAX_CODES];
};

/* Returns false if the event is no port-out, or was answered without one. */
BW_EXPORT bool
bw_row_portout(const struct bw_store_row *, struct bw_row_portout *);

/* The version of the JSON below: the value of its member "version". */
#define BW_ROW_JSON_VERSION 1

/* How much of the event the JSON contains. */
enum bw_row_bodies {
	BW_ROW_MASKED,	 /* no bodies; all values masked */
	BW_ROW_REVEALED, /* bodies without passwords */
	BW_ROW_EXACT	 /* the exact body, and its fields: for programs */
};

/*
 * Append an event as a JSON object in one line, without a line feed: what
 * bwcallback-events(7) describes and schema/event.schema.json defines. Members
 * that the row does not have are left out, so a row may be an event that is not
 * stored. event: the decoded event of the row, for its fields; NULL: decode it.
 */
BW_EXPORT void bw_row_json(struct bw_buf *, const struct bw_store_row *,
    const struct bw_event *event, enum bw_row_bodies);
/* Append how an answer was made as a JSON object; false: it is not known. */
BW_EXPORT bool
bw_row_trace_json(struct bw_buf *, const struct bw_store_answer *, bool reveal);
/* Append a value as a JSON string, masked by its kind. */
BW_EXPORT void
bw_row_text_json(struct bw_buf *, enum bw_mask, struct bw_str, bool reveal);

#ifdef __cplusplus
}
#endif

#endif
