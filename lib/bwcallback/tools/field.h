#ifndef BWCALLBACK_TOOLS_FIELD_H
#define BWCALLBACK_TOOLS_FIELD_H

/* An interface for the programs of this package: any release may change it. */

#include <bwcallback/event.h>

#ifdef __cplusplus
extern "C" {
#endif

enum bw_field_kind {
	BW_FIELD_TEXT, /* a string, a number, true or false */
	BW_FIELD_LIST, /* a list of those */
	BW_FIELD_NAME, /* the name of the event */
	BW_FIELD_OPEN  /* name ends in "*": any member of that object */
};

/* A documented member of events: a row of fields.def. */
struct bw_field {
	enum bw_family family;
	const char *events; /* names, see bw_field_is_of */
	const char *name;   /* as for bw_event_get, without list positions */
	enum bw_field_kind kind;
	const char *values; /* documented ones, separated by '|'; "": any */
};

/* All documented members, and in *n their number. Static memory. */
BW_EXPORT const struct bw_field *bw_fields(size_t *n);
/* Do events of that type have the member? */
BW_EXPORT bool
bw_field_is_of(const struct bw_field *, const struct bw_event_type *);

/* Why a call ends: a row of causes.def. */
struct bw_cause {
	const char *name;
	bool fault;   /* of the application */
	int sip_code; /* of a callee who did not take the call; 0: unknown */
};

/* NULL: it is not documented. */
BW_EXPORT const struct bw_cause *bw_cause(const char *name);

#ifdef __cplusplus
}
#endif

#endif
