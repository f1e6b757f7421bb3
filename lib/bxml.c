#include "bxml.h"

/* Each element's attributes, ended by a row without a name. */
/* clang-format off */
#define ELEMENT(id, name, parents, text, text_required) \
	static const struct bwi_bxml_attr attrs_##id[] = {
#define ATTR(name, type, required) {name, BWI_BXML_##type, required, NULL},
#define URL(name, required, user) {name, BWI_BXML_URL, required, user},
#define END(id) {NULL, BWI_BXML_NONE, false, NULL}};
/* clang-format on */
#include "bxml.def"
#undef ELEMENT
#undef ATTR
#undef URL
#undef END

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct bwi_bxml_element bwi_bxml_elements[] = {
#define ELEMENT(id, name, parents, text, text_required) \
	{name, parents, BWI_BXML_##text, text_required, attrs_##id, \
	    COUNT(attrs_##id) - 1},
#define ATTR(name, type, required)
#define URL(name, required, user)
#define END(id)
#include "bxml.def"
#undef ELEMENT
#undef ATTR
#undef URL
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
