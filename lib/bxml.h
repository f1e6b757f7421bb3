#ifndef BWI_BXML_H
#define BWI_BXML_H

#include <libxml/tree.h>

#include <bwcallback/bxml.h>

/* Lexical types of attribute values and of text, see bxml.def. */
enum bwi_bxml_type {
	BWI_BXML_NONE, /* no text allowed */
	BWI_BXML_STRING,
	BWI_BXML_BOOLEAN,
	BWI_BXML_INTEGER,
	BWI_BXML_DECIMAL,
	BWI_BXML_ENUM,
	BWI_BXML_METHOD,
	BWI_BXML_URL,
	BWI_BXML_WSURL,
	BWI_BXML_NUMBER, /* E.164, or one of the words that hide it */
	BWI_BXML_SIP_URI,
	BWI_BXML_CALL_ID,
	BWI_BXML_NAME,
	BWI_BXML_DTMF,
	BWI_BXML_UUI,
	BWI_BXML_LOCALE,
	BWI_BXML_SSML /* text mixed with SSML elements */
};

struct bwi_bxml_attr {
	const char *name;
	enum bwi_bxml_type type;
	bool required;
	/*
	 * For a URL: the attribute of the same element that names the user
	 * sent to it ("username" or "fallbackUsername"), or NULL.
	 */
	const char *user;
};

struct bwi_bxml_element {
	const char *name;
	const char *parent; /* NULL for the root; "Response" for a verb */
	enum bwi_bxml_type text;
	const struct bwi_bxml_attr *attrs;
	size_t nattrs;
};

/* The row for an element with that name under that parent, or NULL. */
const struct bwi_bxml_element *
bwi_bxml_element(const char *parent, const char *name);
/* NULL when the element has no such attribute. */
const struct bwi_bxml_attr *
bwi_bxml_attr(const struct bwi_bxml_element *, const char *name);

/*
 * Check a parsed <Response>. With templates true, values may hold {...}
 * placeholders of the configuration, whose values are not known yet. Line
 * numbers are the node's own, so that a flow's answers are checked in place.
 */
enum bw_err bwi_bxml_check_node(const char *file, const xmlNode *root,
    bool templates, const struct bw_reporter *, struct bw_error *) BW_CHECK;

#endif
