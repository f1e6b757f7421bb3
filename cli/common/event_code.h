#ifndef BWC_COMMON_EVENT_CODE_H
#define BWC_COMMON_EVENT_CODE_H

#include <bwcallback/event.h>
#include <bwcallback/store.h>

/* Stored events, decoded again one after the other. */
struct events_decoder {
	struct bw_decoder *decoder;
	struct bw_buf list;
	const struct bw_event *event; /* the last one; NULL: it could not be */
};

void events_decoder_init(struct events_decoder *);
void events_decoder_free(struct events_decoder *);
/* The event is valid until the next, and as long as the row is. */
bool events_decode(struct events_decoder *, const struct bw_store_row *);
/* A field by its name, p NULL when it is not there. */
struct bw_str events_field(const struct bw_event *, const char *name);

/* Why a message failed: a row of message_codes.def. */
struct events_code {
	struct bw_str code; /* the event's */
	const char *name;   /* NULL: nobody has met it */
	const char *by;	    /* who says so; NULL: it is not documented */
	bool billed;
};

/* False when an event gives no such code. */
bool events_code(
    struct events_decoder *, const struct bw_store_row *, struct events_code *);
void events_put_code(struct bw_buf *, const struct events_code *);

#endif
