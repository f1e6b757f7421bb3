/* Reports unknown names, with the most similar known one. */
#include "bxml/unknown_names.h"

#include <stdio.h>

#include <bwcallback/tools/spell.h>

#include "bxml/advice.h"

/* Larger than any list of candidates. */
#define MAX_CANDIDATES 64

/* Names that are not allowed in spoken text. */
static const struct {
	const char *name;
	const char *advice;
} spoken[] = {
#define X(name, advice) {name, advice},
#include "bxml/spoken.def"
#undef X
};

static const char *
find_spoken(const char *name)
{
	for (size_t i = 0; i < sizeof(spoken) / sizeof(spoken[0]); i++) {
		if (strcmp(spoken[i].name, name) == 0)
			return spoken[i].advice;
	}
	return NULL;
}

static const struct {
	const char *parent; /* NULL: the name of an element */
	const char *name;
	const char *now;
	const char *from;
} former[] = {
#define ELEMENT(name, now, from)       {NULL, name, now, from},
#define ATTR(element, name, now, from) {element, name, now, from},
#include "bxml/former.def"
#undef ELEMENT
#undef ATTR
};

/* Index of a name in former[], or -1. */
static int
find_former(const char *parent, const char *name)
{
	for (size_t i = 0; i < sizeof(former) / sizeof(former[0]); i++) {
		bool same_parent =
		    parent == NULL ? former[i].parent == NULL
				   : former[i].parent != NULL &&
					 strcmp(former[i].parent, parent) == 0;

		if (same_parent && strcmp(former[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

/* The most similar element that is allowed in the parent. */
static const char *
suggest_element(const char *parent, const char *name)
{
	const char *names[MAX_CANDIDATES];
	size_t n = 0;

	for (size_t i = 0; i < bwi_bxml_nelements && n < MAX_CANDIDATES; i++) {
		if (bwi_bxml_stands_in(&bwi_bxml_elements[i], parent))
			names[n++] = bwi_bxml_elements[i].name;
	}
	return bw_spell_suggest((struct bw_str){name, strlen(name)}, names, n);
}

static const char *
suggest_attr(const struct bwi_bxml_element *row, const char *name)
{
	const char *names[MAX_CANDIDATES];
	size_t n = 0;

	for (size_t i = 0; i < row->nattrs && n < MAX_CANDIDATES; i++)
		names[n++] = row->attrs[i].name;
	return bw_spell_suggest((struct bw_str){name, strlen(name)}, names, n);
}

const char *
bwi_bxml_near_word(const struct bwi_bxml_words *list, struct bw_str s)
{
	const char *names[MAX_CANDIDATES];
	size_t n = 0;

	for (size_t i = 0; list != NULL && i < list->n && n < MAX_CANDIDATES;
	     i++)
		names[n++] = list->words[i].name;
	return bw_spell_suggest(s, names, n);
}

/* List the allowed parents: "<Response> or <Gather>", truncated to size. */
static void
add_parents(char *parents, size_t size, const struct bwi_bxml_element *row)
{
	const char *p = row->parents;

	for (;;) {
		size_t n = strcspn(p, "|"), used = strlen(parents);

		/*
		 * Leave out SSML parents and Bxml, the other name of Response.
		 */
		if (*p >= 'A' && *p <= 'Z' && strncmp(p, "Bxml", n) != 0) {
			(void)snprintf(parents + used, size - used, "%s<%.*s>",
			    used > 0 ? " or " : "", (int)n, p);
		}
		p += n;
		if (*p++ == '\0')
			return;
	}
}

/* If an element of that name is allowed elsewhere, report where. */
static bool
report_misplaced(
    struct bwi_bxml_checker *c, const xmlNode *node, const char *parent)
{
	const char *name = (const char *)node->name;
	char parents[128] = "";

	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		if (strcmp(bwi_bxml_elements[i].name, name) == 0)
			add_parents(
			    parents, sizeof(parents), &bwi_bxml_elements[i]);
	}
	if (bwi_bxml_element(NULL, name) != NULL)
		(void)snprintf(parents, sizeof(parents), "no other element");
	if (parents[0] == '\0')
		return false;
	bwi_bxml_error(c, node, NULL,
	    "<%s>: not allowed in <%s>, it is allowed in %s", name, parent,
	    parents);
	return true;
}

void
bwi_bxml_unknown_element(
    struct bwi_bxml_checker *c, const xmlNode *node, const char *parent)
{
	const char *verb =
	    bwi_bxml_element(NULL, parent) != NULL ? "verb" : "element";
	struct bwi_shown name = bwi_bxml_show((const char *)node->name);
	int other = find_former(NULL, (const char *)node->name);
	char where[32] = "";
	const char *near;

	if (report_misplaced(c, node, parent))
		return;
	if (verb[0] == 'e')
		(void)snprintf(where, sizeof(where), " in <%s>", parent);
	if (verb[0] == 'e' && find_spoken(name.s) != NULL &&
	    bwi_bxml_element(parent, "emphasis") != NULL) {
		bwi_bxml_error(c, node, NULL, "<%s>: unknown element%s, %s",
		    name.s, where, find_spoken(name.s));
		return;
	}
	near = other >= 0 ? former[other].now
			  : suggest_element(parent, (const char *)node->name);
	if (other >= 0)
		bwi_bxml_error(c, node, NULL,
		    "<%s>: unknown %s%s, from %s: write <%s>", name.s, verb,
		    where, former[other].from, near);
	else if (near != NULL)
		bwi_bxml_error(c, node, NULL,
		    "<%s>: unknown %s%s, did you mean <%s>?", name.s, verb,
		    where, near);
	else
		bwi_bxml_error(
		    c, node, NULL, "<%s>: unknown %s%s", name.s, verb, where);
}

const struct bwi_bxml_attr *
bwi_bxml_unknown_attr(struct bwi_bxml_checker *c, const xmlNode *node,
    const char *attr, struct bw_str value, const struct bwi_bxml_element *row)
{
	void (*say)(struct bwi_bxml_checker *, const xmlNode *, const char *,
	    const char *, ...) BW_PRINTF(4, 5) =
	    c->options->lenient ? bwi_bxml_warning : bwi_bxml_error;
	struct bwi_shown name = bwi_bxml_show(attr);
	int other = find_former(row->name, attr);
	struct bwi_advice advice;

	if (other >= 0) {
		say(c, node, attr,
		    "%s: unknown attribute of <%s>, from %s: write %s", name.s,
		    row->name, former[other].from, former[other].now);
		return former[other].now[0] == '<'
			   ? &row->content
			   : bwi_bxml_attr(row, former[other].now);
	}
	advice = bwi_bxml_advise_attr(
	    row, node, attr, value, suggest_attr(row, name.s));
	say(c, node, attr, "%s: unknown attribute of <%s>%s", name.s, row->name,
	    advice.text[0] != '\0' ? advice.text
	    : row->nattrs == 0	   ? ", which has none"
				   : "");
	return advice.attr;
}
