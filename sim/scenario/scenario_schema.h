#ifndef SIM_SCENARIO_SCHEMA_H
#define SIM_SCENARIO_SCHEMA_H

#include <libxml/tree.h>

#include <bwcallback/finding.h>

/* Is it as schema/scenario.rng has it? What is wrong goes to the reporter. */
bool
sim_scenario_validate(const char *file, xmlDoc *, const struct bw_reporter *);

/* What is wrong below a node, and the line; sim_alloc'ed, or NULL: nothing. */
char *sim_scenario_explain(const xmlNode *, int *line);

#endif
