#ifndef SIM_CALL_VOICE_PAYLOAD_H
#define SIM_CALL_VOICE_PAYLOAD_H

#include <json-c/json.h>

#include "sim/base/json_members.h"
#include "sim/call/engine.h"

/*
 * An event of a call, as documented: what the call itself says, and the
 * event's own members, which stay the caller's and win.
 */
json_object *sim_voice_payload(
    const struct sim_call *, const char *event, json_object *members);
/* The same as GET callbacks have it; members of members get dotted names. */
void sim_voice_query(json_object *, struct bw_buf *);

/* "PT1M2.250S" of milliseconds. */
json_object *sim_voice_duration(int64_t);
/* Of anything below the account: "calls/ID"; sim_alloc'ed. */
char *sim_voice_url(const struct sim_world *, const char *kind, const char *id,
    const char *rest);

#endif
