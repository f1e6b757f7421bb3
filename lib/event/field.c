/* The documented members of events. */
#include "event/field.h"

#include <strings.h>

#include <bwcallback/tools/str.h>

#include "base/str.h"

static const struct bw_cause causes[] = {
#define CAUSE(name, fault, sip) {name, fault, sip},
#include "event/causes.def"
#undef CAUSE
};

/* "|hangup|busy..." */
static const char cause_words[] =
#define CAUSE(name, fault, sip) "|" name
#include "event/causes.def"
#undef CAUSE
    ;
#define BWI_CAUSES (cause_words + 1)

static const struct bw_field fields[] = {
#define ROOT(family, element)
#define INSTEAD(wrong, right)
#define FIELD(family, events, name, kind, values) \
	{BW_FAMILY_##family, events, name, BW_FIELD_##kind, values},
#include "event/fields.def"
#undef FIELD
#undef INSTEAD
#undef ROOT
};

static const struct {
	enum bw_family family;
	struct bw_str element;
} roots[] = {
#define ROOT(family, element) \
	{BW_FAMILY_##family, {element ".", sizeof(element)}},
#define INSTEAD(wrong, right)
#define FIELD(family, events, name, kind, values)
#include "event/fields.def"
#undef FIELD
#undef INSTEAD
#undef ROOT
};

static const struct {
	const char *wrong;
	const char *right;
} insteads[] = {
#define ROOT(family, element)
#define INSTEAD(wrong, right) {wrong, right},
#define FIELD(family, events, name, kind, values)
#include "event/fields.def"
#undef FIELD
#undef INSTEAD
#undef ROOT
};

const struct bw_cause *
bw_cause(const char *name)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (strcmp(causes[i].name, name) == 0)
			return &causes[i];
	}
	return NULL;
}

const struct bw_field *
bw_fields(size_t *n)
{
	*n = sizeof(fields) / sizeof(fields[0]);
	return fields;
}

bool
bwi_field_any_word(const char *list, char separator,
    bool (*fn)(const void *arg, struct bw_str word), const void *arg)
{
	while (*list != '\0') {
		const char *end = strchr(list, separator);
		size_t n = end != NULL ? (size_t)(end - list) : strlen(list);

		if (fn(arg, (struct bw_str){list, n}))
			return true;
		list += n + (end != NULL);
	}
	return false;
}

struct membership {
	const char *name;
	bool *of;
};

/* Of several words that select a name, the last one counts. */
static bool
apply_word(const void *arg, struct bw_str word)
{
	const struct membership *m = arg;

	if (bw_str_is(word, "*") || bw_str_is(word, m->name))
		*m->of = true;
	else if (bwi_str_take(&word, '-') && bw_str_is(word, m->name))
		*m->of = false;
	return false;
}

bool
bw_field_is_of(const struct bw_field *f, const struct bw_event_type *type)
{
	bool of = false;
	const struct membership m = {type->name, &of};

	if (f->family != type->family)
		return false;
	(void)bwi_field_any_word(f->events, ' ', apply_word, &m);
	return of;
}

struct bw_str
bwi_field_name(struct bw_str name)
{
	size_t n = strlen(BWI_FIELD_UNCHECKED);

	if (name.n > n && memcmp(name.p, BWI_FIELD_UNCHECKED, n) == 0) {
		name.p += n;
		name.n -= n;
	}
	return name;
}

static bool
is_position(struct bw_str part)
{
	for (size_t i = 0; i < part.n; i++) {
		if (!bw_is_digit(part.p[i]))
			return false;
	}
	return part.n != 0;
}

/* The part of a dotted name before the first '.', which is removed. */
static struct bw_str
take_part(struct bw_str *name)
{
	const char *dot = name->n != 0 ? memchr(name->p, '.', name->n) : NULL;
	size_t n = dot != NULL ? (size_t)(dot - name->p) : name->n;
	struct bw_str part = {name->p, n};

	n += dot != NULL;
	name->p += n;
	name->n -= n;
	return part;
}

bool
bwi_field_matches(const struct bw_field *f, struct bw_str name)
{
	struct bw_str want = {f->name, strlen(f->name)};

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		if (roots[i].family == f->family &&
		    bw_str_begins(name, roots[i].element)) {
			name.p += roots[i].element.n;
			name.n -= roots[i].element.n;
		}
	}
	/* Most names differ in the first letter. */
	if (name.n == 0 || (name.p[0] != want.p[0] && want.p[0] != '*'))
		return false;
	while (name.n != 0 && want.n != 0) {
		struct bw_str part = take_part(&name);

		if (is_position(part))
			continue;
		if (bw_str_is(want, "*"))
			return true;
		if (!bw_str_eq(part, take_part(&want)))
			return false;
	}
	while (is_position(name))
		(void)take_part(&name);
	return name.n == 0 && want.n == 0;
}

const char *
bwi_field_instead(struct bw_str wrong, size_t *i)
{
	size_t n = sizeof(insteads) / sizeof(insteads[0]);

	while (*i < n) {
		const char *name = insteads[*i].wrong;
		const char *right = insteads[(*i)++].right;

		if (strlen(name) == wrong.n &&
		    strncasecmp(name, wrong.p, wrong.n) == 0)
			return right;
	}
	return NULL;
}
