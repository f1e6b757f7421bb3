#ifndef BWI_BXML_CHECKER_H
#define BWI_BXML_CHECKER_H

#include <libxml/tree.h>

#include <bwcallback/buf.h>
#include <bwcallback/tools/url.h>

#include "base/finding_report.h"
#include "bxml/language.h"

/* State of the checks that span several verbs of one document. */
struct bwi_bxml_lint {
	const struct bwi_bxml_element *ended_by; /* no verb after it runs */
	const struct bwi_bxml_element *answered_by;
	const struct bwi_bxml_element *last;
	const xmlNode *last_node;
	bool unreachable_reported; /* reported once: a verb never runs */
	bool recording;		   /* a StartRecording is in effect */
	struct bw_str streams[16];
	size_t nstreams;
	struct bw_str transcriptions[16];
	size_t ntranscriptions;
	struct bw_str destinations[8]; /* of one Transfer */
	size_t ndestinations;
};

/* A check in progress. check.c calls the other parts; they never call back. */
struct bwi_bxml_checker {
	const struct bwi_bxml_checking *options;
	struct bwi_finding_report report;
	const xmlNode *root;
	unsigned depth;
	unsigned in_p, in_s; /* number of open <p> and <s> */
	bool spoken;	     /* the open SpeakSentence has something to say */
	struct bw_buf text;  /* a value joined from several nodes */
	const xmlNode *advised; /* its missing parts have been reported */
	bool no_memory;
	struct bw_buf url; /* a URL with its placeholders as one byte each */
	struct bwi_bxml_lint lint;
};

/* Report a finding at an element, or at its attribute if attr is not NULL. */
void bwi_bxml_error(struct bwi_bxml_checker *, const xmlNode *,
    const char *attr, const char *fmt, ...) BW_PRINTF(4, 5);
void bwi_bxml_warning(struct bwi_bxml_checker *, const xmlNode *,
    const char *attr, const char *fmt, ...) BW_PRINTF(4, 5);

/*
 * The kind of URL that a value is, and its text without the contents of
 * placeholders, valid until the next call. False if it is no URL.
 */
bool bwi_bxml_url_of(struct bwi_bxml_checker *, const struct bwi_bxml_attr *,
    struct bw_str value, enum bw_url_kind *, struct bw_str *url);

/* A name from the document, shortened for a message. */
struct bwi_shown {
	char s[64];
};

struct bwi_shown bwi_bxml_show(const char *name);

/* Name of an attribute with its prefix, truncated to size. */
const char *bwi_bxml_attr_name(const xmlAttr *, char *buf, size_t size);

#endif
