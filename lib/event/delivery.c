/* Which statuses of an answer Bandwidth takes, and what it does otherwise. */
#include <string.h>

#include <bwcallback/tools/delivery.h>

#include "event/event.h"

enum others {
	TAKEN,
	LOST
};

static const struct delivery {
	enum bw_family family;
	enum bw_answer_kind answer;
	const char *statuses;
	enum others others;
	const char *otherwise;
} deliveries[] = {
#define X(family, answer, statuses, others, otherwise) \
	{BW_FAMILY_##family, BW_ANSWER_##answer, statuses, others, otherwise},
#include "event/delivery.def"
#undef X
};

/* For types without a row: other families, and our own types. */
static const struct delivery unknown = {BW_FAMILY_OTHER, BW_ANSWER_STATUS,
    "2xx", TAKEN, "it is not known to be sent again"};

static bool
is_other(const struct bw_event_type *type)
{
	return bwi_event_type_other(type->family) == type;
}

static const struct delivery *
find(const struct bw_event_type *type)
{
	/* No answer is waited for after an event that is unknown. */
	enum bw_answer_kind answer =
	    is_other(type) ? BW_ANSWER_STATUS : type->answer;

	for (size_t i = 0; i < sizeof(deliveries) / sizeof(deliveries[0]);
	     i++) {
		if (deliveries[i].family == type->family &&
		    deliveries[i].answer == answer)
			return &deliveries[i];
	}
	return &unknown;
}

static bool
is_listed(const char *statuses, int status)
{
	const char *s = statuses;

	for (; *s != '\0'; s += strcspn(s, " "), s += *s == ' ') {
		int first = s[0] - '0';

		if (s[1] == 'x' && status / 100 == first)
			return true;
		if (s[1] != 'x' &&
		    first * 100 + (s[1] - '0') * 10 + s[2] - '0' == status)
			return true;
	}
	return false;
}

enum bw_status_effect
bw_delivery_effect(const struct bw_event_type *type, int status)
{
	const struct delivery *d = find(type);

	if (is_listed(d->statuses, status))
		return BW_STATUS_TAKEN;
	return status / 100 == 2 && d->others == TAKEN ? BW_STATUS_UNDOCUMENTED
						       : BW_STATUS_FAILED;
}

/* "200 201 204" as "200, 201 and 204". */
static void
put_statuses(const char *s, struct bw_buf *b)
{
	while (*s != '\0') {
		size_t n = strcspn(s, " ");

		bw_buf_add(b, s, n);
		s += n;
		s += *s == ' ';
		if (*s != '\0')
			bw_buf_puts(b, strchr(s, ' ') != NULL ? ", " : " and ");
	}
}

void
bw_delivery_explain(const struct bw_event_type *type,
    enum bw_status_effect effect, struct bw_buf *b)
{
	const struct delivery *d = find(type);

	bw_buf_puts(b, effect == BW_STATUS_UNDOCUMENTED
			   ? "Bandwidth documents only "
			   : "Bandwidth takes only ");
	put_statuses(d->statuses, b);
	if (is_other(type))
		bw_buf_printf(
		    b, " for this event of %s", bw_family_name(type->family));
	else
		bw_buf_printf(b, " for \"%s\"", type->name);
	bw_buf_printf(b, "; after any other status %s", d->otherwise);
}

const struct bw_event_type *
bw_event_type_of(enum bw_family family, const char *name)
{
	const struct bw_event_type *type =
	    bwi_event_type_find(family, (struct bw_str){name, strlen(name)});

	return type != NULL ? type : bwi_event_type_other(family);
}
