/* The field of the bar: where what was typed leads to. */
#include <bwcallback/tools/str.h>

#include "page/view.h"

/* Numbers of events are shorter than telephone numbers. */
#define MAX_EVENT_DIGITS 9

/* How many digits there are; SIZE_MAX: there is something else, too. */
static size_t
count_digits(struct bw_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (bw_is_digit(s.p[i]))
			n++;
		else if (memchr("+-.() ", s.p[i], 6) == NULL)
			return SIZE_MAX;
	}
	return n;
}

void
bwi_find_write(struct bwi_view *v)
{
	struct bw_str q = bw_str_trim(bwi_view_param(v, "q"));
	size_t digits = count_digits(q);

	if (q.n == 0)
		bwi_view_redirect(v, "events", (struct bw_str){NULL, 0});
	else if (digits == q.n && digits <= MAX_EVENT_DIGITS)
		bwi_view_redirect(v, "event/", q);
	else if (digits != SIZE_MAX)
		bwi_view_redirect(v, "calls?number=", q);
	else if (bw_str_begins(q, BW_STR("c-")))
		bwi_view_redirect(v, "call/", q);
	else
		bwi_view_redirect(v, "message/", q);
}
