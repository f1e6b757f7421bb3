/* Which families of callbacks come to which sections. */
#include "flow/flow.h"

static const struct {
	enum bwi_section_kind kind;
	enum bw_family family;
} expected[] = {
#define PAGE(name, element)
#define ALSO(name, family)	       {BWI_SECTION_##name, BW_FAMILY_##family},
#define X(name, element, family, bxml) {BWI_SECTION_##name, BW_FAMILY_##family},
#include "flow/sections.def"
#undef X
#undef PAGE
#undef ALSO
};

bool
bwi_section_expects(enum bwi_section_kind kind, enum bw_family family)
{
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		if (expected[i].kind == kind && expected[i].family == family)
			return true;
	}
	return false;
}

static const bool section_is_bxml[] = {
#define ALSO(name, family)
#define PAGE(name, element)	       [BWI_SECTION_##name] = false,
#define X(name, element, family, bxml) [BWI_SECTION_##name] = (bxml),
#include "flow/sections.def"
#undef X
#undef PAGE
#undef ALSO
};

bool
bwi_section_is_bxml(enum bwi_section_kind kind)
{
	return section_is_bxml[kind];
}

static const bool section_is_page[] = {
#define ALSO(name, family)
#define PAGE(name, element)	       [BWI_SECTION_##name] = true,
#define X(name, element, family, bxml) [BWI_SECTION_##name] = false,
#include "flow/sections.def"
#undef X
#undef PAGE
#undef ALSO
};

bool
bwi_section_is_page(enum bwi_section_kind kind)
{
	return section_is_page[kind];
}
