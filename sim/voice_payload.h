#ifndef SIM_VOICE_PAYLOAD_H
#define SIM_VOICE_PAYLOAD_H

#include <json-c/json.h>

#include "engine.h"

/*
 * An event of a call, as documented: what the call itself says, and the
 * event's own members, which stay the caller's and win.
 */
json_object *sim_voice_payload(
    const struct sim_call *, const char *event, json_object *members);
/* The same as GET callbacks have it; members of members get dotted names. */
void sim_voice_query(json_object *, struct bw_buf *);

/* "2026-03-01T12:00:00.000Z" of milliseconds since 1970. */
json_object *sim_voice_time(int64_t);
/* "PT1M2.250S" of milliseconds. */
json_object *sim_voice_duration(int64_t);
/* Of anything below the account: "calls/ID"; sim_alloc'ed. */
char *sim_voice_url(const struct sim_world *, const char *kind, const char *id,
    const char *rest);
/* NULL is no member. */
void sim_payload_text(json_object *, const char *name, const char *value);
/* What is there already is replaced. more may be NULL and stays as it is. */
void sim_payload_merge(json_object *, json_object *more);

#endif
