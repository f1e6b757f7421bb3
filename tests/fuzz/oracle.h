#ifndef ORACLE_H
#define ORACLE_H

#include "event/payload_tree.h"

/*
 * Parse a text with our scanner and, strictly, with json-c, and compare the
 * results. NULL if they agree, otherwise the difference.
 */
const char *oracle_compare(struct bw_str text);

#endif
