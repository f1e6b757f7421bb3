#include "cli/common/json_string.h"

#include <string.h>

#include <json-c/json.h>

#include <bwcallback/tools/printable.h>

static void
put(struct bw_buf *out, const char *json)
{
	bw_printable_json(out, (struct bw_str){json, strlen(json)});
}

void
json_string(struct bw_buf *out, struct bw_str s)
{
	struct json_object *o = json_object_new_string_len(s.p, (int)s.n);

	if (o == NULL)
		out->err = BW_ERR_NOMEM;
	else
		put(out, json_object_to_json_string_ext(
			     o, JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}
