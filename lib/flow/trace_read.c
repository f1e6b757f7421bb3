/* Reads how an answer was made, as trace.c wrote it. */
#include <bwcallback/tools/trace.h>

#include <limits.h>

#include "base/alloc.h"
#include "base/decimal.h"
#include "base/steps.h"
#include "event/payload_tree.h"

_Static_assert((int)BWI_TIMED__MAX <= BW_TRACE_MAX_STEPS, "room for all");

/* The text at a dotted name; p NULL: none. */
static struct bw_str
text_at(const struct bwi_tree *t, const char *name)
{
	uint32_t i = bwi_tree_find(t, 0, (struct bw_str){name, strlen(name)});

	return i != 0 && t->nodes[i].kind == BW_KIND_STRING
		   ? bwi_node_value(&t->nodes[i])
		   : (struct bw_str){NULL, 0};
}

static int64_t
number_of(const struct bwi_node *node, int64_t max, int64_t otherwise)
{
	int64_t v;

	return node->kind == BW_KIND_NUMBER &&
		       bwi_decimal_parse(bwi_node_value(node), max, &v)
		   ? v
		   : otherwise;
}

/* -1: none */
static int
number_at(const struct bwi_tree *t, const char *name)
{
	uint32_t i = bwi_tree_find(t, 0, (struct bw_str){name, strlen(name)});

	return i != 0 ? (int)number_of(&t->nodes[i], INT_MAX, -1) : -1;
}

static void
read_steps(const struct bwi_tree *t, struct bw_trace *to)
{
	uint32_t i = bwi_tree_find(t, 0, BW_STR("us"));

	if (i == 0 || t->nodes[i].kind != BW_KIND_OBJECT)
		return;
	for (uint32_t c = i + 1; c < t->nodes[i].end; c = t->nodes[c].end) {
		if (to->nsteps == BW_TRACE_MAX_STEPS)
			return;
		to->steps[to->nsteps++] =
		    (struct bw_trace_step){bwi_node_name(&t->nodes[c]),
			number_of(&t->nodes[c], INT64_MAX, 0)};
	}
}

enum bw_err
bw_trace_read(struct bw_str json, struct bw_trace *to)
{
	struct bwi_tree *t = bwi_alloc(sizeof(*t));
	enum bw_err err;

	*to = (struct bw_trace){.exit = -1, .signal = -1, .memory = t};
	if (t == NULL)
		return BW_ERR_NOMEM;
	bwi_tree_init(t);
	err = bwi_json_parse(t, json, NULL);
	if (err != BW_OK)
		return err;
	to->rule = text_at(t, "rule");
	to->error = text_at(t, "error");
	to->text = text_at(t, "text");
	to->program = text_at(t, "program.path");
	to->exit = number_at(t, "program.exit");
	to->signal = number_at(t, "program.signal");
	to->said = text_at(t, "program.stderr");
	to->check = text_at(t, "check");
	read_steps(t, to);
	return BW_OK;
}

void
bw_trace_free(struct bw_trace *trace)
{
	if (trace->memory != NULL)
		bwi_tree_free(trace->memory);
	bwi_free(trace->memory);
	trace->memory = NULL;
}
