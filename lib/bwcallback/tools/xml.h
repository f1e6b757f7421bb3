#ifndef BWCALLBACK_TOOLS_XML_H
#define BWCALLBACK_TOOLS_XML_H

/* An interface for the programs of this package: any release may change it. */

#include <bwcallback/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Initializes libxml2, once. Every function that parses XML calls this first:
 * libxml2 2.9 initializes itself at the first use, which is not thread-safe.
 */
BW_EXPORT void bw_xml_init(void);

#ifdef __cplusplus
}
#endif

#endif
