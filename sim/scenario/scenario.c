/* Reads scenario files. */
#include "sim/scenario/scenario.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <libxml/parser.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/iso8601.h>
#include <bwcallback/tools/xml.h>

#include "sim/base/memory.h"
#include "sim/scenario/scenario_schema.h"

/* libxml2's strings are unsigned. */
static const char *
name_of(const xmlNode *node)
{
	return (const char *)node->name;
}

static bool
is_element(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE &&
	       strcmp(name_of(node), name) == 0;
}

/* sim_alloc'ed; NULL: absent. */
static char *
attribute(const xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetProp(node, (const xmlChar *)name);
	char *copy = sim_copy((const char *)value);

	xmlFree(value);
	return copy;
}

/* The text of an element, trimmed; runs of white space become one blank. */
static char *
text_of(const xmlNode *node)
{
	xmlChar *value = xmlNodeGetContent(node);
	char *copy = sim_copy(value != NULL ? (const char *)value : "");
	size_t n = 0;

	xmlFree(value);
	for (const char *p = copy; *p != '\0'; p++) {
		bool blank = strchr(" \t\r\n", *p) != NULL;

		if (!blank)
			copy[n++] = *p;
		else if (n > 0 && copy[n - 1] != ' ')
			copy[n++] = ' ';
	}
	while (n > 0 && copy[n - 1] == ' ')
		n--;
	copy[n] = '\0';
	return copy;
}

static void
report(struct sim_scenarios *all, const struct bw_reporter *to,
    const xmlNode *node, const char *text)
{
	const struct bw_finding f = {.severity = BW_SEVERITY_ERROR,
	    .file = all->file,
	    .line = node != NULL ? (int)xmlGetLineNo(node) : 0,
	    .text = text};

	if (to->fn != NULL)
		to->fn(to->arg, &f);
}

/* Milliseconds; the schema has checked that the value is a number. */
static int64_t
after_of(const xmlNode *node, int64_t standard)
{
	char *text = attribute(node, "after");
	int64_t ms = text != NULL ? (int64_t)llround(strtod(text, NULL) * 1000)
				  : standard;

	free(text);
	return ms;
}

/* A time like "2026-03-04T15:00:00Z"; -1: absent, -2: invalid. */
static int64_t
time_of(const xmlNode *node)
{
	char *text = attribute(node, "at");
	int64_t ms = text != NULL ? -2 : -1;

	if (text != NULL)
		(void)bw_iso8601_parse(text, &ms);
	free(text);
	return ms;
}

static void
free_list(struct sim_expected_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct sim_expected *e = &l->list[i];

		for (size_t k = 0; k < e->n; k++) {
			free(e->wanted[k].name);
			free(e->wanted[k].value);
		}
		free(e->wanted);
		free(e->text);
	}
	free(l->list);
}

static void
free_scenario(struct sim_scenario *s)
{
	for (size_t i = 0; i < s->also_n; i++) {
		free(s->also[i].from);
		free(s->also[i].to);
		free(s->also[i].url);
		sim_role_free(&s->also[i].role);
	}
	free(s->also);
	for (size_t i = 0; i < s->scripts_n; i++)
		sim_script_free(&s->scripts[i]);
	free(s->scripts);
	free(s->name);
	free(s->from);
	free(s->to);
	free(s->url);
	free(s->status_url);
	free(s->fallback_url);
	for (size_t i = 0; i < SIM_SIP__MAX; i++)
		free(s->sip[i]);
	sim_role_free(&s->role);
	sim_cast_free(&s->cast);
	free_list(&s->steps);
	free_list(&s->sometime);
	free_list(&s->never);
	free_list(&s->stored);
	sim_subject_free(&s->subject);
}

void
sim_scenarios_free(struct sim_scenarios *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->n; i++)
		free_scenario(&all->list[i]);
	free(all->list);
	free(all->file);
	free(all->flow);
	free(all);
}

static struct sim_expected *
add_expected(struct sim_expected_list *l, enum sim_expected_kind kind,
    const xmlNode *node, char *text_take)
{
	l->list = sim_resize(l->list, l->n, l->n + 1, sizeof(*l->list));
	l->list[l->n] = (struct sim_expected){
	    .kind = kind, .line = (int)xmlGetLineNo(node), .text = text_take};
	return &l->list[l->n++];
}

static void
read_fields(struct sim_expected_list *l, enum sim_expected_kind kind,
    const xmlNode *node, const char *first)
{
	struct sim_expected *e =
	    add_expected(l, kind, node, attribute(node, first));

	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		const char *name = (const char *)a->name;

		if (strcmp(name, first) == 0)
			continue;
		e->wanted =
		    sim_resize(e->wanted, e->n, e->n + 1, sizeof(*e->wanted));
		e->wanted[e->n].name = sim_copy(name);
		e->wanted[e->n++].value = attribute(node, name);
	}
}

static void
read_expected(struct sim_expected_list *l, const xmlNode *node)
{
	if (is_element(node, "hears"))
		(void)add_expected(l, SIM_EXPECT_SPEECH, node, text_of(node));
	else if (is_element(node, "plays"))
		(void)add_expected(l, SIM_EXPECT_PLAYS, node, text_of(node));
	else if (is_element(node, "wrong"))
		(void)add_expected(l, SIM_EXPECT_WRONG, node, text_of(node));
	else if (is_element(node, "verb"))
		(void)add_expected(
		    l, SIM_EXPECT_VERB, node, attribute(node, "name"));
	else if (is_element(node, "answered"))
		(void)add_expected(l, SIM_EXPECT_ANSWER, node, NULL);
	else if (is_element(node, "verdict"))
		(void)add_expected(
		    l, SIM_EXPECT_PORTOUT_VERDICT, node, attribute(node, "is"));
	else if (is_element(node, "ends"))
		(void)add_expected(
		    l, SIM_EXPECT_END, node, attribute(node, "cause"));
	else
		read_fields(l, SIM_EXPECT_CALLBACK, node, "event");
}

static void
read_action(struct sim_scenario *s, const xmlNode *node)
{
	int64_t after = after_of(node, -1);

	if (is_element(node, "presses")) {
		char *keys = attribute(node, "keys");

		sim_role_add(&s->role, SIM_ACT_KEYS, keys, after);
		(void)add_expected(&s->steps, SIM_EXPECT_KEYS, node, keys);
	} else if (is_element(node, "says")) {
		char *words = text_of(node);

		sim_role_add(&s->role, SIM_ACT_SAY, words, after);
		(void)add_expected(&s->steps, SIM_EXPECT_TALK, node, words);
	} else if (is_element(node, "waits")) {
		sim_role_add(&s->role, SIM_ACT_SILENCE, NULL, after);
	} else {
		sim_role_add(&s->role, SIM_ACT_HANGUP, NULL, after);
	}
}

static bool
read_words(struct sim_scenarios *all, const struct bw_reporter *to,
    const xmlNode *node, struct sim_role *r)
{
	char *words = attribute(node, "does");
	struct bw_error e = {BW_OK, 0, ""};
	enum bw_err err = BW_OK;

	if (words != NULL)
		err = sim_role_parse(r, words, &e);
	free(words);
	if (err != BW_OK)
		report(all, to, node, e.msg);
	return err == BW_OK;
}

static bool
read_callee(struct sim_scenarios *all, const struct bw_reporter *to,
    struct sim_scenario *s, const xmlNode *node)
{
	char *number = attribute(node, "number");
	struct sim_role *r = sim_cast_role(&s->cast, number);

	free(number);
	return read_words(all, to, node, r);
}

static bool
read_also(struct sim_scenarios *all, const struct bw_reporter *to,
    struct sim_scenario *s, const xmlNode *node)
{
	struct sim_also *a;

	s->also = sim_resize(s->also, s->also_n, s->also_n + 1, sizeof(*a));
	a = &s->also[s->also_n++];
	a->from = attribute(node, "from");
	a->to = attribute(node, "to");
	a->url = attribute(node, "url");
	a->after = after_of(node, 0);
	sim_role_init(&a->role);
	return read_words(all, to, node, &a->role);
}

static bool
read_script(struct sim_scenarios *all, const struct bw_reporter *to,
    struct sim_scenario *s, const xmlNode *node)
{
	struct sim_script *script;
	char *does = attribute(node, "does");
	bool good;

	s->scripts = sim_resize(
	    s->scripts, s->scripts_n, s->scripts_n + 1, sizeof(*script));
	script = &s->scripts[s->scripts_n++];
	script->kind = sim_script_kind(does);
	script->line = (int)xmlGetLineNo(node);
	script->after = after_of(node, 0);
	script->conference = attribute(node, "conference");
	script->url = attribute(node, "url");
	script->tag = attribute(node, "tag");
	free(does);
	good = (script->kind == SIM_SCRIPT_REDIRECT) == (script->url != NULL);
	if (!good)
		report(all, to, node,
		    "<rest>: url is required for redirect, and only allowed "
		    "there");
	return good;
}

static bool
read_child(struct sim_scenarios *all, const struct bw_reporter *to,
    struct sim_scenario *s, const xmlNode *node)
{
	static const char *const actions[] = {
	    "presses", "says", "waits", "hangs-up"};
	struct sim_expected_list *l = is_element(node, "sometime")
					  ? &s->sometime
				      : is_element(node, "never") ? &s->never
								  : NULL;

	if (is_element(node, "callee"))
		return read_callee(all, to, s, node);
	if (is_element(node, "also"))
		return read_also(all, to, s, node);
	if (is_element(node, "rest"))
		return read_script(all, to, s, node);
	if (is_element(node, "stored")) {
		read_fields(&s->stored, SIM_EXPECT_STORED, node, "type");
		return true;
	}
	for (const xmlNode *n = l != NULL ? node->children : NULL; n != NULL;
	     n = n->next) {
		if (n->type == XML_ELEMENT_NODE)
			read_expected(l, n);
	}
	if (l != NULL)
		return true;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (is_element(node, actions[i])) {
			read_action(s, node);
			return true;
		}
	}
	read_expected(&s->steps, node);
	return true;
}

static void
read_subject(struct sim_scenario *s, const xmlNode *node)
{
	const struct {
		const char *name;
		char **to;
	} texts[] = {{"from", &s->subject.from}, {"to", &s->subject.to},
	    {"text", &s->subject.text}, {"type", &s->subject.type},
	    {"statuses", &s->subject.statuses},
	    {"numbers", &s->subject.numbers}, {"pon", &s->subject.pon},
	    {"pin", &s->subject.pin}, {"account", &s->subject.account},
	    {"zip", &s->subject.zip}, {"subscriber", &s->subject.name}};
	char *error = attribute(node, "error");

	s->subject.kind = sim_subject_kind(name_of(node));
	s->subject.outbound = s->outbound;
	/* The schema has checked that it is a short number. */
	s->subject.error = error != NULL ? (int)strtod(error, NULL) : 0;
	free(error);
	if (s->subject.kind == SIM_SUBJECT_CALL)
		return;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i].to = attribute(node, texts[i].name);
}

/* Members of initiate, which only an inbound call has. */
static bool
read_sip(struct sim_scenarios *all, const struct bw_reporter *to,
    struct sim_scenario *s, const xmlNode *node)
{
	bool good = true;

	for (size_t i = 0; i < SIM_SIP__MAX; i++) {
		const char *name = sim_sip_name((enum sim_sip_member)i);
		struct bw_error e = {BW_OK, 0, ""};
		char *text;

		s->sip[i] = attribute(node, name);
		if (s->sip[i] == NULL)
			continue;
		if (s->outbound)
			(void)bw_error_set(
			    &e, BW_ERR_USAGE, 0, "only an inbound call has it");
		else if (i == SIM_SIP_HEADERS &&
			 (s->from == NULL ||
			     strncasecmp(s->from, "sip", 3) != 0))
			(void)bw_error_set(&e, BW_ERR_USAGE, 0,
			    "only a call from a SIP URI has it: set from");
		else if (sim_sip_check((enum sim_sip_member)i, s->sip[i], &e) ==
			 BW_OK)
			continue;
		text = sim_format("%s: %s", name, e.msg);
		report(all, to, node, text);
		free(text);
		good = false;
	}
	return good;
}

static bool
read_scenario(struct sim_scenarios *all, const struct bw_reporter *to,
    const xmlNode *node, int64_t at)
{
	struct sim_scenario *s;
	char *direction = attribute(node, "direction");
	bool good;

	all->list =
	    sim_resize(all->list, all->n, all->n + 1, sizeof(*all->list));
	s = &all->list[all->n++];
	s->line = (int)xmlGetLineNo(node);
	s->name = attribute(node, "name");
	s->from = attribute(node, "from");
	s->to = attribute(node, "to");
	s->url = attribute(node, "url");
	s->status_url = attribute(node, "status-url");
	s->fallback_url = attribute(node, "fallback-url");
	s->outbound = direction != NULL && strcmp(direction, "outbound") == 0;
	free(direction);
	read_subject(s, node);
	s->at = time_of(node) != -1 ? time_of(node) : at;
	sim_role_init(&s->role);
	sim_cast_init(&s->cast);
	good = read_words(all, to, node, &s->role);
	good = read_sip(all, to, s, node) && good;
	if (s->at == -2) {
		report(all, to, node,
		    "at: invalid time; expected 2026-03-04T15:00:00Z");
		good = false;
	}
	for (const xmlNode *n = node->children; n != NULL; n = n->next) {
		if (n->type == XML_ELEMENT_NODE)
			good = read_child(all, to, s, n) && good;
	}
	return good;
}

/* A path relative to the file. */
static char *
path_beside(const char *file, char *path_take)
{
	const char *slash = strrchr(file, '/');
	char *path;

	if (path_take == NULL || *path_take == '/' || slash == NULL)
		return path_take;
	path = sim_format("%.*s/%s", (int)(slash - file), file, path_take);
	free(path_take);
	return path;
}

static bool
read_root(struct sim_scenarios *all, const struct bw_reporter *to, xmlDoc *doc)
{
	const xmlNode *root = xmlDocGetRootElement(doc);
	int64_t at = time_of(root);
	bool good = true;

	all->flow = path_beside(all->file, attribute(root, "flow"));
	for (const xmlNode *n = root->children; n != NULL; n = n->next) {
		if (n->type == XML_ELEMENT_NODE)
			good = read_scenario(all, to, n, at) && good;
	}
	return good;
}

struct reading {
	const struct sim_scenarios *all;
	const struct bw_reporter *to;
	struct bw_str text;
	bool failed;
};

static void
read_text(const char *file, struct bw_buf *text)
{
	FILE *f = fopen(file, "re");
	char part[4096];
	size_t n;

	bw_buf_init(text, BW_MAX_CONFIG);
	while (f != NULL && (n = fread(part, 1, sizeof(part), f)) > 0)
		bw_buf_add(text, part, n);
	if (f != NULL)
		(void)fclose(f);
	if (text->err == BW_ERR_NOMEM)
		sim_no_memory();
}

/* Later errors are consequences of the first. */
static void
on_mistake(void *arg, xmlErrorPtr e)
{
	xmlParserCtxt *ctxt = arg;
	struct reading *r = ctxt->_private;
	struct bw_finding f = {
	    .severity = BW_SEVERITY_ERROR, .file = r->all->file};
	struct bw_buf text;

	if (r->failed || e->level < XML_ERR_ERROR)
		return;
	r->failed = true;
	bw_buf_init(&text, BW_ERROR_MSG_SIZE);
	bw_xml_explain(&text, e, r->text, &f.line, &f.column);
	bw_buf_putc(&text, '\0');
	if (text.err != BW_OK)
		sim_no_memory();
	f.text = text.p;
	if (r->to->fn != NULL)
		r->to->fn(r->to->arg, &f);
	bw_buf_free(&text);
}

static xmlDoc *
parse(struct sim_scenarios *all, const struct bw_reporter *to)
{
	struct reading r = {.all = all, .to = to};
	struct bw_buf text;
	xmlParserCtxt *ctxt;
	xmlDoc *doc;

	bw_xml_init();
	ctxt = xmlNewParserCtxt();
	if (ctxt == NULL)
		sim_no_memory();
	ctxt->_private = &r;
	ctxt->sax->serror = on_mistake;
	read_text(all->file, &text);
	r.text = (struct bw_str){text.p, text.n};
	doc = xmlCtxtReadMemory(ctxt, text.n > 0 ? text.p : "", (int)text.n,
	    all->file, NULL, XML_PARSE_NONET | XML_PARSE_NOCDATA);
	bw_buf_free(&text);
	xmlFreeParserCtxt(ctxt);
	return doc;
}

enum bw_err
sim_scenarios_load(const char *file, struct sim_scenarios **out,
    const struct bw_reporter *to, struct bw_error *e)
{
	struct sim_scenarios *all;
	bool good = true;
	xmlDoc *doc;

	*out = NULL;
	if (access(file, R_OK) != 0)
		return bw_error_set(
		    e, BW_ERR_NOFILE, errno, "%s: %s", file, strerror(errno));
	all = sim_alloc(sizeof(*all));
	all->file = sim_copy(file);
	doc = parse(all, to);
	if (doc == NULL)
		good = false;
	else if (is_element(xmlDocGetRootElement(doc), "scenarios")) {
		good = sim_scenario_validate(file, doc, to) &&
		       read_root(all, to, doc);
		*out = good ? all : NULL;
	} else {
		(void)bw_error_set(e, BW_ERR_CONFIG, 0,
		    "%s: not a scenario file: expected <scenarios>, found <%s>",
		    file, name_of(xmlDocGetRootElement(doc)));
	}
	xmlFreeDoc(doc);
	if (*out == NULL)
		sim_scenarios_free(all);
	if (good)
		return BW_OK;
	return bw_error_set(
	    e, BW_ERR_CONFIG, 0, "%s: invalid scenario file", file);
}
