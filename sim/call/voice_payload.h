#ifndef SIM_CALL_VOICE_PAYLOAD_H
#define SIM_CALL_VOICE_PAYLOAD_H

#include <json-c/json.h>

#include "sim/base/json_members.h"
#include "sim/call/engine.h"

/*
 * The documented payload of an event: the call's members and the event's own,
 * which take precedence and stay the caller's.
 */
json_object *sim_voice_payload(
    const struct sim_call *, const char *event, json_object *members);
/* The payload as a query, for GET: nested members get dotted names. */
void sim_voice_query(json_object *, struct bw_buf *);

/* Milliseconds as "PT1M2.250S". */
json_object *sim_voice_duration(int64_t);
/* The API URL of a resource: "calls/ID"; sim_alloc'ed. */
char *sim_voice_url(const struct sim_world *, const char *kind, const char *id,
    const char *rest);

#endif
