#ifndef BWI_BXML_H
#define BWI_BXML_H

#include <stddef.h>

#include <libxml/tree.h>

#include <bwcallback/bxml.h>

/* Lexical types of attribute values and of text, see bxml.def. */
enum bwi_bxml_type {
	BWI_BXML_NONE, /* no text, or nothing but elements */
	BWI_BXML_STRING,
	BWI_BXML_BOOLEAN,
	BWI_BXML_INTEGER,
	BWI_BXML_DECIMAL,
	BWI_BXML_ENUM,
	BWI_BXML_METHOD, /* GET or POST */
	BWI_BXML_URL,	 /* http, https, or relative to the document's own */
	BWI_BXML_WSURL,
	BWI_BXML_NUMBER, /* E.164 */
	BWI_BXML_CALLER, /* E.164, or one of the words that hide it */
	BWI_BXML_CALLEE, /* E.164 or SIP URI */
	BWI_BXML_SIP_URI,
	BWI_BXML_DISPLAY, /* a display name: no control characters */
	BWI_BXML_CALL_ID,
	BWI_BXML_CALL_IDS, /* separated by commas */
	BWI_BXML_NAME,	   /* of a conference */
	BWI_BXML_KEYS,	   /* of a telephone */
	BWI_BXML_DTMF,	   /* keys and pauses */
	BWI_BXML_UUI,	   /* User-To-User values, separated by commas */
	BWI_BXML_LOCALE,
	BWI_BXML_LOCALES,  /* separated by commas */
	BWI_BXML_DURATION, /* SSML: 1s, 250ms */
	BWI_BXML_PERCENT,  /* SSML: a word or a percentage */
	BWI_BXML_DECIBEL,  /* SSML: a word or a change in dB */
	BWI_BXML_SSML	   /* text mixed with SSML elements */
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
	const char *parents; /* where it stands, "Response|Gather"; roots "" */
	enum bwi_bxml_type text;
	bool text_required; /* a blank text is as good as none */
	const struct bwi_bxml_attr *attrs;
	size_t nattrs;
};

/* All rows; verbs are those that stand in "Response". */
extern const struct bwi_bxml_element bwi_bxml_elements[];
extern const size_t bwi_bxml_nelements;

/*
 * The row for an element of that name in that parent, NULL for the parent of
 * a root; NULL when there is none.
 */
const struct bwi_bxml_element *
bwi_bxml_element(const char *parent, const char *name);
/* NULL when the element has no such attribute. */
const struct bwi_bxml_attr *
bwi_bxml_attr(const struct bwi_bxml_element *, const char *name);
/* Does the element stand in that parent? */
bool bwi_bxml_stands_in(const struct bwi_bxml_element *, const char *parent);

/*
 * Check a parsed <Response>. With templates true, values may hold {...}
 * placeholders of the configuration, whose values are not known yet. Line
 * numbers are the node's own, so that a flow's answers are checked in place.
 */
enum bw_err bwi_bxml_check_node(const char *file, const xmlNode *root,
    bool templates, const struct bw_reporter *, struct bw_error *) BW_CHECK;

#endif
