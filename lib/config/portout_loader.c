/* Compiling <subscribers> and <notify>. */
#include <bwcallback/tools/spell.h>

#include "base/decimal.h"
#include "config/rule_loader.h"
#include "portout/judge.h"
#include "portout/notify.h"

/* More requests for one number than any sensible limit. */
#define MAX_VELOCITY 1000

#define BIT(field) (1u << BWI_SUBSCRIBER_##field)

/* Fields that can be compared, and fields that can be disclosed. */
#define COMPARED  (BIT(ACCOUNT) | BIT(PIN) | BIT(ZIP) | BIT(NAME))
#define COLUMNS	  (COMPARED | BIT(STATUS) | BIT(LOCK))
#define DISCLOSED (COMPARED | BIT(NUMBER))

static const char *
suggest_word(struct bw_str word, unsigned allowed)
{
	const char *words[BWI_SUBSCRIBER__MAX];
	size_t n = 0;

	for (int f = 0; f < BWI_SUBSCRIBER__MAX; f++) {
		if ((allowed >> f & 1) != 0)
			words[n++] =
			    bwi_subscriber_word((enum bwi_subscriber_field)f);
	}
	return bw_spell_suggest(word, words, n);
}

/* Parse a list of words as bits; false after an error. */
static bool
take_words(struct bwi_loader *l, const xmlNode *node, const char *attr,
    unsigned allowed, unsigned *bits)
{
	struct bw_str s = bwi_loader_attr(l, node, attr);
	const char *p = s.p;

	if (p == NULL)
		return true;
	*bits = 0;
	while (*(p += strspn(p, " \t\r\n")) != '\0') {
		struct bw_str word = {p, strcspn(p, " \t\r\n")};
		enum bwi_subscriber_field f = bwi_subscriber_find(word);
		const char *near = suggest_word(word, allowed);

		if (f == BWI_SUBSCRIBER__MAX || (allowed >> f & 1) == 0) {
			bwi_loader_error(l, node,
			    "<subscribers>: %s: \"%.*s\" is not allowed "
			    "here%s%s%s",
			    attr, (int)(word.n < 40 ? word.n : 40), word.p,
			    near != NULL ? ", did you mean \"" : "",
			    near != NULL ? near : "",
			    near != NULL ? "\"?" : "");
			return false;
		}
		*bits |= 1u << f;
		p += word.n;
	}
	return true;
}

static bool
take_number(struct bwi_loader *l, const xmlNode *node, const char *attr,
    int64_t max, int64_t *out)
{
	struct bw_str s = bwi_loader_attr(l, node, attr);

	if (s.p == NULL)
		return true;
	if (bwi_decimal_parse(s, max, out) && *out > 0)
		return true;
	bwi_loader_error(l, node,
	    "<subscribers>: %s: write a number from 1 to %lld", attr,
	    (long long)max);
	return false;
}

static bool
take_rules(struct bwi_loader *l, const xmlNode *node, struct bwi_portout *p,
    unsigned *columns)
{
	*columns = BIT(ACCOUNT) | BIT(PIN) | BIT(ZIP);
	p->disclose = BIT(NUMBER);
	p->numbers = BWI_PORTOUT_NUMBERS;
	if (!take_words(l, node, "require", COLUMNS, columns) ||
	    !take_words(l, node, "disclose", DISCLOSED, &p->disclose) ||
	    !take_number(l, node, "velocity", MAX_VELOCITY, &p->velocity) ||
	    !take_number(
		l, node, "max-numbers", BWI_PORTOUT_NUMBERS, &p->numbers))
		return false;
	p->require = *columns & COMPARED;
	if (p->require == 0) {
		bwi_loader_error(l, node,
		    "<subscribers>: require: write at least one of account, "
		    "pin, zip and name, or every request is allowed");
		return false;
	}
	if ((p->disclose & BIT(PIN)) != 0)
		bwi_loader_warn(l, node,
		    "<subscribers>: disclose: a request with a wrong PIN is "
		    "answered with the right one");
	return true;
}

static void
open_data(struct bwi_loader *l, const xmlNode *node, struct bwi_portout *p,
    unsigned columns)
{
	struct bw_str file = bwi_loader_attr(l, node, "file");
	struct bw_str sqlite = bwi_loader_attr(l, node, "sqlite");
	struct bw_str query = bwi_loader_attr(l, node, "query");
	struct bw_error e = {0};
	const char *path;
	enum bw_err err;

	if ((file.p != NULL) == (sqlite.p != NULL) ||
	    (sqlite.p != NULL) != (query.p != NULL)) {
		bwi_loader_error(l, node,
		    "<subscribers>: write file=\"subscribers.csv\", or "
		    "sqlite=\"subscribers.db\" and query=\"SELECT ... WHERE "
		    "number = ?1\"");
		return;
	}
	path = bwi_loader_secret(l, node, file.p != NULL ? file : sqlite);
	if (path == NULL)
		return;
	err = file.p != NULL ? bwi_subscribers_open_file(
				   &p->subscribers, path, columns, &e)
			     : bwi_subscribers_open_sql(
				   &p->subscribers, path, query.p, columns, &e);
	if (err != BW_OK)
		bwi_loader_report_error(l, node, &e);
}

/* A rule that allows port-outs would bypass the subscriber data. */
static void
check_rules(struct bwi_loader *l, const xmlNode *section)
{
	const xmlNode *on = bwi_node_element(section->children);

	for (; on != NULL; on = bwi_node_element(on->next)) {
		const xmlNode *answer = bwi_node_element(on->children);

		if (bwi_node_is(on, "on") && answer != NULL &&
		    bwi_node_is(answer, "portable"))
			bwi_loader_error(l, answer,
			    "<portable>: beside <subscribers> an <on> can only "
			    "<deny>: it would allow port-outs that the data "
			    "refuse");
	}
}

void
bwi_loader_subscribers(
    struct bwi_loader *l, struct bwi_section_loading *s, const xmlNode *node)
{
	struct bwi_portout *p;
	unsigned columns;

	p = bwi_arena_alloc(&l->config->arena, sizeof(*p));
	if (p == NULL) {
		bwi_loader_no_memory(l);
		return;
	}
	*p = (struct bwi_portout){0};
	s->section->portout = p;
	check_rules(l, s->node);
	if (!take_rules(l, node, p, &columns))
		return;
	open_data(l, node, p, columns);
	p->history = bwi_history_get(s->section->path);
	if (p->history == NULL)
		bwi_loader_no_memory(l);
}

void
bwi_loader_notify(
    struct bwi_loader *l, struct bwi_section_loading *s, const xmlNode *node)
{
	const char *const *argv = bwi_loader_argv(l, node);

	if (argv == NULL)
		return;
	s->section->notify = bwi_notify_new(argv, s->section->path);
	if (s->section->notify == NULL)
		bwi_loader_no_memory(l);
}
