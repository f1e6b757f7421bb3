#ifndef BWCALLBACK_TOOLS_XML_H
#define BWCALLBACK_TOOLS_XML_H

/* An interface for the programs of this package: any release may change it. */

#include <bwcallback/buf.h>
#include <bwcallback/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Initializes libxml2, once. Every function that parses XML calls this first:
 * libxml2 2.9 initializes itself at the first use, which is not thread-safe.
 */
BW_EXPORT void bw_xml_init(void);

struct _xmlError;
/*
 * Append what is wrong with a document and what to write instead, in one line
 * without a full stop. The position is that of the mistake. libxml2 often
 * reports a later one. document may be empty.
 */
BW_EXPORT void bw_xml_explain(struct bw_buf *, const struct _xmlError *,
    struct bw_str document, int *line, int *column);

#ifdef __cplusplus
}
#endif

#endif
