/* Accessors of a decoded event. */
#include <bwcallback/tools/str.h>

#include "event/event.h"

const struct bw_event_type *
bw_event_row(const struct bw_event *e)
{
	return e->row;
}

enum bw_family
bw_event_family(const struct bw_event *e)
{
	return e->row->family;
}

struct bw_str
bw_event_name(const struct bw_event *e)
{
	return e->name;
}

struct bw_str
bw_event_query(const struct bw_event *e)
{
	return e->query;
}

/* Remove the prefix of a parameter of the URL. False: it is a field. */
static bool
is_parameter(struct bw_str *name)
{
	if (!bw_str_begins(*name, BW_STR(BWI_EVENT_QUERY)))
		return false;
	name->p += sizeof(BWI_EVENT_QUERY) - 1;
	name->n -= sizeof(BWI_EVENT_QUERY) - 1;
	return true;
}

/*
 * The node of a field, and its tree; 0 for none. "query.NAME" is a parameter of
 * the URL, whatever the payload contains. In XML, a name may also begin with
 * the root element, a member of node 0.
 */
static uint32_t
find(const struct bw_event *e, struct bw_str name, const struct bwi_tree **tree)
{
	uint32_t i;

	*tree = e->tree;
	if (name.p == NULL)
		return 0;
	if (is_parameter(&name)) {
		*tree = e->parameters;
		return *tree != NULL ? bwi_tree_find(*tree, 0, name) : 0;
	}
	i = bwi_tree_find(e->tree, e->node, name);
	if (i == 0 && e->tree->xml)
		i = bwi_tree_find(e->tree, 0, name);
	return i;
}

enum bw_value_kind
bw_event_get(const struct bw_event *e, struct bw_str name, struct bw_str *value)
{
	const struct bwi_tree *t;
	uint32_t i = find(e, name, &t);

	*value = (struct bw_str){NULL, 0};
	if (i == 0)
		return BW_KIND_ABSENT;
	while (t->nodes[i].kind == BW_KIND_LIST && t->nodes[i].end > i + 1)
		i++;
	if (!bwi_node_is_scalar(&t->nodes[i]))
		return BW_KIND_ABSENT;
	*value = bwi_node_value(&t->nodes[i]);
	return (enum bw_value_kind)t->nodes[i].kind;
}

bool
bwi_event_any(const struct bw_event *e, struct bw_str name,
    bool (*fn)(const void *arg, struct bw_str value), const void *arg)
{
	bool found = false;

	if (is_parameter(&name)) {
		if (e->parameters != NULL &&
		    bwi_tree_any(e->parameters, 0, name, fn, arg, &found))
			return true;
		return !found && fn(arg, (struct bw_str){NULL, 0});
	}
	if (bwi_tree_any(e->tree, e->node, name, fn, arg, &found))
		return true;
	if (!found && e->tree->xml &&
	    bwi_tree_any(e->tree, 0, name, fn, arg, &found))
		return true;
	return !found && fn(arg, (struct bw_str){NULL, 0});
}
