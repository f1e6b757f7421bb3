#ifndef SIM_SCENARIO_SCHEMA_H
#define SIM_SCENARIO_SCHEMA_H

#include <libxml/tree.h>

#include <bwcallback/finding.h>

/* Validate a document against schema/scenario.rng; reports the error. */
bool
sim_scenario_validate(const char *file, xmlDoc *, const struct bw_reporter *);

/* The error below a node and its line; sim_alloc'ed. NULL: none found. */
char *sim_scenario_explain(const xmlNode *, int *line);

#endif
