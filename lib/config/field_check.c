/* Checks the names and values of fields in rules and placeholders. */
#include "config/field_check.h"

#include <stdio.h>

#include <bwcallback/tools/spell.h>
#include <bwcallback/tools/str.h>

#include "config/query_names.h"
#include "event/event.h"
#include "event/field.h"
#include "template/placeholder.h"

/* Larger than the number of rows of fields.def. */
#define MAX_NAMES 512
/* The attributes of <on> that are not fields. */
static const char *const own_names[] = {"event", "hours", "zone", "dates"};
#define NOWN (sizeof(own_names) / sizeof(own_names[0]))

/* How completely the members of a rule's events are documented. */
enum openness {
	CLOSED,	  /* all of them */
	PARTIAL,  /* not all: report only names similar to documented ones */
	UNLIMITED /* none of them: report nothing */
};

bool
bwi_field_is_condition(const char *attribute)
{
	for (size_t i = 0; i < NOWN; i++) {
		if (strcmp(attribute, own_names[i]) == 0)
			return false;
	}
	return true;
}

static bool
has_row(const struct bwi_field_scope *s, size_t i)
{
	return (s->rows[i / 64] >> i % 64 & 1) != 0;
}

static bool
is_family_wanted(enum bwi_section_kind kind, enum bw_family family, bool legacy)
{
	return bwi_section_expects(kind, family) &&
	       (family == BW_FAMILY_LEGACY_V1) == legacy;
}

static size_t
add_rows(struct bwi_field_scope *s, enum bwi_section_kind kind,
    const struct bwi_rule *rule, bool legacy)
{
	const struct bw_event_type *types;
	size_t n, added = 0;

	types = bw_event_types(&n);
	for (size_t i = 0; i < n && i < 64 * 4; i++) {
		if ((rule->rows[i / 64] >> i % 64 & 1) == 0 ||
		    !is_family_wanted(kind, types[i].family, legacy))
			continue;
		s->rows[i / 64] |= UINT64_C(1) << i % 64;
		if (added == 0)
			s->name = types[i].name;
		else if (s->name != NULL && strcmp(s->name, types[i].name) != 0)
			s->name = NULL;
		added++;
	}
	return added;
}

void
bwi_field_scope_set(struct bwi_field_scope *s, enum bwi_section_kind kind,
    const struct bwi_rule *rule)
{
	struct bw_str event = rule->location.event;

	*s = (struct bwi_field_scope){0};
	s->any = event.n == 0 || memchr(event.p, '*', event.n) != NULL ||
		 memchr(event.p, '?', event.n) != NULL;
	/* API v1 is retired: its events count if there are no others. */
	s->none = add_rows(s, kind, rule, false) == 0 &&
		  add_rows(s, kind, rule, true) == 0;
}

static bool
is_in_scope(const struct bwi_field_scope *s, const struct bw_field *f)
{
	const struct bw_event_type *types;
	size_t n;

	types = bw_event_types(&n);
	for (size_t i = 0; i < n; i++) {
		if (has_row(s, i) && bw_field_is_of(f, &types[i]))
			return true;
	}
	return false;
}

static bool
is_event_open(const struct bw_field *f)
{
	return strcmp(f->name, "*") == 0;
}

static enum openness
openness_of_row(const struct bw_event_type *type)
{
	enum openness open = CLOSED;
	bool documented = false;
	size_t n;
	const struct bw_field *f = bw_fields(&n);

	for (size_t i = 0; i < n; i++) {
		if (!bw_field_is_of(&f[i], type))
			continue;
		if (is_event_open(&f[i]))
			open = PARTIAL;
		else
			documented = true;
	}
	return documented ? open : UNLIMITED;
}

static enum openness
openness_of(const struct bwi_field_scope *s)
{
	enum openness open = CLOSED;
	const struct bw_event_type *types;
	size_t n;

	types = bw_event_types(&n);
	for (size_t i = 0; i < n; i++) {
		enum openness one =
		    has_row(s, i) ? openness_of_row(&types[i]) : CLOSED;

		/* A rule for all events means those that are documented. */
		if (s->any && one != CLOSED)
			one--;
		if (one > open)
			open = one;
	}
	return open;
}

/* Names of the events' members, with the last parts of those of an object. */
struct name_list {
	const char *names[MAX_NAMES];
	size_t n;
};

static void
add_name(struct name_list *l, const char *name)
{
	if (l->n < MAX_NAMES)
		l->names[l->n++] = name;
}

static void
list_names(const struct bwi_field_scope *s, struct name_list *l)
{
	size_t n;
	const struct bw_field *f = bw_fields(&n);

	for (size_t i = 0; i < n; i++) {
		if (f[i].kind != BW_FIELD_OPEN && is_in_scope(s, &f[i]))
			add_name(l, f[i].name);
	}
}

/* A documented member of the same object whose name is like this one. */
static const char *
find_sibling(const struct bwi_field_scope *s, struct bw_str name,
    const struct bw_field *open)
{
	size_t n, prefix = strlen(open->name) - 1;
	const struct bw_field *f = bw_fields(&n);

	for (size_t i = 0; i < n; i++) {
		const char *last = f[i].name + prefix;

		if (f[i].kind != BW_FIELD_OPEN &&
		    strncmp(f[i].name, open->name, prefix) == 0 &&
		    is_in_scope(s, &f[i]) &&
		    bw_spell_suggest(
			(struct bw_str){name.p + prefix, name.n - prefix},
			&last, 1) != NULL)
			return f[i].name;
	}
	return NULL;
}

/*
 * May an event of the rule have that field? If not, *near is the name that was
 * probably meant, or NULL.
 */
static bool
is_known(const struct bwi_field_scope *s, struct bw_str name, bool attribute,
    const char **near)
{
	const struct bw_field *open = NULL;
	struct name_list l = {.n = 0};
	size_t n;
	const struct bw_field *f = bw_fields(&n);
	enum openness openness;

	*near = NULL;
	for (size_t i = 0; i < n; i++) {
		if (is_event_open(&f[i]) || !bwi_field_matches(&f[i], name) ||
		    !is_in_scope(s, &f[i]))
			continue;
		if (f[i].kind != BW_FIELD_OPEN)
			return true;
		open = &f[i];
	}
	if (open != NULL) {
		*near = find_sibling(s, name, open);
		return *near == NULL;
	}
	openness = openness_of(s);
	list_names(s, &l);
	for (size_t i = 0; attribute && i < NOWN; i++)
		add_name(&l, own_names[i]);
	*near = bwi_field_guess(name, l.names, l.n);
	return openness == UNLIMITED || (openness == PARTIAL && *near == NULL);
}

static bool
is_unchecked(const struct bwi_field_scope *s, struct bw_str name)
{
	return s->none || bw_str_begins(name, BW_STR(BWI_FIELD_UNCHECKED)) ||
	       bw_str_begins(name, BW_STR(BWI_EVENT_QUERY));
}

static int
shown(struct bw_str s)
{
	return (int)(s.n < 60 ? s.n : 60);
}

/* "gather has no field "x", did you mean "y"?" */
static void
put_unknown(char *text, size_t size, const struct bwi_field_scope *s,
    struct bw_str name, const char *near)
{
	const char *who = s->name != NULL ? s->name : "none of these events";
	const char *has = s->name != NULL ? "has no" : "has a";

	if (near != NULL)
		(void)snprintf(text, size,
		    "%.40s %s field \"%.*s\", did you mean \"%s\"?", who, has,
		    shown(name), name.p, near);
	else
		(void)snprintf(text, size, "%.40s %s field \"%.*s\"", who, has,
		    shown(name), name.p);
}

/* Collects the documented values of a field. */
struct value_list {
	struct name_list names;
	char text[2048];
	size_t n;
	bool any; /* every value is possible */
};

static bool
add_value(const void *arg, struct bw_str word)
{
	struct value_list *l = *(struct value_list *const *)arg;

	if (l->n + word.n + 1 > sizeof(l->text)) {
		l->any = true;
		return true;
	}
	memcpy(l->text + l->n, word.p, word.n);
	l->text[l->n + word.n] = '\0';
	add_name(&l->names, l->text + l->n);
	l->n += word.n + 1;
	return false;
}

static void
add_event_names(const struct bwi_field_scope *s, const struct bw_field *f,
    struct value_list *l)
{
	const struct bw_event_type *types;
	size_t n;

	types = bw_event_types(&n);
	for (size_t i = 0; i < n; i++) {
		if (has_row(s, i) && bw_field_is_of(f, &types[i]))
			add_name(&l->names, types[i].name);
	}
}

static void
list_values(
    const struct bwi_field_scope *s, struct bw_str name, struct value_list *l)
{
	size_t n;
	const struct bw_field *f = bw_fields(&n);

	for (size_t i = 0; i < n; i++) {
		if (!bwi_field_matches(&f[i], name) || !is_in_scope(s, &f[i]))
			continue;
		if (f[i].kind == BW_FIELD_NAME)
			add_event_names(s, &f[i], l);
		else if (f[i].values[0] == '\0' && !is_event_open(&f[i]) &&
			 f[i].kind != BW_FIELD_OPEN)
			l->any = true;
		(void)bwi_field_any_word(f[i].values, '|', add_value, &l);
	}
}

static bool
is_value_possible(const struct bwi_pattern *m, const struct value_list *l)
{
	struct bw_str literal = bwi_pattern_literal(m, 0);

	if (literal.p != NULL && literal.n == 0)
		return true; /* the field is absent */
	for (size_t i = 0; i < l->names.n; i++) {
		const char *name = l->names.names[i];

		if (bwi_pattern_match(m, (struct bw_str){name, strlen(name)}))
			return true;
	}
	return false;
}

static void
report_value(struct bwi_loader *l, const xmlNode *on, struct bw_str name,
    struct bw_str value, const struct value_list *list)
{
	const char *near =
	    bwi_field_guess(value, list->names.names, list->names.n);

	if (near != NULL)
		bwi_loader_warn(l, on,
		    "<on>: %.*s=\"%.*s\": no such value is documented, did you "
		    "mean \"%s\"?",
		    shown(name), name.p, shown(value), value.p, near);
	else
		bwi_loader_warn(l, on,
		    "<on>: %.*s=\"%.*s\": no such value is documented, only "
		    "\"%s\"%s; for a new one write " BWI_FIELD_UNCHECKED
		    "%.*s=\"%.*s\"",
		    shown(name), name.p, shown(value), value.p,
		    list->names.names[0],
		    list->names.n > 1 ? " and others" : "", shown(name), name.p,
		    shown(value), value.p);
}

/* The alternative at the front of a pattern, which is removed with its '|'. */
static struct bw_str
take_alternative(struct bw_str *s)
{
	struct bw_str one = {s->p, 0};

	while (one.n < s->n && s->p[one.n] != '|')
		one.n += s->p[one.n] == '\\' && one.n + 1 < s->n ? 2 : 1;
	s->p = one.n < s->n ? s->p + one.n + 1 : NULL;
	s->n = one.n < s->n ? s->n - one.n - 1 : 0;
	return one;
}

static void
check_value(struct bwi_loader *l, const struct bwi_field_scope *s,
    const xmlNode *on, struct bw_str name, struct bw_str value)
{
	struct value_list list = {.any = false};

	list_values(s, name, &list);
	if (list.any || list.names.n == 0)
		return;
	while (value.p != NULL) {
		struct bw_str one = take_alternative(&value);
		const struct bwi_pattern *m =
		    bwi_pattern_compile(&l->config->arena, one);

		if (m == NULL) {
			bwi_loader_no_memory(l);
			return;
		}
		if (!is_value_possible(m, &list))
			report_value(l, on, name, one, &list);
	}
}

/*
 * Is the name a parameter of some URL? By GET it is then a field. By POST it is
 * not, but lib/graph reports that, since it knows the URL. If the name is
 * "field-NAME", suggest "field.NAME" in *near; own holds the text.
 */
static bool
is_query(const struct bwi_loader *l, struct bw_str name, char *own, size_t size,
    const char **near)
{
	const size_t skip = strlen("field-");

	if (bwi_query_names_has(l, name))
		return true;
	if (!bw_str_begins(name, BW_STR("field-")))
		return false;
	(void)snprintf(own, size, BWI_FIELD_UNCHECKED "%.*s",
	    shown(name) - (int)skip, name.p + skip);
	*near = own;
	return false;
}

void
bwi_field_check_condition(struct bwi_loader *l, const struct bwi_field_scope *s,
    const xmlNode *on, struct bw_str name, struct bw_str value)
{
	char text[256], own[80];
	const char *near;

	if (is_unchecked(s, name))
		return;
	if (is_known(s, name, true, &near)) {
		check_value(l, s, on, name, value);
		return;
	}
	if (is_query(l, name, own, sizeof(own), &near))
		return;
	put_unknown(text, sizeof(text), s, name, near);
	if (near != NULL)
		bwi_loader_warn(l, on, "<on>: %.*s=\"%.*s\": %s", shown(name),
		    name.p, shown(value), value.p, text);
	else
		bwi_loader_warn(l, on,
		    "<on>: %.*s=\"%.*s\": %s; for a new one "
		    "write " BWI_FIELD_UNCHECKED "%.*s=\"...\"",
		    shown(name), name.p, shown(value), value.p, text,
		    shown(name), name.p);
}

static void
report_placeholder(struct bwi_loader *l, const xmlNode *where,
    const char *element, const struct bwi_placeholder *p, const char *near,
    bool needed)
{
	char text[256];

	put_unknown(text, sizeof(text), l->scope, p->name, near);
	if (needed)
		bwi_loader_fails(l, where,
		    "<%s>: {%.*s}: %s%s The answer needs the value, so it "
		    "always fails",
		    element, shown(p->source), p->source.p, text,
		    near != NULL ? "" : ".");
	else if (near != NULL)
		bwi_loader_warn(l, where, "<%s>: {%.*s}: %s", element,
		    shown(p->source), p->source.p, text);
	else
		bwi_loader_warn(l, where,
		    "<%s>: {%.*s}: %s; for a new one write "
		    "{" BWI_FIELD_UNCHECKED "%.*s}",
		    element, shown(p->source), p->source.p, text,
		    shown(p->name), p->name.p);
}

void
bwi_field_check_values(struct bwi_loader *l, const xmlNode *where,
    struct bwi_template_builder *b, size_t first, const char *element)
{
	for (size_t i = first; l->scope != NULL && i < b->n; i++) {
		struct bwi_placeholder *p = bwi_template_placeholder(b, i);
		char own[80];
		const char *near;

		if (p == NULL || p->name.p == NULL ||
		    is_unchecked(l->scope, p->name) ||
		    is_known(l->scope, p->name, false, &near) ||
		    is_query(l, p->name, own, sizeof(own), &near))
			continue;
		p->absent = true;
		report_placeholder(
		    l, where, element, p, near, bwi_template_needs(b, i));
	}
}
