/* How a port-out was answered, from the answer. */
#include <bwcallback/tools/row.h>

#include <string.h>

#include <bwcallback/tools/str.h>

#define PORTABLE "<Portable>true</Portable>"
#define REFUSED	 "<Portable>false</Portable>"

static bool
holds(struct bw_str s, const char *text)
{
	return s.n > 0 && memmem(s.p, s.n, text, strlen(text)) != NULL;
}

static bool
is_code(const char *p)
{
	for (size_t i = 0; i < 4; i++) {
		if (p[i] < (i == 0 ? '1' : '0') || p[i] > '9')
			return false;
	}
	return true;
}

/* The next four-digit code of the answer; p NULL: there is none. */
static struct bw_str
next_code(struct bw_str *rest)
{
	static const char tag[] = "<Code>";
	const size_t n = sizeof(tag) - 1;
	const char *at = memmem(rest->p, rest->n, tag, n);
	size_t left = at != NULL ? rest->n - (size_t)(at - rest->p) : 0;

	if (left < n + 4 || !is_code(at + n))
		return (struct bw_str){NULL, 0};
	*rest = (struct bw_str){at + n + 4, left - n - 4};
	return (struct bw_str){at + n, 4};
}

bool
bw_row_portout(const struct bw_store_row *r, struct bw_row_portout *to)
{
	struct bw_str rest = r->answer.body, code;

	*to = (struct bw_row_portout){.portable = holds(rest, PORTABLE)};
	if (!bw_str_is(r->event.family, "portout") ||
	    (!to->portable && !holds(rest, REFUSED)))
		return false;
	while (!to->portable && to->n < BW_ROW_MAX_CODES) {
		code = next_code(&rest);
		if (code.p == NULL)
			break;
		to->codes[to->n++] = code;
	}
	return true;
}
