/* Verbs that complete at once. */
#include <stdlib.h>

#include "sim/call/verbs.h"

static enum sim_step
run_hangup(struct sim_call *c, const xmlNode *node)
{
	(void)node;
	sim_call_end(c, "hangup", NULL);
	return SIM_DONE;
}

static enum sim_step
run_redirect(struct sim_call *c, const xmlNode *node)
{
	(void)node;
	sim_interpreter_finish(c, "redirectUrl", "redirect", NULL);
	return SIM_DONE;
}

static enum sim_step
run_tag(struct sim_call *c, const xmlNode *node)
{
	char *tag = sim_node_text(node);

	sim_call_set_tag(c, tag);
	free(tag);
	return SIM_DONE;
}

static enum sim_step
run_start_gather(struct sim_call *c, const xmlNode *node)
{
	sim_targets_read(&c->keys, node, "dtmfUrl", c->document->base);
	return SIM_DONE;
}

static enum sim_step
run_stop_gather(struct sim_call *c, const xmlNode *node)
{
	(void)node;
	sim_targets_free(&c->keys);
	return SIM_DONE;
}

const struct sim_verb sim_verb_hangup = {
    .name = "Hangup",
    .run = run_hangup,
};
const struct sim_verb sim_verb_redirect = {
    .name = "Redirect",
    .run = run_redirect,
};
const struct sim_verb sim_verb_tag = {
    .name = "Tag",
    .run = run_tag,
};
const struct sim_verb sim_verb_start_gather = {
    .name = "StartGather",
    .run = run_start_gather,
};
const struct sim_verb sim_verb_stop_gather = {
    .name = "StopGather",
    .run = run_stop_gather,
};
