#ifndef BWI_BXML_CHECK_H
#define BWI_BXML_CHECK_H

#include <libxml/tree.h>

#include <bwcallback/error.h>
#include <bwcallback/finding.h>

#include "bxml/language.h"

/*
 * Check a parsed <Response>. Findings use the nodes' own line numbers, so an
 * answer inside a configuration is reported at its line there.
 */
enum bw_err
bwi_bxml_check_node(const struct bwi_bxml_checking *, const xmlNode *root,
    const struct bw_reporter *, struct bw_error *) BW_CHECK;

#endif
