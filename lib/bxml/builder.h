#ifndef BWI_BXML_BUILDER_H
#define BWI_BXML_BUILDER_H

#include <bwcallback/build.h>

#include "bxml/language.h"

/* Offset of each attribute in the element's struct of options. */
struct bwi_builder_fields {
	const size_t *offsets;
	size_t size; /* of the struct */
};

/* Indexed by enum bwi_bxml_id; generated at build time (schema/generate.c). */
extern const struct bwi_builder_fields bwi_builder_fields[BWI_BXML__ELEMENTS];

/* options: the element's struct, NULL for none. */
void bwi_builder_whole(struct bw_bxml *, enum bwi_bxml_id, struct bw_str text,
    const void *options);
void bwi_builder_begin(struct bw_bxml *, enum bwi_bxml_id, const void *options);

#endif
