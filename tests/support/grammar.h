#ifndef TEST_SUPPORT_GRAMMAR_H
#define TEST_SUPPORT_GRAMMAR_H

#include <stdbool.h>

#include <libxml/relaxng.h>

#include <bwcallback/str.h>

/* The schema of BXML, as libxml2 reads it; NULL when it does not. */
xmlRelaxNG *grammar_load(void);
void grammar_free(xmlRelaxNG *);

/* Does it accept the document? False for what is not well-formed, too. */
bool grammar_fits(xmlRelaxNG *, struct bw_str);

#endif
