#ifndef SIM_BASE_XML_ATTRIBUTE_H
#define SIM_BASE_XML_ATTRIBUTE_H

#include <stdbool.h>
#include <stdint.h>

#include <libxml/tree.h>

/*
 * Attributes and text of elements in a document that was checked, so that
 * values have the form the language asks for.
 */

/* Borrowed from the node; given: NULL when absent, else the standard. */
const char *sim_attr_given(const xmlNode *, const char *name);
const char *sim_attr(const xmlNode *, const char *name);
bool sim_attr_true(const xmlNode *, const char *name);
/* Of a number of seconds, in milliseconds. */
int64_t sim_attr_time(const xmlNode *, const char *name);
/* Of a number as it is, without its fraction. */
int sim_attr_number(const xmlNode *, const char *name);

/* A decimal number in thousandths; 0 when it is none. */
int64_t sim_thousandths(const char *);

/* All text inside, white space at both ends dropped and single between. */
char *sim_node_text(const xmlNode *);
bool sim_node_is(const xmlNode *, const char *name);
/* This one or the next that is an element, NULL at the end. */
const xmlNode *sim_node_element(const xmlNode *);

#endif
