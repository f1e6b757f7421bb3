/*
 * Names and values of fields in a configuration: every member of every event,
 * from the tables, written correctly and misspelt.
 */
#include "config/field_check.h"
#include "event/field.h"
#include "flow/flow.h"

#include <stdio.h>
#include <string.h>

#include <libxml/parser.h>

#include <bwcallback/config.h>

#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

static const struct bw_event_type *types;
static size_t ntypes;
static const struct bw_field *fields;
static size_t nfields;

/* All findings of loading a file, one on each line. */
static struct bw_buf found;

static void
on_finding(void *arg, const struct bw_finding *f)
{
	(void)arg;
	bw_buf_printf(&found, "%s\n", f->text);
}

static void
load(const struct bw_buf *text)
{
	const struct bw_reporter to = {on_finding, NULL};
	struct bw_config *config = NULL;

	scratch_write("c.xml", text->p);
	bw_buf_reset(&found);
	if (bw_config_load("c.xml", &config, &to, NULL) != BW_OK)
		bw_buf_puts(&found, "it does not load\n");
	bw_buf_putc(&found, '\0');
	bw_config_unref(config);
}

static bool
is_other(size_t row)
{
	return row < BW_FAMILY__MAX;
}

/* The kind of section to which the family comes first. */
static enum bwi_section_kind
section_of(enum bw_family family)
{
	int kind = 0;

	while (kind < BWI_SECTION_EMERGENCY &&
	       !bwi_section_expects((enum bwi_section_kind)kind, family))
		kind++;
	return (enum bwi_section_kind)kind;
}

static bool
has_fields(const struct bw_event_type *type)
{
	for (size_t i = 0; i < nfields; i++) {
		if (strcmp(fields[i].name, "*") != 0 &&
		    bw_field_is_of(&fields[i], type))
			return true;
	}
	return false;
}

/* Events of the retired API whose names are in use are not meant any more. */
static bool
is_replaced(const struct bw_event_type *type)
{
	for (size_t i = BW_FAMILY__MAX; i < ntypes; i++) {
		if (type->family == BW_FAMILY_LEGACY_V1 &&
		    types[i].family == BW_FAMILY_VOICE &&
		    strcmp(types[i].name, type->name) == 0)
			return true;
	}
	return false;
}

/* Append a rule with that condition, and a placeholder if text is not NULL. */
static void
put_rule(struct bw_buf *b, const struct bw_event_type *type,
    const char *condition, const char *text)
{
	enum bwi_section_kind kind = section_of(type->family);
	bool bxml = type->answer == BW_ANSWER_BXML ||
		    type->answer == BW_ANSWER_BXML_OR_NONE;

	bw_buf_printf(b, "<on event='%s' %s>", type->name, condition);
	if (kind == BWI_SECTION_PORTOUT)
		bw_buf_puts(b, "<deny code='7513'/>");
	else if (bxml)
		bw_buf_printf(b,
		    "<Response><SpeakSentence>Hello %s.</SpeakSentence>"
		    "</Response>",
		    text != NULL ? text : "");
	else
		bw_buf_printf(b, "<reply status='200'>%s</reply>",
		    text != NULL ? text : "");
	bw_buf_puts(b, "</on>\n");
}

static void
begin(struct bw_buf *b, const struct bw_event_type *type)
{
	bw_buf_init(b, 1 << 20);
	bw_buf_printf(b, "<callbacks><%s path='/s'>\n",
	    bwi_section_element(section_of(type->family)));
}

static void
end(struct bw_buf *b, const struct bw_event_type *type)
{
	bw_buf_printf(b, "</%s></callbacks>\n",
	    bwi_section_element(section_of(type->family)));
	bw_buf_putc(b, '\0');
	load(b);
	bw_buf_free(b);
}

/* The finding about that word, or NULL. */
static const char *
finding_of(const char *prefix, const char *word)
{
	char quoted[300];

	(void)snprintf(quoted, sizeof(quoted), "%s%s", prefix, word);
	return strstr(found.p, quoted);
}

static void
test_misspelt(const struct bw_event_type *type)
{
	bool portout = section_of(type->family) == BWI_SECTION_PORTOUT;
	struct bw_buf b;

	begin(&b, type);
	for (size_t i = 0; i < nfields; i++) {
		const struct bw_field *f = &fields[i];
		char condition[200], text[200];

		if (f->kind == BW_FIELD_OPEN || !bw_field_is_of(f, type))
			continue;
		(void)snprintf(
		    condition, sizeof(condition), "%sq='x'", f->name);
		(void)snprintf(text, sizeof(text), "{%sq}", f->name);
		put_rule(&b, type, condition, text);
	}
	end(&b, type);
	for (size_t i = 0; i < nfields; i++) {
		const struct bw_field *f = &fields[i];
		char name[200];

		if (f->kind == BW_FIELD_OPEN || !bw_field_is_of(f, type))
			continue;
		(void)snprintf(name, sizeof(name),
		    "%sq=\"x\": %s has no field "
		    "\"%sq\", did you mean \"",
		    f->name, type->name, f->name);
		ok(finding_of("<on>: ", name) != NULL, "%s %s", type->name,
		    f->name);
		(void)snprintf(name, sizeof(name),
		    "{%sq}: %s has no field "
		    "\"%sq\", did you mean \"",
		    f->name, type->name, f->name);
		ok(portout || finding_of(">: ", name) != NULL, "%s {%s}",
		    type->name, f->name);
	}
}

struct values {
	struct bw_buf *b;
	const struct bw_event_type *type;
	const char *name;
	bool wrong;
	unsigned n;
};

static bool
put_value(const void *arg, struct bw_str value)
{
	struct values *v = *(struct values *const *)arg;
	char condition[300];

	(void)snprintf(condition, sizeof(condition), "%s='%.*s%s'", v->name,
	    (int)value.n, value.p, v->wrong ? "q" : "");
	put_rule(v->b, v->type, condition, NULL);
	v->n++;
	return false;
}

static void
test_values(const struct bw_event_type *type, bool wrong)
{
	struct bw_buf b;
	struct values v = {&b, type, NULL, wrong, 0}, *pv = &v;
	unsigned n = 0;

	begin(&b, type);
	for (size_t i = 0; i < nfields; i++) {
		v.name = fields[i].name;
		if (!bw_field_is_of(&fields[i], type) ||
		    !bwi_field_is_condition(v.name))
			continue;
		(void)bwi_field_any_word(fields[i].values, '|', put_value, &pv);
		if (fields[i].kind == BW_FIELD_NAME)
			(void)put_value(&pv,
			    (struct bw_str){type->name, strlen(type->name)});
	}
	end(&b, type);
	for (const char *p = found.p;
	     (p = strstr(p, "no such value is documented")) != NULL; p++)
		n++;
	is_int(n, wrong ? v.n : 0, "%s: %s values", type->name,
	    wrong ? "wrong" : "documented");
}

static void
test_correct(const struct bw_event_type *type)
{
	struct bw_buf b;

	begin(&b, type);
	for (size_t i = 0; i < nfields; i++) {
		const struct bw_field *f = &fields[i];
		size_t n = strlen(f->name);
		char condition[200], text[200];

		if (strcmp(f->name, "*") == 0 || !bw_field_is_of(f, type) ||
		    !bwi_field_is_condition(f->name))
			continue;
		if (f->kind == BW_FIELD_OPEN) {
			(void)snprintf(condition, sizeof(condition),
			    "%.*sx-new-9='x'", (int)n - 1, f->name);
			(void)snprintf(text, sizeof(text), "{%.*sx-new-9}",
			    (int)n - 1, f->name);
		} else {
			(void)snprintf(condition, sizeof(condition), "%s%s='*'",
			    f->name, f->kind == BW_FIELD_LIST ? ".1" : "");
			(void)snprintf(text, sizeof(text), "{%s}", f->name);
		}
		put_rule(&b, type, condition, text);
	}
	put_rule(&b, type, "field.nothing9='x'", "{field.nothing9}");
	put_rule(&b, type, "query.nothing9='x'", "{query.nothing9}");
	end(&b, type);
	ok(strstr(found.p, "field") == NULL &&
		strstr(found.p, "does not load") == NULL,
	    "%s: documented names", type->name);
}

int
main(void)
{
	unsigned tried = 0;

	scratch_enter();
	bw_buf_init(&found, 1 << 20);
	types = bw_event_types(&ntypes);
	fields = bw_fields(&nfields);
	for (size_t i = 0; i < ntypes; i++) {
		const struct bw_event_type *type = &types[i];

		if (is_other(i) || is_replaced(type) ||
		    type->answer == BW_ANSWER_NOTHING)
			continue;
		test_correct(type);
		if (!has_fields(type))
			continue;
		tried++;
		test_misspelt(type);
		test_values(type, false);
		test_values(type, true);
	}
	ok(tried > 60, "%u types of events have documented members", tried);
	bw_buf_free(&found);
	xmlCleanupParser();
	return tap_done();
}
