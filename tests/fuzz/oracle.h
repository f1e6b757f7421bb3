#ifndef ORACLE_H
#define ORACLE_H

#include "event/payload_tree.h"

/*
 * Parse a text with our scanner and with json-c, strictly, and compare what
 * they make of it. NULL when they agree, else what they disagree about.
 */
const char *oracle_compare(struct bw_str text);

#endif
