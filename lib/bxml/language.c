#include "bxml/language.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The lists of words. */
/* clang-format off */
#define LIST(id) static const struct bwi_bxml_word words_##id[] = {
#define WORD(constant, word, from) \
	{.name = word, .source = BWI_BXML_##from},
#define VOICE(constant, word, where, who, from) \
	{.name = word, .source = BWI_BXML_##from, .locale = where, \
	    .gender = who},
#define END(id) };
/* clang-format on */
#include "bxml/words.def"
#undef LIST
#undef WORD
#undef VOICE
#undef END

#define LIST(id) \
	static const struct bwi_bxml_words bwi_bxml_##id = { \
	    #id, words_##id, COUNT(words_##id)};
#define WORD(constant, word, from)
#define VOICE(constant, word, where, who, from)
#define END(id)
#include "bxml/words.def"
#undef LIST

const struct bwi_bxml_words *const bwi_bxml_lists[] = {
#define LIST(id) &bwi_bxml_##id,
#include "bxml/words.def"
#undef LIST
#undef WORD
#undef VOICE
#undef END
};

const size_t bwi_bxml_nlists = COUNT(bwi_bxml_lists);

/* Each element's attributes, terminated by a row without a name. */
/* clang-format off */
#define ELEMENT(id, name, parents, text, ...) \
	static const struct bwi_bxml_attr attrs_##id[] = {
#define ATTR(n, t, ...) \
	{.name = n, .type = BWI_BXML_##t, .required = __VA_ARGS__},
#define CAUSES(event, url)
#define END(id) {.name = NULL}};
/* clang-format on */
#include "bxml/language.def"
#undef ELEMENT
#undef ATTR
#undef CAUSES
#undef END

/* Each element's callbacks, likewise. */
/* clang-format off */
#define ELEMENT(id, name, parents, text, ...) \
	static const struct bwi_bxml_callback callbacks_##id[] = {
#define ATTR(name, type, ...)
#define CAUSES(event, url) {event, url},
#define END(id) {NULL, NULL}};
/* clang-format on */
#include "bxml/language.def"
#undef ELEMENT
#undef CAUSES
#undef END

const struct bwi_bxml_element bwi_bxml_elements[] = {
#define ELEMENT(i, n, p, t, ...) \
	{.id = #i, \
	    .name = n, \
	    .parents = p, \
	    .text = BWI_BXML_##t, \
	    .attrs = attrs_##i, \
	    .nattrs = COUNT(attrs_##i) - 1, \
	    .callbacks = callbacks_##i, \
	    .ncallbacks = COUNT(callbacks_##i) - 1, \
	    .content.name = "text", \
	    .content.type = BWI_BXML_##t, \
	    .text_required = __VA_ARGS__},
#define CAUSES(event, url)
#define END(id)
#include "bxml/language.def"
#undef ELEMENT
#undef ATTR
#undef CAUSES
#undef END
};

const size_t bwi_bxml_nelements = COUNT(bwi_bxml_elements);

bool
bwi_bxml_stands_in(const struct bwi_bxml_element *e, const char *parent)
{
	const char *p = e->parents;
	size_t n = parent != NULL ? strlen(parent) : 0;

	for (;;) {
		size_t len = strcspn(p, "|");

		if (len == n && (n == 0 || memcmp(p, parent, n) == 0))
			return true;
		if (p[len] == '\0')
			return false;
		p += len + 1;
	}
}

const struct bwi_bxml_element *
bwi_bxml_element(const char *parent, const char *name)
{
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		const struct bwi_bxml_element *e = &bwi_bxml_elements[i];

		if (strcmp(e->name, name) == 0 && bwi_bxml_stands_in(e, parent))
			return e;
	}
	return NULL;
}

const struct bwi_bxml_attr *
bwi_bxml_attr(const struct bwi_bxml_element *e, const char *name)
{
	for (size_t i = 0; i < e->nattrs; i++) {
		if (strcmp(e->attrs[i].name, name) == 0)
			return &e->attrs[i];
	}
	return NULL;
}

/* Elements of one name have the same defaults in every parent. */
const char *
bw_bxml_default(const char *element, const char *attribute)
{
	for (size_t i = 0; i < bwi_bxml_nelements; i++) {
		const struct bwi_bxml_element *e = &bwi_bxml_elements[i];
		const struct bwi_bxml_attr *a = NULL;

		if (strcmp(e->name, element) == 0)
			a = bwi_bxml_attr(e, attribute);
		if (a != NULL)
			return a->default_value;
	}
	return NULL;
}

const struct bwi_bxml_word *
bwi_bxml_word(const struct bwi_bxml_words *list, struct bw_str s)
{
	for (size_t i = 0; list != NULL && i < list->n; i++) {
		if (bw_str_is(s, list->words[i].name))
			return &list->words[i];
	}
	return NULL;
}

static const struct {
	const char *event;
	enum bwi_bxml_context context;
} answers[] = {
#define X(event, context) {event, BWI_BXML_##context},
#include "bxml/answers.def"
#undef X
};

enum bwi_bxml_context
bwi_bxml_context(struct bw_str event)
{
	if (event.p == NULL)
		return BWI_BXML_ANY;
	for (size_t i = 0; i < COUNT(answers); i++) {
		if (bw_str_is(event, answers[i].event))
			return answers[i].context;
	}
	return BWI_BXML_NOTHING;
}
