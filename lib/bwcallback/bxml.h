#ifndef BWCALLBACK_BXML_H
#define BWCALLBACK_BXML_H

#include <bwcallback/error.h>
#include <bwcallback/finding.h>
#include <bwcallback/str.h>

/*
 * Is this a document Bandwidth would accept? Well-formed, no DOCTYPE, root
 * Response, known verbs and attributes where they may stand, required
 * attributes there, at most BW_MAX_BXML bytes. Findings carry file, line and
 * what to write instead. BW_ERR_BXML when there is an error among them.
 * file names the document in findings only.
 */
BW_EXPORT enum bw_err bw_bxml_check(const char *file, struct bw_str document,
    const struct bw_reporter *, struct bw_error *) BW_CHECK;

#endif
