#ifndef BWI_BXML_LANGUAGE_H
#define BWI_BXML_LANGUAGE_H

#include <stddef.h>

#include <bwcallback/bxml.h>

/* Lexical types of attribute values and of text, see language.def. */
enum bwi_bxml_type {
	BWI_BXML_NONE, /* no text: empty, or elements only */
	BWI_BXML_STRING,
	BWI_BXML_BOOLEAN,
	BWI_BXML_INTEGER,
	BWI_BXML_DECIMAL,
	BWI_BXML_ENUM,
	BWI_BXML_METHOD, /* GET or POST */
	BWI_BXML_URL,	 /* http, https, or relative to the document's own */
	BWI_BXML_WSURL,
	BWI_BXML_NUMBER, /* E.164 */
	BWI_BXML_CALLER, /* E.164, or a word that hides the number */
	BWI_BXML_CALLEE, /* E.164 or SIP URI */
	BWI_BXML_SIP_URI,
	BWI_BXML_DISPLAY, /* display name: no control characters */
	BWI_BXML_CALL_ID,
	BWI_BXML_CALL_IDS, /* separated by commas */
	BWI_BXML_NAME,	   /* name of a conference */
	BWI_BXML_KEYS,	   /* keys of a telephone */
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

/* Where a part of the language is defined. */
enum bwi_bxml_source {
	BWI_BXML_DOCUMENTED,
	BWI_BXML_RECENT, /* documented since 2025 */
	BWI_BXML_SDK	 /* only in official SDKs */
};

struct bwi_bxml_word {
	const char *name;
	enum bwi_bxml_source source;
	const char *locale; /* of a voice, else NULL */
	const char *gender; /* of a voice, else NULL */
};

/* One list of words.def. */
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
	const char *default_value; /* default when it is absent, or NULL */
	const char *unit;	   /* unit of a number, or NULL */
	double min, max;	   /* inclusive; only if ranged */
	bool ranged;
	bool https;	   /* a URL: must be https if credentials are set */
	size_t length_min; /* characters */
	size_t length_max; /* 0: no limit */
	/*
	 * Attributes of the same element that belong to a URL: the user name
	 * that Bandwidth sends to it ("username" or "fallbackUsername"), the
	 * method, and the fallback URL. NULL if there is none.
	 */
	const char *user;
	const char *method;
	const char *fallback;
};

/* A callback that a verb causes. */
struct bwi_bxml_callback {
	const char *event; /* "" when no name is documented */
	const char *url;   /* attribute with its URL */
};

/*
 * The event that a document answers, as far as it decides which verbs are
 * allowed.
 */
enum bwi_bxml_context {
	BWI_BXML_ANY,	     /* unknown event */
	BWI_BXML_RINGING,    /* a call that may not be answered yet */
	BWI_BXML_ANSWERED,   /* an answered call */
	BWI_BXML_TRANSFER,   /* the called party of a transfer */
	BWI_BXML_CONFERENCE, /* a conference */
	BWI_BXML_NOTHING     /* Bandwidth ignores BXML in the answer */
};

#define BWI_BXML_BIT(context) (1U << BWI_BXML_##context)

struct bwi_bxml_element {
	const char *id; /* as in language.def, a C identifier */
	const char *name;
	/* Allowed parents, "Response|Gather"; "" for a root. */
	const char *parents;
	enum bwi_bxml_type text;
	bool text_required; /* blank text is not enough */
	bool blocks;	    /* a verb: the next verb runs when it is done */
	bool answers;	    /* a verb: answers a ringing call */
	size_t children_min;
	size_t children_max; /* 0: no limit, if children are allowed */
	unsigned allowed;    /* contexts that allow the verb, BWI_BXML_BIT */
	unsigned unlisted;   /* contexts not mentioned for it */
	/*
	 * A verb: the attribute whose presence means that no later verb runs;
	 * "" if none ever runs, NULL if they always do.
	 */
	const char *ends;
	const struct bwi_bxml_attr *attrs;
	size_t nattrs;
	const struct bwi_bxml_callback *callbacks;
	size_t ncallbacks;
	struct bwi_bxml_attr content; /* rules for its text */
};

/* One for each element, named by its C identifier. */
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

/* Most prompts that one Gather may play, repetitions included. */
#define BWI_BXML_MAX_PROMPTS 20

/* Most attributes of an element, so that 32 bits hold one flag for each. */
#define BWI_BXML_MAX_ATTRS 32

/* All rows, indexed by enum bwi_bxml_id; verbs have "Response" as a parent. */
extern const struct bwi_bxml_element bwi_bxml_elements[];
extern const size_t bwi_bxml_nelements;

/* All lists of words. */
extern const struct bwi_bxml_words *const bwi_bxml_lists[];
extern const size_t bwi_bxml_nlists;

/*
 * The row for an element of that name in that parent (NULL for a root); NULL if
 * there is none.
 */
const struct bwi_bxml_element *
bwi_bxml_element(const char *parent, const char *name);
/* NULL if the element has no such attribute. */
const struct bwi_bxml_attr *
bwi_bxml_attr(const struct bwi_bxml_element *, const char *name);
/* Is the element allowed in that parent? */
bool bwi_bxml_stands_in(const struct bwi_bxml_element *, const char *parent);
/* NULL if the word is not in the list. */
const struct bwi_bxml_word *
bwi_bxml_word(const struct bwi_bxml_words *, struct bw_str);

/*
 * The context of the answer to an event: BWI_BXML_NOTHING if Bandwidth ignores
 * BXML there, BWI_BXML_ANY for an absent string (p NULL).
 */
enum bwi_bxml_context bwi_bxml_context(struct bw_str event);

/* Options for checking a parsed <Response>. */
struct bwi_bxml_checking {
	const char *file;
	/*
	 * Values may hold {...} placeholders of the configuration. Their
	 * contents are not known yet, so only the rest is checked.
	 */
	bool templates;
	bool lenient; /* unknown attributes and values are warnings */
	/* BWI_BXML_BIT of each context in which it must be allowed; 0: any. */
	unsigned contexts;
	struct bw_str source; /* source text, for columns; p NULL: none */
};

#endif
