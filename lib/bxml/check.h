#ifndef BWI_BXML_CHECK_H
#define BWI_BXML_CHECK_H

#include <libxml/tree.h>

#include <bwcallback/error.h>
#include <bwcallback/finding.h>

#include "bxml/language.h"

/*
 * Check a parsed <Response>. Line numbers are the node's own, so that a flow's
 * answers are checked in place.
 */
enum bw_err
bwi_bxml_check_node(const struct bwi_bxml_checking *, const xmlNode *root,
    const struct bw_reporter *, struct bw_error *) BW_CHECK;

#endif
