#ifndef BWC_COMMON_EVENT_CODE_H
#define BWC_COMMON_EVENT_CODE_H

#include <bwcallback/event.h>
#include <bwcallback/store.h>

/* Decodes stored events, one after the other. */
struct events_decoder {
	struct bw_decoder *decoder;
	struct bw_buf list;
	const struct bw_event *event; /* NULL: decoding failed */
};

void events_decoder_init(struct events_decoder *);
void events_decoder_free(struct events_decoder *);
/* The event is valid until the next call, and no longer than the row. */
bool events_decode(struct events_decoder *, const struct bw_store_row *);
/* A field by name; p is NULL if the event does not have it. */
struct bw_str events_field(const struct bw_event *, const char *name);

/* Why a message failed, from a row of message_codes.def. */
struct events_code {
	struct bw_str code; /* the event's code */
	const char *name;   /* NULL: unknown code */
	const char *by;	    /* source of the code; NULL: not documented */
	bool billed;
};

/* Returns false if the event has no such code. */
bool events_code(
    struct events_decoder *, const struct bw_store_row *, struct events_code *);
void events_put_code(struct bw_buf *, const struct events_code *);

#endif
