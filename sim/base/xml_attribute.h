#ifndef SIM_BASE_XML_ATTRIBUTE_H
#define SIM_BASE_XML_ATTRIBUTE_H

#include <stdbool.h>
#include <stdint.h>

#include <libxml/tree.h>

/*
 * Attributes and text of elements. The document has been checked, so values
 * have the form that BXML requires.
 */

/*
 * Borrowed from the node. An absent attribute: sim_attr_given() returns NULL,
 * sim_attr() the default.
 */
const char *sim_attr_given(const xmlNode *, const char *name);
const char *sim_attr(const xmlNode *, const char *name);
bool sim_attr_true(const xmlNode *, const char *name);
/* A number of seconds, in milliseconds. */
int64_t sim_attr_time(const xmlNode *, const char *name);
/* The integer part of a number. */
int sim_attr_number(const xmlNode *, const char *name);

/* A decimal number in thousandths; 0 if s is not a number. */
int64_t sim_thousandths(const char *);

/* All text inside the node; trimmed, runs of white space become one blank. */
char *sim_node_text(const xmlNode *);
bool sim_node_is(const xmlNode *, const char *name);
/* This node or its next sibling that is an element; NULL: none. */
const xmlNode *sim_node_element(const xmlNode *);

#endif
