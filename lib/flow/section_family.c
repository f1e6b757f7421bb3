/* Which families of callbacks come to which sections. */
#include "flow/flow.h"

static const struct {
	enum bwi_section_kind kind;
	enum bw_family family;
} expected[] = {
#define ALSO(name, family)	       {BWI_SECTION_##name, BW_FAMILY_##family},
#define X(name, element, family, bxml) {BWI_SECTION_##name, BW_FAMILY_##family},
#include "flow/sections.def"
#undef X
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
