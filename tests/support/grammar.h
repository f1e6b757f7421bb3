#ifndef TEST_SUPPORT_GRAMMAR_H
#define TEST_SUPPORT_GRAMMAR_H

#include <stdbool.h>

#include <libxml/relaxng.h>

#include <bwcallback/str.h>

/* The schema of BXML, parsed by libxml2; NULL if it is invalid. */
xmlRelaxNG *grammar_load(void);
void grammar_free(xmlRelaxNG *);

/* Is the document valid? False also if it is not well-formed. */
bool grammar_fits(xmlRelaxNG *, struct bw_str);

#endif
