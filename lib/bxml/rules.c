/*
 * Rules between several attributes, which a grammar cannot express. Used by the
 * checker and the builder.
 */
#include <stdio.h>

#include "bxml/rules.h"
#include "bxml/value.h"

struct bw_str
bwi_bxml_value(const struct bwi_bxml_element *row,
    const struct bwi_bxml_values *values, const char *attr)
{
	const struct bwi_bxml_attr *a = bwi_bxml_attr(row, attr);

	return a != NULL ? values->v[a - row->attrs] : (struct bw_str){NULL, 0};
}

bool
bwi_bxml_is_open(const struct bwi_bxml_element *row,
    const struct bwi_bxml_values *values, const char *attr)
{
	const struct bwi_bxml_attr *a = bwi_bxml_attr(row, attr);

	return a != NULL && (values->open >> (a - row->attrs) & 1) != 0;
}

static bool
is_row(const struct bwi_bxml_element *row, enum bwi_bxml_id id)
{
	return row == &bwi_bxml_elements[id];
}

/*
 * "username" pairs with "password", "fallbackUsername" with "fallbackPassword".
 */
static const char *
password_of(const char *user)
{
	return strcmp(user, "username") == 0 ? "password" : "fallbackPassword";
}

static void
check_https(const struct bwi_bxml_element *row,
    const struct bwi_bxml_values *values, bwi_bxml_fault_fn *fault, void *arg)
{
	char text[160];

	for (size_t i = 0; i < row->nattrs; i++) {
		const struct bwi_bxml_attr *a = &row->attrs[i];
		const char *with = a->user;

		if (!a->https || !bwi_bxml_is_plain_http(values->v[i]))
			continue;
		if (bwi_bxml_value(row, values, with).p == NULL)
			with = password_of(a->user);
		if (bwi_bxml_value(row, values, with).p == NULL)
			continue;
		(void)snprintf(text, sizeof(text),
		    "%s: http with %s in <%s>: credentials are sent over https "
		    "only, write https://",
		    a->name, with, row->name);
		fault(arg, a->name, text);
	}
}

/* With privacy, the display name must be one of four words. */
static void
check_privacy(const struct bwi_bxml_element *row,
    const struct bwi_bxml_values *values, bwi_bxml_fault_fn *fault, void *arg)
{
	const char *attr = is_row(row, BWI_BXML_ID_Forward)
			       ? "callerDisplayName"
			       : "transferCallerDisplayName";
	struct bw_str privacy = bwi_bxml_value(row, values, "privacy");
	struct bw_str name = bwi_bxml_value(row, values, attr);
	char text[160];

	if (!bw_str_is(privacy, "true") &&
	    !bwi_bxml_is_open(row, values, "privacy"))
		return;
	if (name.p == NULL || bwi_bxml_hides_number(name))
		return;
	(void)snprintf(text, sizeof(text),
	    "%s: with privacy, <%s> allows only Restricted, Anonymous, Private "
	    "or Unavailable",
	    attr, row->name);
	fault(arg, attr, text);
}

static void
check_repeat(const struct bwi_bxml_element *row,
    const struct bwi_bxml_values *values, size_t prompts,
    bwi_bxml_fault_fn *fault, void *arg)
{
	struct bw_str s = bwi_bxml_value(row, values, "repeatCount");
	char text[160];
	double count;

	if (s.p == NULL || bwi_bxml_is_open(row, values, "repeatCount"))
		return;
	count = bwi_bxml_number(s);
	if (prompts == 0 || count * (double)prompts <= BWI_BXML_MAX_PROMPTS)
		return;
	(void)snprintf(text, sizeof(text),
	    "repeatCount: %.0f times %zu prompts in <Gather> are more than %d: "
	    "at most %zu times, or fewer prompts",
	    count, prompts, BWI_BXML_MAX_PROMPTS,
	    BWI_BXML_MAX_PROMPTS / prompts);
	fault(arg, "repeatCount", text);
}

/* format goes with interpret-as="date" only. */
static void
check_format(const struct bwi_bxml_element *row,
    const struct bwi_bxml_values *values, bwi_bxml_fault_fn *fault, void *arg)
{
	struct bw_str as = bwi_bxml_value(row, values, "interpret-as");
	struct bw_str format = bwi_bxml_value(row, values, "format");

	if (as.p == NULL || bwi_bxml_is_open(row, values, "interpret-as"))
		return;
	if (bw_str_is(as, "date") && format.p == NULL)
		fault(arg, NULL,
		    "format: required in <say-as interpret-as=\"date\">, "
		    "write format=\"mdy\" or the like");
	else if (!bw_str_is(as, "date") && format.p != NULL)
		fault(arg, "format",
		    "format: only with interpret-as=\"date\" in <say-as>");
}

void
bwi_bxml_check_rules(const struct bwi_bxml_element *row,
    const struct bwi_bxml_values *values, size_t children,
    bwi_bxml_fault_fn *fault, void *arg)
{
	check_https(row, values, fault, arg);
	if (is_row(row, BWI_BXML_ID_Forward) ||
	    is_row(row, BWI_BXML_ID_Transfer))
		check_privacy(row, values, fault, arg);
	else if (is_row(row, BWI_BXML_ID_Gather))
		check_repeat(row, values, children, fault, arg);
	else if (is_row(row, BWI_BXML_ID_say_as))
		check_format(row, values, fault, arg);
}
