#include "sim/base/json_members.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sim/base/memory.h"

json_object *
sim_json_time(int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[40];
	struct tm tm;
	size_t n;

	(void)gmtime_r(&seconds, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(text + n, sizeof(text) - n, ".%03dZ", (int)(ms % 1000));
	return json_object_new_string(text);
}

void
sim_json_text(json_object *o, const char *name, const char *value)
{
	if (value != NULL)
		json_object_object_add(o, name, json_object_new_string(value));
}

void
sim_json_merge(json_object *o, json_object *more)
{
	if (more == NULL)
		return;
	json_object_object_foreach(more, name, value)
	{
		json_object_object_add(o, name, json_object_get(value));
	}
}

void
sim_json_members(json_object *o, struct bw_buf *out)
{
	const char *text = json_object_to_json_string_ext(
	    o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

	if (text == NULL)
		sim_no_memory();
	bw_buf_puts(out, text);
}

void
sim_json_element(struct bw_buf *b, const char *name, const char *text)
{
	if (text == NULL)
		return;
	bw_buf_printf(b, "<%s>", name);
	bw_buf_xml(b, (struct bw_str){text, strlen(text)});
	bw_buf_printf(b, "</%s>", name);
}
