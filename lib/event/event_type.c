/* The table of all callbacks, and lookups in it. */
#include "event/event.h"

static const struct bw_event_type types[] = {
#define X(family, name, answer, status, type, source) \
	[BW_FAMILY_##family] = {BW_FAMILY_##family, "other", \
	    BW_ANSWER_##answer, status, "#", source},
#include "event/families.def"
#undef X
#define ALIAS(family, name, type)
#define X(family, name, answer, status, key, source) \
	{BW_FAMILY_##family, name, BW_ANSWER_##answer, status, key, source},
#include "event/events.def"
#undef X
#undef ALIAS
};

#define NTYPES (sizeof(types) / sizeof(types[0]))

/* Names with their lengths, for the lookup, in the order of types[]. */
static const struct {
	enum bw_family family;
	struct bw_str name;
} names[] = {
#define ALIAS(family, name, type)
#define X(family, name, answer, status, key, source) \
	{BW_FAMILY_##family, {name, sizeof(name) - 1}},
#include "event/events.def"
#undef X
#undef ALIAS
};

static const struct {
	enum bw_family family;
	struct bw_str name;
	struct bw_str type;
} aliases[] = {
#define X(family, name, answer, status, key, source)
#define ALIAS(family, name, type) \
	{BW_FAMILY_##family, {name, sizeof(name) - 1}, \
	    {type, sizeof(type) - 1}},
#include "event/events.def"
#undef X
#undef ALIAS
};

static const struct {
	const char *name;
	struct bw_str unnamed;
} families[] = {
#define X(family, name, answer, status, type, source) \
	[BW_FAMILY_##family] = {name, {type, sizeof(type) - 1}},
#include "event/families.def"
#undef X
};

_Static_assert(sizeof(families) / sizeof(families[0]) == BW_FAMILY__MAX,
    "families.def and enum bw_family have the same families");
_Static_assert(NTYPES == BW_FAMILY__MAX + sizeof(names) / sizeof(names[0]),
    "every family has its row named other");

const struct bw_event_type *
bw_event_types(size_t *n)
{
	*n = NTYPES;
	return types;
}

const char *
bw_family_name(enum bw_family family)
{
	if ((unsigned)family >= BW_FAMILY__MAX)
		family = BW_FAMILY_OTHER;
	return families[family].name;
}

const char *
bw_answer_name(enum bw_answer_kind kind)
{
	switch (kind) {
	case BW_ANSWER_BXML:
		return "bxml";
	case BW_ANSWER_BXML_OR_NONE:
		return "bxml-or-none";
	case BW_ANSWER_PORTOUT:
		return "portout";
	case BW_ANSWER_JSON:
		return "json";
	case BW_ANSWER_NOTHING:
		return "nothing";
	case BW_ANSWER_STATUS:
		break;
	}
	return "status";
}

static const struct bw_event_type *
find_by_name(enum bw_family family, struct bw_str name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].family == family && bw_str_eq(names[i].name, name))
			return &types[BW_FAMILY__MAX + i];
	}
	return NULL;
}

/* Locale-independent: ASCII letters only. */
static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
equal_ignoring_case(struct bw_str a, struct bw_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	}
	return true;
}

const struct bw_event_type *
bwi_event_type_find(enum bw_family family, struct bw_str name)
{
	const struct bw_event_type *type = find_by_name(family, name);

	for (size_t i = 0;
	     type == NULL && i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (aliases[i].family == family &&
		    equal_ignoring_case(aliases[i].name, name))
			type = find_by_name(family, aliases[i].type);
	}
	return type;
}

const struct bw_event_type *
bwi_event_type_unnamed(enum bw_family family)
{
	const struct bw_event_type *type =
	    find_by_name(family, families[family].unnamed);

	return type != NULL ? type : &types[family];
}

const struct bw_event_type *
bwi_event_type_other(enum bw_family family)
{
	return &types[family];
}
