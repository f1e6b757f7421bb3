/* How a port-out was answered, in a few words. */
#include "cli/common/delivery_status.h"

#include <string.h>

#include "cli/common/event_columns.h"

/* Most codes that are shown; Bandwidth defines eleven. */
#define MAX_CODES 32

#define PORTABLE "<Portable>true</Portable>"
#define REFUSED	 "<Portable>false</Portable>"

static bool
holds(struct bw_str s, const char *text)
{
	return s.n > 0 && memmem(s.p, s.n, text, strlen(text)) != NULL;
}

/* The next four-digit code of the answer; p NULL: there is none. */
static struct bw_str
next_code(struct bw_str *rest)
{
	static const char tag[] = "<Code>";
	const size_t n = sizeof(tag) - 1;
	const char *at = memmem(rest->p, rest->n, tag, n);
	size_t left = at != NULL ? rest->n - (size_t)(at - rest->p) : 0;

	if (left < n + 4)
		return (struct bw_str){NULL, 0};
	*rest = (struct bw_str){at + n + 4, left - n - 4};
	return (struct bw_str){at + n, 4};
}

bool
events_put_delivery(struct bw_buf *b, const struct bw_store_row *r, bool json)
{
	struct bw_str rest = r->answer.body, code;
	bool portable = holds(rest, PORTABLE);

	if (!bw_str_is(r->event.family, "portout") ||
	    (!portable && !holds(rest, REFUSED)))
		return false;
	if (json)
		bw_buf_printf(b, "{\"portable\":%s,\"codes\":[",
		    portable ? "true" : "false");
	else
		bw_buf_puts(b, portable ? "portable" : "denied");
	for (int i = 0; !portable && i < MAX_CODES; i++) {
		code = next_code(&rest);
		if (code.p == NULL)
			break;
		if (!json || i > 0)
			bw_buf_putc(b, json ? ',' : ' ');
		events_text(b, BW_MASK_WORD, code, false);
	}
	bw_buf_puts(b, json ? "]}" : "");
	return true;
}
