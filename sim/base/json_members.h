#ifndef SIM_BASE_JSON_MEMBERS_H
#define SIM_BASE_JSON_MEMBERS_H

#include <stdint.h>

#include <json-c/json.h>

#include <bwcallback/buf.h>

/* Helpers to build JSON and XML payloads. */

/* Milliseconds since 1970 as "2026-03-01T12:00:00.000Z". */
json_object *sim_json_time(int64_t);
/* A NULL value adds no member. */
void sim_json_text(json_object *, const char *name, const char *value);
/* Existing members are replaced. more may be NULL and is not modified. */
void sim_json_merge(json_object *, json_object *more);
/* Append the object on one line, without white space between tokens. */
void sim_json_members(json_object *, struct bw_buf *);

/* Append an XML element with this text; nothing if text is NULL. */
void sim_json_element(struct bw_buf *, const char *name, const char *text);

#endif
