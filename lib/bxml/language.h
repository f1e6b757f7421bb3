#ifndef BWI_BXML_LANGUAGE_H
#define BWI_BXML_LANGUAGE_H

#include <stddef.h>

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
	BWI_BXML_CHANGE,   /* SSML: a word or a change in percent */
	BWI_BXML_DECIBEL,  /* SSML: a word or a change in dB */
	BWI_BXML_SSML,	   /* text mixed with SSML elements */
	BWI_BXML__TYPES
};

/* Who says that something is part of the language. */
enum bwi_bxml_source {
	BWI_BXML_DOCUMENTED,
	BWI_BXML_RECENT, /* documented since 2025 */
	BWI_BXML_SDK	 /* only official SDKs */
};

struct bwi_bxml_word {
	const char *name;
	enum bwi_bxml_source source;
	const char *locale; /* of a voice, else NULL */
	const char *gender; /* of a voice, else NULL */
};

/* One list of bxml_words.def. */
struct bwi_bxml_words {
	const char *id;
	const struct bwi_bxml_word *words;
	size_t n;
};

struct bwi_bxml_attr {
	const char *name;
	enum bwi_bxml_type type;
	bool required;
	enum bwi_bxml_source source;
	const struct bwi_bxml_words *words; /* or NULL */
	const char *standard; /* what holds when it is absent, or NULL */
	const char *unit;     /* of a number, or NULL */
	double min, max;      /* inclusive, when ranged */
	bool ranged;
	bool https;	   /* of a URL: demanded beside a user */
	size_t length_min; /* characters */
	size_t length_max; /* 0: as many as there are */
	/*
	 * For a URL, attributes of the same element: the user that is sent to
	 * it ("username" or "fallbackUsername"), the method, and the URL that
	 * is tried when this one fails. NULL when there is none.
	 */
	const char *user;
	const char *method;
	const char *fallback;
};

/* A callback that a verb causes. */
struct bwi_bxml_callback {
	const char *event; /* "" when no name is documented */
	const char *url;   /* the attribute that says where it goes */
};

/* What a document is the answer to. */
enum bwi_bxml_context {
	BWI_BXML_ANY,	     /* not known */
	BWI_BXML_RINGING,    /* of a call that may not be answered yet */
	BWI_BXML_ANSWERED,   /* of an answered call */
	BWI_BXML_TRANSFER,   /* of the party that a transfer reached */
	BWI_BXML_CONFERENCE, /* of a conference */
	BWI_BXML_NOTHING     /* an event after which nobody reads BXML */
};

#define BWI_BXML_BIT(context) (1U << BWI_BXML_##context)

struct bwi_bxml_element {
	const char *id; /* as in bxml.def, a C identifier */
	const char *name;
	const char *parents; /* where it stands, "Response|Gather"; roots "" */
	enum bwi_bxml_type text;
	bool text_required; /* a blank text is as good as none */
	bool blocks;	    /* a verb: the next one waits for it */
	bool answers;	    /* a verb: it answers a ringing call */
	size_t children_min;
	size_t children_max; /* 0: any number, where any may stand */
	unsigned allowed;    /* contexts a verb is for, BWI_BXML_BIT */
	unsigned unlisted;   /* contexts whose documentation leaves it out */
	/*
	 * A verb: what follows never runs when this attribute is there; ""
	 * always, NULL never.
	 */
	const char *ends;
	const struct bwi_bxml_attr *attrs;
	size_t nattrs;
	const struct bwi_bxml_callback *callbacks;
	size_t ncallbacks;
	struct bwi_bxml_attr content; /* its text, as if it were a value */
};

/* Of every element's name as a C identifier. */
enum bwi_bxml_id {
#define ELEMENT(id, name, parents, text, ...) BWI_BXML_ID_##id,
#define ATTR(name, type, ...)
#define CAUSES(event, url)
#define END(id)
#include "bxml/language.def"
#undef ELEMENT
#undef ATTR
#undef CAUSES
#undef END
	BWI_BXML__ELEMENTS
};

/* Prompts that one Gather may play, repetitions counted. */
#define BWI_BXML_MAX_PROMPTS 20

/* No element has more attributes: one word of bits is enough. */
#define BWI_BXML_MAX_ATTRS 32

/* All rows, by enum bwi_bxml_id; verbs are those that stand in "Response". */
extern const struct bwi_bxml_element bwi_bxml_elements[];
extern const size_t bwi_bxml_nelements;

/* All lists of words. */
extern const struct bwi_bxml_words *const bwi_bxml_lists[];
extern const size_t bwi_bxml_nlists;

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
/* NULL when it is not in the list. */
const struct bwi_bxml_word *
bwi_bxml_word(const struct bwi_bxml_words *, struct bw_str);

/*
 * What BXML in the answer to that event may hold: BWI_BXML_NOTHING when nobody
 * reads it, BWI_BXML_ANY for an absent string (p NULL).
 */
enum bwi_bxml_context bwi_bxml_context(struct bw_str event);

/* How a parsed <Response> is checked. */
struct bwi_bxml_checking {
	const char *file;
	/*
	 * Values may hold {...} placeholders of the configuration, whose
	 * values are not known yet: what can be checked is.
	 */
	bool templates;
	bool lenient;	   /* unknown attributes and values are warnings */
	unsigned contexts; /* all of BWI_BXML_BIT it must be fit for, 0 any */
	struct bw_str source; /* the bytes it came from, for columns, or NULL */
};

#endif
