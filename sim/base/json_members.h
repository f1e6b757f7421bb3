#ifndef SIM_BASE_JSON_MEMBERS_H
#define SIM_BASE_JSON_MEMBERS_H

#include <stdint.h>

#include <json-c/json.h>

#include <bwcallback/buf.h>

/* What all payloads are made of. */

/* "2026-03-01T12:00:00.000Z" of milliseconds since 1970. */
json_object *sim_json_time(int64_t);
/* NULL is no member. */
void sim_json_text(json_object *, const char *name, const char *value);
/* What is there already is replaced. more may be NULL and stays as it is. */
void sim_json_merge(json_object *, json_object *more);
/* Append it in one line, without white space between its tokens. */
void sim_json_members(json_object *, struct bw_buf *);

/* Append an XML element with that text in it; none for NULL. */
void sim_json_element(struct bw_buf *, const char *name, const char *text);

#endif
